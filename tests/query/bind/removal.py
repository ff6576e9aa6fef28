"""Whether a statement runs and gives the same after what sqlopt calls unread, redundant or duplicate is taken out."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import duckdb
import psycopg

from sqlopt.rewrite.edits import Safety

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt import Project
    from tests.query.bind.statements import Statement


class Filled(Protocol):
    """A database to be: the statements that make its tables, and those that fill them."""

    ddl: str
    inserts: str


_SECONDS = 2.0
_TEXTS, _TEXT = (25, 1043), "text"  # PostgreSQL's text and varchar, which it takes for one another
_MOST_ROWS = 100_000
COLUMNS = "columns: "
"""What the one entry of a result's bag starts with that is no row."""


class Engine(Protocol):
    """A database that runs statements.

    ``errors`` is what it raises for a statement that it does not run, ``limits`` those that are its own: a statement
    that takes too long, a join that it has no plan for, a value that it casts in a row which a filter would leave out.
    """

    errors: tuple[type[Exception], ...]
    limits: tuple[type[Exception], ...]

    def run(self, sql: str, tables: tuple[str, ...] = ()) -> list[Counter]:
        """Return the rows that a statement gives, with its columns, then those of ``tables``; changes are undone."""


class DuckDB:
    """DuckDB in memory."""

    errors = (duckdb.Error, IndexError)  # "unordered_map::at" of its planner is one (1.5.5)
    limits = (
        duckdb.InterruptException,
        duckdb.NotImplementedException,
        duckdb.ConversionException,
        duckdb.OutOfRangeException,
    )

    def __init__(self, world: Filled) -> None:
        self._connection = duckdb.connect(config={"threads": "1", "memory_limit": "512MB"})
        self._connection.execute(world.ddl)
        self._connection.execute(world.inserts)

    def run(self, sql: str, tables: tuple[str, ...] = ()) -> list[Counter]:
        """See `Engine`."""
        stop = threading.Timer(_SECONDS, self._connection.interrupt)
        stop.start()
        self._connection.execute("BEGIN")
        try:
            return [_bag(self._connection.execute(one)) for one in _all(sql, tables)]
        finally:
            stop.cancel()
            self._connection.execute("ROLLBACK")


class Postgres:
    """A schema of its own on a PostgreSQL server."""

    errors = (psycopg.Error,)
    limits = (psycopg.errors.QueryCanceled, psycopg.DataError)

    def __init__(self, world: Filled, connection: psycopg.Connection, schema: str = "world") -> None:
        self._connection = connection
        self._path = f"SET search_path = {schema}"
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; {self._path}")
        connection.execute(f"SET statement_timeout = {int(_SECONDS * 1000)}")
        connection.execute(world.ddl)
        connection.execute(world.inserts)

    def run(self, sql: str, tables: tuple[str, ...] = ()) -> list[Counter]:
        """See `Engine`."""
        with self._connection.transaction(force_rollback=True):
            self._connection.execute(self._path)
            return [_bag(self._connection.execute(one.encode())) for one in _all(sql, tables)]


def _all(sql: str, tables: tuple[str, ...]) -> list[str]:
    return [sql, *(f'SELECT * FROM "{one}"' for one in tables)]


def _bag(cursor: psycopg.Cursor | duckdb.DuckDBPyConnection) -> Counter:
    """The rows of a result, and one more of its columns' names and types."""
    if not cursor.description:
        return Counter()
    columns = [(_named(one[0]), _TEXT if one[1] in _TEXTS else str(one[1])) for one in cursor.description]
    return Counter(
        [f"{COLUMNS}{columns}", *(repr([*map(_shown, row)]) for row in cursor.fetchmany(_MOST_ROWS))]
    )


def _named(name: str) -> str:
    """A column's name; none where DuckDB made it from an expression's text, which a fix may change."""
    return "" if "(" in name else name


def _shown(value: object) -> object:
    """Floats by nine digits: a sum's last ones depend on the order of rows."""
    if isinstance(value, dict):
        return {_named(str(key)): _shown(one) for key, one in value.items()}
    return float(f"{value:.9g}") if isinstance(value, float) else value


def removals(statement: Statement, project: Project) -> Iterator[tuple[str, str]]:
    """The text after each exact fix that sqlopt offers, with the rule that offers it."""
    for finding in project.check(statement.sql).findings:
        if finding.fix is not None and finding.fix.safety is Safety.EXACT:
            yield finding.rule, finding.fix.apply(statement.sql)


def faults(
    statement: Statement, project: Project, engines: Sequence[Engine]
) -> Iterator[tuple[str, str, str]]:
    """Judge each exact fix in each database: its rule, what it breaks or nothing, and the text after it.

    A statement that no engine runs gives none.
    """
    found: list[tuple[Engine, list[Counter]]] | None = None
    for rule, after in removals(statement, project):
        if found is None:
            found = list(results(statement, engines))
        if found:
            fault = next(filter(None, (broken(statement, after, *one) for one in found)), "")
            yield rule, fault, after


def results(statement: Statement, engines: Sequence[Engine]) -> Iterator[tuple[Engine, list[Counter]]]:
    """What a statement gives in each database in which it runs."""
    for engine in engines:
        with suppress(*engine.errors):
            yield engine, engine.run(statement.sql, tuple(statement.written))


def broken(statement: Statement, after: str, engine: Engine, before: list[Counter]) -> str:
    """Say what a changed text breaks, given what the statement gave ``before``; nothing if all is as it was."""
    try:
        rows = engine.run(after, tuple(statement.written))
    except engine.limits:
        return ""
    except engine.errors as error:
        return str(error).splitlines()[0]
    return "other rows" if statement.certain and rows != before else ""
