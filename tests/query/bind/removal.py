"""Whether a statement runs and gives the same after what sqlopt calls unread, redundant or duplicate is taken out."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Protocol

import duckdb
import psycopg

from sqlopt.rewrite.edits import Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt import Project
    from tests.query.bind.statements import Statement
    from tests.query.bind.world import World

_SECONDS = 2.0
_MOST_ROWS = 100_000


class Engine(Protocol):
    """A database that holds a `World`.

    ``errors`` is what it raises for a statement that it does not run, ``limits`` those that are its own: a statement
    that takes too long, a join that it has no plan for.
    """

    errors: tuple[type[Exception], ...]
    limits: tuple[type[Exception], ...]

    def run(self, sql: str, tables: tuple[str, ...] = ()) -> list[Counter]:
        """Return the rows that a statement gives, and then those of ``tables``; what it changed is undone."""


class DuckDB:
    """DuckDB in memory."""

    errors = (duckdb.Error, IndexError)  # "unordered_map::at" of its planner is one (1.5.5)
    limits = (duckdb.InterruptException, duckdb.NotImplementedException)

    def __init__(self, world: World) -> None:
        self._connection = duckdb.connect(config={"threads": "1", "memory_limit": "512MB"})
        self._connection.execute(world.ddl)
        self._connection.execute(world.inserts)

    def run(self, sql: str, tables: tuple[str, ...] = ()) -> list[Counter]:
        """See `Engine`."""
        stop = threading.Timer(_SECONDS, self._connection.interrupt)
        stop.start()
        self._connection.execute("BEGIN")
        try:
            return [_bag(self._connection.execute(one).fetchmany(_MOST_ROWS)) for one in _all(sql, tables)]
        finally:
            stop.cancel()
            self._connection.execute("ROLLBACK")


class Postgres:
    """A schema of its own on a PostgreSQL server."""

    errors = (psycopg.Error,)
    limits = (psycopg.errors.QueryCanceled,)

    def __init__(self, world: World, connection: psycopg.Connection) -> None:
        self._connection = connection
        connection.execute(
            "DROP SCHEMA IF EXISTS world CASCADE; CREATE SCHEMA world; SET search_path = world"
        )
        connection.execute(f"SET statement_timeout = {int(_SECONDS * 1000)}")
        connection.execute(world.ddl)
        connection.execute(world.inserts)

    def run(self, sql: str, tables: tuple[str, ...] = ()) -> list[Counter]:
        """See `Engine`."""
        with self._connection.transaction(force_rollback=True):
            found = []
            for one in _all(sql, tables):
                cursor = self._connection.execute(one.encode())
                found.append(_bag(cursor.fetchmany(_MOST_ROWS) if cursor.description else []))
            return found


def _all(sql: str, tables: tuple[str, ...]) -> list[str]:
    return [sql, *(f'SELECT * FROM "{one}"' for one in tables)]


def _bag(rows: list[tuple]) -> Counter:
    return Counter(map(repr, rows))


def removals(statement: Statement, project: Project) -> Iterator[tuple[str, str]]:
    """The text after each exact fix that sqlopt offers, with the rule that offers it."""
    for finding in project.check(statement.sql).findings:
        if finding.fix is not None and finding.fix.safety is Safety.EXACT:
            yield finding.rule, finding.fix.apply(statement.sql)


def faults(statement: Statement, project: Project, engine: Engine) -> Iterator[tuple[str, str]]:
    """Judge each exact fix: what it breaks, or nothing, and the text after it.

    A statement that the engine does not run gives none.
    """
    before: list[Counter] | None = None
    for rule, after in removals(statement, project):
        if before is None:
            try:
                before = engine.run(statement.sql, tuple(statement.written))
            except engine.errors:
                return
        fault = broken(statement, after, engine, before)
        yield f"{rule}: {fault}" if fault else "", after


def broken(statement: Statement, after: str, engine: Engine, before: list[Counter]) -> str:
    """Say what a changed text breaks, given what the statement gave ``before``; nothing if all is as it was."""
    try:
        rows = engine.run(after, tuple(statement.written))
    except engine.limits:
        return ""
    except engine.errors as error:
        return str(error).splitlines()[0]
    return "other rows" if statement.certain and rows != before else ""
