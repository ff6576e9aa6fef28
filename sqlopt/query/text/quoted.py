"""Statements that stand in a string: ``EXECUTE IMMEDIATE '...'`` and ``UNLOAD ('...')``."""

from __future__ import annotations

import re
from itertools import cycle

_STRING = r"('(?:[^'\\]|'')*'|\"\"\"[^\\]*?\"\"\"|\"[^\"\\]*\")"
_WHOLE = re.compile(
    rf"(?:EXECUTE\s+IMMEDIATE\s+{_STRING}\s*(?=$|;|USING\b|INTO\b)|UNLOAD\s*\(\s*{_STRING}\s*\))",
    re.IGNORECASE,
)


def quoted(text: str, start: int, end: int) -> tuple[str, int, int] | None:
    """Return the text, and the extent in it, of the SQL in the string of the statement at ``text[start:end]``.

    Positions stay: of a doubled quote one becomes a space. None where the string is put together from parts, or
    holds backslashes.
    """
    found = _WHOLE.match(text, start, end)
    if found is None:
        return None
    place = 1 if found.group(1) is not None else 2
    mark = 3 if found.group(place).startswith('"""') else 1
    first, last = found.start(place) + mark, found.end(place) - mark
    inside = text[first:last]
    if "''" in inside and mark == 1:
        halves = cycle((" '", "' "))
        inside = re.sub("''", lambda _: next(halves), inside)
        return text[:first] + inside + text[last:], first, last
    return text, first, last
