"""Text put together of stretches that stand in a file: string literals, lines of cells, templates in strings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlopt.source.map import Hole, Quality, Script, Segment, SourceMap
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Piece:
    """``text`` that came from ``span`` of the file; ``hole`` is the name of what is unknown there, if it is."""

    text: str
    span: Span
    exact: bool = True
    hole: str = ""
    called: bool = False

    def cut(self, start: int, end: int) -> Piece:
        """Return the part ``start:end`` of the text."""
        if not self.exact:
            return replace(self, text=self.text[start:end])
        return replace(
            self, text=self.text[start:end], span=Span(self.span.start + start, self.span.start + end)
        )


_HOLE = "\U0010f002"
"""Stands for an unknown in a text of pieces, until it is known what fits there."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text and where each part of it stands."""

    pieces: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        """The text, with one private character for each unknown."""
        return "".join(one.text for one in self.pieces)

    def __add__(self, other: Pieces) -> Pieces:
        return Pieces(self.pieces + other.pieces)

    def __getitem__(self, part: slice) -> Pieces:
        start, end, _ = part.indices(len(self.text))
        found = []
        at = 0
        for one in self.pieces:
            size = len(one.text)
            first, last = max(start - at, 0), min(end - at, size)
            if first < last:
                found.append(one.cut(first, last))
            at += size
        return Pieces(tuple(found))

    @classmethod
    def unknown(cls, name: str, span: Span, *, called: bool = False) -> Pieces:
        """Return something that is not known, at ``span``."""
        return cls((Piece(_HOLE, span, exact=False, hole=name or "value", called=called),))

    @classmethod
    def computed(cls, text: str, span: Span) -> Pieces:
        """Return text that the expression at ``span`` gives."""
        return cls((Piece(text, span, exact=False),)) if text else cls()

    def at(self, span: Span) -> Pieces:
        """Return the same text as what the expression at ``span`` gives."""
        return Pieces(tuple(replace(one, span=span, exact=False) for one in self.pieces))

    def strip(self, characters: str | None = None, *, left: bool = True, right: bool = True) -> Pieces:
        """Strip as `str.strip` does."""
        text = self.text
        start = len(text) - len(text.lstrip(characters)) if left else 0
        end = len(text.rstrip(characters)) if right else len(text)
        return self[start : max(end, start)]

    def replaced(self, parts: Iterable[tuple[int, int, Pieces]]) -> Pieces:
        """Return the text with each ``start:end`` (in order, apart) replaced."""
        found = Pieces()
        at = 0
        for start, end, new in parts:
            found = found + self[at:start] + new
            at = end
        return found + self[at : len(self.text)]

    def dedent(self) -> Pieces:
        """Return the text as `textwrap.dedent` gives it."""
        import textwrap

        lines = self.text.splitlines(keepends=True)
        wanted = textwrap.dedent(self.text).splitlines(keepends=True)
        if len(lines) != len(wanted):
            return self
        found = Pieces()
        at = 0
        for line, short in zip(lines, wanted, strict=True):
            body = line.rstrip("\n")
            kept = short.rstrip("\n")
            start = at + len(body) - len(kept)
            found = found + self[start : at + len(body)] + self[at + len(body) : at + len(line)]
            at += len(line)
        return found

    def script(self, size: int, **more: Any) -> Script:
        """Return the text as a script of a file of ``size`` characters; unknowns become what fits there."""
        texts, holes, notes = self._filled()
        segments: list[Segment] = []
        at = 0
        for one, text in zip(self.pieces, texts, strict=True):
            end = at + len(text)
            quality = Quality.EXACT if one.exact else Quality.EXPRESSION
            last = segments[-1] if segments else None
            joins = last is not None and last.quality is quality is Quality.EXACT
            if joins and last is not None and last.span.end == one.span.start:
                segments[-1] = Segment(last.start, end, Span(last.span.start, one.span.end), quality)
            elif text:
                segments.append(Segment(at, end, one.span, quality))
            at = end
        whole = tuple(segments) or (Segment(0, 0, Span(0, size), Quality.FILE),)
        return Script("".join(texts), source_map=SourceMap(whole, size), holes=holes, notes=notes, **more)

    def _filled(self) -> tuple[list[str], tuple[Hole, ...], tuple[tuple[Span, str], ...]]:
        """Return each piece's final text, the holes, and a note for each unknown name."""
        if not any(one.hole for one in self.pieces):
            return [one.text for one in self.pieces], (), ()
        from sqlopt.source.jinja.codes import CODES
        from sqlopt.source.jinja.unknown import Unknowns, filled

        unknowns = Unknowns()
        coded = [unknowns.code(one.hole, called=one.called) if one.hole else one.text for one in self.pieces]
        fillings = iter(filled("".join(coded), unknowns.names))
        texts: list[str] = []
        holes: list[Hole] = []
        notes: dict[str, tuple[Span, str]] = {}
        at = 0
        for one, code in zip(self.pieces, coded, strict=True):
            text = one.text
            if one.hole and CODES.fullmatch(code):
                filling = next(fillings)
                text = filling.text
                holes.append(Hole(Span(at, at + len(text)), filling.any_sql))
                silent = ", and nothing is said of the statement around it" if filling.any_sql else ""
                notes.setdefault(
                    one.hole, (one.span, f"what {one.hole} stands for is not known here{silent}")
                )
            texts.append(text)
            at += len(text)
        return texts, tuple(holes), tuple(notes.values())


def composed(script: Script, outer: Script) -> Script:
    """Return ``script``, which was read out of ``outer``'s text, placed in the file of ``outer``."""
    places = outer.source_map
    segments = []
    for one in script.source_map.segments or (
        Segment(0, len(script.text), Span(0, len(script.text)), Quality.EXACT),
    ):
        segments += _cut(one, places) if one.quality is Quality.EXACT else [_moved(one, places)]
    notes = tuple((places.place(span).span, note) for span, note in script.notes)
    return replace(
        script,
        source_map=SourceMap(tuple(segments), places.size),
        notes=notes,
        holes=script.holes + _carried(outer, script),
    )


def _moved(one: Segment, places: SourceMap) -> Segment:
    place = places.place(one.span)
    return Segment(
        one.start, one.end, place.span, max(one.quality, place.quality, Quality.EXPRESSION), one.inner
    )


def _cut(one: Segment, places: SourceMap) -> list[Segment]:
    """Split an exact segment where the text that it was taken from changes its place."""
    if places.is_identity:
        return [one]
    shift = one.start - one.span.start
    found = []
    for other in places.segments:
        start, end = max(other.start, one.span.start), min(other.end, one.span.end)
        if start < end:
            place = places.place(Span(start, end))
            found.append(Segment(start + shift, end + shift, place.span, place.quality, place.inner))
    return found


def _carried(outer: Script, script: Script) -> tuple[Hole, ...]:
    """Return the holes of the outer text that stand in the inner one."""
    found = []
    for hole in outer.holes:
        for one in script.source_map.segments:
            exact = one.quality is Quality.EXACT
            if exact and one.span.start <= hole.span.start and hole.span.end <= one.span.end:
                shift = one.start - one.span.start
                found.append(Hole(Span(hole.span.start + shift, hole.span.end + shift), hole.any_sql))
    return tuple(found)


def lines_of(text: str) -> list[tuple[int, str]]:
    """Return each line with its offset, ends kept; a line ends where Python says it does."""
    import re

    found = []
    at = 0
    for end in re.finditer(r"\r\n|\r|\n", text):
        found.append((at, text[at : end.end()]))
        at = end.end()
    if at < len(text):
        found.append((at, text[at:]))
    return found
