"""Partition clauses, read into a `Partitioning`."""

from __future__ import annotations

import re
from typing import Final

from sqlopt.catalog.fields import split_at_commas
from sqlopt.catalog.model import Partitioning, PartitionKind

_CALL: Final = re.compile(r"(\w+)\s*\((.*)\)", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_TRUNC: Final = frozenset({"DATE_TRUNC", "TIMESTAMP_TRUNC", "DATETIME_TRUNC", "TRUNC"})
_INGESTION: Final = frozenset({"_PARTITIONTIME", "_PARTITIONDATE"})
_TRANSFORMS: Final = {
    f"{unit}{plural}".upper(): unit for unit in ("hour", "day", "month", "year") for plural in ("", "s")
}
_BY_KIND: Final = {
    "RANGE": PartitionKind.RANGE,
    "LIST": PartitionKind.LIST,
    "HASH": PartitionKind.HASH,
}


def partitioning(text: str, dialect: str) -> Partitioning | None:
    """Return what follows PARTITION BY, such as ``DATE(ts)``, ``RANGE (a, b)`` or ``(days(ts), x)``."""
    call = _CALL.fullmatch(text)
    kind = _BY_KIND.get(call[1].upper()) if call else None
    if call and kind and dialect != "bigquery":
        return _together([_part(item, dialect) for item in split_at_commas(call[2])], kind, call[2])
    inside = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    parts = [_part(item, dialect) for item in split_at_commas(inside)]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    return _together(parts, parts[0].kind, inside)


def _together(parts: list[Partitioning], kind: PartitionKind | None, text: str) -> Partitioning | None:
    if not parts:
        return None
    plain = all(part.expression is None for part in parts)
    return Partitioning(
        tuple(part.column for part in parts),
        kind,
        granularity=parts[0].granularity,
        expression=None if plain else " ".join(text.split()),
    )


def _part(text: str, dialect: str) -> Partitioning:
    call = _CALL.fullmatch(text)
    if call is None:
        return _plain(_unquoted(text), dialect)
    function, arguments = call[1].upper(), split_at_commas(call[2])
    if function == "DATE" and len(arguments) == 1:
        return _time(arguments[0], "day", text)
    if function in _TRANSFORMS and len(arguments) == 1:
        return _time(arguments[0], _TRANSFORMS[function], text)
    if function in _TRUNC:
        return _trunc(arguments, text)
    if function == "RANGE_BUCKET":
        return _bucket(arguments, text)
    if function == "BUCKET":
        return _hash(arguments, text)
    return Partitioning((_column(call[2]),), expression=text)


def _plain(name: str, dialect: str) -> Partitioning:
    if name.upper() in _INGESTION:
        return Partitioning((name,), PartitionKind.INGESTION, granularity="day")
    if dialect == "bigquery":
        return Partitioning((name,), PartitionKind.TIME, granularity="day")
    return Partitioning((name,), None if dialect == "postgres" else PartitionKind.VALUE)


def _time(argument: str, granularity: str | None, text: str) -> Partitioning:
    name = _unquoted(argument)
    if name.upper() in _INGESTION:
        return Partitioning((name,), PartitionKind.INGESTION, granularity=granularity)
    return Partitioning((_column(argument),), PartitionKind.TIME, granularity=granularity, expression=text)


def _trunc(arguments: tuple[str, ...], text: str) -> Partitioning:
    units = [item.strip("'\"").lower() for item in arguments]
    granularity = next((unit for unit in units if unit.upper() in _TRANSFORMS), None)
    others = [item for item, unit in zip(arguments, units, strict=True) if unit != granularity]
    return _time(others[0] if others else text, granularity, text)


def _bucket(arguments: tuple[str, ...], text: str) -> Partitioning:
    array = _CALL.fullmatch(arguments[1]) if len(arguments) > 1 else None
    bounds = split_at_commas(array[2]) if array else ()
    numbers = [int(bound) for bound in bounds if re.fullmatch(r"-?\d+", bound)]
    start, end, step = (*numbers, 1)[:3] if len(numbers) >= 2 else (None, None, None)  # noqa: PLR2004
    return Partitioning(
        (_column(arguments[0]),),
        PartitionKind.INTEGER_RANGE,
        expression=text,
        start=start,
        end=end,
        step=step,
    )


def _hash(arguments: tuple[str, ...], text: str) -> Partitioning:
    """Read a bucket transform: Spark writes the number first, Trino last."""
    count = next((int(item) for item in arguments if item.isdigit()), None)
    name = next((item for item in arguments if not item.isdigit()), text)
    return Partitioning((_column(name),), PartitionKind.HASH, expression=text, count=count)


def _column(text: str) -> str:
    """Return the first name in an expression that is no function and no string."""
    plain = re.sub(r"'[^']*'", "", text)
    for found in _NAME.finditer(plain):
        if not plain[found.end() :].lstrip().startswith("("):
            return found[0]
    return text


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] in "`\"'" and text[-1] == text[0] else text
