"""The projects behind open documents: one for each configuration, and what is wrong with a configuration."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.config import FILES
from sqlopt.errors import SqloptError
from sqlopt.project import Project
from sqlopt.source.files import PROGRAMS
from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlopt.editor.documents import Document

_PLACE = re.compile(r"at line (\d+), column (\d+)")
_QUOTED = re.compile(r"'([^']+)'")
_SQL = re.compile(r"sql|bigquery|databricks|snowflake|duckdb")
_ENDINGS = (
    ".sql",
    ".hql",
    ".ddl",
    ".pgsql",
    ".psql",
    ".bq",
    ".sql.j2",
    ".sql.jinja",
    ".sql.jinja2",
    *PROGRAMS,
)

WATCHED = (
    *(f"**/{name}" for name in FILES),
    "**/*.{sql,yml,yaml}",
    "**/{catalog,manifest,sqlopt-baseline}.json",
)
"""The files whose change may change the answers for open documents."""


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a file that decides the answers for others: a configuration, a catalog, a baseline."""

    path: str
    span: Span
    message: str


class Projects:
    """The project of each folder. A configuration that can't be used gives a `Trouble`, and defaults.

    It is used in the worker alone; others may set ``changed``, and read ``troubles``.
    """

    def __init__(self) -> None:
        self._by_folder: dict[str, Project] = {}
        self._by_origin: dict[str, Project] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self.troubles: dict[str, Trouble] = {}
        self.changed = False

    def outdated(self) -> bool:
        """Whether a file that was read for a project is no longer as it was, or the client has said so."""
        return self.changed or any(_stamp(path) != stamp for path, stamp in self._stamps.items())

    def skips(self, project: Project, document: Document) -> bool:
        """Whether the configuration leaves a document out."""
        return project.config is not None and project.config.skips(document.path)

    def forget(self) -> None:
        """Read everything again: a configuration, a catalog or a dbt project has changed."""
        from sqlopt.source import dbt

        self.changed = False
        self._by_folder.clear()
        self._by_origin.clear()
        self.troubles.clear()
        self._stamps.clear()
        dbt.forget()

    def of(self, path: str) -> Project:
        """Return the project of a file. Raises nothing: what is wrong goes to ``troubles``."""
        folder = _folder(path)
        if folder not in self._by_folder:
            self._by_folder[folder] = self._open(folder, path)
        return self._by_folder[folder]

    def _open(self, folder: str, path: str) -> Project:
        try:
            found = Project.from_config(folder)
            layer = found.configuration
            found = self._by_origin.setdefault(layer.origin if layer else folder, found)
            settings = found.settings(path)
            named = (layer.origin if layer else None, settings.catalog, found.baseline)
            self._remember(*(one for one in named if one is not None))
            loaded = found.loaded(settings)
        except SqloptError as error:
            self._note(str(error), folder)
            return self.plain(path)
        if loaded.problem:
            self._note(loaded.problem, folder)
        return found

    def plain(self, path: str) -> Project:
        """Return a project of defaults, with the catalog near the file if that can be read."""
        folder = _folder(path)
        try:
            found = Project.from_config(folder, file=os.devnull)
            found.loaded(found.settings(path))
        except SqloptError as error:
            self._note(str(error), folder)
            return Project(select=("DEFAULT",))
        return found

    def _note(self, message: str, folder: str) -> None:
        found = trouble(message, folder)
        self._remember(found.path)
        self.troubles.setdefault(found.path, found)

    def wrong(self, message: str, path: str) -> None:
        """Note what else went wrong for a file, such as a baseline that can't be read."""
        self._note(message, _folder(path))

    def _remember(self, *paths: str) -> None:
        self._stamps.update({path: _stamp(path) for path in paths})


def _folder(path: str) -> str:
    return str(Path.cwd() if path.startswith("<") else Path(path).absolute().parent)


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - as quick as can be: it is asked at every change
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def trouble(message: str, folder: str) -> Trouble:
    """Return the place that an error's message speaks of: a file that it names, else the nearest configuration."""
    named = re.match(r"(.+?\.(?:toml|ya?ml|json|py))\b", message)
    path = named[1] if named and Path(named[1]).is_file() else _nearest(folder)
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return Trouble(path, Span(0, 0), message)
    return Trouble(path, _where(message.removeprefix(path), text), message)


def _nearest(folder: str) -> str:
    for above in (Path(folder), *Path(folder).parents):
        for name in FILES:
            if (above / name).is_file():
                return str(above / name)
    return str(Path(folder) / FILES[0])


def _where(message: str, text: str) -> Span:
    place = _PLACE.search(message)
    if place:
        lines = text.splitlines(keepends=True)[: int(place[1]) - 1]
        start = min(sum(map(len, lines)) + int(place[2]) - 1, len(text))
        return Span(start, min(start + 1, len(text)))
    for word in _QUOTED.findall(message):
        start = text.find(word)
        if start >= 0:
            return Span(start, start + len(word))
    end = text.find("\n")
    return Span(0, len(text) if end < 0 else end)


def is_ours(document: Document) -> bool:
    """Whether a document holds SQL as far as its name or language says."""
    if Path(document.path).name.casefold().endswith(_ENDINGS):
        return True
    return bool(_SQL.search(document.language))
