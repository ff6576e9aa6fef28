"""One comment of one's own on a pull request: made once, changed when there is something else to say."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MARK = re.compile(r"<!-- sqlopt:comment(?: sha256=([0-9a-f]{64}))? -->")


@dataclass(frozen=True, slots=True)
class Notes:
    """The comments of one pull or merge request, by four calls. ``mine`` tells our own author's from others'."""

    list: Callable[[], Iterable[dict[str, Any]]]
    create: Callable[[str], dict[str, Any]]
    update: Callable[[Any, str], Any]
    delete: Callable[[Any], Any]
    mine: Callable[[dict[str, Any]], bool]


def marked(text: str) -> str:
    """Return a comment's text with the hidden mark by which it is known again, and a hash of it."""
    return f"{text.rstrip()}\n\n<!-- sqlopt:comment sha256={hashlib.sha256(text.encode()).hexdigest()} -->\n"


def put(notes: Notes, text: str, *, wanted: bool = True) -> str:
    """Leave one comment with ``text``; return ``created``, ``updated``, ``unchanged`` or ``none``.

    Without ``wanted`` none is made, but one that is there is brought up to date. Two runs at once may both
    create one: each looks again and takes its own away if an older one is there.
    """
    own = _own(notes)
    if not own:
        if not wanted:
            return "none"
        made = notes.create(marked(text))
        return _settled(notes, made)
    first, *more = own
    for one in more:
        notes.delete(one["id"])
    if _hash(first["body"]) == _hash(marked(text)):
        return "unchanged"
    notes.update(first["id"], marked(text))
    return "updated"


def _settled(notes: Notes, made: dict[str, Any]) -> str:
    own = _own(notes)
    if len(own) > 1 and own[0]["id"] != made["id"]:
        notes.delete(made["id"])
        notes.update(own[0]["id"], made["body"])
        return "updated"
    return "created"


def _own(notes: Notes) -> list[dict[str, Any]]:
    """Return our comments, the oldest first: the mark alone is not enough, since anyone may write it."""
    found = [one for one in notes.list() if _MARK.search(one.get("body") or "") and notes.mine(one)]
    return sorted(found, key=lambda one: one["id"])


def _hash(body: str) -> str | None:
    found = _MARK.search(body)
    return found[1] if found else None
