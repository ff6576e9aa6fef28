"""Single values of SQL: which of them compare, and where they lie on a line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

Scalar = int | float | Decimal | str | bool | date | datetime | time | bytes

_TOP = (1, 0)  # NaN sorts above all numbers, as in PostgreSQL, Snowflake, Spark and DuckDB
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive stands for UTC
_DIGITS = 1000  # numbers beyond are in no column


def sort_key(value: Scalar) -> tuple[str, object]:
    """Return a value's family and its place there; a date stands for its midnight, naive times for UTC."""
    match value:
        case datetime():
            return "date", value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value
        case date():
            return "date", datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive stands for UTC
        case str():
            return "text", value
        case float() | Decimal():
            if value != value:  # noqa: PLR0124 - the test for NaN
                return "number", _TOP
            # The shortest text of a float is what was meant by it: 0.1 equals the literal 0.1.
            return "number", (0, Decimal(repr(value)) if isinstance(value, float) else value)
        case int():
            return "number", (0, value)
        case time():
            offset = value.utcoffset()
            if offset is None:
                return "time", value.replace(tzinfo=None)
            since = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
            return "time with zone", (since - offset, value.microsecond)
    return type(value).__name__, value


def compare(one: Scalar, other: Scalar) -> int | None:
    """-1, 0 or 1, or None for values of different families; a text that spells a date compares with dates."""
    first, second = sort_key(one), sort_key(other)
    if first[0] != second[0]:
        first, second = _as_date(first, second[0]), _as_date(second, first[0])
        if first[0] != second[0]:
            return None
    if first[1] == second[1]:
        return 0
    return -1 if first[1] < second[1] else 1  # type: ignore[operator]


def _as_date(key: tuple[str, object], wanted: str) -> tuple[str, object]:
    if key[0] != "text" or wanted != "date":
        return key
    try:
        return sort_key(datetime.fromisoformat(str(key[1])))
    except ValueError:
        return key


# ---- lengths

Place = int | Fraction
"""A place on the line: microseconds since 1970, or the number itself."""


def place(value: Scalar) -> Place | None:
    """Where a value lies on the line of its family; None for texts and the like, and beyond all bounds."""
    kind, key = sort_key(value)
    if isinstance(key, datetime):
        return (key - _EPOCH) // timedelta(microseconds=1)
    if kind != "number" or not isinstance(key, tuple):
        return None
    number = key[1]
    if isinstance(number, Decimal):
        return Fraction(number) if number.is_finite() and abs(number.adjusted()) < _DIGITS else None
    return number if isinstance(number, int) and number.bit_length() < _DIGITS else None


def width(step: timedelta | float) -> Place:
    """Measure a step in the units of `place`."""
    return step // timedelta(microseconds=1) if isinstance(step, timedelta) else Fraction(step)


def neighbours(minimum: Scalar, maximum: Scalar) -> int:
    """Tell how far neighbours are apart: a day for dates, one for whole numbers, 0 for what is finer."""
    both = (minimum, maximum)
    if any(isinstance(one, datetime) for one in both):
        return 0
    if all(isinstance(one, date) for one in both):
        return timedelta(days=1) // timedelta(microseconds=1)
    return 1 if all(isinstance(one, int) for one in both) else 0


def steps_touched(pieces: list[tuple[Place, Place, bool, bool]], apart: int, step: Place) -> int:
    """Count the steps that sorted pieces (low, high, low closed, high closed) touch, from zero on.

    ``apart`` is the distance of neighbouring values, 0 where there is always one between two.
    """
    touched, last = 0, None
    for low, high, low_closed, high_closed in pieces:
        if apart:
            # The first and the last value inside; -(-x // y) rounds up.
            start = -(-low // apart) * apart if low_closed else (low // apart + 1) * apart
            end = high // apart * apart if high_closed else (-(-high // apart) - 1) * apart
            first, final = start // step, end // step
            if start > end:
                continue
        else:
            first, final = low // step, high // step if high_closed else -(-high // step) - 1
        first = first if last is None else max(first, last + 1)
        if final >= first:
            touched += final - first + 1
            last = final
    return touched
