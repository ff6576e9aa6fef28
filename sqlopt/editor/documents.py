"""Open documents: their text, their version, and positions as the client counts them.

A client counts lines by line feeds and carriage returns alone, and columns in the units that were agreed on; sqlopt
counts code points of the whole text. `Places` translates.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from sqlopt.span import Span, changed_middle

if TYPE_CHECKING:
    from collections.abc import Sequence

_BREAK = re.compile(r"\r\n|\n|\r")
_LANGUAGES = {"python": ".py", "jupyter": ".ipynb"}
_WIDE = 0xFFFF
"""Code points above take two units of UTF-16."""


class Places:
    """The lines of one text; ``encoding`` is the unit of columns: utf-8, utf-16 or utf-32."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self._encoding = encoding
        self._plain = encoding == "utf-32" or text.isascii()
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def position(self, offset: int) -> types.Position:
        """Return where a code point stands; one beyond the text is taken as its end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        return types.Position(line, self._units(self.text[start:offset]))

    def range(self, span: Span) -> types.Range:
        """Return the range of a span."""
        return types.Range(self.position(span.start), self.position(span.end))

    def offset(self, position: types.Position) -> int:
        """Return the code point at a position; a column beyond the line is taken as its end, a line as the text's."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self.line_end(position.line)
        if self._plain:
            return min(start + position.character, end)
        units = 0
        for offset in range(start, end):
            units += self._units(self.text[offset])
            if units > position.character:
                return offset
        return end

    def span(self, wanted: types.Range) -> Span:
        """Return the span of a range; one that ends before it starts is empty."""
        start = self.offset(wanted.start)
        return Span(start, max(start, self.offset(wanted.end)))

    def line_start(self, line: int) -> int:
        """Return where a line (0-based) starts."""
        return self._starts[line]

    def line_end(self, line: int) -> int:
        """Return where a line ends, without its break."""
        if line + 1 >= len(self._starts):
            return len(self.text)
        end = self._starts[line + 1]
        return end - 2 if self.text.startswith("\r\n", end - 2) else end - 1

    def line(self, offset: int) -> int:
        """Return the line (0-based) of an offset."""
        return bisect_right(self._starts, offset) - 1

    def units(self, text: str) -> int:
        """Return how long a text is in the client's units."""
        return self._units(text)

    def _units(self, text: str) -> int:
        if self._plain:
            return len(text)
        if self._encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(ord(one) > _WIDE for one in text)


@dataclass(frozen=True)
class Document:
    """One state of an open document; ``path`` is a file's, or ``<untitled>`` with the ending of its language."""

    uri: str
    path: str
    language: str
    version: int
    text: str
    encoding: str

    @cached_property
    def places(self) -> Places:
        """The lines of the text."""
        return Places(self.text, self.encoding)

    def changed(
        self, changes: Sequence[types.TextDocumentContentChangeEvent], version: int | None
    ) -> Document:
        """Return the document after changes, each made to what the one before it left."""
        text = self.text
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                places = self.places if text is self.text else Places(text, self.encoding)
                span = places.span(change.range)
                text = text[: span.start] + change.text + text[span.end :]
            else:
                text = change.text
        return Document(
            self.uri,
            self.path,
            self.language,
            self.version + 1 if version is None else version,
            text,
            self.encoding,
        )


def path_of(uri: str, language: str = "") -> str:
    """Return the path of a document; ``<untitled>`` for one that is no file."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return path or f"<untitled>{_LANGUAGES.get(language, '')}"


@dataclass(frozen=True, slots=True)
class Moved:
    """Carries places of one text over to another that differs from it in one stretch."""

    start: int
    end: int
    before: int
    after: int

    @classmethod
    def between(cls, before: str, after: str) -> Moved:
        """Return what carries places of ``before`` to ``after``."""
        start, end = changed_middle(before, after)
        return cls(start, end, len(before), len(after))

    def span(self, span: Span) -> Span | None:
        """Return where a span of the first text stands in the second; None where its text changed."""
        if span.end <= self.start:
            return span
        if span.start >= self.before - self.end:
            shift = self.after - self.before
            return Span(span.start + shift, span.end + shift)
        return None

    def back(self) -> Moved:
        """Return what carries places of the second text to the first."""
        return Moved(self.start, self.end, self.after, self.before)
