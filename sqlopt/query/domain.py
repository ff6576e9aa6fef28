"""Which values a partition column plausibly holds, where no statistics tell.

Warehouses hold this century's data, up to today: BigQuery allows a table 10,000 partitions, which are 27
years of days (https://cloud.google.com/bigquery/quotas, checked 2026-11-23). A filter that keeps all of that
keeps everything.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlopt.query.interval import Ranges

if TYPE_CHECKING:
    from sqlopt.catalog import Partitioning
    from sqlopt.query.interval import Scalar

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
