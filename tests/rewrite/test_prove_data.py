"""Statements compared on data of one's own."""

import duckdb
import pytest
from click.testing import CliRunner

import sqlopt
from sqlopt.cli import cli
from sqlopt.errors import CatalogError
from sqlopt.rewrite.edits import Verdict

ORDERS = """
SELECT range AS id, range % 7 AS customer, range * 1.5 AS amount,
  CASE WHEN range % 3 = 0 THEN 'paid' ELSE 'open' END AS status
FROM range(1000)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    duckdb.sql(ORDERS).write_parquet(str(folder / "orders.parquet"))
    parts = folder / "customers"
    duckdb.sql("SELECT range AS id, 'nl' AS country FROM range(7)").write_parquet(
        str(parts), partition_by=["country"]
    )
    return folder


def test_what_is_tested_is_supported_by_the_data(folder):
    proof = sqlopt.prove(
        "SELECT customer, SUM(amount) FROM orders WHERE status = 'paid' GROUP BY customer",
        "SELECT customer, SUM(amount + 0) FROM orders WHERE status IN ('paid') GROUP BY 1",
        data=folder,
    )
    assert proof.verdict in (Verdict.TESTED, Verdict.PROVED)
    assert "(7 rows of result)" in proof.reason + " ".join(proof.notes)


def test_a_fact_of_the_data_does_not_make_them_equal(folder):
    proof = sqlopt.prove("SELECT id FROM orders", "SELECT id FROM orders WHERE status <> 'none'", data=folder)
    assert proof.verdict is Verdict.REFUTED
    assert any("it takes other rows to show it" in note for note in proof.notes)


def test_the_data_refute_what_generated_databases_do_not_reach(folder):
    # A sum of many rows: the few rows of generated databases stay below the bound.
    proof = sqlopt.prove(
        "SELECT COUNT(*) > 900 FROM orders", "SELECT COUNT(*) > 1900 FROM orders", data=folder, effort="low"
    )
    assert proof.verdict is Verdict.REFUTED
    assert "the results differ on the data of" in proof.reason
    assert "(True,) before, (False,) after" in proof.reason


def test_partitioned_folders_are_tables(folder):
    sql = "SELECT c.country, COUNT(*) FROM orders o JOIN customers c ON c.id = o.customer GROUP BY c.country"
    proof = sqlopt.prove(sql, sql.replace("COUNT(*)", "SUM(1)"), data=folder)
    assert "(1 row of result)" in proof.reason + " ".join(proof.notes)


def test_a_table_without_files_is_named(folder):
    with pytest.raises(CatalogError, match="no files of stock; there are customers, orders"):
        sqlopt.prove("SELECT x FROM stock", "SELECT x + 0 FROM stock", data=folder)


def test_on_the_command_line(folder):
    run = CliRunner().invoke(
        cli, ["prove", "SELECT id FROM orders", "SELECT id + 0 FROM orders", "--data", f"parquet:{folder}"]
    )
    assert run.exit_code == 0, run.output
    assert "(1,000 rows of result)" in run.output
    bad = CliRunner().invoke(cli, ["prove", "SELECT 1", "SELECT 2", "--data", "csv:there"])
    assert bad.exit_code == 2
    assert "write parquet:FOLDER" in bad.output
