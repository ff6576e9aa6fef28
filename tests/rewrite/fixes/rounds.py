"""Rounds of the fuzz of fixes: statements over one set of tables each, and what their exact fixes change."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlopt import Project
from tests.query.bind.removal import DuckDB, Postgres, faults
from tests.rewrite.fixes.samples import samples, variants
from tests.rewrite.fixes.shapes import random_shape, shape
from tests.rewrite.fixes.stores import PROFILES, random_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from sqlopt.catalog import Catalog
    from tests.query.bind.removal import Engine
    from tests.query.bind.statements import Statement
    from tests.rewrite.fixes.stores import Store

MANY = 10**8
"""How many rows sqlopt is told that each table has, so that rules for large tables speak."""


@dataclass
class Tally:
    """``fixes`` by rule, of ``statements``; ``faults`` are texts: the rule, what it broke, before and after."""

    statements: int = 0
    fixes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.statements + other.statements, self.fixes + other.fixes, self.faults + other.faults)


def shapes_round(dialect: str, connection: psycopg.Connection | None, number: int, count: int) -> Tally:
    """Judge the fixes of ``count`` statements over random tables; ``connection`` is PostgreSQL's, for that dialect."""
    store = random_store(dialect, random.Random(f"store {number}"))
    written = (
        (shape if place % 2 else random_shape)(f"{number}.{place}", dialect, store) for place in range(count)
    )
    return _judged(written, store, store.catalog(dialect, MANY), dialect, connection)


def samples_round(dialect: str, connection: psycopg.Connection | None, number: int, count: int) -> Tally:
    """Judge the fixes of one rule's example, or one report, and of ``count`` changed ones."""
    known = samples(dialect)
    sample = known[number % len(known)]
    statements = variants(sample, f"{dialect} {number}", count)
    return _judged(statements, sample.store, sample.catalog, dialect, connection)


def _judged(
    statements: Iterable[Statement],
    store: Store,
    catalog: Catalog,
    dialect: str,
    connection: psycopg.Connection | None,
) -> Tally:
    chance = random.Random(f"rows {len(store.specs)}")
    engines: list[Engine] = [
        DuckDB(filled) if connection is None else Postgres(filled, connection, f"world{place}")
        for place, filled in enumerate(store.filled(one, chance) for one in PROFILES)
    ]
    project = Project(catalog=catalog, dialect=dialect)
    tally = Tally()
    for one in statements:
        tally.statements += 1
        for rule, fault, after in faults(one, project, engines):
            tally.fixes[rule] += 1
            if fault:
                tally.faults.append(f"{rule}: {fault}\n  {one.sql}\n  {after}")
    return tally
