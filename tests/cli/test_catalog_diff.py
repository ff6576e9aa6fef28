"""`sqlopt catalog diff`: what changed in the tables, and which queries that breaks."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from sqlopt.catalog import Catalog
from sqlopt.catalog.diff import changes
from sqlopt.cli import cli

OLD = """version: 1
dialect: postgres
tables:
  sales.orders:
    columns:
      id: {type: bigint, nullable: false}
      total: {type: int, nullable: false}
      day: {type: date}
      note: {type: text}
    primary_key: [id]
    rows: 1000
  sales.returns:
    columns: {id: {type: bigint}, day: {type: date}}
"""
NEW = """version: 1
dialect: postgres
tables:
  sales.orders:
    columns:
      id: {type: bigint, nullable: false}
      total: {type: numeric, nullable: true}
      day: {type: date}
      channel: {type: text}
    primary_key: [id]
    partition_by: {column: day}
    rows: 5000
  sales.people:
    columns: {id: {type: bigint}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yml").write_text(OLD)
    (tmp_path / "new.yml").write_text(NEW)
    (tmp_path / "sql").mkdir()
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, ["catalog", "diff", *arguments])


def test_what_changed():
    import yaml

    found = [
        str(one)
        for one in changes(Catalog.from_dict(yaml.safe_load(OLD)), Catalog.from_dict(yaml.safe_load(NEW)))
    ]
    assert found[:5] == [
        "sales.orders.total type: int → numeric",
        "sales.orders.total nullable: False → True",
        "sales.orders.note removed",
        "sales.orders.channel added",
        found[4],
    ]
    assert found[4].startswith("sales.orders partition_by: unknown → ")
    assert found[5:] == ["sales.orders rows: 1,000 → 5,000", "sales.people added", "sales.returns removed"]


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("select o.id, o.note from sales.orders o", ["breaks  1 sales.orders.note: it names the column"]),
        ("select id from sales.orders\nwhere note like 'x%'", ["breaks  2 sales.orders.note: it names the column"]),
        ("select id from sales.returns", ["breaks  1 sales.returns: it reads the table"]),
        ("select id, day from sales.orders", []),
        ("select id from sales.people", []),
        ("select sum(total) from sales.orders", ["changes 1 sales.orders.total: the column has another type now",
                                                 "changes 1 sales.orders.total: the column may hold NULL now"]),
        ("with o as (select id, day from sales.orders) select * from o", []),
        ("select (", []),
    ],
)  # fmt: skip
def test_which_queries_it_reaches(folder, sql, lines):
    (folder / "sql" / "q.sql").write_text(sql)
    done = run("old.yml", "new.yml", "sql", "--format", "json")
    found = json.loads(done.stdout)["queries"]
    shown = [
        f"{'breaks ' if one['breaks'] else 'changes'} {one['line']} {one['changed']}: {one['why']}"
        for one in found
    ]
    assert sorted(shown) == sorted(lines)
    assert done.exit_code == int(any(one["breaks"] for one in found))


def test_a_star_is_changed_not_broken(folder):
    (folder / "sql" / "q.sql").write_text("insert into archive\nselect * from sales.orders")
    done = run("old.yml", "new.yml", "sql")
    assert done.exit_code == 0
    assert "changes  sql/q.sql:2  sales.orders.note: a star now gives one column less" in done.stdout
    assert "changes  sql/q.sql:2  sales.orders.channel: a star now gives one more column" in done.stdout
    assert "0 broken, 1 changed file." in done.stdout


def test_models_of_dbt_are_reached_in_their_templates(folder):
    (folder / "dbt_project.yml").write_text("name: p\nprofile: p\n")
    (folder / "models").mkdir()
    (folder / "models" / "s.yml").write_text("sources: [{name: sales, tables: [{name: orders}]}]")
    (folder / "models" / "m.sql").write_text(
        "{% set wanted = 'id' %}\nselect {{ wanted }},\n  note\nfrom {{ source('sales', 'orders') }}\n"
    )
    done = run("old.yml", "new.yml", "models", "--dialect", "postgres")
    assert "breaks   models/m.sql:3  sales.orders.note: it names the column" in done.stdout
    assert done.exit_code == 1


def test_nothing_changed_and_markdown(folder):
    assert run("old.yml", "old.yml").stdout == "Nothing changed.\n"
    (folder / "sql" / "q.sql").write_text("select note from sales.orders")
    shown = run("old.yml", "new.yml", "sql", "--format", "markdown").stdout
    assert "| **breaks** | `sql/q.sql:1` | `sales.orders.note` | it names the column |" in shown


def test_a_missing_file_is_an_error(folder):
    del folder
    assert run("old.yml", "none.yml").exit_code == 2
