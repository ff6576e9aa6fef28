"""Lines and columns of a text, as each format counts them."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlopt.span import Span


class Place(NamedTuple):
    """A position: 1-based ``line`` and ``column``, the latter in code points unless said otherwise."""

    line: int
    column: int


class Lines:
    """A text whose offsets are turned into places, the line breaks being looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text
        lengths = map(len, text.split("\n"))
        self._starts = list(accumulate(map((1).__add__, lengths), initial=0))[:-1]

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset; one beyond the text is taken as its end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)

    def utf16(self, offset: int) -> Place:
        """Return the line and column of an offset, the column in UTF-16 code units."""
        return self._encoded(offset, "utf-16-le", 2)

    def utf8(self, offset: int) -> Place:
        """Return the line and column of an offset, the column in bytes of UTF-8."""
        return self._encoded(offset, "utf-8", 1)

    def _encoded(self, offset: int, encoding: str, unit: int) -> Place:
        line, column = self.place(offset)
        start = self._starts[line - 1]
        before = self.text[start : start + column - 1]
        return Place(line, len(before.encode(encoding, "surrogatepass")) // unit + 1)

    def ends(self, span: Span) -> tuple[Place, Place]:
        """Return the places of a span's start and (exclusive) end."""
        return self.place(span.start), self.place(span.end)

    def line(self, number: int) -> str:
        """Return the text of a line without its break; empty where there is none."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].removesuffix("\r")
