"""The share of rows that a predicate keeps.

Known values decide where there are any: least and greatest value, distinct values, frequent values, quantiles.
What nothing is known of gets a fixed share. The fixed shares for comparisons are those that PostgreSQL uses
(https://github.com/postgres/postgres/blob/master/src/include/utils/selfuncs.h, checked 2026-11-23); predicates on
one table are rarely independent, so that each further one counts for less: the second by its square root, the
third by its fourth root, as in SQL Server 2014 and later
(https://learn.microsoft.com/sql/relational-databases/performance/cardinality-estimation-sql-server, checked
2026-11-23).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final

from sqlopt.query.values.intervals import Ranges
from sqlopt.query.values.scalars import compare, place, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.cost.statistics import Values
    from sqlopt.query.values.intervals import Interval
    from sqlopt.query.values.scalars import Scalar

EQUAL: Final = 0.005
RANGE: Final = 1 / 3
BETWEEN: Final = 0.005
MATCH: Final = 0.05
"""LIKE with a leading wildcard, REGEXP and the like: an assumption."""
OTHER: Final = 1 / 3
_DAMPED: Final = (1.0, 0.5, 0.25, 0.125)


def damped(shares: Iterable[float]) -> float:
    """Return the share of rows that pass all predicates, which are taken to depend on each other in part."""
    found = 1.0
    for exponent, one in zip(_DAMPED, sorted(shares), strict=False):
        found *= one**exponent
    return found


def either(shares: Iterable[float]) -> float:
    """Return the share of rows that pass at least one of the predicates."""
    missed = 1.0
    for one in shares:
        missed *= 1.0 - one
    return 1.0 - missed


def of_ranges(ranges: Ranges, values: Values, rows: float) -> float:
    """Return the share of rows whose column lies in ``ranges``."""
    if ranges.is_all:
        return 1.0
    found = values.nulls if ranges.null else 0.0
    points = [one for one in ranges.intervals if one.is_point]
    wide = [one for one in ranges.intervals if not one.is_point]
    if points and not wide:
        found += sum(_of_point(one.low, values, rows) for one in points if one.low is not None)
    elif len(wide) > 1 and len(wide) == len(ranges.intervals) and _only_holes(ranges):
        holes = ranges.complement().intervals
        found += (
            1.0 - values.nulls - sum(_of_point(one.low, values, rows) for one in holes if one.low is not None)
        )
    else:
        found += sum(_of_interval(one, values) for one in wide)
        found += sum(_of_point(one.low, values, rows) for one in points if one.low is not None)
    return min(max(found, 0.0), 1.0)


def _only_holes(ranges: Ranges) -> bool:
    return all(one.is_point for one in ranges.complement().intervals)


def equal(values: Values, rows: float) -> float:
    """Return the share of rows that equal some value that is not known."""
    if not values.known and rows > 0:
        return max(min(EQUAL, 1.0), 1.0 / rows) * (1.0 - values.nulls)
    return (1.0 - values.nulls) / max(values.distinct, 1.0)


def _of_point(value: Scalar, values: Values, rows: float) -> float:
    """Return the share of rows that equal ``value``."""
    for known, share in values.common:
        if compare(known, value) == 0:
            return share
    if (values.low is not None and compare(value, values.low) == -1) or (
        values.high is not None and compare(value, values.high) == 1
    ):
        return min(1.0 / rows, 1.0) if rows > 0 else 0.0
    if not values.common:
        return equal(values, rows)
    rest = max(1.0 - values.nulls - sum(share for _, share in values.common), 0.0)
    others = values.distinct - len(values.common)
    if others < 1:  # all values are known, and this is none of them
        return min(1.0 / rows, 1.0) if rows > 0 else 0.0
    return min(rest / others, values.common[-1][1])


def _of_interval(one: Interval, values: Values) -> float:
    """Return the share of rows in an interval."""
    filled = 1.0 - values.nulls
    if one.low is None and one.high is None:
        return filled
    ranges = Ranges((one,))
    frequent = sum(share for _, share in values.common)
    inside = sum(share for value, share in values.common if ranges.contains(value))
    rest = max(filled - frequent, 0.0)
    share = _of_quantiles(one, values.quantiles)
    if share is None and values.low is not None and values.high is not None:
        share = ranges.share(values.low, values.high)
        if share is None:
            share = _of_texts(one, values)
    if share is None:
        share = BETWEEN if one.low is not None and one.high is not None else RANGE
    return min(inside + rest * share, 1.0)


def _of_quantiles(one: Interval, quantiles: tuple[Scalar, ...]) -> float | None:
    """Return the share of values in an interval, read off the quantiles; between two it grows evenly."""
    if len(quantiles) < 2:  # noqa: PLR2004 - a least and a greatest
        return None
    ends = [
        0.0 if one.low is None else _rank(one.low, quantiles),
        1.0 if one.high is None else _rank(one.high, quantiles),
    ]
    if ends[0] is None or ends[1] is None:
        return None
    return max(float(ends[1]) - float(ends[0]), 0.0)


def _rank(value: Scalar, quantiles: tuple[Scalar, ...]) -> float | None:
    """Return the share of values below ``value``; None where it can't be compared."""
    kinds = {sort_key(one)[0] for one in (value, *quantiles)}
    if kinds == {"date", "text"}:
        order = compare(value, quantiles[0])
        if order is None:
            return None
        from datetime import datetime

        value = datetime.fromisoformat(str(value)) if isinstance(value, str) else value
    elif len(kinds) != 1:
        return None
    key: Any = sort_key(value)[1]
    keys: list[Any] = [sort_key(one)[1] for one in quantiles]
    left, right = bisect_left(keys, key), bisect_right(keys, key)
    pieces = len(quantiles) - 1
    if left != right:
        return float(min((left + right - 1) / 2 / pieces, 1.0))
    if left == 0:
        return 0.0
    if left > pieces:
        return 1.0
    start, end, here = place(quantiles[left - 1]), place(quantiles[left]), place(value)
    part = 0.5 if start is None or end is None or here is None else float((here - start) / (end - start))
    return float((left - 1 + part) / pieces)


def _of_texts(one: Interval, values: Values) -> float | None:
    """Return the share of an interval of texts, by their first characters."""
    low, high = values.low, values.high
    if not isinstance(low, str) or not isinstance(high, str):
        return None
    start = _number(one.low) if isinstance(one.low, str) else _number(low)
    end = _number(one.high) if isinstance(one.high, str) else _number(high)
    first, last = _number(low), _number(high)
    if last <= first:
        return None
    # Texts are words, not numbers: a narrow range of them holds more than its width says.
    return min(max((min(end, last) - max(start, first)) / (last - first), BETWEEN), 1.0)


def _number(text: str) -> float:
    """Return a text's place between "" and the last text, by its first eight characters."""
    found = 0.0
    for place_, char in enumerate(text[:8]):
        found += min(ord(char), 255) / 256.0 ** (place_ + 1)
    return found
