"""``sqlopt suggest mv`` as a person calls it."""

from __future__ import annotations

import json

import pytest
import sqlglot
from click.testing import CliRunner

from sqlopt.cli import cli

CATALOG = """
version: 1
dialect: bigquery
tables:
  shop.sales.orders:
    columns:
      id: {type: INT64, nullable: false, distinct: 1000000000}
      day: {type: DATE, nullable: false, distinct: 730, min: 2024-01-01, max: 2025-12-31}
      country: {type: STRING, nullable: false, distinct: 40, average_bytes: 2}
      total: {type: NUMERIC, nullable: false}
    rows: 1000000000
    bytes: 32000000000
"""
BY_DAY = """-- what a day sold
SELECT day, SUM(total) AS total
FROM shop.sales.orders
WHERE country = 'NL'
GROUP BY day
"""
BY_COUNTRY = (
    "SELECT country, AVG(total) AS mean FROM shop.sales.orders WHERE country <> 'XX' GROUP BY country"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "catalog.yml").write_text(CATALOG)
    (tmp_path / "by_day.sql").write_text(BY_DAY)
    (tmp_path / "by_country.sql").write_text(BY_COUNTRY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def suggest(*arguments, **more):
    return CliRunner().invoke(cli, ["suggest", "mv", "--effort", "low", *arguments], **more)


def test_a_view_with_its_statements_and_what_it_saves(folder):
    del folder
    done = suggest(".", "--runs-per-day", "4")
    assert done.exit_code == 0, done.output
    for words in (
        "materialized view shop.sales.mv_orders_by_day_country",
        "CREATE MATERIALIZED VIEW shop.sales.mv_orders_by_day_country AS",
        "by_day.sql:2: saves",
        "FROM shop.sales.mv_orders_by_day_country AS mv",
        "1 view for 2 of 2 statements",
        "refreshes",
        "USD",
        "tested: no difference",
    ):
        assert words in done.output, words


def test_more_runs_save_more(folder):
    del folder
    few, many = (
        json.loads(suggest(".", "--format", "json", "--runs-per-day", runs).output)["suggestions"][0]
        for runs in ("1", "10")
    )
    saved = [one["month"]["net"]["money"]["expected"] for one in (few, many)]
    assert saved[1] > 9 * saved[0] > 0


def test_json_holds_all_that_is_shown(folder):
    del folder
    (one,) = json.loads(suggest(".", "--format", "json").output)["suggestions"]
    assert one["form"] == "materialized view"
    assert one["rows"] < one["base_rows"] / 1_000
    assert {each["path"] for each in one["statements"]} == {"by_day.sql", "by_country.sql"}
    assert {each["verdict"] for each in one["statements"]} <= {"tested", "proved"}


def test_sql_is_sql(folder):
    del folder
    done = suggest(".", "--format", "sql")
    (statement,) = [one for one in sqlglot.parse(done.output, read="bigquery") if one is not None]
    assert statement.kind == "VIEW"
    assert "-- for" in done.output


def test_markdown(folder):
    del folder
    done = suggest(".", "--format", "markdown")
    assert done.exit_code == 0, done.output
    assert "### materialized view" in done.output
    assert done.output.count("```sql") == 5


def test_standard_input_and_a_file_for_the_answer(folder):
    done = suggest("-", "--format", "json", "-o", "out.json", input=f"{BY_DAY};\n{BY_COUNTRY}")
    assert done.exit_code == 0, done.output
    (one,) = json.loads((folder / "out.json").read_text())["suggestions"]
    assert [each["line"] for each in one["statements"]] == [2, 7]


def test_nothing_to_suggest(folder):
    (folder / "by_country.sql").unlink()
    done = suggest(".")
    assert done.exit_code == 0
    assert "no view is worth it for 1 statement" in done.output


def test_a_path_that_does_not_exist(folder):
    del folder
    done = suggest("nowhere.sql")
    assert done.exit_code == 2
    assert "nowhere.sql" in done.output


def test_a_file_that_can_not_be_parsed_is_named(folder):
    (folder / "broken.sql").write_text("SELECT FROM WHERE (")
    done = suggest(".")
    assert done.exit_code == 0
    assert "broken.sql:1" in done.output
