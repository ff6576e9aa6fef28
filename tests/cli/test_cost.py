"""``sqlopt cost`` as a person calls it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli

CATALOG = """
version: 1
dialect: bigquery
tables:
  shop.sales.orders:
    columns:
      id: {type: INT64, nullable: false}
      day: {type: DATE, nullable: false, min: 2024-01-01, max: 2025-12-31}
      total: {type: NUMERIC, nullable: false}
    partition_by: {column: day, granularity: day}
    rows: 1000000000
    bytes: 32000000000
"""
DAG = """
from airflow import DAG
from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator

with DAG("nightly", schedule="0 3 * * *") as dag:
    BigQueryInsertJobOperator(task_id="load", configuration={"query": {"query": "SELECT id FROM shop.sales.orders"}})
    BigQueryInsertJobOperator(task_id="file", sql="sql/totals.sql")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "catalog.yml").write_text(CATALOG)
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "totals.sql").write_text("SELECT day, SUM(total) FROM shop.sales.orders GROUP BY day")
    (tmp_path / "dag.py").write_text(DAG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cost(*arguments, **more):
    return CliRunner().invoke(cli, ["cost", *arguments], **more)


def test_a_statement_a_run_and_a_month(folder):
    del folder
    done = cost("sql", "--runs-per-month", "30")
    assert done.exit_code == 0, done.output
    assert "22.4 GB" in done.output  # (8 + 16) bytes of 1,000,000,000 rows
    assert "0.14 USD" in done.output
    assert "4.09 USD" in done.output
    assert "leanopstech.com" in done.output


def test_schedules_of_dags_give_the_runs(folder):
    del folder
    done = cost(".", "--format", "json")
    found = {one["name"]: one for one in json.loads(done.output)["statements"]}
    assert found["task nightly.load"]["runs_per_month"] == pytest.approx(30.4, abs=0.1)
    assert found["task nightly.file"]["path"].endswith("totals.sql")
    assert found["task nightly.file"]["runs_per_month"] == pytest.approx(30.4, abs=0.1)
    assert found["task nightly.file"]["month"]["money"]["unit"] == "USD"


def test_an_incremental_model_is_priced_both_ways_and_counted_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("catalog.yml").write_text(CATALOG)
    Path("dbt_project.yml").write_text("name: shop\nversion: 1\n")
    Path("models").mkdir()
    Path("models/daily.sql").write_text(
        "{{ config(materialized='incremental') }}\nSELECT day, SUM(total) AS t FROM shop.sales.orders\n"
        "{% if is_incremental() %} WHERE day = '2025-12-31' {% endif %} GROUP BY day"
    )
    found = {
        one["variant"]: one for one in json.loads(cost("models", "--format", "json").output)["statements"]
    }
    assert found["full"]["counted"] is False
    assert found["incremental"]["counted"] is True
    full, daily = (found[one]["run"]["bytes_scanned"]["expected"] for one in ("full", "incremental"))
    assert daily == pytest.approx(full / 731, rel=0.01)


def test_a_model_that_reads_a_model_is_priced_by_its_estimated_rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("catalog.yml").write_text(CATALOG)
    Path("dbt_project.yml").write_text("name: shop\nversion: 1\n")
    Path("models").mkdir()
    Path("models/b_days.sql").write_text("SELECT day, SUM(total) AS t FROM shop.sales.orders GROUP BY day")
    Path("models/a_top.sql").write_text("SELECT * FROM {{ ref('b_days') }}")
    done = json.loads(cost("models", "--format", "json").output)
    found = {one["name"]: one["run"] for one in done["statements"]}
    assert found["model b_days"]["rows"]["expected"] == pytest.approx(731, rel=0.01)
    assert found["model a_top"]["rows"]["expected"] == pytest.approx(731, rel=0.01)
    assert found["model a_top"]["bytes_scanned"]["basis"] == "assumed"
    assert any("b_days" in words and "estimated" in words for words in done["because"])


def test_csv_has_a_line_a_statement(folder):
    del folder
    rows = list(csv.DictReader(io.StringIO(cost(".", "--format", "csv", "--sort", "path").output)))
    assert len(rows) == 2
    assert float(rows[0]["bytes_scanned_expected"]) > 0
    assert rows[0]["currency"] == "USD"


def test_markdown_escapes_names(folder):
    (folder / "a|b.sql").write_text("SELECT id FROM shop.sales.orders")
    done = cost("a|b.sql", "--format", "markdown")
    assert "a\\|b" in done.output


def test_standard_input_and_what_cannot_be_parsed(folder):
    del folder
    done = cost("-", input="SELECT id FROM shop.sales.orders; SELECT FROM WHERE;")
    assert done.exit_code == 0
    assert "<stdin>:1" in done.output
    assert "warning: <stdin>:1:" in done.output


def test_a_rebuild_by_its_models_name(folder):
    del folder
    done = cost("totals", "--backfill", "2025-01-01..2026-01-01")
    assert done.exit_code == 0, done.output
    assert "at once   1 run" in done.output
    assert "by day    365 runs" in done.output
    assert "shop.sales.orders is read for its part alone, by day: 49.9% of it" in done.output
    as_json = json.loads(cost("totals", "--backfill", "2025-01-01..2026-01-01", "--format", "json").output)
    assert as_json["ways"][0]["way"] == "at once"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.sql"], "nowhere.sql"),
        (["sql", "--warehouse", "huge"], "unknown warehouse size 'huge'"),
        (["sql", "--currency", "EUR"], "what one USD is in EUR"),
        (["totals", "--backfill", "2025"], "is no stretch of time"),
        (["--backfill", "2025-01-01..2026-01-01"], "one model"),
        (["nothing", "--backfill", "2025-01-01..2026-01-01"], "no such file"),
        (["sql", "--history", "none.csv"], "none.csv"),
        (["sql", "--dry-run", "sqlite://x"], "sqlite"),
    ],
)
def test_mistakes_are_named(folder, arguments, message):
    del folder
    done = cost(*arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_what_storing_the_tables_costs(folder):
    del folder
    done = cost("--storage")
    assert "29.8 GB" in done.output
    assert "0.60 USD (0.30 to 0.60)" in done.output  # 0.02 USD a GiB, half of that after 90 days
    assert (
        json.loads(cost("--storage", "--format", "json").output)["tables"][0]["table"] == "shop.sales.orders"
    )


def test_terms_may_stand_in_the_settings(folder):
    (folder / "sqlopt.toml").write_text('[pricing]\nper-tib = 5.0\ncurrency = "EUR"\nruns-per-month = 10\n')
    done = cost("sql")
    assert "0.11 EUR" in done.output
    assert "5 EUR a TiB, as set" in done.output
    (folder / "sqlopt.toml").write_text("[pricing]\nper-tb = 5.0\n")
    assert "did you mean 'per-tib'" in cost("sql").output


def test_findings_are_priced_sorted_and_cut_by_their_saving(folder):
    (folder / "sql" / "big.sql").write_text("SELECT * FROM shop.sales.orders")
    checked = CliRunner().invoke(cli, ["check", "sql", "--sort", "saving", "--format", "json", "--exit-zero"])
    found = json.loads(checked.output)["findings"]
    money = [max((one["expected"] for one in each["worth"]), default=0) for each in found]
    assert money == sorted(money, reverse=True)
    assert money[0] > 0
    cut = CliRunner().invoke(
        cli, ["check", "sql", "--min-saving", "1000USD", "--exit-zero", "--format", "json"]
    )
    assert json.loads(cut.output)["findings"] == []
    wrong = CliRunner().invoke(cli, ["check", "sql", "--min-saving", "much"])
    assert wrong.exit_code == 2
