"""DuckDB 2.x, in an environment of its own: the test extra pins the 1.x that the TPC extensions are built for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sqlopt.catalog import Catalog
from sqlopt.warehouses.duckdb.catalog import read_database

ROOT = Path(__file__).parents[3]
SETUP = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute(
        "CREATE TABLE t AS SELECT i AS id, DATE '2024-01-01' + i::INT AS day, (i / 7.0)::DECIMAL(12, 2) AS price, "
        "i * 1.5::DOUBLE AS f, TIMESTAMP '2024-01-01' + INTERVAL (i) MINUTE AS at, i % 2 = 0 AS even, "
        "'n' || i % 5 AS name, CASE WHEN i % 3 > 0 THEN i END AS gaps FROM range(1000) t(i)"
    )
    connection.execute("CHECKPOINT")
print(duckdb.__version__)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter with this sqlopt and DuckDB 2."""
    folder = tmp_path_factory.mktemp("duckdb2") / "env"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    found = str(folder / "bin" / "python")
    subprocess.run([*uv, "pip", "install", "-q", "--python", found, str(ROOT), "duckdb>=2,<3"], check=True)
    return found


def run(python, *arguments, cwd):
    done = subprocess.run([python, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_facts_as_of_the_older_one(python, tmp_path):
    import duckdb

    assert run(python, "-c", SETUP, "new.duckdb", cwd=tmp_path).startswith("2.")
    run(
        python,
        "-m",
        "sqlopt",
        "catalog",
        "sync",
        "duckdb:new.duckdb",
        "-o",
        "new.yml",
        "--values",
        cwd=tmp_path,
    )
    assert duckdb.__version__.startswith("1.")
    run(sys.executable, "-c", SETUP, "old.duckdb", cwd=tmp_path)
    old, new = read_database(tmp_path / "old.duckdb", values=True), Catalog.load(tmp_path / "new.yml")
    (theirs,), (ours,) = old.table("t").row_groups, new.table("t").row_groups
    assert ours.ranges == theirs.ranges
    for name, column in old.table("t").columns.items():
        found = new.table("t").columns[name]
        assert (found.min, found.max, found.distinct, found.common) == (
            column.min, column.max, column.distinct, column.common,
        )  # fmt: skip


def test_proofs_parquet_and_plans(python, tmp_path):
    run(python, "-c", SETUP, "new.duckdb", cwd=tmp_path)
    ask = "import duckdb, sys; print(duckdb.connect('new.duckdb').execute(sys.argv[1]).fetchall()[0][-1])"
    run(python, "-c", ask, "COPY t TO 'd.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)", cwd=tmp_path)
    run(python, "-m", "sqlopt", "catalog", "sync", "parquet:d.parquet", "-o", "d.yml", cwd=tmp_path)
    assert Catalog.load(tmp_path / "d.yml").table("d").rows == 1000
    command = [
        python,
        "-m",
        "sqlopt",
        "prove",
        "SELECT id FROM t WHERE id > 1",
        "SELECT id FROM t WHERE id >= 1",
    ]
    proved = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "refuted" in proved.stdout
    plan = run(python, "-c", ask, "EXPLAIN (FORMAT json) SELECT count(*) FROM t", cwd=tmp_path)
    (tmp_path / "plan.json").write_text(plan)
    assert "duckdb" in run(python, "-m", "sqlopt", "plan", "plan.json", cwd=tmp_path)
