"""Pairs of statements that an engine has shown to differ: each a word away from the other, at one place.

They are made in the shapes of `tests.rewrite.fixes` and of `tests.rewrite.random_queries`, and kept if both run and
give other rows in some database, whatever order its rows stand in.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sqlglot.errors import SqlglotError

from tests.query.bind.removal import COLUMNS, DuckDB
from tests.rewrite.fixes.mutations import rivals
from tests.rewrite.fixes.samples import certain
from tests.rewrite.fixes.shapes import shape
from tests.rewrite.fixes.stores import PROFILES, Field, Spec, Store, random_store
from tests.rewrite.random_queries import statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt import Catalog

_TEXTS, _RIVALS = 12, 5
_SMALL = Store(
    (
        Spec("p", tuple(Field(*one) for one in (("id", "INT", False), ("k", "INT"), ("v", "INT", False), ("s", "VARCHAR"), ("d", "DATE"), ("m", "DECIMAL(9, 2)"))), (("id",),)),
        Spec("c", tuple(Field(*one) for one in (("id", "INT", False), ("pid", "INT", False), ("k", "INT"), ("v", "INT"), ("s", "VARCHAR", False))), (("id",),), ((("pid",), "p", ("id",)),)),
        Spec("t", tuple(Field(*one) for one in (("k", "INT"), ("v", "INT", False), ("s", "VARCHAR"), ("u", "INT"), ("f", "DOUBLE")))),
    )
)  # fmt: skip
_SHORT = (
    "SELECT id FROM p WHERE k = v", "SELECT k FROM p WHERE NOT (k = v)", "SELECT k FROM t", "SELECT * FROM t", "SELECT t.* FROM t",
    "SELECT DISTINCT k FROM t", "SELECT k, COUNT(*) AS n FROM t GROUP BY k", "SELECT SUM(k) AS n FROM t", "SELECT SUM(k) / 2 AS n FROM t",
    "SELECT p.k FROM p LEFT JOIN c ON c.pid = p.id", "SELECT p.k FROM p LEFT JOIN t ON t.k = p.k WHERE t.v > 1", "SELECT COUNT(k) AS n FROM p",
    "SELECT k FROM t UNION SELECT k FROM p", "SELECT (SELECT SUM(t.v) FROM t WHERE t.k = p.k) AS n FROM p", "SELECT k FROM t WHERE f < 2",
    "SELECT m / 2 AS h FROM p", "SELECT k / 2 AS h FROM p", "SELECT id FROM p WHERE k NOT IN (SELECT k FROM t)", "SELECT DISTINCT id, k FROM p",
    "SELECT id FROM p WHERE EXISTS (SELECT 1 FROM t WHERE t.k = p.k)", "SELECT s FROM p WHERE s = 'x'", "SELECT DISTINCT u FROM t",
    "SELECT p.id FROM p JOIN t ON t.k = p.k", "SELECT z.k FROM (SELECT k, SUM(v) AS n FROM t GROUP BY k) AS z WHERE z.n > 1",
)  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """Two statements that differ, over the tables of ``catalog``."""

    before: str
    after: str
    catalog: Catalog


def hostile(number: int) -> Iterator[Hostile]:
    """Make the pairs of one round, for DuckDB."""
    chance = random.Random(f"hostile {number}")
    store = _SMALL if number % 2 else random_store("duckdb", random.Random(f"store {number}"))
    catalog = store.catalog("duckdb")
    databases = [DuckDB(store.filled(one, random.Random(f"{number} {place}"))) for place, one in enumerate(PROFILES)]
    for place in range(_TEXTS):
        if number % 2:
            text = chance.choice(_SHORT) if place % 3 else statement(chance)
        else:
            text = shape(f"hostile {number} {place}", "duckdb", store).sql
        found = [
            (one, rows)
            for one in rivals(text, "duckdb", store, chance, _RIVALS)
            if (rows := [_rows(one, engine) for engine in databases])
        ]
        for (one, before), (other, after) in combinations(found, 2):
            both = [(a, b) for a, b in zip(before, after, strict=True) if a is not None and b is not None]
            if any(a != b for a, b in both):
                yield Hostile(one, other, catalog)


def _rows(text: str, engine: DuckDB) -> dict[str, int] | None:
    """The rows of a statement by position; None where it does not run or may give others in another run."""
    try:
        if not certain(text, "duckdb"):
            return None
        (rows,) = engine.run(text)
    except (*engine.errors, SqlglotError):
        return None
    return {row: count for row, count in rows.items() if not row.startswith(COLUMNS)}
