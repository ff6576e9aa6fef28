"""Sets of values of one column: unions of intervals, and NULL.

Values of one family compare (numbers, texts, dates and times, booleans). A comparison across families
never raises: the answer is then the larger, safer set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

Scalar = int | float | Decimal | str | bool | date | datetime | time | bytes


def _key(value: Scalar) -> tuple[str, object]:
    """A value's family and what it sorts by; a date stands for its midnight, UTC for naive times."""
    if isinstance(value, datetime):
        return "time", value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return "time", datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive stands for UTC
    if isinstance(value, bool | int | Decimal):
        return "number", value
    if isinstance(value, float):
        # NaN sorts above all numbers, as in PostgreSQL, Snowflake and Spark.
        return "number", float("inf") if value != value else value  # noqa: PLR0124 - the test for NaN
    return type(value).__name__, value


def _compare(one: Scalar, other: Scalar) -> int | None:
    """-1, 0 or 1, or None for values of different families."""
    first, second = _key(one), _key(other)
    if first[0] != second[0]:
        return None
    if first[1] == second[1]:
        return 0
    return -1 if first[1] < second[1] else 1  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Interval:
    """The values from ``low`` to ``high``; None is unbounded."""

    low: Scalar | None = None
    high: Scalar | None = None
    low_closed: bool = False
    high_closed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies between the bounds."""
        if self.low is None or self.high is None:
            return False
        order = _compare(self.low, self.high)
        return order == 1 or (order == 0 and not (self.low_closed and self.high_closed))

    def contains(self, value: Scalar) -> bool:
        """Whether ``value`` lies inside; True where it can't be compared."""
        if self.low is not None:
            order = _compare(value, self.low)
            if order == -1 or (order == 0 and not self.low_closed):
                return False
        if self.high is not None:
            order = _compare(value, self.high)
            if order == 1 or (order == 0 and not self.high_closed):
                return False
        return True


def _meet(one: Interval, other: Interval) -> Interval:
    low, low_closed = _stricter(one.low, one.low_closed, other.low, other.low_closed, 1)
    high, high_closed = _stricter(one.high, one.high_closed, other.high, other.high_closed, -1)
    return Interval(low, high, low_closed, high_closed)


def _stricter(
    one: Scalar | None, one_closed: bool, other: Scalar | None, other_closed: bool, sign: int
) -> tuple[Scalar | None, bool]:
    """The tighter of two bounds: the larger lower one (``sign`` 1) or the smaller upper one (-1)."""
    if one is None:
        return other, other_closed
    if other is None:
        return one, one_closed
    order = _compare(one, other)
    if order is None or order == sign:
        return one, one_closed  # across families either bound is a superset
    if order == 0:
        return one, one_closed and other_closed
    return other, other_closed


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Sort, drop what is empty, and merge what overlaps or touches."""
    kept = [one for one in intervals if not one.is_empty]
    families = {_key(bound)[0] for one in kept for bound in (one.low, one.high) if bound is not None}
    if len(families) > 1:
        return (Interval(),)
    kept.sort(
        key=lambda one: (
            one.low is not None,
            _key(one.low)[1] if one.low is not None else 0,
            not one.low_closed,
        )
    )  # type: ignore[return-value]
    found: list[Interval] = []
    for one in kept:
        last = found[-1] if found else None
        if last is None or not _touch(last, one):
            found.append(one)
            continue
        if last.high is None:
            continue
        if one.high is None:
            found[-1] = Interval(last.low, None, last.low_closed, high_closed=False)
            continue
        order = _compare(one.high, last.high)
        if order == 1:
            found[-1] = Interval(last.low, one.high, last.low_closed, one.high_closed)
        elif order == 0:
            found[-1] = Interval(last.low, last.high, last.low_closed, last.high_closed or one.high_closed)
    return tuple(found)


def _touch(left: Interval, right: Interval) -> bool:
    if left.high is None or right.low is None:
        return True
    order = _compare(right.low, left.high)
    return order == -1 or (order == 0 and (right.low_closed or left.high_closed))


@dataclass(frozen=True, slots=True)
class Ranges:
    """A sorted union of disjoint intervals, and whether NULL belongs to the set."""

    intervals: tuple[Interval, ...] = ()
    null: bool = False

    ALL: ClassVar[Ranges]
    NOT_NULL: ClassVar[Ranges]
    NONE: ClassVar[Ranges]
    NULL: ClassVar[Ranges]

    @classmethod
    def point(cls, value: Scalar) -> Ranges:
        """Just ``value``."""
        return cls((Interval(value, value, low_closed=True, high_closed=True),))

    @classmethod
    def at_least(cls, value: Scalar) -> Ranges:
        """``value`` and above."""
        return cls((Interval(value, None, low_closed=True),))

    @classmethod
    def more_than(cls, value: Scalar) -> Ranges:
        """Above ``value``."""
        return cls((Interval(value, None),))

    @classmethod
    def at_most(cls, value: Scalar) -> Ranges:
        """``value`` and below."""
        return cls((Interval(None, value, high_closed=True),))

    @classmethod
    def less_than(cls, value: Scalar) -> Ranges:
        """Below ``value``."""
        return cls((Interval(None, value),))

    @classmethod
    def between(cls, low: Scalar, high: Scalar) -> Ranges:
        """From ``low`` to ``high``, both included; empty if they are the wrong way round."""
        return cls(_joined([Interval(low, high, low_closed=True, high_closed=True)]))

    @classmethod
    def of(cls, values: Iterable[Scalar]) -> Ranges:
        """Just these values."""
        return cls(_joined(Interval(value, value, low_closed=True, high_closed=True) for value in values))

    # ---- algebra

    def union(self, other: Ranges) -> Ranges:
        """Values in either."""
        return Ranges(_joined((*self.intervals, *other.intervals)), self.null or other.null)

    def intersect(self, other: Ranges) -> Ranges:
        """Values in both. Both are sorted, so one pass side by side is enough."""
        found: list[Interval] = []
        i = j = 0
        while i < len(self.intervals) and j < len(other.intervals):
            one, two = self.intervals[i], other.intervals[j]
            met = _meet(one, two)
            if not met.is_empty:
                found.append(met)
            if one.high is None:
                j += 1
            elif two.high is None:
                i += 1
            else:
                order = _compare(one.high, two.high)
                if order is not None and (order == -1 or (order == 0 and not one.high_closed)):
                    i += 1
                else:
                    j += 1
        return Ranges(tuple(found), self.null and other.null)

    def complement(self) -> Ranges:
        """Every value that is not in the set; NULL if NULL is not."""
        gaps: list[Interval] = []
        low: Scalar | None = None
        closed = False
        for one in self.intervals:
            if one.low is not None:
                gaps.append(Interval(low, one.low, closed, not one.low_closed))
            if one.high is None:
                return Ranges(tuple(gap for gap in gaps if not gap.is_empty), not self.null)
            low, closed = one.high, not one.high_closed
        gaps.append(Interval(low, None, closed))
        return Ranges(tuple(gap for gap in gaps if not gap.is_empty), not self.null)

    def minus(self, other: Ranges) -> Ranges:
        """Values here and not in ``other``."""
        return self.intersect(other.complement())

    # ---- questions

    @property
    def is_empty(self) -> bool:
        """Whether no value and no NULL is in the set."""
        return not self.intervals and not self.null

    @property
    def is_all(self) -> bool:
        """Whether everything, NULL too, is in the set."""
        return self.null and self.intervals == (Interval(),)

    @property
    def is_bounded(self) -> bool:
        """Whether the set has a lower and an upper bound."""
        return not self.intervals or (
            self.intervals[0].low is not None and self.intervals[-1].high is not None
        )

    @property
    def lower(self) -> Scalar | None:
        """The lowest bound, or None."""
        return self.intervals[0].low if self.intervals else None

    @property
    def upper(self) -> Scalar | None:
        """The highest bound, or None."""
        return self.intervals[-1].high if self.intervals else None

    def contains(self, value: Scalar | None) -> bool:
        """Whether ``value`` (None is NULL) is in the set."""
        return self.null if value is None else any(one.contains(value) for one in self.intervals)

    def is_subset(self, other: Ranges) -> bool:
        """Whether every member is in ``other``, for sure."""
        return self.minus(other).is_empty

    def disjoint(self, other: Ranges) -> bool:
        """Whether nothing is in both, for sure."""
        return self.intersect(other).is_empty

    def overlaps(self, low: Scalar, high: Scalar) -> bool:
        """Whether some value from ``low`` to ``high`` may be in the set; never False when one is."""
        met = Interval(low, high, low_closed=True, high_closed=True)
        return any(not _meet(one, met).is_empty for one in self.intervals)

    def span_length(self) -> timedelta | float | None:
        """From the lowest to the highest bound; None when unbounded or not a length."""
        low, high = self.lower, self.upper
        if low is None or high is None:
            return None
        return _distance(low, high)

    def share(self, minimum: Scalar, maximum: Scalar, step: timedelta | float | None = None) -> float | None:
        """The share, 0 to 1, of values spread evenly from ``minimum`` to ``maximum`` that is in the set.

        ``step`` is what a single value stands for: by default a day for dates, 1 for whole numbers and
        nothing for the rest. None when the values have no length.
        """
        width = step if step is not None else _step(minimum)
        whole = _distance(minimum, maximum)
        if whole is None:
            return None
        part = 0.0
        for one in self.intersect(Ranges.between(minimum, maximum)).intervals:
            if one.low is None or one.high is None:
                return None
            length = _distance(one.low, one.high)
            if length is None:
                return None
            part += _seconds(length) + _seconds(width) * (one.low_closed + one.high_closed - 1)
        total = _seconds(whole) + _seconds(width)
        if total <= 0:
            return 1.0 if self.contains(minimum) else 0.0
        return min(max(part / total, 0.0), 1.0)

    def describe(self, name: str = "x") -> str:
        """Return the set in words, for people: ``2026-01-01 <= x < 2026-02-01``."""
        if not self.intervals:
            return f"{name} is null" if self.null else "nothing"
        if self.intervals == (Interval(),):
            return "anything" if self.null else f"{name} is not null"
        if all(one.low is not None and one.low == one.high for one in self.intervals):
            points = [str(one.low) for one in self.intervals]
            text = f"{name} = {points[0]}" if len(points) == 1 else f"{name} in ({', '.join(points)})"
        else:
            text = " or ".join(_words(one, name) for one in self.intervals)
        return f"{text} or {name} is null" if self.null else text


Ranges.ALL = Ranges((Interval(),), null=True)
Ranges.NOT_NULL = Ranges((Interval(),))
Ranges.NONE = Ranges()
Ranges.NULL = Ranges((), null=True)


def _words(one: Interval, name: str) -> str:
    low = f"{one.low} {'<=' if one.low_closed else '<'} " if one.low is not None else ""
    high = f" {'<=' if one.high_closed else '<'} {one.high}" if one.high is not None else ""
    return f"{low}{name}{high}"


def _step(value: Scalar) -> timedelta | float:
    if isinstance(value, datetime):
        return timedelta(0)
    if isinstance(value, date):
        return timedelta(days=1)
    return 1 if isinstance(value, int) else 0


def _distance(low: Scalar, high: Scalar) -> timedelta | float | None:
    first, second = _key(low), _key(high)
    if first[0] != second[0] or first[0] not in ("time", "number"):
        return None
    if isinstance(first[1], datetime) and isinstance(second[1], datetime):
        return second[1] - first[1]
    return float(second[1]) - float(first[1])  # type: ignore[arg-type]


def _seconds(length: timedelta | float) -> float:
    return length.total_seconds() if isinstance(length, timedelta) else length


@dataclass(frozen=True, slots=True)
class Truth:
    """For which values of a column a predicate is TRUE and for which FALSE; for the rest it is NULL.

    Where ``exact`` is False both sets may hold more than they should, never less.
    """

    true: Ranges
    false: Ranges
    exact: bool = True

    def and_(self, other: Truth) -> Truth:
        """Both are true; false as soon as one is."""
        return Truth(
            self.true.intersect(other.true), self.false.union(other.false), self.exact and other.exact
        )

    def or_(self, other: Truth) -> Truth:
        """One is true; false only when both are."""
        return Truth(
            self.true.union(other.true), self.false.intersect(other.false), self.exact and other.exact
        )

    def not_(self) -> Truth:
        """True and false change places; NULL stays NULL."""
        return Truth(self.false, self.true, self.exact)
