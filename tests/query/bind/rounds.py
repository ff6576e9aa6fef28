"""Rounds of the fuzz: statements over one world of tables each, and what the judges say of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from sqlopt import Project
from tests.query.bind import pg_reads
from tests.query.bind.account import UNKNOWN, NotReadError, account
from tests.query.bind.changes import change
from tests.query.bind.removal import DuckDB, Postgres, faults
from tests.query.bind.statements import statement
from tests.query.bind.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query.bind.reads import Use
    from tests.query.bind.statements import Statement


@dataclass
class Tally:
    """What became of the statements of a round.

    ``refused`` by the engine, ``unread`` as sqlopt can't parse them, ``unknown`` where it says so of a table;
    ``compared`` are the statements (of reads) or the fixes (of removal) that were judged. ``faults`` are texts.
    """

    statements: int = 0
    refused: int = 0
    unread: int = 0
    unknown: int = 0
    compared: int = 0
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one) + getattr(other, one) for one in self.__dataclass_fields__))


def written(dialect: str, world: World, number: int, count: int) -> Iterator[Statement]:
    """Write ``count`` statements: three queries, then one that changes a table, and so on."""
    for place in range(count):
        write = change if place % 4 == 3 else statement
        yield write(f"{number}.{place}", dialect, world)


def reads_round(
    connection: psycopg.Connection, number: int, count: int, forget: frozenset[Use] = frozenset()
) -> Tally:
    """Compare the columns that sqlopt and PostgreSQL say are read, base table by base table.

    Columns that a statement writes may be counted by either; see `pg_reads`.
    """
    world = World(random.Random(f"world {number}"))
    catalog = world.catalog("postgres")
    tally = Tally()
    connection.execute("DROP SCHEMA IF EXISTS world CASCADE; CREATE SCHEMA world; SET search_path = world")
    connection.execute(world.ddl)
    for one in written("postgres", world, number, count):
        tally.statements += 1
        try:
            truth = pg_reads.reads(connection, one.sql)
        except psycopg.Error:
            tally.refused += 1
            continue
        try:
            ours = account(one.sql, "postgres", catalog, forget)
        except NotReadError:
            tally.unread += 1
            continue
        tally.compared += 1
        tally.unknown += any(UNKNOWN in names for names in ours.values())
        wrong = [
            text for name in sorted({*truth, *ours}) if (text := _difference(name, truth, ours, one.written))
        ]
        if wrong:
            tally.faults.append(f"{'; '.join(wrong)}\n  {one.sql}")
    return tally


def _difference(
    name: str, truth: dict[str, set[str]], ours: dict[str, set[str]], written: dict[str, set[str]]
) -> str:
    theirs, mine = truth.get(name, set()), ours.get(name, set())
    if UNKNOWN in mine:
        return ""
    either = written.get(name, set())
    missing, extra = sorted(theirs - mine - either), sorted(mine - theirs - either)
    if not missing and not extra:
        return ""
    return f"{name}: not seen {missing}, seen in vain {extra}"


def removal_round(dialect: str, connection: psycopg.Connection | None, number: int, count: int) -> Tally:
    """Apply each exact fix by itself and run the statement before and after it, on tables with few rows.

    Every other statement is checked without a catalog. ``connection`` is PostgreSQL's, for that dialect.
    """
    world = World(random.Random(f"world {number}"))
    engine = DuckDB(world) if connection is None else Postgres(world, connection)
    projects = (Project(catalog=world.catalog(dialect), dialect=dialect), Project(dialect=dialect))
    tally = Tally()
    for place, one in enumerate(written(dialect, world, number, count)):
        tally.statements += 1
        for rule, fault, after in faults(one, projects[place % 2], [engine]):
            tally.compared += 1
            if fault:
                tally.faults.append(f"{rule}: {fault}\n  {one.sql}\n  {after}")
    return tally
