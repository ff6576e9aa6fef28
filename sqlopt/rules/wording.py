"""How new SQL is worded: beside comments, in the case of the text around it, with names that are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.query import Query


def has_comment(text: str) -> bool:
    """Whether a comment, or what may be one in some dialect, stands in a text."""
    return "--" in text or "/*" in text or "#" in text or any(mark in text for mark in ("{%", "{{", "{#"))


def like(word: str, other: str) -> str:
    """Return a keyword in the case of another text."""
    return word.lower() if other.islower() else word


def fresh(query: Query, name: str) -> str:
    """Return ``name``, with a number where that is needed for one that the statement does not use."""
    number = 1
    while True:
        found = name if number == 1 else f"{name}_{number}"
        if found not in query.source.casefold():
            return found
        number += 1
