"""Both statements of a pair in DuckDB: translated once, run on one database after another."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from sqlopt.rewrite.prove.compare import Failed, normal
from sqlopt.rewrite.prove.pair import Pair, Unsupported
from sqlopt.rewrite.prove.translate import MACROS, line, order_keys, translate
from sqlopt.rewrite.prove.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from sqlopt.rewrite.prove.compare import Row
    from sqlopt.rewrite.prove.databases import Database
    from sqlopt.rewrite.prove.effort import Work

_PLAIN: Final[dict[str, Any]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_SEALED: Final = {
    **_PLAIN,
    "threads": 1,
    "enable_external_access": "false",
    "memory_limit": "512MB",
    "temp_directory": "",
}
"""A statement may be anybody's: it reads no files, reaches no network, and takes no memory without end."""


class Engine:
    """One in-memory DuckDB with the pair's tables. Raises `Unsupported` where a statement does not run there.

    ``files`` are the expressions that read the tables' own data, by label, instead of empty tables to be filled.
    """

    def __init__(self, pair: Pair, work: Work, files: Mapping[str, str] | None = None) -> None:
        try:
            import duckdb
        except ImportError as error:
            raise Unsupported("DuckDB is not installed: pip install duckdb") from error
        self.errors: tuple[type[Exception], ...] = (duckdb.Error, RuntimeError, OverflowError)
        self.pair = pair
        self.work = work
        self.texts = [translate(pair, query) for query in pair.queries]
        self.keys: tuple[int, ...] = ()
        """The places of what the first result is ordered by; those beyond its width are columns added to it."""
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(
            config=_SEALED if files is None else _PLAIN
        )
        self._prepare(files)
        self._filled: set[str] = set()
        self.names: list[list[str]] = []
        self.types: list[list[str]] = []
        for text, which in zip(self.texts, ("first", "second"), strict=True):
            try:
                found = self.connection.execute(f"DESCRIBE {text}").fetchall()
            except self.errors as error:
                raise Unsupported(f"the {which} statement does not run in DuckDB: {line(error)}") from error
            self.names.append([row[0] for row in found])
            self.types.append([row[1] for row in found])
        self._show_order()

    def _show_order(self) -> None:
        """Add what the first statement is ordered by to its columns, where it is none of them."""
        width = len(self.names[0])
        keys, added = order_keys(self.pair.queries[0], width)
        if added:
            text = translate(self.pair, self.pair.queries[0], added)
            try:
                if len(self.connection.execute(f"DESCRIBE {text}").fetchall()) != width + len(added):
                    return
            except self.errors:
                return
            self.texts[0] = text
        self.keys = keys

    def _prepare(self, files: Mapping[str, str] | None) -> None:
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET order_by_non_integer_literal = true")
        self.connection.execute(MACROS)
        self._inserts = {}
        for label, reading in (files or {}).items():
            self.connection.execute(f"CREATE VIEW {_quote(label)} AS SELECT * FROM {reading}")  # noqa: S608
        for key, relation in self.pair.relations.items() if files is None else ():
            columns = ", ".join(f"{_quote(one.name)} {_type(one.kind)}" for one in relation.fields)
            try:
                self.connection.execute(f"CREATE TABLE {_quote(relation.label)} ({columns})")
            except self.errors as error:
                raise Unsupported(f"table {relation.label} can't be made in DuckDB: {line(error)}") from error
            self._inserts[key] = f"INSERT INTO {_quote(relation.label)} VALUES "  # noqa: S608 - names are quoted

    def load(self, rows: Database) -> None:
        """Replace what the tables hold."""
        for key, relation in self.pair.relations.items():
            if key in self._filled:
                self.connection.execute(f"DELETE FROM {_quote(relation.label)}")  # noqa: S608
                self._filled.discard(key)
            if rows[key]:
                values = ", ".join("(" + ", ".join(_literal(one) for one in row) + ")" for row in rows[key])
                self.connection.execute(self._inserts[key] + values)
                self._filled.add(key)

    def run(self, place: int) -> list[Row]:
        """Run the first (0) or second (1) statement.

        Raises `Failed` for an error at run time, `CeilingReached` when the time is over.
        """
        watch = threading.Timer(self.work.left, self.connection.interrupt)
        watch.daemon = True
        watch.start()
        try:
            return normal(self.connection.execute(self.texts[place]).fetchall())
        except self.errors as error:
            if time.monotonic() >= self.work.deadline - 0.002:
                raise self.work.late() from error
            raise Failed(line(error)) from error
        finally:
            watch.cancel()

    def close(self) -> None:
        """Give everything back."""
        self.connection.close()


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _type(kind: Kind) -> str:
    return "INTEGER" if kind is Kind.OTHER else kind.value


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)) or type(value).__name__ == "Decimal":
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
