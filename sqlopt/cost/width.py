"""How many bytes a value takes, by type and engine.

BigQuery bills logical bytes: a fixed number a type, 2 and the UTF-8 length for a text, nothing for a NULL (sources
and dates in warehouses/bigquery/pricing.toml). Other engines store less than any type says, so there the table's
own bytes are shared out by these widths.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.catalog import Column

_LOGICAL: Final[Mapping[str, float]] = {
    **dict.fromkeys(("INT64", "INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"), 8.0),
    **dict.fromkeys(("FLOAT64", "FLOAT", "TIMESTAMP"), 8.0),
    **dict.fromkeys(("BOOL", "BOOLEAN"), 1.0),
    **dict.fromkeys(("NUMERIC", "DECIMAL"), 16.0),
}
"""Published: the figures of pricing.toml."""
_LOGICAL_UNVERIFIED: Final[Mapping[str, float]] = {
    **dict.fromkeys(("DATE", "DATETIME", "TIME"), 8.0),
    **dict.fromkeys(("BIGNUMERIC", "BIGDECIMAL"), 32.0),
    "INTERVAL": 16.0,
}
"""No source was found for these; an estimate that uses one says that it is assumed."""
_TEXTS: Final = ("STRING", "BYTES")
_TEXT_HEAD: Final = 2.0

_STORED: Final = (
    (re.compile(r"bool", re.IGNORECASE), 1.0),
    (re.compile(r"tinyint|int8\b|smallint|int16|int2\b", re.IGNORECASE), 2.0),
    (re.compile(r"^(int|integer|int32|int4|real|float4|float32)\b", re.IGNORECASE), 4.0),
    (re.compile(r"numeric|decimal|number|uuid|interval", re.IGNORECASE), 16.0),
    (re.compile(r"int|float|double|date|time|real|serial", re.IGNORECASE), 8.0),
)
_NESTED: Final = ("array", "struct", "map", "record", "json", "variant", "object", "geography")
_UNKNOWN: Final = 24.0
"""A text of middling length; an estimate that uses it says that it is assumed."""


@dataclass(frozen=True, slots=True)
class Width:
    """The mean bytes of a row's value, NULLs counted; ``sure`` is False where a part of it is a guess."""

    bytes: float
    sure: bool


def width(column: Column, dialect: str) -> Width:
    """Return the width of a column's values in the bytes that ``dialect`` counts."""
    filled = 1.0 - (column.nulls or 0.0)
    # A column that may hold NULLs, of unknown share, is at most as wide as without.
    counted = column.nulls is not None or column.nullable is False
    fixed, sure = _fixed(column.type or "", dialect)
    if fixed is not None:
        return Width(fixed * filled, sure and (counted or dialect != "bigquery"))
    head = _TEXT_HEAD if dialect == "bigquery" and _base(column.type or "") in _TEXTS else 0.0
    if column.average_bytes is not None:
        return Width((head + column.average_bytes) * filled, counted or dialect != "bigquery")
    return Width((head + _UNKNOWN) * filled, sure=False)


def _base(kind: str) -> str:
    return re.split(r"[<(\s]", kind.strip().upper(), maxsplit=1)[0]


def _fixed(kind: str, dialect: str) -> tuple[float | None, bool]:
    """Return the bytes of every value of a type, or None; and whether that is documented."""
    if not kind or kind.casefold().startswith(_NESTED):
        return None, False
    if dialect == "bigquery":
        base = _base(kind)
        if base in _LOGICAL:
            return _LOGICAL[base], True
        return _LOGICAL_UNVERIFIED.get(base), False
    base = kind.split("<", maxsplit=1)[0]
    return next((size for pattern, size in _STORED if pattern.search(base)), None), True
