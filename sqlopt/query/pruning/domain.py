"""Which values a partition column holds: whole partitions, and plausible ones where no statistics tell.

Warehouses hold this century's data, up to today: BigQuery allows a table 10,000 partitions, which are 27
years of days (https://cloud.google.com/bigquery/quotas, checked 2026-11-23). A filter that keeps all of that
keeps everything.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlopt.query.values.intervals import Ranges

if TYPE_CHECKING:
    from sqlopt.catalog import Partitioning
    from sqlopt.query.values.intervals import Scalar

_FIRST = date(2000, 1, 1)
_COMPACT = re.compile(r"\d{8}")
_DASHED = re.compile(r"\d{4}-\d{2}-\d{2}.*")


def plausible(ranges: Ranges, today: date, by: Partitioning | None) -> Ranges | None:
    """Return the values that a column compared as in ``ranges`` may hold, or None when that can't be told.

    ``today`` ends the history; ``by`` gives an integer range's bounds.
    """
    if by is not None and by.start is not None and by.end is not None:
        return Ranges.at_least(by.start).intersect(Ranges.less_than(by.end))
    bounds = [one for piece in ranges.intervals for one in (piece.low, piece.high) if one is not None]
    ends = {_ends(one, today) for one in bounds} - {None}
    found = ends.pop() if len(ends) == 1 else None
    if found is None:
        return None
    return Ranges.at_least(found[0]).intersect(Ranges.at_most(found[1]))


def _ends(value: Scalar, today: date) -> tuple[Scalar, Scalar] | None:
    """Return the first and last day, written as ``value`` is."""
    match value:
        case datetime():
            midnight = datetime.min.time()
            return datetime.combine(_FIRST, midnight), datetime.combine(today, midnight)
        case date():
            return _FIRST, today
        case str() if _COMPACT.fullmatch(value):
            return f"{_FIRST:%Y%m%d}", f"{today:%Y%m%d}"
        case str() if _DASHED.fullmatch(value):
            return _FIRST.isoformat(), today.isoformat()
        case _:
            return None


_CALENDAR = {"month": 1, "quarter": 3, "year": 12}
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def step_of(by: Partitioning, value: Scalar) -> timedelta | int | None:
    """Return the width of a partition, in the unit of a column that holds ``value``; None for values as such."""
    if not isinstance(value, date):
        return by.step
    return _STEPS.get((by.granularity or "").casefold()) if isinstance(value, datetime) else None


def whole_partitions(ranges: Ranges, by: Partitioning) -> Ranges:
    """Return ``ranges`` widened to the months or years that partitions hold; others are left as they are."""
    if (by.granularity or "").casefold() not in _CALENDAR:
        return ranges
    whole = Ranges.NULL if ranges.null else Ranges.NONE
    for one in ranges.intervals:
        piece = Ranges.ALL if one.low is None else Ranges.at_least(first_of(one.low, by))
        if one.high is not None:
            open_at_start = not one.high_closed and first_of(one.high, by) == one.high
            high = one.high if open_at_start else _next(first_of(one.high, by), by)
            piece = piece.intersect(Ranges.less_than(high))
        whole = whole.union(piece)
    return whole


def first_of(value: Scalar, by: Partitioning) -> Scalar:
    """Return the first value of the month or year that ``value`` lies in; ``value`` itself for other partitions."""
    months = _CALENDAR.get((by.granularity or "").casefold())
    if months is None or not isinstance(value, date):
        return value
    first = value.replace(month=(value.month - 1) // months * months + 1, day=1)
    return first.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(first, datetime) else first


def last_of(value: Scalar, by: Partitioning) -> Scalar:
    """Return the last day of the month or year that ``value`` lies in; ``value`` itself for other partitions."""
    first = first_of(value, by)
    if first is value or (by.granularity or "").casefold() not in _CALENDAR or not isinstance(value, date):
        return value
    end = _next(first, by)
    return end - timedelta(days=1) if isinstance(end, date) else value


def _next(first: Scalar, by: Partitioning) -> Scalar:
    if not isinstance(first, date):
        return first
    months = first.year * 12 + first.month - 1 + _CALENDAR[(by.granularity or "").casefold()]
    return first.replace(year=months // 12, month=months % 12 + 1)
