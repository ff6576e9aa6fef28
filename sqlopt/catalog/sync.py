"""A catalog file filled from a warehouse: only what changed is read, and a killed run goes on where it was.

Tables are written to a small database beside the file as they come, a batch a transaction; the file is put
together from it at the end, in one step. Only names and stamps of all tables are held in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlopt.catalog.file import render_head, render_table, stream, write
from sqlopt.catalog.model import Catalog
from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from sqlopt.catalog.model import Table

Progress = Callable[[str, int, int], None]
"""Called with the name of a table, the number done, and the number of all."""

BATCH: Final = 200
"""Tables that a warehouse is asked for at once, and that a killed run loses at most."""

_FORM: Final = "1"
"""Part of every stamp: another number has everything read again, after readers have learnt more."""

_STATE: Final = """
CREATE TABLE IF NOT EXISTS done (
    name TEXT PRIMARY KEY, stamp TEXT, columns INTEGER, rows INTEGER, bytes INTEGER, text TEXT
)
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A table that a warehouse has.

    ``name`` is dotted; ``state`` is any text that changes whenever the table's facts do, None where there is
    none; ``key`` is what its reader finds it by.
    """

    name: str
    state: str | None
    key: Any = None


class Reader(Protocol):
    """A warehouse that a catalog is filled from.

    ``source`` names the place without credentials; ``warnings`` grows while it is read. Both methods raise
    `CatalogError`, with the right that is missing and the statement that grants it.
    """

    source: str
    dialect: str
    default_database: str | None
    default_schema: str | None
    warnings: list[str]

    @property
    def rights(self) -> str:
        """The statements that grant what is needed to see tables."""

    def tables(self) -> Iterable[Listed]:
        """Yield all tables and views that can be seen."""

    def read(self, batch: Sequence[Listed]) -> Iterable[Table]:
        """Yield the tables of a batch; one that is gone in the meantime is left out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did: tables in the file, how many of them were kept unread, and their sums."""

    tables: int
    kept: int
    columns: int
    rows: int
    bytes: int
    warnings: tuple[str, ...] = ()


def sync(  # noqa: PLR0913 - one argument an option
    reader: Reader,
    path: str | Path,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    full: bool = False,
    progress: Progress = lambda *_: None,
    batch: int = BATCH,
) -> Outcome:
    """Fill the catalog file ``path`` from ``reader``; with ``full`` everything is read again.

    ``include`` and ``exclude`` are patterns on dotted names (``shop.*``), compared without case. Raises
    `CatalogError`; what was read up to then is kept beside the file for the next run.
    """
    listed = {one.name: one for one in reader.tables() if _wanted(one.name, include, exclude)}
    if not listed:
        chosen = " that --include and --exclude leave" if include or exclude else ""
        raise CatalogError(
            f"{reader.source}: there is no table{chosen}, or none that you may see; "
            f"the rights are granted by: {reader.rights}"
        )
    stamps = {name: _stamp(reader.source, one.state) for name, one in listed.items()}
    with closing(_State(Path(path))) as state:
        state.keep_only({} if full else stamps)
        if not full:
            state.take_over(path, stamps)
        kept = len(state.names())
        try:
            _read(reader, state, listed, stamps, progress, batch)
        except CatalogError as error:
            done = len(state.names())
            hint = f"; {done:,} of {len(listed):,} tables are kept, the same command goes on from there"
            raise CatalogError(f"{error}{hint if done else ''}") from None
        write(path, state.pieces(reader))
        tables, columns, rows, size = state.sums()
        state.remove()
    return Outcome(tables, kept, columns, rows, size, tuple(reader.warnings))


def chosen(catalog: Catalog, include: Sequence[str], exclude: Sequence[str]) -> Catalog:
    """Return a catalog of the tables that `sync`'s patterns leave."""
    if not include and not exclude:
        return catalog
    return Catalog(
        [table for table in catalog.tables.values() if _wanted(table.name, include, exclude)],
        catalog.dialect,
        catalog.default_database,
        catalog.default_schema,
        catalog.warnings,
    )


def _wanted(name: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    folded = name.casefold()

    def matches(patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)

    return (not include or matches(include)) and not matches(exclude)


def _stamp(source: str, state: str | None) -> str | None:
    if state is None:
        return None
    return sha256(f"{_FORM}\0{source}\0{state}".encode("utf-8", "replace")).hexdigest()[:16]


def _read(  # noqa: PLR0913, PLR0917 - the parts of `sync`
    reader: Reader,
    state: _State,
    listed: Mapping[str, Listed],
    stamps: Mapping[str, str | None],
    progress: Progress,
    size: int,
) -> None:
    from dataclasses import replace

    have = state.names()
    missing = [one for name, one in sorted(listed.items()) if name not in have]
    done = len(listed) - len(missing)
    for start in range(0, len(missing), size):
        part = missing[start : start + size]
        progress(part[0].name, done, len(listed))
        with state:
            for table in reader.read(part):
                state.add(replace(table, stamp=stamps[table.name]))
                done += 1
                progress(table.name, done, len(listed))


class _State:
    """The database beside a catalog file."""

    def __init__(self, path: Path) -> None:
        self._json = path.suffix == ".json"
        self._path = path.with_name(f".{path.name}.sync")
        try:
            self._database = self._open()
        except sqlite3.OperationalError as error:
            busy = "another sync writes it" if "locked" in str(error) else str(error)
            raise CatalogError(f"{path}: can't be written: {busy}") from None
        except (
            sqlite3.DatabaseError
        ):  # no database, or a broken one: it holds nothing that can't be read again
            self.remove()
            self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=1.0)
        try:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA cache_size = -4000")
            database.execute(_STATE)
            database.execute("PRAGMA user_version = 1")  # a write, which takes the lock and keeps it
            database.commit()
            database.execute("SELECT count(text) FROM done")
        except sqlite3.Error:
            database.close()
            raise
        return database

    def __enter__(self) -> None:
        self._database.execute("BEGIN")

    def __exit__(self, kind: object, *_: object) -> None:
        self._database.commit()  # tables are whole, also where the batch is not

    def close(self) -> None:
        """Let go of the database; what is in it stays for the next run."""
        with suppress(sqlite3.Error):
            self._database.close()

    def remove(self) -> None:
        """Take the database away."""
        with suppress(AttributeError):
            self.close()
        for path in (self._path, self._path.with_name(self._path.name + "-journal")):
            path.unlink(missing_ok=True)

    def names(self) -> set[str]:
        """Return the names of the tables that are there."""
        return {name for (name,) in self._database.execute("SELECT name FROM done")}

    def add(self, table: Table) -> None:
        """Keep a table."""
        text = render_table(table, as_json=self._json).encode("utf-8", "replace").decode()
        row = (table.name, table.stamp, len(table.columns), table.rows or 0, table.bytes or 0, text)
        self._database.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?, ?)", row)

    def keep_only(self, stamps: Mapping[str, str | None]) -> None:
        """Forget the tables that are gone or changed, or whose state has no stamp."""
        known = self._database.execute("SELECT name, stamp FROM done").fetchall()
        stale = [(name,) for name, stamp in known if stamp is None or stamps.get(name) != stamp]
        with self:
            self._database.executemany("DELETE FROM done WHERE name = ?", stale)

    def take_over(self, path: str | Path, stamps: Mapping[str, str | None]) -> None:
        """Add the tables of the file at ``path`` that did not change; one that can't be read counts for nothing."""
        have = self.names()
        with suppress(CatalogError), self:
            for table in stream(path):
                if table.stamp and stamps.get(table.name) == table.stamp and table.name not in have:
                    self.add(table)

    def sums(self) -> tuple[int, int, int, int]:
        """Return the number of tables, and the sums of their columns, rows and bytes."""
        query = "SELECT count(*), total(columns), total(rows), total(bytes) FROM done"
        tables, columns, rows, size = self._database.execute(query).fetchone()
        return tables, int(columns), int(rows), int(size)

    def pieces(self, reader: Reader) -> Iterator[str]:
        """Yield the text of the catalog file, a table at a time."""
        about = Catalog((), reader.dialect, reader.default_database, reader.default_schema)
        head = render_head(about, as_json=self._json)
        names = sorted(self.names(), key=lambda name: (name.casefold(), name))
        if not names:
            yield head + "}\n}\n" if self._json else head.replace("tables:\n", "tables: {}\n")
            return
        yield head
        for place, name in enumerate(names):
            found = self._database.execute("SELECT text FROM done WHERE name = ?", (name,)).fetchone()[0]
            yield ("," if place else "") + found if self._json else found
        if self._json:
            yield "\n }\n}\n"
