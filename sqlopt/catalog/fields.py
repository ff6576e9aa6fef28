"""What each key of a catalog file may hold: one function a kind of value, each raising `Wrong`."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any, Final

from sqlopt.catalog.model import Index, PartitionKind, Value

GRANULARITIES: Final = ("hour", "day", "month", "year")
METHODS: Final = ("art", "bloom", "brin", "btree", "gin", "gist", "hash", "hnsw", "ivfflat", "rum", "spgist")
_PAIR: Final = 2
_WORDS: Final = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


class Wrong(ValueError):  # noqa: N818 - its text is the second half of a sentence
    """A value of the wrong kind; the text says what it must be ("a whole number, 0 or more")."""


def text(given: Any) -> str:
    """Return text; a number stands for its digits."""
    if isinstance(given, str):
        return given
    if isinstance(given, int | float) and not isinstance(given, bool):
        return str(given)
    raise Wrong("text")


def typed(given: Any) -> str | None:
    """Return a type's text; the word None, which Python programs write for a missing type, is no type."""
    found = text(given)
    return None if found == "None" else found


def flag(given: Any) -> bool:
    """Return true or false; YAML 1.1's yes, no, on and off count too."""
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.lower() in _WORDS:
        return _WORDS[given.lower()]
    raise Wrong("true or false")


def whole(given: Any) -> int:
    """Return a whole number."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, float) and given.is_integer():
        return int(given)
    raise Wrong("a whole number")


def count(given: Any) -> int:
    """Return a whole number, 0 or more."""
    try:
        found = whole(given)
    except Wrong:
        found = -1
    if found < 0:
        raise Wrong("a whole number, 0 or more")
    return found


def size(given: Any) -> float:
    """Return a number, 0 or more."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < math.inf:
        raise Wrong("a number, 0 or more")
    return float(given)


def sizes(given: Any) -> dict[str, int]:
    """Return whole numbers by name, such as the bytes of columns."""
    if not isinstance(given, dict):
        raise Wrong("a mapping of columns to bytes")
    return {str(name): count(one) for name, one in given.items()}


def share(given: Any) -> float:
    """Return a share from 0 to 1."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise Wrong("a share from 0 to 1")
    return float(given)


def shares(given: Any) -> tuple[tuple[Value, float], ...]:
    """Return pairs of a value and its share of all rows."""
    if not isinstance(given, list | tuple) or not all(
        isinstance(one, list | tuple) and len(one) == _PAIR for one in given
    ):
        raise Wrong("a list of pairs of a value and its share")
    return tuple((value(one), share(part)) for one, part in given)


def values(given: Any) -> tuple[Value, ...]:
    """Return a list of values."""
    if not isinstance(given, list | tuple):
        raise Wrong("a list of values")
    return tuple(value(one) for one in given)


def value(given: Any) -> Value:
    """Return a number, text, boolean, date or timestamp."""
    if isinstance(given, float) and not math.isfinite(given):
        raise Wrong("a finite number, text, a date or a timestamp")
    if isinstance(given, int | float | str | date):
        return given
    raise Wrong("a number, text, a date or a timestamp")


def moment(given: Any) -> datetime:
    """Return a timestamp; a date is its midnight."""
    if isinstance(given, datetime):
        return given
    if isinstance(given, date):
        return datetime.combine(given, datetime.min.time())
    try:
        return datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise Wrong("a timestamp such as 2026-11-20T06:00:00Z") from None


def names(given: Any) -> tuple[str, ...]:
    """Return a list of names; one name alone is a list of one."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, list | tuple):
        raise Wrong("a list of names")
    try:
        return tuple(map(text, given))
    except Wrong:
        raise Wrong("a list of names") from None


def keys_of_table(given: Any) -> tuple[tuple[str, ...], ...]:
    """Return a list of keys, each a list of columns.

    A flat list of several names is refused: it could be one key of two columns or two keys of one, and
    a key that is none would prove what is not so.
    """
    wrong = "a list of keys, each a list of columns, as in [[a], [b, c]]"
    if not isinstance(given, list | tuple):
        raise Wrong(wrong)
    if len(given) == 1 and isinstance(given[0], str):
        return (tuple(given),)
    if not all(isinstance(key, list | tuple) and key for key in given):
        raise Wrong(wrong)
    return tuple(map(names, given))


def grants(given: Any) -> dict[str, tuple[str, ...]]:
    """Return who holds each privilege."""
    if not isinstance(given, dict):
        raise Wrong("a mapping of privileges to lists of names, as in {SELECT: [analyst]}")
    return {str(privilege): names(holders) for privilege, holders in given.items()}


def optimization(given: Any) -> tuple[str, ...] | None:
    """Return the targets of search optimization; true, or an empty list, is the whole table."""
    if isinstance(given, bool):
        return () if given else None
    return names(given)


def kind_of_partition(given: Any) -> PartitionKind:
    """Return one of the partition kinds, in any case, with spaces or underscores."""
    kinds = [kind.value for kind in PartitionKind]
    if isinstance(given, str):
        word = given.strip().lower().replace("_", " ").replace("-", " ")
        if word in kinds:
            return PartitionKind(word)
    raise Wrong(f"one of {', '.join(kinds)}")


def span_of_time(given: Any) -> str:
    """Return hour, day, month or year."""
    word = given.strip().lower() if isinstance(given, str) else ""
    if word not in GRANULARITIES:
        raise Wrong(f"one of {', '.join(GRANULARITIES)}")
    return word


def indexes(given: Any) -> tuple[Index, ...]:
    """Return a list of indexes: a list of keys, text such as ``gin (payload)``, or a mapping."""
    if not isinstance(given, list | tuple):
        raise Wrong("a list of indexes")
    return tuple(map(_index, given))


_INDEX: Final = re.compile(
    r"(?P<unique>unique\s+)?(?:using\s+)?(?P<method>\w+)?\s*\((?P<keys>.*)\)(?:\s*where\s+(?P<where>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_INDEX_KEYS: Final = frozenset({"keys", "name", "unique", "method", "where"})


def _index(given: Any) -> Index:
    if isinstance(given, dict):
        unknown = set(given) - _INDEX_KEYS
        if unknown or not given.get("keys"):
            raise Wrong(f"a list of indexes, each with {', '.join(sorted(_INDEX_KEYS))}")
        return Index(
            names(given["keys"]),
            name=text(given["name"]) if given.get("name") is not None else None,
            unique=flag(given.get("unique", False)),
            method=text(given.get("method", "btree")),
            where=text(given["where"]) if given.get("where") is not None else None,
        )
    if isinstance(given, str):
        found = _INDEX.fullmatch(given.strip())
        method = (found["method"] or "btree").lower() if found else ""
        if found and (method in METHODS):
            return Index(
                split_at_commas(found["keys"]),
                unique=bool(found["unique"]),
                method=method,
                where=found["where"],
            )
    return Index(names(given))


def split_at_commas(keys: str) -> tuple[str, ...]:
    """Split ``a, lower(b), f(c, d)`` at the commas outside parentheses and quotes."""
    parts, depth, start, quote = [], 0, 0, ""
    for place, character in enumerate(keys):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        elif character in "([<":
            depth += 1
        elif character in ")]>":
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append(keys[start:place].strip())
            start = place + 1
    parts.append(keys[start:].strip())
    return tuple(part for part in parts if part)
