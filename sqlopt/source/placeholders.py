"""SQL files with ``{name}`` in them, which a program fills by `str.format` or the like before it runs them.

No dialect here has a name alone in braces: structs have colons (``{'a': 1}``, ``{a: b}``), ClickHouse's parameters
too (``{n:UInt8}``), repetitions are numbers, ODBC's escapes have something after the word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlopt.source.pieces import Piece, Pieces, composed
from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlopt.source.map import Script

_NAME = r"\{(?P<name>[A-Za-z_][\w.]*)\}"
# Text that is no SQL of the statement: a JSON string or the body of a function may well hold a word in braces.
_ASIDE = (
    r"--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|" + r'"{3}.*?"{3}|\'{3}.*?\'{3}|"(?:[^"\\\n]|\\.)*"'
)
_QUOTED = r"'(?:[^'\\]|''|\\.)*'"
_OUTSIDE = re.compile(f"{_ASIDE}|{_QUOTED}|(?<![{{$@#%]){_NAME}(?!\\}})", re.DOTALL)
_ANYWHERE = re.compile(f"{_ASIDE}|(?<![{{$@#%]){_NAME}(?!\\}})", re.DOTALL)


def found(text: str) -> bool:
    """Whether a name stands in braces outside of strings and comments."""
    return "{" in text and any(one["name"] for one in _OUTSIDE.finditer(text))


def read(text: str, path: str) -> list[Script]:
    """Return the SQL of ``text``, the file ``path``, with an unknown for each name in braces, in strings too."""
    from sqlopt.source import jinja, readers

    if not readers.is_template(text):
        return [_filled(text).script(len(text))]
    outer = jinja.read(text, path)
    return [composed(_filled(one.text).script(len(one.text)), one) for one in outer]


def _filled(text: str) -> Pieces:
    pieces: list[Piece] = []
    at = 0
    for one in _ANYWHERE.finditer(text):
        if one["name"]:
            pieces.append(Piece(text[at : one.start()], Span(at, one.start())))
            pieces += Pieces.unknown(one["name"], Span(one.start(), one.end())).pieces
            at = one.end()
    pieces.append(Piece(text[at:], Span(at, len(text))))
    return Pieces(tuple(one for one in pieces if one.text))
