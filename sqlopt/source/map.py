"""From rendered SQL back to the text that the person wrote.

A `Script` is SQL to be analysed; its `SourceMap` says, for every range of it, where that text comes from and
how well that is known. Plain files have the identity; templates, strings in Python and notebook cells have one
segment for each stretch of text that was taken over, and others for what was computed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import IntEnum

from sqlopt.span import Span


class Quality(IntEnum):
    """How well a place is known, best first."""

    EXACT = 0
    """The text stands there character by character: it may be edited."""
    EXPRESSION = 1
    """It is the value of the expression that stands there."""
    MACRO = 2
    """It came out of the macro that is called there."""
    APPROXIMATE = 3
    """It came from about there."""
    FILE = 4
    """It came from somewhere in the file."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The rendered range ``start:end`` came from ``span`` of the script's file.

    ``inner`` is the (file, span) of the macro's own text, where that is known.
    """

    start: int
    end: int
    span: Span
    quality: Quality = Quality.EXACT
    inner: tuple[str, Span] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rendered range stands in the file; ``inner`` as in `Segment`."""

    span: Span
    quality: Quality
    inner: tuple[str, Span] | None = None


class SourceMap:
    """Segments in order of their rendered place, which leave no gap.

    Without segments it is the identity. ``size`` is the file's length, for what is known only as being in it.
    """

    def __init__(self, segments: tuple[Segment, ...] = (), size: int = 0) -> None:
        self.segments = segments
        self.size = size
        self._starts = [one.start for one in segments]

    @property
    def is_identity(self) -> bool:
        """Whether the rendered text is the file's text."""
        return not self.segments

    def place(self, span: Span) -> Place:
        """Return where the rendered ``span`` stands: the hull of all it touches, as good as the worst of it."""
        if not self.segments:
            return Place(span, Quality.EXACT)
        touched = self._touched(span)
        if not touched:
            return Place(Span(0, self.size), Quality.FILE)
        places = [_cut(one, span) for one in touched]
        whole = places[0]
        for one in places[1:]:
            whole = whole.hull(one)
        quality = max(one.quality for one in touched)
        if quality is Quality.EXACT and whole.end - whole.start != span.end - span.start:
            quality = Quality.APPROXIMATE  # something between the pieces left no text behind
        return Place(whole, quality, next((one.inner for one in touched if one.inner), None))

    def exact(self, span: Span) -> bool:
        """Whether the rendered ``span`` stands in the file character by character."""
        return self.place(span).quality is Quality.EXACT

    def _touched(self, span: Span) -> list[Segment]:
        first = max(bisect_right(self._starts, span.start) - 1, 0)
        found = []
        for one in self.segments[first:]:
            if one.start >= span.end and not (one.start == span.start == span.end):
                break
            if (
                one.end > span.start
                or one.start == one.end == span.start
                or span.start == span.end == one.end
            ):
                found.append(one)
        return found


def _cut(one: Segment, span: Span) -> Span:
    if one.quality is not Quality.EXACT:
        return one.span
    shift = one.span.start - one.start
    return Span(max(one.start, span.start) + shift, min(one.end, span.end) + shift)


@dataclass(frozen=True, slots=True)
class Hole:
    """A rendered range that stands for something unknown.

    ``any_sql`` says that it may be more than one value or name, so that nothing can be said of the statement
    around it.
    """

    span: Span
    any_sql: bool


@dataclass(frozen=True, slots=True)
class Script:
    """SQL that stands in a file, rendered.

    ``name`` says what it is there (``model orders``, ``task load``, ``cell 3``), ``variant`` tells readings of
    one template apart (``incremental``). ``dialect`` is what the surroundings say of it, if they do.
    ``target`` is the table that its last query fills, where the surroundings say so, as for a dbt model.
    ``runs`` is how often it runs in a month, where a schedule says so. ``notes`` are what the reader could not
    know, as (place in the file, sentence); ``holes`` are where that stands in ``text``.
    """

    text: str
    dialect: str | None = None
    source_map: SourceMap = field(default_factory=SourceMap)
    name: str = ""
    variant: str = ""
    runs: float | None = None
    notes: tuple[tuple[Span, str], ...] = ()
    target: str = ""
    holes: tuple[Hole, ...] = ()
