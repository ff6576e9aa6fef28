"""Definitions, references and highlights of CTEs, aliases, columns and dbt's models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path

from sqlopt.editor.documents import Places
from sqlopt.editor.names import is_definition, name_at, same
from sqlopt.editor.refs import ref_at, refs_in
from sqlopt.source.files import read_text
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.editor.documents import Document
    from sqlopt.editor.lineage import ProjectLineage
    from sqlopt.editor.names import Name


def definition(analysis: Analysis, offset: int, lineage: ProjectLineage | None) -> list[types.Location]:
    """Return where what stands at a place is defined, here or in another file."""
    document = analysis.document
    ref = ref_at(analysis, offset)
    if ref is not None and ref.target is not None:
        return [_start_of(ref.target)]
    found: list[Span] = []
    for spot, name in _named(analysis, offset):
        found += [
            place
            for one in same(spot.query, name)
            if is_definition(one, name.key) and (place := spot.place(one.span)) is not None
        ]
        if not found and lineage is not None:
            place_elsewhere = _elsewhere(name, lineage, document.encoding)
            if place_elsewhere is not None:
                return [place_elsewhere]
    return [types.Location(document.uri, document.places.range(one)) for one in dict.fromkeys(found)]


def _elsewhere(name: Name, lineage: ProjectLineage, encoding: str) -> types.Location | None:
    if name.key[0] not in ("table", "column"):
        return None
    table = lineage.table(str(name.key[1]))
    uri = from_fs_path(str(Path(table.path).absolute())) if table is not None and table.path else None
    if table is None or uri is None:
        return None
    places = Places(read_text(table.path), encoding)
    line = min(max(table.line - 1, 0), places.line(len(places.text)))
    start = places.line_start(line)
    return types.Location(uri, places.range(Span(start, start)))


def _start_of(path: str) -> types.Location:
    start = types.Position(0, 0)
    return types.Location(from_fs_path(path) or path, types.Range(start, start))


def references(
    analysis: Analysis, offset: int, open_: Mapping[str, Document], *, declaration: bool
) -> list[types.Location]:
    """Return where what stands at a place is named; a dbt model also in the project's other files."""
    document = analysis.document
    ref = ref_at(analysis, offset)
    if ref is not None:
        return [
            types.Location(uri, Places(text, document.encoding).range(one.span))
            for uri, text, one in refs_in(analysis, ref, open_)
        ]
    spans = [span for span, defines in occurrences(analysis, offset) if declaration or not defines]
    return [types.Location(document.uri, document.places.range(one)) for one in spans]


def highlights(analysis: Analysis, offset: int) -> list[types.DocumentHighlight]:
    """Return where what stands at a place is named in the document."""
    places = analysis.document.places
    kinds = types.DocumentHighlightKind
    return [
        types.DocumentHighlight(places.range(span), kinds.Write if defines else kinds.Read)
        for span, defines in occurrences(analysis, offset)
    ]


def occurrences(analysis: Analysis, offset: int) -> list[tuple[Span, bool]]:
    """Return (place, whether it is the definition) of each naming of what stands at a place, in order."""
    found: dict[Span, bool] = {}
    for spot, name in _named(analysis, offset):
        for one in same(spot.query, name):
            place = spot.place(one.span, exact=True)
            if place is not None:
                found[place] = found.get(place, False) or is_definition(one, name.key)
    return sorted(found.items())


def _named(analysis: Analysis, offset: int) -> Iterator[tuple[Spot, Name]]:
    for spot in analysis.spots(offset):
        name = name_at(spot)
        if name is not None:
            yield spot, name
