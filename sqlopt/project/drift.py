"""Which queries a change of the tables breaks or changes: a catalog as a contract.

A query is bound to the tables as they were; what it names then is held against what changed since. A removed
table or column that it names breaks it. A removed or added column behind a star, another type, values that may
now be NULL, a view's other text: these change it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.catalog.diff import Change, Kind
from sqlopt.span import Span, line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlopt.catalog import Catalog
    from sqlopt.lineage import Lineage
    from sqlopt.lineage.edge import Edge
    from sqlopt.project.project import Project
    from sqlopt.source.map import Script

_TELLING = ("definition", "row_access_policy", "masking_policy")
"""Properties whose change may give a query other rows or values."""


@dataclass(frozen=True, slots=True)
class Drifted:
    """A place that a change reaches: ``path``, 1-based ``line``; ``breaks`` if the query fails from now on."""

    path: str
    line: int
    change: Change
    breaks: bool
    why: str


def drift(project: Project, paths: Iterable[str], changes: Iterable[Change]) -> Iterator[Drifted]:
    """Yield what ``changes`` do to the queries in files, in order of files and places.

    The project's catalog is that of the tables as they were. Files that can't be read are passed over.
    """
    from sqlopt.lineage import trace
    from sqlopt.project.embedded import catalog_of, dialect_of, read
    from sqlopt.source.files import decode, read_bytes

    by_table: dict[str, list[Change]] = defaultdict(list)
    for one in changes:
        by_table[one.table.casefold()].append(one)
    for path in paths:
        data, problem = read_bytes(path)
        text, odd = decode(data)
        if problem or (odd and odd.fatal):
            continue
        loaded = project.loaded(project.settings(path))
        catalog = catalog_of(path, loaded, project)
        found: dict[tuple[int, Change], Drifted] = {}
        for script in read(text, path, project.settings(path).dialect):
            lineage = trace(
                script.text, dialect_of(script, path, loaded, project), catalog, today=project.today
            )
            for reached in _Reached(script, text, path).by(lineage, by_table, catalog):
                found.setdefault((reached.line, reached.change), reached)
        yield from sorted(found.values(), key=lambda one: (one.line, str(one.change)))


@dataclass(frozen=True, slots=True)
class _Reached:
    """What changes reach in one script of a file."""

    script: Script
    text: str
    path: str

    def _at(self, start: int, change: Change, why: str, *, breaks: bool) -> Drifted:
        place = self.script.source_map.place(Span(start, start + 1)).span
        return Drifted(self.path, line_and_column(self.text, place.start)[0], change, breaks, why)

    def by(
        self, lineage: Lineage, by_table: Mapping[str, list[Change]], catalog: Catalog
    ) -> Iterator[Drifted]:
        """Yield each place that a change of a table, or of a column, reaches."""
        for statement in lineage.statements:
            start = statement.query.statement.span.start
            for name in statement.tables_in:
                table = catalog.table(name)
                for change in by_table.get((table.name if table else name).casefold(), ()):
                    if change.column == "" and (change.kind is Kind.REMOVED or change.what in _TELLING):
                        breaks = change.kind is Kind.REMOVED
                        yield self._at(start, change, "it reads the table", breaks=breaks)
        for edge in lineage.edges:
            table = catalog.table(edge.source.table) if edge.source.table else None
            if table is None:
                continue
            is_star = _is_star(edge, self.script.text)
            for change in by_table.get(table.name.casefold(), ()):
                why = _why(change, edge, is_star=is_star)
                if why is not None:
                    start = edge.span.start if edge.span is not None else 0
                    yield self._at(start, change, why, breaks=_breaks(change, is_star=is_star))


def _is_star(edge: Edge, text: str) -> bool:
    return (
        edge.span is not None
        and "*" in text[edge.span.start : edge.span.end]
        and edge.source.column.casefold() not in (text[edge.span.start : edge.span.end].casefold())
    )


def _breaks(change: Change, *, is_star: bool) -> bool:
    return change.kind is Kind.REMOVED and not is_star


def _why(change: Change, edge: Edge, *, is_star: bool) -> str | None:
    """Return what a change of a column does where ``edge`` uses it; None if nothing that matters."""
    if not change.column:
        return None
    same = edge.source.column.split(".")[0].casefold() == change.column.casefold()
    if change.kind is Kind.ADDED:
        return "a star now gives one more column" if is_star else None
    if not same:
        return None
    if change.kind is Kind.REMOVED:
        return "a star now gives one column less" if is_star else "it names the column"
    if change.kind is Kind.RETYPED:
        return "the column has another type now"
    if change.what == "nullable" and change.after is not False:
        return "the column may hold NULL now"
    return f"its {change.what} changed" if change.what in _TELLING else None
