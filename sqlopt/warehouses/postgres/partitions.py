"""PostgreSQL's partition keys and bounds, read from the text that the server prints."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlopt.catalog.fields import split_at_commas
from sqlopt.catalog.model import Partitioning, PartitionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEY: Final = re.compile(r"(RANGE|LIST|HASH) \((.*)\)", re.DOTALL)
_RANGE: Final = re.compile(r"FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)")
_KINDS: Final = {"RANGE": PartitionKind.RANGE, "LIST": PartitionKind.LIST, "HASH": PartitionKind.HASH}
_PLAIN: Final = re.compile(r'"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*')


def partitioning(key: str, bounds: Iterable[str], count: int) -> Partitioning | None:
    """Return how a table is partitioned, from ``pg_get_partkeydef`` and its partitions' bounds.

    The granularity is known where all ranges are whole days, months or years of one kind. None for a key of
    expressions alone in which no column is found.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    parts = [_without_extras(part) for part in split_at_commas(found[2])]
    columns = [name for part in parts if (name := _column(part)) is not None]
    if not columns:
        return None
    plain = all(_PLAIN.fullmatch(part) for part in parts)
    return Partitioning(
        tuple(columns),
        kind=_KINDS[found[1]],
        granularity=_granularity(bounds) if len(parts) == 1 and found[1] == "RANGE" else None,
        expression=None if plain else ", ".join(parts),
        count=count,
    )


def _without_extras(part: str) -> str:
    """Take a collation and an operator class away."""
    plain = re.match(r'("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)( COLLATE \S+)?( [a-z_]\w*)?$', part)
    return plain[1] if plain else part


def _column(part: str) -> str | None:
    if _PLAIN.fullmatch(part):
        return part.strip('"').replace('""', '"')
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        column = parse_one(part, dialect="postgres").find(exp.Column)
    except SqlglotError:
        return None
    return column.name if column is not None else None


def _granularity(bounds: Iterable[str]) -> str | None:
    widths = set()
    for text in bounds:
        if text == "DEFAULT":
            continue
        found = _RANGE.fullmatch(text)
        try:
            widths.add(_width(*map(datetime.fromisoformat, found.groups())) if found else None)
        except (ValueError, TypeError):
            return None
    return widths.pop() if len(widths) == 1 else None


def _width(low: datetime, high: datetime) -> str | None:
    months = (high.year - low.year) * 12 + high.month - low.month
    if low.replace(minute=0, second=0, microsecond=0) != low:
        return None
    seconds = (high - low).total_seconds()
    if seconds == 3600:  # noqa: PLR2004 - an hour
        return "hour"
    if low.hour or high.hour:
        return None
    if seconds == 86400:  # noqa: PLR2004 - a day
        return "day"
    if low.day != 1 or high.day != 1:
        return None
    if months == 1:
        return "month"
    return "year" if months == 12 and low.month == 1 else None  # noqa: PLR2004 - months of a year
