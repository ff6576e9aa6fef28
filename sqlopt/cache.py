"""Answers of earlier runs, kept by the content that they follow from.

A key stands for all that an answer depends on (text, settings, catalog, rules, version, day), so
nothing is ever stale; an entry of another day can never be asked for again and is thrown away. No
fault of the cache is an error: it is dropped or left alone, and ``notes`` says so.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from sqlopt.rules.finding import FileResult, Finding
from sqlopt.span import UnreadPlace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER = ".sqlopt_cache"
LARGEST = 200 * 1024 * 1024
"""Bytes above which the older half of the entries goes."""

PATIENCE = 5.0
"""Seconds to wait for another process that writes."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS results (key BLOB NOT NULL UNIQUE, day TEXT NOT NULL, value NOT NULL);
CREATE INDEX IF NOT EXISTS results_day ON results (day);
"""
_VERSION = 1
_BATCH = 200
_COMPRESSED_FROM = 2000


class Cache:
    """A SQLite file of results beside the configuration. ``day`` is part of every key's meaning."""

    def __init__(self, root: Path, day: str) -> None:
        self.folder = root / FOLDER
        self.path = self.folder / "cache.db"
        self.notes: list[str] = []
        self._day = day
        self._pending: list[tuple[bytes, str, str | bytes]] = []
        self._connection = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection | None:
        try:
            return self._connect()
        except sqlite3.OperationalError as error:  # locked, read-only, no room
            self._give_up(error)
        except (sqlite3.DatabaseError, OSError) as error:
            return self._afresh(error)
        return None

    def _connect(self) -> sqlite3.Connection:
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / ".gitignore").write_text("*\n", encoding="utf-8")
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version = {_VERSION};COMMIT;")
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _afresh(self, error: Exception) -> sqlite3.Connection | None:
        """Drop a file that is no database (any more) and start again; once."""
        try:
            self.clear()
            connection = self._connect()
        except (sqlite3.Error, OSError) as again:
            self._give_up(again)
            return None
        self.notes.append(f"{self.path}: the cache was damaged ({error}) and is built afresh")
        return connection

    def _give_up(self, error: Exception) -> None:
        self.notes.append(f"{self.path}: going on without the cache: {error}")

    def clear(self) -> None:
        """Remove the cache's files, those of an interrupted write with it."""
        for ending in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, dict[str, Any]]:
        """Return what is known of ``keys``, as `result` reads it."""
        if self._connection is None or not keys:
            return {}
        marks = ",".join("?" * len(keys))
        try:
            rows = self._connection.execute(
                f"SELECT key, value FROM results WHERE key IN ({marks})",  # noqa: S608 - question marks only
                keys,
            ).fetchall()
        except sqlite3.Error as error:
            self._drop(error)
            return {}
        found = {}
        for key, value in rows:
            try:
                found[key] = json.loads(value if isinstance(value, str) else _decompressed(value))
            except ValueError:
                continue  # a damaged entry is a missing one
        return found

    def put(self, key: bytes, result: FileResult) -> None:
        """Remember a result; it is written with the next batch, or at the end."""
        self.keep(key, _packed(result))

    def keep(self, key: bytes, data: dict[str, Any]) -> None:
        """Remember plain data, as `get` gives it back; it is written with the next batch, or at the end."""
        if self._connection is None:
            return
        text = json.dumps(data, separators=(",", ":"))
        large = len(text) > _COMPRESSED_FROM
        self._pending.append((key, self._day, _compressed(text) if large else text))
        if len(self._pending) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._connection is None or not self._pending:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", self._pending)
            self._connection.execute("DELETE FROM results WHERE day <> ?", (self._day,))
            self._connection.execute("COMMIT")
            self._pending.clear()
            self._shrink(self._connection)
        except sqlite3.Error as error:
            self._drop(error)

    def _shrink(self, connection: sqlite3.Connection) -> None:
        pages, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
        if pages * size > LARGEST:
            connection.execute(
                "DELETE FROM results WHERE rowid < (SELECT (min(rowid) + max(rowid)) / 2 FROM results)"
            )
            connection.execute("PRAGMA incremental_vacuum").fetchall()

    def _drop(self, error: sqlite3.Error) -> None:
        """Stop using the cache for this run; remove it if it is the file that is at fault."""
        connection, self._connection = self._connection, None
        self._pending.clear()
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        if isinstance(error, sqlite3.OperationalError):
            self._give_up(error)
            return
        self.notes.append(f"{self.path}: the cache was damaged ({error}) and is removed")
        with suppress(OSError):
            self.clear()

    def count(self) -> int:
        """Return the number of results that are kept."""
        if self._connection is None:
            return 0
        return int(self._connection.execute("SELECT count(*) FROM results").fetchone()[0])

    def close(self) -> None:
        """Write what is pending and close the file."""
        self._flush()
        if self._connection is not None:
            try:
                self._connection.close()
            except sqlite3.Error as error:
                self._give_up(error)
            self._connection = None


def _compressed(text: str) -> bytes:
    import zlib

    return zlib.compress(text.encode(), 1)


def _decompressed(data: bytes) -> str:
    import zlib

    try:
        return zlib.decompress(data).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _packed(result: FileResult) -> dict[str, Any]:
    return {
        "dialect": result.dialect,
        "statements": result.statements,
        "findings": [one.to_dict() for one in result.findings],
        "errors": [one.to_dict() for one in result.errors],
        "notes": list(result.notes),
        "unread": [one.to_dict() for one in result.unread],
    }


def result(data: dict[str, Any], path: str, text: str | Path) -> FileResult | None:
    """Return the result that `Cache.get` gave for the file ``path``; None if it is not one."""
    try:
        return FileResult(
            path,
            text,
            data["dialect"],
            tuple(Finding.from_dict(one) for one in data["findings"]),
            tuple(Finding.from_dict(one) for one in data["errors"]),
            data["statements"],
            cached=True,
            notes=tuple(data["notes"]),
            unread=tuple(UnreadPlace.from_dict(one) for one in data["unread"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def state(root: Path) -> tuple[bool, str]:
    """Return whether the cache below ``root`` can be used, and its path, entries and size in words."""
    path = root / FOLDER / "cache.db"
    if not path.exists():
        return True, f"{path}: none yet"
    cache = Cache(root, "")
    if cache.notes:
        return False, cache.notes[0]
    with cache:
        return True, f"{path}: {cache.count():,} results, {path.stat().st_size / 1024**2:.1f} MB"
