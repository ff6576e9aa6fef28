"""One call of a tool: the project it is answered from, its pages, its progress."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from anyio import from_thread

from sqlopt.errors import SqloptError
from sqlopt.mcp.pages import LARGEST_PAGE, PAGE, Page, Pages, head_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import BaseModel

    from sqlopt.catalog import Catalog
    from sqlopt.lineage.graph import LineageGraph
    from sqlopt.mcp.checking import Known
    from sqlopt.mcp.roots import Roots
    from sqlopt.project import Project

    Shown = TypeVar("Shown", bound=BaseModel)
    Open = Callable[[str | None], Project]

LONGEST: Final = 1_000_000
"""Characters of SQL that a call may bring; files may be larger."""
TEXT_PATH: Final = "<sql>"
"""What a text without a path is called."""
_SOON = 0.2
"""Seconds between two reports of progress."""


class InputError(SqloptError):
    """An argument that can't be used as it stands."""


@dataclass
class Workspace:
    """What calls share: the roots, how a project is opened (for a dialect, None for the settings'), and the pages.

    ``checked`` are the results of files, ``report`` is the last report as plain data, ``graph`` the last lineage
    with what it was made of.
    """

    roots: Roots
    open: Open
    pages: Pages = field(default_factory=Pages)
    checked: Known = field(default_factory=dict)
    report: dict[str, Any] | None = None
    graph: tuple[bytes, LineageGraph] | None = None
    _turn: Lock = field(default_factory=Lock)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other analysis runs, in a thread of a call: one that is cancelled stops waiting."""
        while not self._turn.acquire(timeout=0.1):
            from_thread.check_cancelled()
        try:
            yield
        finally:
            self._turn.release()


class Call:
    """A call of a tool. ``tell`` reports progress and raises where the client has cancelled."""

    def __init__(self, work: Workspace, key: str, tell: Callable[[float, float], None]) -> None:
        self.work = work
        self.key = key
        self._tell = tell
        self._told = time.monotonic()

    def project(self, dialect: str | None = None) -> Project:
        """Return the project as its files are now. Raises `ConfigError` for an unknown dialect."""
        from sqlopt.config import dialect_name
        from sqlopt.source import dbt

        dbt.forget()
        return self.work.open(dialect and dialect_name(dialect))

    def text(self, sql: str, name: str = "sql") -> str:
        """Return SQL that a client brought. Raises `InputError` where it is too long or empty."""
        if len(sql) > LONGEST:
            raise InputError(
                f"{name}: {len(sql):,} characters are more than {LONGEST:,}; write it to a file, and use list_findings"
            )
        if not sql.strip():
            raise InputError(f"{name}: there is no SQL in it")
        return sql

    def path(self, path: str | None) -> str:
        """Return the path that a text has, or is to have. Raises `RootsError`."""
        return TEXT_PATH if path is None else self.work.roots.named(path)

    def files(self, project: Project, paths: Sequence[str] | None) -> tuple[list[str], list[str]]:
        """Return the SQL files of paths (of the roots where none is named), and notes on what is left out.

        Raises `RootsError` for a path outside.
        """
        from sqlopt.source.files import discover

        notes: list[str] = []

        def unlisted(folder: str, error: OSError) -> None:
            notes.append(f"{folder}: the folder can't be listed: {error.strerror or error}")

        roots = self.work.roots
        wanted = [roots.path(one) for one in paths] if paths else roots.all()
        skip = project.config.skips if project.config else lambda _: False
        found, outside = roots.kept(discover(wanted, skip, unlisted))
        notes += [f"{one}: a link that leads outside the roots; left out" for one in outside]
        return found, notes

    def progress(self, done: int, total: int) -> None:
        """Report how far a call is. Raises where the client has cancelled it."""
        now = time.monotonic()
        if now - self._told >= _SOON or done == total:
            self._told = now
            self._tell(done, total)

    def page(
        self,
        paging: tuple[str | None, int | None],
        make: Callable[[], tuple[Any, Sequence[Any]]],
        show: Callable[[Any], Shown],
        noun: str,
    ) -> Page[Shown]:
        """Return a page of what ``make`` gives (head and items), or of what it gave when the cursor was made.

        ``paging`` is the client's cursor and limit. Raises `CursorError`.
        """
        cursor, limit = paging
        pages = self.work.pages
        if cursor is None:
            head, items = make()
            kept, start = pages.keep(self.key, head_of(head), items), 0
        else:
            kept, start = pages.find(cursor, self.key)
        return pages.page(kept, start, min(limit or PAGE, LARGEST_PAGE), show, noun)


def catalog_at(project: Project, path: str) -> tuple[Catalog, str]:
    """Return the catalog and the dialect that hold for a path."""
    from sqlopt.project.embedded import catalog_of

    loaded = project.loaded(project.settings(path))
    return catalog_of(path, loaded, project), loaded.dialect
