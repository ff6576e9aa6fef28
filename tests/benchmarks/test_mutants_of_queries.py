"""Queries of TPC-DS and TPC-H, each beside itself after one small change: is the difference found?

Which changes matter is judged by what nobody here made: the benchmarks' own data. A pair counts as different if its
results differ there, or on a counterexample. Printed are the shares of what became of the pairs, by kind of change,
and how many databases were needed. Run with ``pytest tests/benchmarks/test_mutants_of_queries.py -o addopts= -s``.
"""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

import duckdb
import pytest

from sqlopt import Verdict
from sqlopt.catalog import Catalog, Column, Table
from sqlopt.rewrite.prove.effort import Effort, Limits, Work
from sqlopt.rewrite.prove.engine.compare import Failed, normal, same
from sqlopt.rewrite.prove.pair import Pair
from sqlopt.rewrite.prove.testing.tester import Tester
from tests import tpcds, tpch
from tests.rewrite.mutants import mutants

_EACH = 4  # changes of each query
_EVERY = 3  # queries of TPC-DS
_SECONDS = 5.0  # for a query on the benchmark's data
_SCALE = 0.05


def _columns(connection):
    tables = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ALL"
    ).fetchall():
        tables.setdefault(table, {})[column] = Column(column, kind)
    return Catalog([Table(name, columns=columns) for name, columns in tables.items()], "duckdb")


def _results(connection, text):
    """Return a statement's rows on the benchmark's data, None for one that fails or takes too long."""
    watch = threading.Timer(_SECONDS, connection.interrupt)
    watch.start()
    try:
        return normal(connection.execute(text).fetchall())
    except (duckdb.Error, RuntimeError, Failed):
        return None
    finally:
        watch.cancel()


def _judged(connection, catalog, text, changed):
    """Return the verdict of the tester alone, how many databases it took, and whether the data show a difference."""
    proof = Tester(Pair(text, changed, "duckdb", catalog), Work(Limits(Effort.NORMAL, 600))).judge()
    results = _results(connection, text), _results(connection, changed)
    shown = None not in results and not same(*results)
    return proof, shown


@pytest.mark.parametrize("name", ["TPC-DS", "TPC-H"])
def test_small_changes_of_queries_are_refuted(name):
    module = tpcds if name == "TPC-DS" else tpch
    connection = module.connect()
    connection.execute(f"CALL {'dsdgen' if module is tpcds else 'dbgen'}(sf = {_SCALE})")
    catalog = _columns(connection)
    found = {}
    needed = []
    missed = []
    for number, text in list(enumerate(module.queries(), 1))[:: _EVERY if module is tpcds else 1]:
        for kind, changed in mutants(text, "duckdb", Random(number), _EACH):
            proof, shown = _judged(connection, catalog, text, changed)
            tally = found.setdefault(kind, Counter())
            tally[proof.verdict.value] += 1
            tally["different"] += shown or proof.verdict is Verdict.REFUTED
            if proof.verdict is Verdict.REFUTED:
                needed.append(proof.databases)
            elif shown:
                missed.append((number, kind, str(proof.reason)))
    whole = sum(found.values(), Counter())
    lines = [f"\n{name}: pairs by kind of change"]
    for kind, tally in [*sorted(found.items()), ("all", whole)]:
        shares = "  ".join(f"{one} {tally[one]:>4}" for one in ("different", "refuted", "tested", "unknown"))
        lines.append(f"  {kind:<22} {shares}")
    lines.append(
        f"  databases needed: median {sorted(needed)[len(needed) // 2]}, most {max(needed)}; missed: {missed}"
    )
    print("\n".join(lines))  # noqa: T201
    assert whole["refuted"] >= 0.92 * whole["different"]
    assert whole["unknown"] <= 0.25 * sum(whole[one.value] for one in Verdict)
