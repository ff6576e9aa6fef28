"""Marks in rendered text: a character of private use that says what it is, and three that are a number.

They hold no letters and no digits, so that filters which change case, split words or read numbers leave them
as they are.
"""

from __future__ import annotations

import re
from typing import Any

from sqlopt.source.jinja.budget import ITEMS, LimitError

OPEN = "\U0010f000"
"""A stretch begins here."""
CLOSE = "\U0010f001"
"""A stretch ends here."""
HOLE = "\U0010f002"
"""Something unknown is printed here."""
_ZERO = 0x10F100
_BASE = 256
_NUMBER = "([\U0010f100-\U0010f1ff]{3})"

MARKS = re.compile(f"([{OPEN}{CLOSE}]){_NUMBER}")
"""Opening and closing marks."""
CODES = re.compile(f"({HOLE}){_NUMBER}")
"""The codes of what is unknown."""
ANY = re.compile(f"([{OPEN}{CLOSE}{HOLE}]){_NUMBER}")
"""Each of the three."""
PRIVATE = re.compile("[\U0010f000-\U0010f1ff]")
"""The characters that codes are made of; a text that holds one of its own can't be marked."""


def encode(kind: str, number: int) -> str:
    """Return the code of ``number`` (below 2**24)."""
    high, rest = divmod(number, _BASE * _BASE)
    middle, low = divmod(rest, _BASE)
    return kind + chr(_ZERO + high) + chr(_ZERO + middle) + chr(_ZERO + low)


def decode(digits: str) -> int:
    """Return the number of a code's three last characters."""
    high, middle, low = (ord(one) - _ZERO for one in digits)
    return (high * _BASE + middle) * _BASE + low


def unmark(value: Any) -> Any:
    """Return ``value`` without marks, also those in its items. Raises `LimitError` for too many of them."""
    if isinstance(value, str):
        return MARKS.sub("", value) if OPEN in value or CLOSE in value else value
    return _unmarked(value) if isinstance(value, list | tuple | dict) and _is_marked(value) else value


def measure(value: Any) -> None:
    """Raise `LimitError` if ``value`` has too many items, counted as often as they would be printed."""
    if isinstance(value, list | tuple | dict | set | frozenset):
        _is_marked(value)


def _unmarked(value: Any) -> Any:
    if isinstance(value, str):
        return MARKS.sub("", value)
    if isinstance(value, list):
        return [_unmarked(one) for one in value]
    if type(value) is tuple:
        return tuple(_unmarked(one) for one in value)
    if type(value) is dict:
        return {_unmarked(key): _unmarked(one) for key, one in value.items()}
    return value


def _is_marked(value: Any) -> bool:
    """Whether marks stand anywhere in ``value``; looks at each item as often as it is in there."""
    waiting = [value]
    seen = 0
    marked = False
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            marked = marked or OPEN in one or CLOSE in one
        elif isinstance(one, list | tuple | set | frozenset):
            seen += len(one)
            waiting.extend(one)
        elif isinstance(one, dict):
            seen += len(one)
            waiting.extend(one)
            waiting.extend(one.values())
        if seen > ITEMS:
            raise LimitError(f"a value of more than {ITEMS:,} items")
    return marked


def strip(text: str, characters: str | None = None, *, left: bool = True, right: bool = True) -> str:
    """Strip ``text`` as `str.strip` does, looking through marks and keeping them."""
    pieces = MARKS.split(text)  # text, kind, digits, text, kind, digits, ... text
    texts = range(0, len(pieces), 3)
    if left:
        for place in texts:
            pieces[place] = pieces[place].lstrip(characters)
            if pieces[place]:
                break
    if right:
        for place in reversed(texts):
            pieces[place] = pieces[place].rstrip(characters)
            if pieces[place]:
                break
    return "".join(pieces)
