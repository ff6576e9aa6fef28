"""The project's lineage, as tools ask for it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage import Lineage
    from sqlopt.lineage.graph import LineageGraph
    from sqlopt.mcp.call import Call
    from sqlopt.project import Project
    from sqlopt.source.map import Script


def graph(call: Call, dialect: str | None, paths: list[str] | None) -> tuple[LineageGraph, list[str]]:
    """Return the lineage of paths, and notes on what is left out; the last one is kept while no file changes.

    Raises `RootsError`.
    """
    project = call.project(dialect)
    files, notes = call.files(project, paths)
    key = _key(project, files)
    if call.work.graph is None or call.work.graph[0] != key:
        call.work.graph = key, project.graph(files, call.progress)
    return call.work.graph[1], notes


def traced(project: Project, text: str, path: str) -> Iterator[tuple[Script, Lineage]]:
    """Yield the scripts in ``text``, the file ``path``, each with its lineage; of plain SQL that is the text."""
    from sqlopt.lineage import trace
    from sqlopt.project.embedded import catalog_of, dialect_of, read

    settings = project.settings(path)
    loaded = project.loaded(settings)
    catalog = catalog_of(path, loaded, project)
    for script in read(text, path, settings.dialect):
        dialect = dialect_of(script, path, loaded, project)
        yield script, trace(script.text, dialect, catalog, today=project.today, target=script.target)


def _key(project: Project, files: list[str]) -> bytes:
    """Return what stands for all that the lineage of files depends on."""
    from sqlopt.source.files import read_bytes

    digest = sha256()
    for path in files:
        digest.update(path.encode("utf-8", "surrogatepass") + b"\0")
        digest.update(project.key(project.settings(path), read_bytes(path)[0], path))
    return digest.digest()


def problems(made: LineageGraph) -> list[str]:
    """Return what is wrong with a graph, with its place."""
    return [f"{one.path}:{one.line}: {one.message}" for one in made.troubles]
