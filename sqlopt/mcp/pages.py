"""Long answers in pages: what a cursor stands for, and how much goes into one answer."""

from __future__ import annotations

import base64
import binascii
import json
import sys
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel

Item = TypeVar("Item")
Shown = TypeVar("Shown", bound="BaseModel")

PAGE: Final = 50
"""Items of a page where the client does not say."""
LARGEST_PAGE: Final = 500
BUDGET: Final = 40_000
"""Characters of JSON in a page: some 10,000 tokens, what clients take without a warning."""
_PART = BUDGET // 2
"""Characters of what stands before the items, and of one item."""
ENTRIES: Final = 200
"""Entries of one list in what stands before the items, and in one item."""
_CUTS = ((4_000, ENTRIES), (1_000, 50), (300, 10))
"""To how many characters a text and to how many entries a list is cut, the first that is enough."""
_KEPT = 16
"""Answers that are kept for their further pages."""


class CursorError(SqloptError):
    """A cursor that was not given for this call, or whose answer is no longer kept."""


@dataclass(frozen=True)
class Page(Generic[Shown]):
    """A page: what stands before the items (``head``, cut), the items shown, and how to go on."""

    head: Any
    items: list[Shown]
    next_cursor: str | None
    left_out: str | None


@dataclass(frozen=True)
class Kept:
    """A whole answer, as it was when it was made. ``name`` stands for it, ``key`` for the call that made it."""

    name: str
    key: str
    head: Any
    items: Sequence[Any]


class Pages:
    """The answers whose further pages may be asked for: a page is cut from what the first call saw."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()
        self._made = 0

    def keep(self, key: str, head: Any, items: Sequence[Any]) -> Kept:
        """Keep an answer for its further pages."""
        with self._lock:
            self._made += 1
            kept = Kept(f"{key}.{self._made}", key, head, items)
            self._kept[kept.name] = kept
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept

    def find(self, cursor: str, key: str) -> tuple[Kept, int]:
        """Return the answer that a cursor goes on with, and where. Raises `CursorError`."""
        try:
            name, _, place = base64.urlsafe_b64decode(cursor.encode()).decode("ascii").rpartition(".")
            offset = int(place)
        except (binascii.Error, ValueError) as error:
            raise CursorError("the cursor is none that was given here") from error
        with self._lock:
            kept = self._kept.get(name)
        if kept is None or not 0 <= offset <= len(kept.items):
            raise CursorError("the cursor is no longer known; call again without it")
        if kept.key != key:
            raise CursorError("the cursor belongs to another call: give the same arguments with it")
        return kept, offset

    @staticmethod
    def page(kept: Kept, start: int, limit: int, show: Callable[[Any], Shown], noun: str) -> Page[Shown]:
        """Return the page from ``start``: at most ``limit`` items and, with its head, `BUDGET` characters."""
        shown: list[Shown] = []
        size = size_of(kept.head)
        for item in kept.items[start : start + limit]:
            one = show(item)
            size += size_of(one.model_dump())
            if shown and size > BUDGET:
                break
            shown.append(one)
        end = start + len(shown)
        left = len(kept.items) - end
        if not left:
            return Page(kept.head, shown, None, None)
        cursor = base64.urlsafe_b64encode(f"{kept.name}.{end}".encode()).decode("ascii")
        words = f"{left:,} more {noun} of {len(kept.items):,}: call again with next_cursor as cursor"
        return Page(kept.head, shown, cursor, words)


def key_of(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return what stands for a tool and its arguments, but for those that page."""
    told = {name: value for name, value in arguments.items() if name not in ("cursor", "limit")}
    return sha256(json.dumps([tool, told], sort_keys=True, default=str).encode()).hexdigest()[:16]


def fitted(data: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return plain data in at most about half of `BUDGET`, and whether texts or lists had to be cut."""
    whole: dict[str, Any] = clipped(data, sys.maxsize, sys.maxsize)
    found = whole
    for text, entries in _CUTS:
        found = clipped(whole, text, entries)
        if size_of(found) <= _PART:
            break
    return found, found != whole


def head_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return what stands before the items, cut as `fitted` does; ``notes`` says so."""
    found, cut = fitted(data)
    more = ["long texts or lists of this answer are cut"] if cut else []
    return {**found, "notes": [*found.get("notes", []), *more]}


def size_of(data: Any) -> int:
    """Return the characters of plain data as JSON."""
    return len(json.dumps(data, default=str, ensure_ascii=False))


def first(items: Sequence[Any], size: int = BUDGET // 4) -> list[Any]:
    """Return as many of the first items, plain data, as fit into ``size`` characters of JSON."""
    found: list[Any] = []
    for item in items:
        one = clipped(item, *_CUTS[-1])
        size -= size_of(one)
        if size < 0 and found:
            break
        found.append(one)
    return found


def clipped(value: Any, text: int, entries: int) -> Any:
    """Return plain data with texts and lists cut to so many characters and entries; texts say what was left out."""
    if isinstance(value, str):
        more = len(value) - text
        return value if more <= 0 else f"{value[:text]}… ({more:,} characters left out)"
    if isinstance(value, dict):
        return {key: clipped(one, text, entries) for key, one in value.items()}
    if isinstance(value, list | tuple):
        found = [clipped(one, text, entries) for one in value[:entries]]
        more = len(value) - entries
        if more > 0 and all(isinstance(one, str) for one in found):
            found.append(f"… ({more:,} more left out)")
        return found
    return value
