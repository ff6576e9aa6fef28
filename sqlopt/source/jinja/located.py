"""Jinja's lexer with places: every token, and so every node, knows where in the template it stands.

Jinja's tokens hold line numbers alone. `Line` is such a number that also holds offsets; the parser hands it on
to the nodes it makes. Jinja reads a text whose newlines are all one character, and drops white space at ``-``
signs; both are undone here, so that offsets are those of the text as the person wrote it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Self

from jinja2.lexer import TokenStream

from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

_CRLF = re.compile("\r\n")
_RAW = tuple[int, str, str]


class Line(int):
    """A line number; its token stands at ``start:end`` of the template."""

    start: int
    end: int

    def __new__(cls, number: int, start: int, end: int) -> Self:
        """Make the line ``number`` of a token at ``start:end``."""
        made = super().__new__(cls, number)
        made.start = start
        made.end = end
        return made


class Places:
    """Where the tokens of one template stand."""

    def __init__(self, source: str) -> None:
        self._text = source.replace("\r\n", "\n").replace("\r", "\n")
        # the places, in the text of one-character newlines, of those that were two
        self._pairs = [found.start() - index for index, found in enumerate(_CRLF.finditer(source))]
        self.outputs: list[Span] = []
        self.blocks: list[Span] = []
        self._starts: list[int] = []

    def original(self, offset: int) -> int:
        """Return the offset in the template as it was written."""
        return offset + bisect_left(self._pairs, offset)

    def located(self, tokens: Iterable[_RAW]) -> Iterator[_RAW]:
        """Yield Jinja's raw tokens with a `Line` for a line number."""
        at = 0
        opened = 0
        for number, kind, value in tokens:
            start = self._text.find(value, at) if value.strip() else at
            if kind.endswith("_begin") and self._text[at:start].strip():
                raise AssertionError(f"the token {value!r} is not where it was looked for")
            at = start + len(value)
            end = start + len(value.rstrip())
            yield Line(number, self.original(start), self.original(at)), kind, value
            if kind in ("variable_begin", "block_begin"):
                opened = start
            elif kind == "variable_end":
                self.outputs.append(Span(self.original(opened), self.original(end)))
            elif kind == "block_end":
                self.blocks.append(Span(self.original(opened), self.original(end)))

    def output_at(self, offset: int) -> Span | None:
        """Return the ``{{ ... }}`` around ``offset``."""
        return _around(self.outputs, offset)

    def block_at(self, offset: int) -> Span | None:
        """Return the ``{% ... %}`` around ``offset``."""
        return _around(self.blocks, offset)


def _around(spans: list[Span], offset: int) -> Span | None:
    index = bisect_right(spans, offset, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and offset <= spans[index].end else None


def token_stream(
    environment: Environment, places: Places, source: str, name: str | None, state: Any
) -> TokenStream:
    """Return the tokens of ``source`` with their places."""
    lexer = environment.lexer
    raw = places.located(lexer.tokeniter(source, name, None, state))
    return TokenStream(lexer.wrap(raw, name, None), name, None)
