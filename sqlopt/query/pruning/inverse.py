"""Turn a function round: which values of a column make ``f(column)`` fall into given ranges."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlopt.query.values.intervals import Interval, Ranges
from sqlopt.warehouses.pruning import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query.pruning.functions import ColumnFunction
    from sqlopt.query.values.intervals import Scalar

Bucket = tuple["Scalar", "Scalar", bool]
"""The half-open range [low, high) that a function maps to one value, and whether a given value is such
a value (2026-01-15 is no month's beginning)."""


def preimage(function: ColumnFunction, ranges: Ranges, column_type: str) -> Ranges | None:
    """Return the column's values that ``function`` maps into ``ranges``, or None when that is unknown.

    ``column_type`` is the innermost column's type. Only monotone functions of dates and times are
    turned round, and shifts by whole days or of numbers.
    """
    if function.zone is not None:
        return None
    if function.form is Form.SHIFT:
        return _unshift(function, ranges, column_type)
    bucket = _bucket(function, column_type)
    if bucket is None:
        return None
    try:
        pieces = [_piece(one, bucket) for one in ranges.intervals]
    except (OverflowError, TypeError, ValueError):
        return None
    return _union(pieces)


def _union(pieces: list[Ranges]) -> Ranges:
    while len(pieces) > 1:
        pieces = [
            pieces[i].union(pieces[i + 1]) if i + 1 < len(pieces) else pieces[i]
            for i in range(0, len(pieces), 2)
        ]
    return pieces[0] if pieces else Ranges.NONE


def _piece(one: Interval, bucket: Callable[[Scalar], Bucket]) -> Ranges:
    found = Ranges.NOT_NULL
    if one.low is not None:
        low, high, exact = bucket(one.low)
        found = found.intersect(Ranges.at_least(low if one.low_closed and exact else high))
    if one.high is not None:
        low, high, exact = bucket(one.high)
        found = found.intersect(Ranges.less_than(low if exact and not one.high_closed else high))
    return found


def _bucket(function: ColumnFunction, column_type: str) -> Callable[[Scalar], Bucket] | None:
    base = column_type.split("(", maxsplit=1)[0].strip().casefold()
    dates = base == "date"
    if function.form is Form.YEAR:
        return lambda value: _year(value, dates=dates)
    if function.form is Form.CAST_DATE:
        return None if base in ("string", "varchar", "text", "char", "") else _day
    if function.form is Form.TRUNCATE and function.unit in _TRUNCATED:
        unit = function.unit
        return lambda value: _truncated(value, unit, dates=dates)
    if function.form is Form.CAST_TIMESTAMP and dates:
        return _midnight
    return None


_TRUNCATED = ("day", "month", "mm", "mon", "year", "yyyy", "hour", "quarter", "week", "isoweek")


def _as_datetime(value: Scalar) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive stands for UTC here
    raise TypeError(f"not a date: {value!r}")


def _midnight_of(day: datetime) -> datetime:
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _year(value: Scalar, *, dates: bool) -> Bucket:
    year = int(value)  # type: ignore[arg-type]
    first = date(year, 1, 1)
    following = date(year + 1, 1, 1)
    exact = value == year
    if dates:
        return first, following, exact
    return _as_datetime(first), _as_datetime(following), exact


def _day(value: Scalar) -> Bucket:
    moment = _as_datetime(value)
    start = _midnight_of(moment)
    return start, start + timedelta(days=1), moment == start


def _midnight(value: Scalar) -> Bucket:
    """``CAST(date AS TIMESTAMP)``: only midnights come out."""
    moment = _as_datetime(value)
    day = moment.date()
    return day, day + timedelta(days=1), moment == _midnight_of(moment)


def _truncated(value: Scalar, unit: str, *, dates: bool) -> Bucket:
    moment = _as_datetime(value)
    day = _midnight_of(moment)
    match unit:
        case "hour":
            low, high = moment.replace(minute=0, second=0, microsecond=0), None
            high = low + timedelta(hours=1)
        case "month" | "mm" | "mon":
            low = day.replace(day=1)
            high = low + timedelta(days=monthrange(low.year, low.month)[1])
        case "quarter":
            low = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
            last = low.replace(month=low.month + 2)
            high = last + timedelta(days=monthrange(last.year, last.month)[1])
        case "year" | "yyyy":
            low = day.replace(day=1, month=1)
            high = low.replace(year=low.year + 1)
        case "week" | "isoweek":
            # Whether weeks begin on Sunday or Monday is a setting in some engines: a day is given on each side.
            monday = day - timedelta(days=day.weekday())
            low, high = monday - timedelta(days=1), monday + timedelta(days=7)
        case _:
            low, high = day, day + timedelta(days=1)
    exact = moment == low or unit in ("week", "isoweek")
    return (low.date(), high.date(), exact) if dates else (low, high, exact)


def _unshift(function: ColumnFunction, ranges: Ranges, column_type: str) -> Ranges | None:
    amount = function.amount
    base = column_type.split("(", maxsplit=1)[0].strip().casefold()
    temporal = "date" in base or "time" in base
    if amount is None or (temporal and function.unit not in ("", "day", "hour", "week", "minute", "second")):
        return None
    if temporal:
        step: object = timedelta(**{f"{function.unit or 'day'}s": amount})
    elif function.unit:
        return None
    else:
        step = amount

    def back(value: Scalar | None) -> Scalar | None:
        if value is None:
            return None
        moved = _as_datetime(value) if temporal else value
        moved = moved - step  # type: ignore[operator]
        plain = isinstance(value, date) and not isinstance(value, datetime) and isinstance(moved, datetime)
        return (
            moved.date() if plain and isinstance(moved, datetime) and moved == _midnight_of(moved) else moved
        )

    try:
        pieces = [
            Ranges((Interval(back(one.low), back(one.high), one.low_closed, one.high_closed),), null=False)
            for one in ranges.intervals
        ]
    except (OverflowError, TypeError, ValueError):
        return None
    return _union(pieces)
