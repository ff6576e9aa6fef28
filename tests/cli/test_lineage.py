"""`sqlopt lineage` and `sqlopt impact`, as a user calls them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CATALOG = """version: 1
dialect: duckdb
tables:
  raw.orders:
    columns: {id: {type: INTEGER}, total: {type: INTEGER}, day: {type: DATE}, email: {type: TEXT, tags: [pii]}}
"""

DAILY = "CREATE TABLE mart.daily AS\nSELECT day, sum(total) AS revenue\nFROM raw.orders GROUP BY day"


@pytest.fixture
def run(tmp_path):
    (tmp_path / "catalog.yml").write_text(CATALOG)
    (tmp_path / "daily.sql").write_text(DAILY)
    (tmp_path / "report.sql").write_text("SELECT revenue FROM mart.daily ORDER BY day")

    def call(*words):
        return subprocess.run(
            [sys.executable, "-m", "sqlopt", *words],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return call


def test_text_shows_both_directions_with_places(run):
    done = run("lineage", "daily.revenue")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "mart.daily.revenue\n"
        "  is fed by\n"
        "  └─ raw.orders.total  aggregation  daily.sql:2\n"
        "  feeds\n"
        "  └─ report.sql.revenue  identity  report.sql:1\n"
    )
    assert "is fed by" not in run("lineage", "daily.revenue", "--downstream").stdout


def test_without_a_name_all_tables_are_listed(run):
    assert run("lineage").stdout == "mart.daily  daily.sql:1\n  ← raw.orders\nreport.sql\n  ← mart.daily\n"


def test_formats(run):
    edges = json.loads(run("lineage", "orders.total", "--format", "json").stdout)["edges"]
    assert {(one["source"]["column"], one["target"]["column"]) for one in edges} == {
        ("total", "revenue"),
        ("revenue", "revenue"),
    }
    rows = list(csv.DictReader(io.StringIO(run("lineage", "--format", "csv").stdout)))
    assert {"source_table": "raw.orders", "transformation": "aggregation"}.items() <= rows[1].items()
    assert 't0["raw.orders"]' in run("lineage", "orders.total", "--format", "mermaid").stdout
    assert '"raw.orders":"total" -> "mart.daily":"revenue";' in run("lineage", "--format", "dot").stdout


def test_drawings_open_at_what_was_asked_for(run):
    page = run("lineage", "orders.total", "--format", "html").stdout
    assert page.lower().startswith("<!doctype html>")
    assert "Lineage of raw.orders.total" in page
    assert "mart.daily" in run("lineage", "orders.total", "--format", "svg").stdout


def test_openlineage_has_the_facets_shape(run):
    events = [json.loads(line) for line in run("lineage", "--format", "openlineage").stdout.splitlines()]
    daily = next(one for one in events if one["job"]["name"] == "daily.sql")
    facet = daily["outputs"][0]["facets"]["columnLineage"]
    (field,) = facet["fields"]["revenue"]["inputFields"]
    assert (field["name"], field["field"]) == ("raw.orders", "total")
    assert field["transformations"][0] == {
        "type": "DIRECT", "subtype": "AGGREGATION", "description": "daily.sql:2", "masking": False,
    }  # fmt: skip
    assert {one["transformations"][0]["subtype"] for one in facet["dataset"]} == {"GROUP_BY"}


def test_impact_tells_what_breaks_from_what_changes(run):
    done = run("impact", "raw.orders.total")
    assert done.stdout.splitlines()[0] == "breaks  mart.daily  daily.sql:2  revenue"
    assert done.stdout.splitlines()[1].startswith("changes  report.sql:1  revenue")
    reached = json.loads(run("impact", "raw.orders.total", "--format", "json").stdout)["reached"]
    assert [(one["name"], one["direct"]) for one in reached] == [("mart.daily", True), ("report.sql", False)]
    assert run("impact", "report.sql.revenue").stdout == "Nothing here reads report.sql.revenue.\n"


def test_impact_of_a_column_goes_through_stars_to_those_who_name_it(run, tmp_path):
    (tmp_path / "copy.sql").write_text("CREATE TABLE mart.copy AS SELECT * FROM raw.orders")
    (tmp_path / "mails.sql").write_text("CREATE TABLE mart.mails AS SELECT email FROM mart.copy")
    (tmp_path / "lasts.sql").write_text("CREATE TABLE mart.lasts AS SELECT upper(email) AS u FROM mart.mails")
    (tmp_path / "adds.sql").write_text("INSERT INTO mart.kept SELECT * FROM raw.orders")

    def breaking(name):
        found = json.loads(run("impact", name, "--format", "json").stdout)["reached"]
        return {one["name"]: one["direct"] for one in found}

    assert breaking("raw.orders.email") == {
        "mart.copy": False,  # it only loses the column
        "mart.mails": True,
        "mart.lasts": False,
        "mart.kept": True,  # its columns are one too few
    }
    assert breaking("raw.orders")["mart.copy"] is True


def test_a_wrong_name_is_an_error_with_a_hint(run):
    done = run("impact", "raw.orders.totl")
    assert done.returncode == 2
    assert "did you mean 'total'" in done.stderr


def test_trouble_goes_to_stderr_and_the_rest_is_shown(run, tmp_path):
    (tmp_path / "bad.sql").write_text("SELECT (((")
    done = run("lineage", "orders.total")
    assert done.returncode == 0
    assert "bad.sql:1" in done.stderr
    assert "report.sql.revenue" in done.stdout


MAIL = "CREATE TABLE mart.mail AS SELECT lower(email) AS address, md5(email) AS hash FROM raw.orders WHERE email <> ''"


def test_tags_travel_until_they_are_masked(run, tmp_path):
    (tmp_path / "mail.sql").write_text(MAIL)
    (tmp_path / "list.sql").write_text("SELECT address, hash FROM mart.mail")
    done = run("lineage", "--tag", "pii")
    found = [line.split(",")[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert found == ["mart.mail.address", "list.sql.address", "2 columns hold values of 1 tagged pii"]
    assert "  raw.orders.email → mart.mail.address  transformation  mail.sql:1\n" in done.stdout
    assert "did you mean 'pii'" in run("lineage", "--tag", "pi").stderr


def test_a_metrics_page_names_all_it_rests_on(run):
    page = run("lineage", "report.sql.revenue", "--doc").stdout
    assert page.startswith("# report.sql.revenue\n")
    line = "| raw.orders.total | mart.daily.revenue | aggregation | daily.sql:2 | SELECT day, sum(total) AS revenue |"
    assert line in page


def test_a_dashboard_of_dbt_is_among_what_a_column_reaches(tmp_path):
    shop = Path(__file__).parents[2] / "fixtures" / "dbt" / "shop"
    shutil.copytree(shop, tmp_path / "shop")
    command = [sys.executable, "-m", "sqlopt", "impact", "raw_payments.amount"]
    done = subprocess.run(command, cwd=tmp_path / "shop", capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert "may show it  sales_board  models/marts/marts.yml:9" in lines
    at = lines.index("may show it  sales_board  models/marts/marts.yml:9")
    assert lines[at + 1].strip().startswith("through shop.main.raw_payments.amount → stg_payments.amount →")
    assert "breaks  stg_payments  models/staging/stg_payments.sql:6  amount" in lines


def test_a_task_of_a_dag_is_among_what_a_column_reaches(tmp_path):
    (tmp_path / "dag.py").write_text(
        "from airflow import DAG\nwith DAG('nightly', schedule='@daily') as dag:\n"
        "    SnowflakeOperator(task_id='load', sql='''\n"
        "        insert into mart.daily select day, sum(total) as total\n"
        "        from raw.orders where day = '{{ ds }}' group by day''')\n"
    )
    command = [sys.executable, "-m", "sqlopt", "impact", "raw.orders.total"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "breaks  mart.daily  dag.py:4  total" in done.stdout
    assert "read by the task  nightly.load  dag.py:3\n         through raw.orders.total" in done.stdout
