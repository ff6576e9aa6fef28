"""String literals of Python: their values, character by character with their places.

Python's own tree says where a literal begins and ends, and what it means; where in it each character stands it
does not say (and before 3.12 not even where an f-string's fields are). So the literal is scanned again here, and
the result counts only if it is the value that Python's tree holds.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from typing import TYPE_CHECKING

from sqlopt.source.pieces import Piece, Pieces
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_START = re.compile(r"([rRbBuUfFtT]{0,3})('''|\"\"\"|'|\")")
_ESCAPE = re.compile(
    r"\\(?:(\r\n|\r|\n)|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}]+)\}|([\\'\"abfnrtv]))"
)
_PLAIN = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_SPACE = re.compile(r"(?:\s|\\(?:\r\n|\r|\n)|#[^\r\n]*)+")


def value_of(
    node: ast.Constant | ast.JoinedStr, source: str, span: Span, field: Callable[[str, Span], Pieces]
) -> Pieces | None:
    """Return the value of the literals at ``span`` of ``source``; None where they can't be traced.

    ``field`` gives the text for a replacement field of an f-string from its expression's text and place.
    """
    found = Pieces()
    constant = ""
    at = span.start
    while at < span.end:
        space = _SPACE.match(source, at, span.end)
        if space:
            at = space.end()
            continue
        start = _START.match(source, at, span.end)
        if start is None:
            if source[at] in "()":  # literals in brackets are one value
                at += 1
                continue
            return None
        prefix, quote = start.group(1).lower(), start.group(2)
        if "b" in prefix or "t" in prefix:
            return None
        scanner = _Scanner(source, Span(start.end(), span.end), quote, field if "f" in prefix else None)
        scanner.raw = "r" in prefix
        pieces = scanner.pieces()
        if pieces is None:
            return None
        found += pieces
        constant += scanner.constant
        at = scanner.end
    return found if constant == _meant(node) else None


def _meant(node: ast.Constant | ast.JoinedStr) -> str:
    """Return the text of a literal as Python's tree holds it, without the fields of an f-string."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(str(one.value) for one in node.values if isinstance(one, ast.Constant))


class _Scanner:
    """Scans one literal from behind its opening quote."""

    def __init__(
        self, source: str, place: Span, quote: str, field: Callable[[str, Span], Pieces] | None
    ) -> None:
        self._source = source
        self._limit = place.end
        self._quote = quote
        self.raw = False
        self._field = field
        self.end = place.start
        self.constant = ""
        """The text without what fields give."""

    def pieces(self) -> Pieces | None:
        """Return the literal's value; None if it does not end."""
        found: list[Piece] = []
        for one in self._scanned():
            if one is None:
                return None
            found += one.pieces
        return Pieces(tuple(found))

    def _text(self, pieces: Pieces) -> Pieces:
        self.constant += pieces.text
        return pieces

    def _scanned(self) -> Iterator[Pieces | None]:
        source = self._source
        at = begun = self.end
        while True:
            if at >= self._limit:
                yield None
                return
            character = source[at]
            special = None
            after = at + 1
            if source.startswith(self._quote, at):
                yield self._text(_exact(source, begun, at))
                self.end = at + len(self._quote)
                return
            if character == "\\":
                special, after = self._escape(at)
            elif character == "\r":
                after = at + 2 if source.startswith("\r\n", at) else at + 1
                special = Pieces.computed("\n", Span(at, after))
            elif self._field is not None and character in "{}":
                special, after = self._brace(at)
            if special is not None:
                yield self._text(_exact(source, begun, at))
                yield special if self._is_field(at, after) else self._text(special)
                begun = after
            at = after

    def _escape(self, at: int) -> tuple[Pieces | None, int]:
        """Return what an escape means, and its end; None for characters that mean themselves."""
        if self.raw:
            return None, at + 2
        found = _ESCAPE.match(self._source, at)
        if found is None:
            return None, at + 1
        newline, octal, two, four, eight, name, plain = found.groups()
        span = Span(at, found.end())
        if newline:
            return Pieces(), found.end()
        if name:
            try:
                return Pieces.computed(unicodedata.lookup(name), span), found.end()
            except KeyError:
                return None, found.end()
        digits = two or four or eight
        character = _PLAIN[plain] if plain else chr(int(octal, 8) if octal else int(digits, 16) % 0x110000)
        return Pieces.computed(character, span), found.end()

    def _is_field(self, at: int, after: int) -> bool:
        return self._field is not None and self._source[at] == "{" and after - at > 2  # noqa: PLR2004 - not {{

    def _brace(self, at: int) -> tuple[Pieces | None, int]:
        source = self._source
        if source[at : at + 2] in ("{{", "}}"):
            return Pieces.computed(source[at], Span(at, at + 2)), at + 2
        end = _field_end(source, at, self._limit, self._quote)
        if end is None or self._field is None:
            return None, self._limit  # unbalanced: the literal does not end
        return self._field(_expression(source[at + 1 : end - 1]), Span(at, end)), end


def _exact(source: str, start: int, end: int) -> Pieces:
    return Pieces((Piece(source[start:end], Span(start, end)),)) if end > start else Pieces()


def _field_end(source: str, at: int, limit: int, quote: str) -> int | None:
    """Return the end of the replacement field that opens at ``at``: brackets and strings inside it are passed over."""
    depth = 0
    while at < limit:
        character = source[at]
        if character in "{[(":
            depth += 1
        elif character in "}])":
            depth -= 1
            if depth == 0:
                return at + 1
        elif character in "'\"":
            start = _START.match(source, at)
            inner = start.group(2) if start else character
            if inner == quote and len(quote) == 1 and source.find(quote, at + 1, limit) < 0:
                return None
            end = source.find(inner, at + len(inner), limit)
            if end < 0:
                return None
            at = end + len(inner) - 1
        at += 1
    return None


def _expression(field: str) -> str:
    """Return the expression of a field, without its conversion and format."""
    depth = 0
    for index, character in enumerate(field):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0 and (character == ":" or (character == "!" and field[index + 1 : index + 2] != "=")):
            return field[:index].strip()
    return field.strip().rstrip("=")
