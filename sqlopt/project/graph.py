"""The lineage graph of files and folders, read in the order in which their tables depend on each other."""

from __future__ import annotations

import gc
import os
import re
from contextlib import contextmanager, suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.source.files import decode, discover, read_bytes
from sqlopt.span import Span, line_and_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from sqlopt.lineage import Lineage
    from sqlopt.lineage.graph import LineageGraph
    from sqlopt.project.project import Project
    from sqlopt.source.map import Script

_NAME = r"([\w.$`\"\[\]#-]+)"
_MAKES = re.compile(
    r"\bCREATE\s(?:[\w\s]{0,60}?\s)?(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?" + _NAME, re.IGNORECASE
)
_READS = re.compile(r"\b(?:FROM|JOIN|USING|,)\s*" + _NAME, re.IGNORECASE)


def graph(
    project: Project,
    paths: Iterable[str | PathLike[str]],
    progress: Callable[[int, int], None] = lambda *_: None,
    *,
    cache: bool = False,
) -> LineageGraph:
    """Return the graph of all statements in ``paths``. Raises `SourceError` for a path that does not exist.

    What can't be read or parsed is among its troubles. With ``cache`` it is kept beside the configuration, and
    taken from there as long as no file, setting or catalog changes.
    """
    from sqlopt.lineage.graph import Trouble

    contents: dict[str, bytes] = {}
    troubles = []
    for path in discover(paths, project.config.skips if project.config else lambda _: False):
        contents[path], problem = read_bytes(path)
        if problem is not None:
            troubles.append(Trouble(path, 1, problem.message))
            del contents[path]
    made = _kept(project, contents, progress) if cache else _made(project, contents, progress)
    made.troubles[:0] = troubles
    return made


def _kept(project: Project, contents: dict[str, bytes], progress: Callable[[int, int], None]) -> LineageGraph:
    from sqlopt.cache import Cache
    from sqlopt.lineage.graph import LineageGraph

    digest = sha256(b"lineage 5")
    for path, data in contents.items():
        digest.update(path.encode("utf-8", "surrogatepass"))
        digest.update(project.key(project.settings(path), data, path))
    key = digest.digest()
    day = str(project.today or date.today())  # noqa: DTZ011 - the user's own day
    with Cache(project.config.root if project.config else Path.cwd(), day) as cache:
        with _collecting_by_hand(), suppress(KeyError, TypeError, ValueError, IndexError):
            return LineageGraph.from_dict(cache.get([key])[key])
        made = _made(project, contents, progress)
        cache.keep(key, made.to_dict())
    return made


def _made(project: Project, contents: dict[str, bytes], progress: Callable[[int, int], None]) -> LineageGraph:
    from sqlopt.lineage.graph import LineageGraph, Trouble
    from sqlopt.lineage.script import Overlay, trace
    from sqlopt.project.embedded import catalog_of, dialect_of, read

    made = LineageGraph()
    texts: dict[str, str] = {}
    for path, data in contents.items():
        text, problem = decode(data)
        if problem is not None:
            made.troubles.append(Trouble(path, 1, problem.message))
        if problem is None or not problem.fatal:
            texts[path] = text
    overlays: dict[int, Overlay] = {}
    scripts = {path: read(text, path, project.settings(path).dialect) for path, text in texts.items()}
    with _collecting_by_hand() as collect:
        for done, path in enumerate(in_order(scripts)):
            loaded = project.loaded(project.settings(path))
            catalog = catalog_of(path, loaded, project)
            overlay = overlays.setdefault(id(catalog), Overlay(catalog))
            for script in scripts[path]:
                dialect = dialect_of(script, path, loaded, project)
                found = trace(script.text, dialect, overlay, today=project.today, target=script.target)
                made.add(found, path, texts[path], script)
                if script.name.startswith("task "):
                    _use_task(made, found, path, texts[path], script)
                for written in (one for statement in found.statements for one in statement.written):
                    if written.replaces and not written.temporary and written.table and written.columns:
                        overlay.define(written, also=True)
            collect(done)
            progress(done + 1, len(texts))
        for overlay in overlays.values():
            made.describe(overlay.base)
        _use_exposures(made, texts)
        made.find_cycles()
    return made


def _use_task(made: LineageGraph, found: Lineage, path: str, text: str, script: Script) -> None:
    """Add the task of a DAG that runs a script."""
    start = script.source_map.place(Span(0, len(script.text))).span.start
    refs = [edge.source for edge in found.edges if edge.source.table]
    made.use(script.name.removeprefix("task "), "task", refs, path, line_and_column(text, start)[0])


def _use_exposures(made: LineageGraph, paths: Iterable[str]) -> None:
    """Add the exposures of the dbt projects that the files belong to."""
    from sqlopt.source.readers import dbt_project

    projects = {id(one): one for one in map(dbt_project, paths) if one is not None}
    for project in projects.values():
        for one in project.exposures:
            tables = [project.relation(name) for name in one.refs]
            tables += [project.source(*names).dotted for names in one.sources]
            refs = [ref for table in tables for ref in made.all_of(table)]
            made.use(one.name, "exposure", refs, os.path.relpath(one.path), one.line)


@contextmanager
def _collecting_by_hand() -> Iterator[Callable[[int], None]]:
    """Yield what to call after each file: trees are many small objects in circles, and all go with their file.

    Left to itself, Python's collector looks at all that is kept again and again, which takes a third of the time.
    """

    def collect(done: int) -> None:
        if done % _FILES == 0:
            gc.collect(1)

    enabled = gc.isenabled()
    gc.disable()
    try:
        yield collect
    finally:
        if enabled:
            gc.enable()


_FILES = 50  # files between two collections


def in_order(scripts: dict[str, list[Script]]) -> list[str]:
    """Return the files so that one which makes a table comes before those that read it, as far as can be.

    A glance at the text is enough: an order that is wrong costs columns behind a star, no edge.
    """
    from graphlib import CycleError, TopologicalSorter

    makers: dict[str, dict[str, None]] = {}
    for path, several in scripts.items():
        for one in several:
            for name in (*_MAKES.findall(one.text), one.target):
                makers.setdefault(_tail(name), {})[path] = None
    sources: dict[str, dict[str, None]] = {path: {} for path in scripts}
    for path, several in scripts.items():
        for name in dict.fromkeys(name for one in several for name in _READS.findall(one.text)):
            sources[path].update(makers.get(_tail(name), {}))
        sources[path].pop(path, None)
    try:
        return list(TopologicalSorter(sources).static_order())
    except CycleError:
        return _around_cycles(sources)


def _around_cycles(sources: dict[str, dict[str, None]]) -> list[str]:
    """Return the files in order where some read each other: those follow one another as they were found."""
    import networkx as nx

    order: nx.DiGraph[str] = nx.DiGraph()
    order.add_nodes_from(sources)
    order.add_edges_from((maker, path) for path, makers in sources.items() for maker in makers)
    groups = nx.condensation(order)
    places = {path: place for place, path in enumerate(sources)}
    first = {group: min(places[path] for path in groups.nodes[group]["members"]) for group in groups}
    ordered = nx.lexicographical_topological_sort(groups, key=first.__getitem__)
    return [
        path for group in ordered for path in sorted(groups.nodes[group]["members"], key=places.__getitem__)
    ]


def _tail(name: str) -> str:
    return name.rsplit(".", 1)[-1].strip('`"[]').casefold()
