"""Whether two results are the same: bags of rows, lists where an order is promised.

Floats compare by tolerance, as their sums depend on the order of the rows; whole numbers and decimals exactly.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = tuple[Any, ...]
_DIGITS = 9
_TOLERANCE = 1e-9
_FEW = 300


class Failed(Exception):  # noqa: N818 - what a run ended in, not a defect
    """A statement failed at run time; the text says how."""


class _Midnight(datetime):
    """What a date is compared as; it is shown as the date that it was."""

    def __str__(self) -> str:
        return self.date().isoformat()

    def __repr__(self) -> str:
        return repr(datetime.combine(self.date(), self.time()))


def normal(rows: list[Row]) -> list[Row]:
    """Return rows with values of one form: dates as midnights, numbers comparable, nested values hashable.

    Raises `Failed` for infinities and NaN: what other engines answer with an error.
    """
    return [tuple(_value(one) for one in row) for row in rows]


def _value(value: Any) -> Any:
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            raise Failed("a result is infinite or no number")
        return int(value) if isinstance(value, Decimal) and value == int(value) else value
    if isinstance(value, date) and not isinstance(value, datetime):
        return _Midnight(value.year, value.month, value.day)
    if isinstance(value, list):
        return tuple(_value(one) for one in value)
    if isinstance(value, dict):
        return tuple((key, _value(one)) for key, one in value.items())
    return value


def same(before: list[Row], after: list[Row], keys: tuple[int, ...] = (), width: int | None = None) -> bool:
    """Whether two normal results agree.

    As bags; with ``keys`` (places of the columns that the first is ordered by), ``after`` must also stand in the
    order of ``before``, up to ties. Columns of ``before`` from ``width`` on only tell its order.
    """
    if len(before) != len(after):
        return False
    shown = [row[:width] for row in before]
    if not keys:
        return _same_bag(shown, after)
    start = 0
    for end in range(1, len(before) + 1):
        if end == len(before) or any(before[end][one] != before[start][one] for one in keys):
            if not _same_bag(shown[start:end], after[start:end]):
                return False
            start = end
    return True


def _same_bag(before: list[Row], after: list[Row]) -> bool:
    if before == after:
        return True
    left, right = Counter(before), Counter(after)
    only, other = list((left - right).elements()), list((right - left).elements())
    if not only and not other:
        return True
    if len(only) != len(other):
        return False
    loose = [any(_has_float(row[place]) for row in (*only, *other)) for place in range(len(only[0]))]
    if not any(loose):
        return False
    only.sort(key=lambda row: _rank(row, loose))
    other.sort(key=lambda row: _rank(row, loose))
    if all(_alike(one, two) for one, two in zip(only, other, strict=True)):
        return True
    return len(only) <= _FEW and _matched(only, other)


def _matched(before: list[Row], after: list[Row]) -> bool:
    """Whether each row has a partner: sorting by rounded floats may part two that are as good as equal."""
    left = list(after)
    for one in before:
        partner = next((number for number, two in enumerate(left) if _alike(one, two)), None)
        if partner is None:
            return False
        del left[partner]
    return True


def _has_float(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, tuple) and any(_has_float(one) for one in value))


def _rank(row: Row, loose: list[bool]) -> tuple[Any, ...]:
    """Sort by what compares exactly first, then by rounded numbers."""
    exact = tuple("" if may_differ else _spelled(one) for one, may_differ in zip(row, loose, strict=True))
    rounded = tuple(
        float(f"{float(one):.{_DIGITS}g}") if may_differ and _is_number(one) else 0.0
        for one, may_differ in zip(row, loose, strict=True)
    )
    return exact, rounded


def _spelled(value: Any) -> str:
    """Return the same text for equal values."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else repr(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal))


def _alike(one: Row, other: Row) -> bool:
    return all(_close(a, b) for a, b in zip(one, other, strict=True))


def _close(one: Any, other: Any) -> bool:
    if one == other:
        return True
    if (isinstance(one, float) and _is_number(other)) or (isinstance(other, float) and _is_number(one)):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return (
        isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other) and _alike(one, other)
    )
