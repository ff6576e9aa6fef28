"""Definitions, references, highlights and renames of CTEs, aliases, columns and dbt's models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path

from sqlopt.editor.actions import workspace_edit
from sqlopt.editor.documents import Places
from sqlopt.editor.names import is_definition, name_at, same
from sqlopt.editor.refs import described_in, project_of, ref_at, refs_in
from sqlopt.errors import SqloptError
from sqlopt.source.files import read_text
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.editor.documents import Document
    from sqlopt.editor.lineage import ProjectLineage
    from sqlopt.editor.names import Name
    from sqlopt.editor.refs import Ref


class RenameError(SqloptError):
    """A name that can't be changed, or not to what was asked."""


_WORD = re.compile(r"[A-Za-z_]\w*")


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


def prepare_rename(analysis: Analysis, offset: int) -> tuple[Span, str] | None:
    """Return the name at a place that can be changed, and its present text; None where there is none."""
    ref = ref_at(analysis, offset)
    if ref is not None:
        return (ref.span, ref.name) if ref.target is not None else None
    for spot, name in _named(analysis, offset):
        place = spot.place(name.span, exact=True)
        if place is not None and name.key[0] in ("cte", "alias", "output") and spot.moved is None:
            return place, name.text
    return None


def rename(
    analysis: Analysis, offset: int, new: str, open_: Mapping[str, Document], *, versioned: bool
) -> types.WorkspaceEdit:
    """Return the edit that renames what stands at a place: within the document, or a dbt model in its project.

    ``open_`` are the open documents by URI. Raises `RenameError` where that can't be done, or changes a result.
    """
    document = analysis.document
    ref = ref_at(analysis, offset)
    if ref is not None:
        return renamed_model(analysis, ref, new, open_)
    edits = [
        types.TextEdit(document.places.range(span), text) for span, text in renamed(analysis, offset, new)
    ]
    return workspace_edit({document: edits}, versioned=versioned)


def renamed_model(
    analysis: Analysis, ref: Ref, new: str, open_: Mapping[str, Document]
) -> types.WorkspaceEdit:
    """Return the edit that renames a model's file and every ref to it. Raises `RenameError`."""
    if ref.target is None or not Path(ref.target).is_file():
        raise RenameError(f"the project has no file for {ref.name}")
    if not re.fullmatch(r"[\w-]+", new):
        raise RenameError(f"{new!r} is no model's name")
    target = Path(ref.target)
    renamed_to = target.with_name(target.name.replace(target.stem, new, 1))
    project = project_of(analysis)
    if renamed_to.exists() or (project is not None and new in project.nodes):
        raise RenameError(f"there is a model {new} already")
    by_document: dict[str, list[Any]] = {}
    encoding = analysis.document.encoding
    for uri, text, one in refs_in(analysis, ref, open_):
        by_document.setdefault(uri, []).append(types.TextEdit(Places(text, encoding).range(one.span), new))
    for path, span in described_in(project, ref.name) if project is not None else ():
        if span is None:
            raise RenameError(f"{path} speaks of {ref.name} in more ways than one; rename it there first")
        uri = from_fs_path(path) or path
        text = open_[uri].text if uri in open_ else read_text(path)
        by_document.setdefault(uri, []).append(types.TextEdit(Places(text, encoding).range(span), new))
    changes: list[Any] = [
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri, open_[uri].version if uri in open_ else None),
            edits,
        )
        for uri, edits in by_document.items()
    ]
    old_uri, new_uri = from_fs_path(str(target)), from_fs_path(str(renamed_to))
    changes.append(types.RenameFile(old_uri or "", new_uri or ""))
    return types.WorkspaceEdit(document_changes=changes)


def renamed(analysis: Analysis, offset: int, new: str) -> list[tuple[Span, str]]:
    """Return the edits, as (span, text), that rename a CTE, an alias or a column of a CTE in the document.

    The lineage of the text is compared before and after. Raises `RenameError` where the result would change.
    """
    if not _WORD.fullmatch(new) and not re.fullmatch(r'"[^"]+"|`[^`]+`|\[[^\]]+\]', new):
        raise RenameError(f"{new!r} is no name")
    edits: dict[Span, str] = {}
    for spot, name in _named(analysis, offset):
        if name.key[0] not in ("cte", "alias", "output"):
            raise RenameError(f"{name.text} is a {name.key[0]} of the warehouse; only DDL can rename it")
        if spot.moved is not None:
            raise RenameError("the statement can't be read at the moment")
        for one in same(spot.query, name):
            place = spot.place(one.span, exact=True)
            if place is None:
                raise RenameError(f"{name.text} also comes out of a template, where it can't be renamed")
            edits[place] = _replacement(one, name, new)
    if not edits:
        raise RenameError("there is no name here that can be changed")
    _compare(analysis, edits)
    return sorted(edits.items())


def _replacement(one: Name, name: Name, new: str) -> str:
    """Return the new text of one naming; a bare column keeps the name that it gives to the query's readers."""
    if one.implicit is None:
        return new
    if one.key == name.key:  # the column read is renamed, the one that is given is not
        return f"{new} AS {one.text}"
    return f"{one.text} AS {new}"


def _compare(analysis: Analysis, edits: dict[Span, str]) -> None:
    """Raise `RenameError` unless the edited text has the lineage of the present one."""
    from sqlopt.editor.analysis import read_scripts
    from sqlopt.lineage import trace

    document = analysis.document
    after = document.text
    for span, text in sorted(edits.items(), reverse=True):
        after = after[: span.start] + text + after[span.end :]
    before = [
        trace(one.script.text, one.dialect, one.catalog, today=analysis.project.today)
        for one in analysis.readings
    ]
    again = [
        trace(text, one.dialect, one.catalog, today=analysis.project.today)
        for one, text in zip(analysis.readings, read_scripts(analysis, after), strict=False)
    ]
    if [one.columns() for one in before] != [one.columns() for one in again] or any(
        len(a.errors) != len(b.errors) or len(a.edges) != len(b.edges)
        for a, b in zip(before, again, strict=False)
    ):
        raise RenameError("this would change the result of the statement, or what its columns come from")
