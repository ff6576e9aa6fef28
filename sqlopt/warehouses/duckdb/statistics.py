"""What one scan of a relation tells of its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.catalog import Value

_CHUNK: Final = 64
"""Columns a query: a table of a thousand columns then needs no plan of four thousand aggregates."""

_EXACT: Final = 100_000
"""Rows up to which distinct values are counted one by one."""

_LONGEST_TEXT: Final = 128
"""A longer least or greatest text is left out: it is a document, and half of it bounds nothing."""

_INTEGER: Final = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_NANOSECONDS: Final = re.compile(r"\.\d{7}")
"""Finer than Python's datetime, which would cut it."""

_NESTED: Final = ("STRUCT", "MAP", "UNION", "VARIANT", "GEOMETRY", "BIT", "JSON")


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of one column: NULL share, least and greatest value, distinct values (approximate), text width."""

    nulls: float | None = None
    min: Value | None = None
    max: Value | None = None
    distinct: int | None = None
    average_bytes: float | None = None


def quoted(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def scan(connection: Any, relation: str, types: Mapping[str, str]) -> tuple[int, dict[str, Statistics]]:
    """Read a relation once a ``_CHUNK`` of columns; return its rows and each column's statistics.

    ``types`` maps column names to DuckDB types. Distinct counts are exact up to ``_EXACT`` rows; above, they
    are DuckDB's ``approx_count_distinct`` (HyperLogLog, an error of a few per cent), never more than values.
    """
    names = list(types)
    found: dict[str, Statistics] = {}
    rows = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()[0]  # noqa: S608 - quoted names
    distinct = "count(DISTINCT {})" if rows <= _EXACT else "approx_count_distinct({})"
    for begin in range(0, len(names), _CHUNK):
        chunk = names[begin : begin + _CHUNK]
        asked = ", ".join(part for name in chunk for part in _aggregates(name, types[name], distinct))
        answer = connection.execute(f"SELECT {asked} FROM {relation}").fetchone()  # noqa: S608
        for place, name in enumerate(chunk):
            found[name] = _statistics(rows, types[name], answer[place * 5 : place * 5 + 5])
    return rows, found


def _aggregates(name: str, kind: str, distinct: str) -> tuple[str, str, str, str, str]:
    column = quoted(name)
    plain = not (kind.endswith("]") or kind.upper().startswith(_NESTED))
    bounded = is_bounded(kind)
    return (
        f"count({column})",
        f"CAST(min({column}) AS VARCHAR)" if bounded else "NULL",
        f"CAST(max({column}) AS VARCHAR)" if bounded else "NULL",
        distinct.format(column) if plain else "NULL",
        f"avg(strlen({column}))" if kind == "VARCHAR" else "NULL",
    )


def _statistics(rows: int, kind: str, answer: tuple[Any, ...]) -> Statistics:
    values, low, high, distinct, width = answer
    return Statistics(
        nulls=_share(rows - values, rows),
        min=parsed(low, kind),
        max=parsed(high, kind),
        distinct=None if distinct is None else min(distinct, values),
        average_bytes=None if width is None else round(width, 2),
    )


def _share(part: int, rows: int) -> float | None:
    """Return a share of six digits that is 0 or 1 only if it is exactly so: no NULL at all is a fact."""
    if not rows or part in {0, rows}:
        return (1.0 if part else 0.0) if rows else None
    return min(max(round(part / rows, 6), 1e-6), 1 - 1e-6)


def is_bounded(kind: str) -> bool:
    """Whether values of this type have an order that the catalog file can write down."""
    name = kind.upper().partition("(")[0]
    return not kind.endswith("]") and (
        name in {"DECIMAL", "FLOAT", "DOUBLE", "BOOLEAN", "DATE", "VARCHAR"}
        or name.startswith("TIMESTAMP")
        or _INTEGER.fullmatch(name) is not None
    )


def parsed(value: str | None, kind: str) -> Value | None:
    """Return DuckDB's text of a value as that value; None where Python has none (infinity, nanoseconds)."""
    if value is None or not is_bounded(kind):
        return None
    name = kind.upper().partition("(")[0]
    try:
        if name == "VARCHAR":
            return value if len(value) <= _LONGEST_TEXT else None
        if name == "BOOLEAN":
            return value == "true"
        if name == "DATE":
            return date.fromisoformat(value)
        if name.startswith("TIMESTAMP"):
            return None if _NANOSECONDS.search(value) else datetime.fromisoformat(value)
        if name == "DECIMAL":
            before, _, after = value.partition(".")
            return float(value) if after.strip("0") else int(before)
        if name in {"FLOAT", "DOUBLE"}:
            return float(value) if isfinite(float(value)) else None
        return int(value)
    except ValueError:
        return None
