"""From marked text to a source map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.source.jinja.codes import ANY, CLOSE, HOLE, OPEN, decode
from sqlopt.source.map import Hole, Quality, Segment
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.source.jinja.marking import Piece
    from sqlopt.source.jinja.unknown import Filling

Stretch = tuple[str, "list[Piece]", "Filling | None"]


def stretches(marked: str, pieces: list[Piece], fillings: list[Filling]) -> Iterator[Stretch]:
    """Yield the text between marks, with the pieces around it, and what stands for an unknown by itself.

    Raises `ValueError` when marks do not stand in pairs.
    """
    stack: list[Piece] = []
    waiting = iter(fillings)
    done = 0
    for mark in ANY.finditer(marked):
        if mark.start() > done:
            yield marked[done : mark.start()], stack, None
        done = mark.end()
        kind = mark.group(1)
        if kind == HOLE:
            filling = next(waiting)
            yield filling.text, stack, filling
        elif kind == OPEN:
            stack = [*stack, pieces[decode(mark.group(2))]]
        elif kind == CLOSE:
            if not stack or stack[-1] is not pieces[decode(mark.group(2))]:
                raise ValueError("marks that are not in pairs")
            stack = stack[:-1]
    if stack:
        raise ValueError("marks that are not in pairs")
    if done < len(marked):
        yield marked[done:], stack, None


def segments(
    marked: str, pieces: list[Piece], fillings: list[Filling], path: str, source: str
) -> tuple[tuple[Segment, ...], tuple[Hole, ...]]:
    """Return where each range of the rendered text came from in ``source``, the file ``path``.

    Raises `ValueError` when the marks do not say it.
    """
    found: list[Segment] = []
    holes: list[Hole] = []
    at = 0
    for text, around, filling in stretches(marked, pieces, fillings):
        end = at + len(text)
        if filling is not None:
            holes.append(Hole(Span(at, end), filling.any_sql))
        for one in _placed(text, at, around, path, source, known=filling is None):
            _add(found, one)
        at = end
    return tuple(found), tuple(holes)


def _add(found: list[Segment], one: Segment) -> None:
    """Add a segment, joined with the one before where both are one stretch of the file."""
    last = found[-1] if found else None
    if last is not None and last.end == one.start and last.quality is one.quality and last.inner == one.inner:
        exact = one.quality is Quality.EXACT
        if (exact and last.span.end == one.span.start) or (not exact and last.span == one.span):
            span = last.span.hull(one.span)
            found[-1] = Segment(last.start, one.end, span, one.quality, one.inner)
            return
    found.append(one)


def _placed(  # noqa: PLR0913 - a stretch, and what it is placed in
    text: str, at: int, around: list[Piece], path: str, source: str, *, known: bool
) -> Iterator[Segment]:
    own = [one for one in around if one.path == path and not one.in_macro]
    end = at + len(text)
    if not own:
        yield Segment(at, end, Span(0, len(source)), Quality.FILE)
        return
    place = own[-1]
    inmost = around[-1]
    if inmost is not place:
        yield Segment(at, end, place.span, Quality.MACRO, (inmost.path, inmost.span))
    elif place.is_text and known:
        yield from _text(text, at, place, source)
    else:
        yield Segment(at, end, place.span, Quality.EXPRESSION)


def _text(text: str, at: int, place: Piece, source: str) -> Iterator[Segment]:
    """Place a template's own text: character by character where it came through unchanged."""
    written = source[place.span.start : place.span.end]
    first = written.find(text)
    if first >= 0 and (text == written or written.find(text, first + 1) < 0):
        start = place.span.start + first
        yield Segment(at, at + len(text), Span(start, start + len(text)), Quality.EXACT)
    elif written.replace("\r\n", "\n").replace("\r", "\n") == text:
        yield from _lines(text, at, place.span.start, written)
    else:
        yield Segment(at, at + len(text), place.span, Quality.EXPRESSION)


def _lines(text: str, at: int, start: int, written: str) -> Iterator[Segment]:
    """Place lines whose ends are written differently: the ends may not be edited."""
    read = 0
    for line in text.split("\n"):
        size = len(line)
        if size:
            yield Segment(at, at + size, Span(start + read, start + read + size), Quality.EXACT)
        at += size
        read += size
        if read < len(written):
            ending = 2 if written.startswith("\r\n", read) else 1
            yield Segment(at, at + 1, Span(start + read, start + read + ending), Quality.EXPRESSION)
            at += 1
            read += ending
