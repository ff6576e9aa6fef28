"""`sqlopt plan`: the tree as people see it, as JSON, and what can't be read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli
from sqlopt.report.plan import FORMATS

PLANS = Path(__file__).resolve().parents[2] / "fixtures" / "plans"


def test_the_tree(run):
    done = run("plan", str(PLANS / "snowflake" / "operator_stats.json"))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("snowflake 01b2c3d4")
    assert lines[2].startswith("   34% ▶ └─ Aggregate")
    assert lines[2].endswith("365 rows, spilled 80.0 GB, spilled 20.0 GB remotely")
    assert lines[5].endswith(
        "TableScan SHOP.PUBLIC.LINES          60,000,000 rows, 400 of 400 partitions, 6.3 GB"
    )
    assert "\x1b" not in done.stdout


def test_estimates_are_shown_beside_what_came_out(run):
    done = run("plan", str(PLANS / "duckdb" / "profile.json"), "--color", "always")
    assert "16,872 rows (~1,758, q 9.6)" in done.stdout
    assert "\x1b[31;1m▶" in done.stdout


def test_json_holds_tree_and_findings(run):
    done = run("plan", str(PLANS / "postgres" / "analyze_buffers.json"), "--format", "json")
    data = json.loads(done.stdout)
    assert data["plan"]["engine"] == "postgres"
    assert data["plan"]["operators"][0]["children"][0]["kind"] == "Sort"
    assert isinstance(data["findings"], list)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(run, form):
    done = run("plan", str(PLANS / "bigquery" / "job_insights.json"), "--format", form)
    assert done.returncode == 0, done.stderr
    assert "exploding-join" in done.stdout or "PLN002" in done.stdout


def test_standard_input_and_what_is_cut_off(run):
    text = (PLANS / "snowflake" / "operator_stats.json").read_text("utf-8")
    assert run("plan", "-", stdin=text).stdout.startswith("snowflake")
    done = run("plan", "-", stdin=text[:300])
    assert done.returncode == 2
    assert done.stderr.startswith("error: <stdin>: line 15, column 2: the JSON ends or breaks here")
    assert run("plan", "nowhere.json").stderr.startswith("error: nowhere.json: the file can't be read")


def test_our_own_plan_of_a_file_of_sql(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "catalog.yml").write_text(
        "version: 1\ndialect: postgres\ntables:\n"
        "  a: {rows: 1000, bytes: 8000, columns: {i: {type: int, distinct: 1000}}}\n"
        "  b: {rows: 50, bytes: 400, columns: {i: {type: int, distinct: 50}}}\n"
    )
    (tmp_path / "q.sql").write_text("SELECT a.i, count(*) FROM a JOIN b ON a.i = b.i GROUP BY a.i")
    done = CliRunner().invoke(cli, ["plan", "q.sql"])
    assert done.exit_code == 0, done.output
    assert "Aggregate" in done.output
    assert "~50 rows" in done.output
    (tmp_path / "bad.sql").write_text("SELECT FROM")
    assert "bad.sql: line 1" in CliRunner().invoke(cli, ["plan", "bad.sql"]).output
