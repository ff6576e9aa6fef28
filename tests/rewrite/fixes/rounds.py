"""Rounds of the fuzz of fixes: statements over one set of tables each, and what their exact fixes change.

Judged are the fixes that a rule calls exact, each alone; and, with ``made``, what `sqlopt fix` makes of the statement.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlopt import Project
from sqlopt.project.fixing import fix_text
from sqlopt.project.gate.gate import Gate
from sqlopt.rewrite.prove.effort import Effort, Limits
from tests.query.bind.removal import DuckDB, Postgres, broken, faults, results
from tests.rewrite.fixes.idioms import idiom
from tests.rewrite.fixes.samples import samples, variants
from tests.rewrite.fixes.shapes import random_shape
from tests.rewrite.fixes.stores import PROFILES, random_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.query.bind.removal import Engine
    from tests.query.bind.statements import Statement
    from tests.rewrite.fixes.stores import Store

MANY = 10**8
"""How many rows sqlopt is told that each table has, so that rules for large tables speak."""


@dataclass
class Tally:
    """``fixes`` by rule, of ``statements``; ``faults`` are texts: the rule, what it broke, before and after.

    ``left`` are the fixes that `sqlopt fix` does not make, by verdict and rule; those that it calls refuted may be a
    fault of the rule or of the refutation.
    """

    statements: int = 0
    fixes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one) + getattr(other, one) for one in self.__dataclass_fields__))


@dataclass
class World:
    """Some statements, the tables that they read, and the databases to run them in."""

    statements: list[Statement]
    project: Project
    engines: list[Engine]


def shapes(dialect: str, connection: psycopg.Connection | None, number: int, count: int) -> World:
    """Write ``count`` statements over random tables; ``connection`` is PostgreSQL's, for that dialect."""
    store = random_store(dialect, random.Random(f"store {number}"))
    statements = [
        (idiom if place % 2 else random_shape)(f"{number}.{place}", dialect, store) for place in range(count)
    ]
    return _world(statements, store, Project(store.catalog(dialect, MANY), dialect), connection, number)


def changed_samples(dialect: str, connection: psycopg.Connection | None, number: int, count: int) -> World:
    """Change one rule's example, or one report, in ``count`` ways."""
    known = samples(dialect)
    sample = known[number % len(known)]
    statements = variants(sample, f"{dialect} {number}", count)
    return _world(statements, sample.store, Project(sample.catalog, dialect), connection, number)


def _world(
    statements: list[Statement],
    store: Store,
    project: Project,
    connection: psycopg.Connection | None,
    number: int,
) -> World:
    chance = random.Random(f"rows {number}")
    engines: list[Engine] = [
        DuckDB(filled) if connection is None else Postgres(filled, connection, f"world{place}")
        for place, filled in enumerate(store.filled(one, chance) for one in PROFILES)
    ]
    return World(statements, project, engines)


def raw(world: World) -> Tally:
    """Judge each exact fix alone."""
    tally = Tally()
    for one in world.statements:
        tally.statements += 1
        for rule, fault, after in faults(one, world.project, world.engines):
            tally.fixes[rule] += 1
            if fault:
                tally.faults.append(f"{rule}: {fault}\n  {one.sql}\n  {after}")
    return tally


def made(world: World, effort: Effort = Effort.LOW) -> Tally:
    """Judge what `sqlopt fix` makes of each statement, all its fixes together."""
    gate = Gate(world.project, Limits(effort))
    tally = Tally()
    for one in world.statements:
        tally.statements += 1
        done = fix_text(gate, one.sql, "query.sql")
        tally.left.update(_verdict(finding) for finding in (*done.left, *done.withdrawn, *done.faults))
        if done.applied:
            _judge(one, done.text, sorted({finding.rule for finding in done.applied}), world, tally)
    return tally


def _verdict(finding: object) -> str:
    fix = getattr(finding, "fix", None)
    verdict = str(fix.proof.verdict) if fix is not None and fix.proof is not None else "withdrawn"
    return f"{getattr(finding, 'rule', '?')} {verdict}"


def _judge(one: Statement, after: str, rules: list[str], world: World, tally: Tally) -> None:
    found = list(results(one, world.engines))
    if found:
        tally.fixes.update(rules)
        fault = next(_faults(one, after, found), "")
        if fault:
            tally.faults.append(f"{' '.join(rules)}: {fault}\n  {one.sql}\n  {after}")


def _faults(one: Statement, after: str, found: list[tuple[Engine, list[Counter]]]) -> Iterator[str]:
    yield from filter(None, (broken(one, after, engine, before) for engine, before in found))
