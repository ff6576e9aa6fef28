"""Statements that differ from TPC-H's and TPC-DS's queries by one small change, with other rows to show for it.

A change may leave the result as it was. So both sides are run on generated data, and only what gave other rows is
kept: the label is the engine's, not ours.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import TYPE_CHECKING

import duckdb

from sqlopt import Catalog
from tests import tpcds, tpch
from tests.benchmarks.pairs import Case
from tests.rewrite.random_queries import changed

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 5.0
_SOURCES = {"tpch": (tpch, "dbgen"), "tpcds": (tpcds, "dsdgen")}


def mutants(name: str, *, each: int = 3, share: int = 1) -> list[Case]:
    """Return up to ``each`` different pairs of every query of ``tpch`` or ``tpcds``; of ``share`` queries, one."""
    source, generator = _SOURCES[name]
    with source.connect() as connection:
        connection.execute(f"CALL {generator}(sf = 0.01)")
        ddl = "\n".join(sql for (sql,) in connection.execute("SELECT sql FROM duckdb_tables()").fetchall())
        catalog = Catalog.from_ddl(ddl, "duckdb")
        found = []
        for number, text in enumerate(source.queries(), 1):
            if number % share == 0:
                texts = _different(text, connection, random.Random(f"mutants of {name} {number}"), each)
                found += [
                    Case(
                        f"{name} mutant {number}.{place}",
                        text,
                        after,
                        "duckdb",
                        catalog,
                        equal=False,
                        kind="mutant",
                    )
                    for place, after in enumerate(texts)
                ]
    return found


def _different(
    text: str, connection: duckdb.DuckDBPyConnection, chance: random.Random, most: int
) -> Iterator[str]:
    before = _rows(text, connection)
    if before is None:
        return
    made: set[str] = set()
    for _ in range(4 * most):
        after = changed(text, chance)
        if after is None or after in made:
            continue
        made.add(after)
        rows = _rows(after, connection)
        if rows is not None and rows != before:
            yield after
            most -= 1
        if not most:
            return


def _rows(text: str, connection: duckdb.DuckDBPyConnection) -> Counter[str] | None:
    stop = threading.Timer(_SECONDS, connection.interrupt)
    stop.start()
    try:
        rows = connection.execute(text).fetchall()
    except duckdb.Error:
        return None
    finally:
        stop.cancel()
    return Counter(repr([f"{one:.6g}" if isinstance(one, float) else one for one in row]) for row in rows)
