"""Whether two results are the same: bags of rows, lists where an order is promised, floats by tolerance."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = tuple[Any, ...]
_DIGITS = 9
_TOLERANCE = 1e-9


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
        return int(value) if value == int(value) else value
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
    if before == after or Counter(before) == Counter(after):
        return True
    left, right = sorted(before, key=_rank), sorted(after, key=_rank)
    return all(
        _close(one, other) for a, b in zip(left, right, strict=True) for one, other in zip(a, b, strict=True)
    )


def _rank(row: Row) -> tuple[Any, ...]:
    """Sort by what compares exactly first, then by rounded numbers."""
    exact = tuple("" if _is_number(one) else repr(one) for one in row)
    return exact, tuple(float(f"{float(one):.{_DIGITS}g}") if _is_number(one) else 0.0 for one in row)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal))


def _close(one: Any, other: Any) -> bool:
    if one == other:
        return True
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return (
        isinstance(one, tuple)
        and isinstance(other, tuple)
        and len(one) == len(other)
        and all(_close(a, b) for a, b in zip(one, other, strict=True))
    )
