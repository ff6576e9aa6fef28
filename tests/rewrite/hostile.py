"""Pairs of statements that an engine has shown to differ: each a word away from the other, at one place.

They are made in the shapes of `tests.rewrite.fixes` and of `tests.rewrite.random_queries`, and kept if both run and
give other rows in some database, whatever order its rows stand in.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sqlglot.errors import SqlglotError

from tests.query.bind.removal import COLUMNS, DuckDB
from tests.rewrite.fixes.idioms import idiom
from tests.rewrite.fixes.mutations import FORMS, rivals
from tests.rewrite.fixes.samples import certain
from tests.rewrite.fixes.stores import PROFILES, Field, Spec, Store, random_store
from tests.rewrite.random_queries import statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt import Catalog

_TEXTS, _RIVALS, _MOST = 12, 9, 4


def _spec(name: str, fields: str, key: str | None = None, *, parent: str | None = None) -> Spec:
    """A table; ``fields`` are written as in CREATE TABLE, ``parent`` is the table that its pid refers to."""
    found = [re.fullmatch(r"(\w+) (.+?)( NOT NULL)?", one) for one in fields.split("; ")]
    return Spec(
        name,
        tuple(Field(one[1], one[2], one[3] is None) for one in found if one),
        ((key,),) if key else (),
        ((("pid",), parent, ("id",)),) if parent else (),
    )


_SMALL = Store(
    (
        _spec("p", "id INT NOT NULL; k INT; v INT NOT NULL; s VARCHAR; d DATE; m DECIMAL(9, 2)", "id"),
        _spec("c", "id INT NOT NULL; pid INT NOT NULL; k INT; v INT; s VARCHAR NOT NULL", "id", parent="p"),
        _spec("t", "v INT NOT NULL; k INT; s VARCHAR; u INT; f DOUBLE"),
    )
)
_SHORT = (
    "SELECT id FROM p WHERE k = v",
    "SELECT k FROM p WHERE NOT (k = v)",
    "SELECT k FROM t",
    "SELECT * FROM t",
    "SELECT t.* FROM t",
    "SELECT DISTINCT k FROM t",
    "SELECT k, COUNT(*) AS n FROM t GROUP BY k",
    "SELECT SUM(k) AS n FROM t",
    "SELECT SUM(k) / 2 AS n FROM t",
    "SELECT SUM(u) IS NULL AS gone FROM t",
    "SELECT COALESCE(SUM(v), 0) AS n FROM t",
    "SELECT p.k FROM p LEFT JOIN c ON c.pid = p.id",
    "SELECT p.k FROM p LEFT JOIN t ON t.k = p.k WHERE t.v > 1",
    "SELECT COUNT(k) AS n FROM p",
    "SELECT k FROM t UNION SELECT k FROM p",
    "SELECT (SELECT SUM(t.v) FROM t WHERE t.k = p.k) AS n FROM p",
    "SELECT k FROM t WHERE f < 2",
    "SELECT m / 2 AS h FROM p WHERE m < 2",
    "SELECT k FROM t WHERE f >= 1",
    "SELECT * FROM p WHERE m = 2",
    "SELECT z.* FROM (SELECT * FROM t) AS z",
    "SELECT k / 2 AS h FROM p",
    "SELECT id FROM p WHERE k NOT IN (SELECT k FROM t)",
    "SELECT DISTINCT id, k FROM p",
    "SELECT id FROM p WHERE EXISTS (SELECT 1 FROM t WHERE t.k = p.k)",
    "SELECT s FROM p WHERE s = 'x'",
    "SELECT DISTINCT u FROM t",
    "SELECT p.id FROM p JOIN t ON t.k = p.k",
    "SELECT z.k FROM (SELECT k, SUM(v) AS n FROM t GROUP BY k) AS z WHERE z.n > 1",
)


@dataclass(frozen=True)
class Hostile:
    """Two statements that differ, over the tables of ``catalog``."""

    before: str
    after: str
    catalog: Catalog


def hostile(number: int) -> Iterator[Hostile]:
    """Make the pairs of one round, for DuckDB: of every kind of change to short statements, or of longer ones."""
    chance = random.Random(f"hostile {number}")
    if number % 2 == 0:
        texts = [(text, kind) for text in _SHORT for kind in range(FORMS)]
        yield from _different(_SMALL, texts, chance)
        return
    yield from _different(_SMALL, [(statement(chance), None) for _ in range(_TEXTS)], chance)
    store = random_store("duckdb", random.Random(f"store {number}"))
    written = [idiom(f"hostile {number} {place}", "duckdb", store).sql for place in range(_TEXTS)]
    yield from _different(store, [(text, None) for text in written], chance)


def _different(store: Store, texts: list[tuple[str, int | None]], chance: random.Random) -> Iterator[Hostile]:
    """Change each text at one place in several ways, and pair up what differs in a database."""
    catalog = store.catalog("duckdb")
    databases = [DuckDB(store.filled(one, chance)) for one in PROFILES]
    for text, kind in texts:
        made = rivals(text, store, chance, _RIVALS, kind)
        found = [(one, _results(one, databases)) for one in made if len(made) > 1]
        different = [
            Hostile(one, other, catalog)
            for (one, before), (other, after) in combinations(found, 2)
            if any(None not in both and both[0] != both[1] for both in zip(before, after, strict=True))
        ]
        yield from chance.sample(different, min(len(different), _MOST))


def _results(text: str, databases: list[DuckDB]) -> list[dict[str, int] | None]:
    """The rows of a statement in each database; None where it does not run or may give others in another run."""
    try:
        sure = certain(text, "duckdb")
    except SqlglotError:
        sure = False
    return [_rows(text, one) if sure else None for one in databases]


def _rows(text: str, engine: DuckDB) -> dict[str, int] | None:
    try:
        (rows,) = engine.run(text)
    except engine.errors:
        return None
    return {row: count for row, count in rows.items() if not row.startswith(COLUMNS)}
