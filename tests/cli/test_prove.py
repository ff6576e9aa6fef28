"""`sqlopt prove`: its answers, formats and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from sqlopt.cli import cli


def prove(folder, *arguments, stdin=None):
    command = [sys.executable, "-m", "sqlopt", "prove", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, input=stdin)


def test_files_and_standard_input(tmp_path):
    (tmp_path / "a.sql").write_text("SELECT a FROM t WHERE a IN (1, 2)\n")
    same = prove(tmp_path, "a.sql", "-", "--effort", "low", stdin="SELECT a FROM t WHERE a = 1 OR a = 2")
    assert same.returncode == 0, same.stderr
    assert same.stdout.startswith(("tested: ", "proved: "))


def test_a_difference_is_shown_with_data(tmp_path):
    done = prove(tmp_path, "SELECT a FROM t", "SELECT DISTINCT a FROM t")
    assert done.returncode == 1
    assert done.stdout.startswith("refuted: ")
    assert "CREATE TABLE t (a INT);\nINSERT INTO t VALUES (NULL), (NULL);" in done.stdout


def test_json_and_the_catalog(tmp_path):
    (tmp_path / "catalog.yml").write_text(
        "version: 1\ndialect: postgres\ntables:\n  t:\n    columns:\n      a: {type: integer}\n    primary_key: [a]\n"
    )
    given = ("SELECT a FROM t", "SELECT DISTINCT a FROM t", "--catalog", "catalog.yml")
    done = prove(tmp_path, *given, "--format", "json", "--effort", "low")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["verdict"] in ("tested", "proved")


def test_the_settings_of_the_place_hold(tmp_path):
    (tmp_path / "catalog.yml").write_text(
        "version: 1\ntables:\n  t:\n    columns:\n      a: {type: integer}\n    primary_key: [a]\n"
    )
    (tmp_path / "sqlopt.toml").write_text('dialect = "postgres"\ncatalog = "catalog.yml"\n')
    done = prove(tmp_path, "SELECT a FROM t", "SELECT DISTINCT a FROM t")
    assert done.stdout.startswith("proved: "), done.stdout + done.stderr
    # PostgreSQL divides whole numbers to whole numbers, DuckDB does not.
    halves = "SELECT a FROM t WHERE a / 2 = 1", "SELECT a FROM t WHERE a IN (2, 3)"
    assert prove(tmp_path, *halves).returncode == 0
    assert prove(tmp_path, *halves, "--dialect", "duckdb").returncode == 1


def test_templates_are_compared_as_they_are_rendered(tmp_path):
    (tmp_path / "a.sql").write_text("{% set most = 3 %}SELECT a FROM t WHERE a < {{ most }}\n")
    done = prove(tmp_path, "a.sql", "SELECT a FROM t WHERE 3 > a")
    assert done.stdout.startswith("proved: "), done.stdout + done.stderr
    (tmp_path / "b.sql").write_text("SELECT a FROM t {{ filters() }}\n")
    done = prove(tmp_path, "b.sql", "SELECT a FROM t")
    assert done.returncode == 2
    assert "not known" in done.stderr


def test_unknown_and_errors_exit_with_2(tmp_path):
    done = prove(tmp_path, "SELECT mine(a) FROM t", "SELECT a FROM t")
    assert (done.returncode, done.stdout[:8]) == (2, "unknown:")
    assert prove(tmp_path, "missing.sql", "SELECT 1 AS x").returncode == 2
    assert prove(tmp_path, "-", "-").returncode == 2


def test_explaining_a_finding_says_whether_its_fix_keeps_the_result(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    catalog = Path(__file__).parents[2] / "fixtures" / "catalogs" / "postgres.yml"
    Path("a.sql").write_text(
        "SELECT 1;\nSELECT o.order_id FROM orders o\nLEFT JOIN users u ON u.user_id = o.user_id;\n"
    )
    done = CliRunner().invoke(cli, ["explain", "a.sql:3", "--catalog", str(catalog)])
    assert "proved: both statements have the same normal form" in done.output
    assert "users (user_id) is its primary key" in done.output
    Path("b.sql").write_text("SELECT user_id FROM users WHERE user_id NOT IN (SELECT user_id FROM orders)\n")
    done = CliRunner().invoke(cli, ["explain", "b.sql:1", "--catalog", str(catalog)])
    assert "refuted" in done.output
    assert "INSERT INTO" in done.output
