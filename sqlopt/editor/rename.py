"""Renames: of CTEs, aliases and columns in a document, of dbt's models and their columns in its project."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from sqlopt.editor.analysis import read_scripts, too_large
from sqlopt.editor.capture import capture
from sqlopt.editor.described import places as described
from sqlopt.editor.documents import Document, Places
from sqlopt.editor.names import name_at, names, same
from sqlopt.editor.refs import project_of, ref_at, refs_in
from sqlopt.errors import SqloptError
from sqlopt.query.bind.model import SourceKind
from sqlopt.query.bind.reads import Use
from sqlopt.source.files import discover, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.editor.names import Name
    from sqlopt.editor.refs import Ref
    from sqlopt.lineage import Lineage
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Source
    from sqlopt.query.bind.reads import SourceReads
    from sqlopt.source.dbt.dbt_project import DbtProject
    from sqlopt.span import Span

_NAME = re.compile(r'[A-Za-z_]\w*|"[^"]+"|`[^`]+`|\[[^\]]+\]')


_CHANGEABLE = ("cte", "alias", "output")


class RenameError(SqloptError):
    """A name that can't be changed, or not to what was asked."""


class Edits:
    """The edits of several texts, each with its URI; ``open_`` are the open documents."""

    def __init__(self, open_: Mapping[str, Document], encoding: str) -> None:
        self.open = open_
        self.encoding = encoding
        self.texts = {path: one.text for one in open_.values() if (path := to_fs_path(one.uri)) is not None}
        self._edits: dict[str, dict[Span, types.TextEdit]] = {}

    def add(self, uri: str, text: str, span: Span, new: str) -> None:
        """Add an edit, once."""
        edit = types.TextEdit(Places(text, self.encoding).range(span), new)
        self._edits.setdefault(uri, {})[span] = edit

    def result(self, *more: Any, versioned: bool = True) -> types.WorkspaceEdit:
        """Return all edits as one, then ``more`` operations."""
        if not versioned and not more:
            changes = {uri: list(edits.values()) for uri, edits in self._edits.items()}
            return types.WorkspaceEdit(changes=changes)
        documents: list[Any] = [
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(
                    uri, self.open[uri].version if uri in self.open else None
                ),
                list(edits.values()),
            )
            for uri, edits in self._edits.items()
        ]
        return types.WorkspaceEdit(document_changes=[*documents, *more])


def prepare(analysis: Analysis, offset: int) -> tuple[Span, str] | None:
    """Return the name at a place that can be changed, and its present text; None where there is none."""
    ref = ref_at(analysis, offset)
    if ref is not None:
        return (ref.span, ref.name) if ref.target is not None else None
    for spot, name in _named(analysis, offset):
        place = spot.place(name.span, exact=True)
        if place is not None and name.key[0] in _CHANGEABLE and spot.moved is None:
            return place, name.text
    return None


def rename(
    analysis: Analysis, offset: int, new: str, open_: Mapping[str, Document], *, versioned: bool
) -> types.WorkspaceEdit:
    """Return the edit that renames what stands at a place.

    A name is changed where the lineage stays the same and every other name keeps its meaning. A column that a dbt
    model gives is changed in all that reads it as well. ``open_`` are the open documents by URI. Raises `RenameError`
    where that can't be done.
    """
    document = analysis.document
    edits = Edits(open_, document.encoding)
    ref = ref_at(analysis, offset)
    if ref is not None:
        return _model(analysis, ref, new, edits)
    if not _NAME.fullmatch(new):
        raise RenameError(f"{new!r} is no name")
    own, old = _own(analysis, offset, new)
    after = _applied(document.text, own)
    taken = capture(analysis, after, own)
    if taken:
        raise RenameError(taken)
    before, again = _lineages(analysis, document.text), _lineages(analysis, after)
    for span, text in own.items():
        edits.add(document.uri, document.text, span, text)
    if not _alike(before, again, {}):
        _given(analysis, old, new, before, again)
        _readers(analysis, old, new, edits)
    return edits.result(versioned=versioned)


def _named(analysis: Analysis, offset: int) -> Iterator[tuple[Spot, Name]]:
    for spot in analysis.spots(offset):
        name = name_at(spot)
        if name is not None:
            given = name.implicit is not None and name.key[0] not in _CHANGEABLE
            yield spot, replace(name, key=name.implicit or ()) if given else name


def _own(analysis: Analysis, offset: int, new: str) -> tuple[dict[Span, str], str]:
    """Return the edits in the document itself, and the old name."""
    edits: dict[Span, str] = {}
    old = ""
    for spot, name in _named(analysis, offset):
        if name.key[0] not in _CHANGEABLE:
            raise RenameError(f"{name.text} is a {name.key[0]} of the warehouse; only DDL can rename it")
        if spot.moved is not None:
            raise RenameError("the statement can't be read at the moment")
        old = name.text
        for one in same(spot.query, name):
            place = spot.place(one.span, exact=True)
            if place is None:
                raise RenameError(f"{name.text} also comes out of a template, where it can't be renamed")
            edits[place] = _replacement(one, name, new)
    if not edits:
        raise RenameError("there is no name here that can be changed")
    return edits, old


def _replacement(one: Name, name: Name, new: str) -> str:
    """Return the new text of one naming; a bare column keeps the name that it gives to the query's readers."""
    if one.implicit is None:
        return new
    if one.key == name.key:  # the column read is renamed, the one that is given is not
        return f"{new} AS {one.text}"
    return f"{one.text} AS {new}"


def _applied(text: str, edits: dict[Span, str]) -> str:
    for span, new in sorted(edits.items(), reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text


def _lineages(analysis: Analysis, text: str) -> list[Lineage]:
    from sqlopt.lineage import trace

    return [
        trace(script, one.dialect, one.catalog, today=analysis.project.today, target=one.script.target)
        for one, script in zip(analysis.readings, read_scripts(analysis, text), strict=False)
    ]


def _alike(before: list[Lineage], again: list[Lineage], renamed: dict[str, str]) -> bool:
    """Whether the lineages are the same but for columns that are renamed, by ``table.column``."""

    def columns(one: Lineage) -> dict[str, list[str]]:
        new = renamed.get
        return {
            new(out.casefold(), out): [new(given.casefold(), given) for given in inputs]
            for out, inputs in one.columns().items()
        }

    return len(before) == len(again) and all(
        columns(one) == other.columns()
        and len(one.errors) == len(other.errors)
        and len(one.edges) == len(other.edges)
        for one, other in zip(before, again, strict=True)
    )


def _given(analysis: Analysis, old: str, new: str, before: list[Lineage], again: list[Lineage]) -> None:
    """Raise `RenameError` unless nothing has changed but the name of a column that a dbt model gives."""
    targets = {one.script.target for one in analysis.readings}
    if "" in targets or len(targets) != 1 or project_of(analysis) is None:
        raise RenameError("this would change the result of the statement, or what its columns come from")
    (target,) = targets
    if not _alike(before, again, {f"{target}.{old}".casefold(): f"{target}.{new}"}):
        raise RenameError("this would change more than the name of the column")


def _readers(analysis: Analysis, old: str, new: str, edits: Edits) -> None:
    """Add the edits of all that reads a column of the document's model."""
    project = project_of(analysis)
    target = analysis.readings[0].script.target
    if project is None:
        return
    for path in discover([project.folder]):
        uri = from_fs_path(path)
        if uri is None or not path.endswith(".sql") or Path(path) == Path(analysis.document.path):
            continue
        text = edits.texts.get(path) or read_text(path)
        if old.casefold() not in text.casefold() and "*" not in text:
            continue
        reader = too_large(Document(uri, path, "sql", -1, text, edits.encoding), analysis.project)
        _reader(reader, target, old, new, edits)
    _descriptions(project, Path(analysis.document.path).stem, old, new, edits)


def _reader(reader: Analysis, target: str, old: str, new: str, edits: Edits) -> None:
    document = reader.document
    found: dict[Span, str] = {}
    for reading in reader.readings:
        for query in reading.queries:
            if any(_is(one, target) and _unnamed(query.reads.of(one), old) for one in _tables(query)):
                raise RenameError(
                    f"{document.path} reads {target} with *, USING or as a whole; name its columns there first"
                )
            for one in _naming(query, target, old):
                place = reading.place(one.span, exact=True)
                if place is None:
                    raise RenameError(f"{document.path} names {old} in a template's own part")
                found[place] = f"{new} AS {one.text}" if one.implicit is not None else new
    if not found:
        return
    renamed = {f"{target}.{old}".casefold(): f"{target}.{new}"}
    after = _applied(document.text, found)
    if not _alike(_lineages(reader, document.text), _lineages(reader, after), renamed):
        raise RenameError(f"{document.path} would give another result")
    for span, text in found.items():
        edits.add(document.uri, document.text, span, text)


def _naming(query: Query, target: str, column: str) -> Iterator[Name]:
    """Yield each naming of a table's column in a statement."""
    for one in names(query):
        asked = one.key[0] == "column" and one.key[2] == column.casefold()
        if asked and one.source is not None and _is(one.source, target):
            yield one


def _tables(query: Query) -> Iterator[Source]:
    return (one for one in query.sources if one.kind is SourceKind.TABLE)


def _unnamed(read: SourceReads, column: str) -> bool:
    """Whether a column is, or may be, read in a way that does not name it by itself: by a star or USING."""
    return read.whole or bool(read.columns.get(column.casefold(), set()) - {Use.VALUE})


def _is(source: Source, target: str) -> bool:
    name = (source.table.name if source.table is not None else source.table_name).casefold()
    return name == target.casefold() or target.casefold().endswith(f".{name}")


def _descriptions(project: DbtProject, model: str, old: str | None, new: str, edits: Edits) -> None:
    """Add the edits of the YAML files that name a model's column, or with no ``old`` one the model."""
    for path, text, found in described(project.folder, model, old, edits.texts):
        if found is None:
            raise RenameError(f"{path} speaks of {model} and can't be read as YAML")
        for span in found:
            edits.add(from_fs_path(path) or path, text, span, new)


def _model(analysis: Analysis, ref: Ref, new: str, edits: Edits) -> types.WorkspaceEdit:
    """Return the edit that renames a model: its file, every ref to it, its descriptions."""
    if ref.target is None or not Path(ref.target).is_file():
        raise RenameError(f"the project has no file for {ref.name}")
    if not re.fullmatch(r"[\w-]+", new):
        raise RenameError(f"{new!r} is no model's name")
    target = Path(ref.target)
    moved = target.with_name(target.name.replace(target.stem, new, 1))
    project = project_of(analysis)
    if moved.exists() or (project is not None and new in project.nodes):
        raise RenameError(f"there is a model {new} already")
    for uri, text, one in refs_in(analysis, ref, edits.open):
        edits.add(uri, text, one.span, new)
    if project is not None:
        _descriptions(project, ref.name, None, new, edits)
    return edits.result(types.RenameFile(from_fs_path(str(target)) or "", from_fs_path(str(moved)) or ""))
