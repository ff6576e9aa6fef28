"""Sets of values of one column: unions of intervals, and NULL.

Values of one family compare: numbers (booleans too), dates and datetimes, times of day, texts, bytes. Values
of different families don't, and nothing here raises for that: every operation then answers with a superset
of what is meant, so that ``is_subset`` and ``disjoint`` are sure where they say yes.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlopt.query.values.scalars import Scalar, compare, neighbours, place, sort_key, steps_touched, width

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

_ANY = ""  # the family of an interval without bounds
_MIXED = "mixed"
_SHOWN = 5  # values named in a description


@dataclass(frozen=True, slots=True)
class Interval:
    """The values from ``low`` to ``high``; None is unbounded. Both bounds are of one family."""

    low: Scalar | None = None
    high: Scalar | None = None
    low_closed: bool = False
    high_closed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies between the bounds."""
        if self.low is None or self.high is None:
            return False
        order = compare(self.low, self.high)
        return order == 1 or (order == 0 and not (self.low_closed and self.high_closed))

    @property
    def is_point(self) -> bool:
        """Whether it holds one value alone."""
        return self.low is not None and self.high is not None and compare(self.low, self.high) == 0

    def contains(self, value: Scalar) -> bool:
        """Whether ``value`` lies inside; True where it can't be compared."""
        if self.low is not None:
            order = compare(value, self.low)
            if order == -1 or (order == 0 and not self.low_closed):
                return False
        if self.high is not None:
            order = compare(value, self.high)
            if order == 1 or (order == 0 and not self.high_closed):
                return False
        return True


_EVERYTHING = Interval()


def _family(intervals: tuple[Interval, ...]) -> str:
    """Return the family of sorted intervals: the first and the last one tell, as families stand together."""
    if not intervals:
        return _ANY
    kinds = {_interval_family(intervals[0]), _interval_family(intervals[-1])}
    return kinds.pop() if len(kinds) == 1 else _MIXED


def _interval_family(one: Interval) -> str:
    bound = one.low if one.low is not None else one.high
    return _ANY if bound is None else sort_key(bound)[0]


def _dated(intervals: tuple[Interval, ...]) -> tuple[Interval, ...] | None:
    """Texts that spell dates, as dates; None if one does not."""
    found = []
    for one in intervals:
        bounds: list[Scalar | None] = []
        for bound in (one.low, one.high):
            if bound is None:
                bounds.append(None)
                continue
            try:
                bounds.append(datetime.fromisoformat(str(bound)))
            except ValueError:
                return None
        found.append(Interval(bounds[0], bounds[1], one.low_closed, one.high_closed))
    return _joined(found)


def _meet(one: Interval, other: Interval) -> Interval:
    low, low_closed = _stricter(one.low, one.low_closed, other.low, other.low_closed, 1)
    high, high_closed = _stricter(one.high, one.high_closed, other.high, other.high_closed, -1)
    return Interval(low, high, low_closed, high_closed)


def _stricter(
    one: Scalar | None, one_closed: bool, other: Scalar | None, other_closed: bool, sign: int
) -> tuple[Scalar | None, bool]:
    """Return the tighter of two bounds: the larger lower one (``sign`` 1) or the smaller upper one (-1)."""
    if one is None:
        return other, other_closed
    if other is None:
        return one, one_closed
    order = compare(one, other)
    if order == 0:
        return one, one_closed and other_closed
    return (one, one_closed) if order == sign else (other, other_closed)


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Sort by family and value, drop what is empty, and merge what overlaps or touches."""
    kept = []
    for one in intervals:
        if one.low is None and one.high is None:
            return (_EVERYTHING,)
        if not one.is_empty:
            bound = sort_key(one.low if one.low is not None else one.high)  # type: ignore[arg-type]
            kept.append(((bound[0], one.low is not None, bound[1], not one.low_closed), one))
    kept.sort(key=lambda pair: pair[0])
    found: list[Interval] = []
    family = _ANY
    for key, one in kept:
        last = found[-1] if found and family == key[0] else None
        family = key[0]
        if last is None or not _touch(last, one):
            found.append(one)
        else:
            found[-1] = _merged(last, one)
            if found[-1] == _EVERYTHING:
                return (_EVERYTHING,)
    return tuple(found)


def _touch(left: Interval, right: Interval) -> bool:
    if left.high is None or right.low is None:
        return True
    order = compare(right.low, left.high)
    return order == -1 or (order == 0 and (right.low_closed or left.high_closed))


def _merged(left: Interval, right: Interval) -> Interval:
    """Two that touch as one; ``left`` begins first."""
    closed = left.low_closed
    if left.low is not None and right.low is not None and compare(left.low, right.low) == 0:
        closed = left.low_closed or right.low_closed
    if left.high is None or right.high is None:
        return Interval(left.low, None, closed)
    order = compare(left.high, right.high)
    if order == 0:
        return Interval(left.low, left.high, closed, left.high_closed or right.high_closed)
    upper = right if order == -1 else left
    return Interval(left.low, upper.high, closed, upper.high_closed)


@dataclass(frozen=True, slots=True)
class Ranges:
    """A sorted union of disjoint intervals, and whether NULL belongs to the set.

    Intervals of several families may stand side by side (``IN (1, 'a')``); the complement of such a set is
    widened to every value.
    """

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
        return cls.at_least(low).intersect(cls.at_most(high))

    @classmethod
    def of(cls, values: Iterable[Scalar]) -> Ranges:
        """Just these values, in any order, many of them if need be."""
        return cls(_joined(Interval(value, value, low_closed=True, high_closed=True) for value in values))

    # ---- algebra

    @property
    def family(self) -> str:
        """What kind of values bound the set: number, date, text ...; empty without bounds, or ``mixed``."""
        return _family(self.intervals)

    def comparable(self, other: Ranges) -> bool:
        """Whether operations with ``other`` are exact: the bounds of both are of one family."""
        kinds = {self.family, other.family} - {_ANY}
        return len(kinds) <= 1 and _MIXED not in kinds

    def union(self, other: Ranges) -> Ranges:
        """Values in either."""
        return Ranges(_joined((*self.intervals, *other.intervals)), self.null or other.null)

    def intersect(self, other: Ranges) -> Ranges:
        """Values in both. Both are sorted, so one pass side by side is enough."""
        null = self.null and other.null
        left, right = self.intervals, other.intervals
        if not left or not right:
            return Ranges((), null)
        if not self.comparable(other):
            kinds = (self.family, other.family)
            dated = [
                _dated(one) if kind == "text" else one for one, kind in zip((left, right), kinds, strict=True)
            ]
            if set(kinds) != {"text", "date"} or dated[0] is None or dated[1] is None:
                return Ranges(left, null)  # either side is a superset
            left, right = dated[0], dated[1]
        return Ranges(_met(left, right), null)

    def complement(self) -> Ranges:
        """Every value that is not in the set; NULL if NULL is not."""
        if self.family == _MIXED:
            return Ranges((_EVERYTHING,), not self.null)
        gaps: list[Interval] = []
        low: Scalar | None = None
        closed = False
        for one in self.intervals:
            if one.low is not None:
                gaps.append(Interval(low, one.low, closed, not one.low_closed))
            if one.high is None:
                break
            low, closed = one.high, not one.high_closed
        else:
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
        return self.null and self.intervals == (_EVERYTHING,)

    @property
    def is_bounded(self) -> bool:
        """Whether the set has a lower and an upper bound."""
        return not self.intervals or (self.lower is not None and self.upper is not None)

    @property
    def lower(self) -> Scalar | None:
        """The lowest bound, or None."""
        return self.intervals[0].low if self.intervals and self.family != _MIXED else None

    @property
    def upper(self) -> Scalar | None:
        """The highest bound, or None."""
        return self.intervals[-1].high if self.intervals and self.family != _MIXED else None

    def contains(self, value: Scalar | None) -> bool:
        """Whether ``value`` (None is NULL) is in the set; True where it can't be compared."""
        return self.null if value is None else self.overlaps(value, value)

    def is_subset(self, other: Ranges) -> bool:
        """Whether every member is in ``other``, for sure."""
        if self.null and not other.null:
            return False
        if self.comparable(other):
            return not self.minus(other).intervals
        return not self.intervals or other.intervals == (_EVERYTHING,)

    def disjoint(self, other: Ranges) -> bool:
        """Whether nothing is in both, for sure."""
        return self.intersect(other).is_empty

    def overlaps(self, low: Scalar | None, high: Scalar | None) -> bool:
        """Whether some value from ``low`` to ``high`` may be in the set; never False when one is.

        None is an unknown bound.
        """
        whole = Interval(low, high, low_closed=True, high_closed=True)
        kind = self.family
        if not self.intervals:
            return False
        if low is None or kind in (_ANY, _MIXED) or sort_key(low)[0] != kind:
            return any(not _meet(one, whole).is_empty for one in self.intervals)
        wanted = (0, sort_key(low)[1])
        first = bisect_left(
            self.intervals,
            wanted,
            key=lambda one: (1, None) if one.high is None else (0, sort_key(one.high)[1]),
        )
        # The first that reaches ``low`` may end just before it: the next one then decides.
        return any(not _meet(one, whole).is_empty for one in self.intervals[first : first + 2])

    def span_length(self) -> timedelta | float | None:
        """From the lowest to the highest bound; None when unbounded or not a length."""
        low, high = self.lower, self.upper
        if low is None or high is None:
            return None
        start, end = sort_key(low)[1], sort_key(high)[1]
        if isinstance(start, datetime) and isinstance(end, datetime):
            return end - start
        first, last = place(low), place(high)
        return None if first is None or last is None else float(last - first)

    def share(self, minimum: Scalar, maximum: Scalar, step: timedelta | float | None = None) -> float | None:
        """Return the share, 0 to 1, of values spread evenly from ``minimum`` to ``maximum`` in the set.

        With a ``step`` (the width of a partition: a timedelta for dates, else a number) it is the share of
        the steps that the set touches, counted from 1970 or from zero. Without one dates count by days and
        whole numbers by one, and a point of anything finer has no width. None for values without a length.
        """
        low, high = place(minimum), place(maximum)
        if low is None or high is None or low > high or self.family == _MIXED:
            return None
        pieces = []
        for one in self.intersect(Ranges.between(minimum, maximum)).intervals:
            start = place(one.low) if one.low is not None else None
            end = place(one.high) if one.high is not None else None
            if start is None or end is None:
                return None
            pieces.append((start, end, one.low_closed, one.high_closed))
        apart = neighbours(minimum, maximum)
        unit = apart if step is None else width(step)
        if unit > 0:
            return min(steps_touched(pieces, apart, unit) / (high // unit - low // unit + 1), 1.0)
        inside = sum(end - start for start, end, _, _ in pieces)
        return float(inside / (high - low)) if high > low else float(bool(pieces))

    def describe(self, name: str = "x") -> str:
        """Return the set in words, for people: ``2026-01-01 <= x < 2026-02-01``."""
        if not self.intervals:
            return f"{name} is null" if self.null else "nothing"
        if self.intervals == (_EVERYTHING,):
            return "anything" if self.null else f"{name} is not null"
        holes = self.complement().intervals
        if all(one.is_point for one in self.intervals):
            text = _listed(self.intervals, name, "=", "in")
        elif all(one.is_point for one in holes) and self.family != _MIXED:
            text = _listed(holes, name, "<>", "not in")
        else:
            text = " or ".join(_words(one, name) for one in self.intervals[:_SHOWN])
            if len(self.intervals) > _SHOWN:
                text += f" or {len(self.intervals) - _SHOWN:,} more ranges"
        return f"{text} or {name} is null" if self.null else text


Ranges.ALL = Ranges((_EVERYTHING,), null=True)
Ranges.NOT_NULL = Ranges((_EVERYTHING,))
Ranges.NONE = Ranges()
Ranges.NULL = Ranges((), null=True)


def _met(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> tuple[Interval, ...]:
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        one, two = left[i], right[j]
        met = _meet(one, two)
        if not met.is_empty:
            found.append(met)
        if two.high is None:
            i += 1
        elif one.high is None:
            j += 1
        else:
            order = compare(one.high, two.high)
            if order == -1 or (order == 0 and not one.high_closed):
                i += 1
            else:
                j += 1
    return tuple(found)


def _end(one: Interval) -> tuple[int, object]:
    return (1, None) if one.high is None else (0, sort_key(one.high)[1])


# ---- words


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _listed(points: tuple[Interval, ...], name: str, one: str, many: str) -> str:
    texts = [_quoted(point.low) for point in points[:_SHOWN]]
    if len(points) == 1:
        return f"{name} {one} {texts[0]}"
    more = f", and {len(points) - _SHOWN:,} more" if len(points) > _SHOWN else ""
    return f"{name} {many} ({', '.join(texts)}{more})"


def _words(one: Interval, name: str) -> str:
    if one.is_point:
        return f"{name} = {_quoted(one.low)}"
    low = f"{_quoted(one.low)} {'<=' if one.low_closed else '<'} " if one.low is not None else ""
    high = f" {'<=' if one.high_closed else '<'} {_quoted(one.high)}" if one.high is not None else ""
    if low and not high:
        return f"{name} {'>=' if one.low_closed else '>'} {_quoted(one.low)}"
    return f"{low}{name}{high}"


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
        exact = self.exact and other.exact and self._comparable(other)
        return Truth(self.true.intersect(other.true), self.false.union(other.false), exact)

    def or_(self, other: Truth) -> Truth:
        """One is true; false only when both are."""
        exact = self.exact and other.exact and self._comparable(other)
        return Truth(self.true.union(other.true), self.false.intersect(other.false), exact)

    def not_(self) -> Truth:
        """Swap true and false; NULL stays NULL."""
        return Truth(self.false, self.true, self.exact)

    def _comparable(self, other: Truth) -> bool:
        return self.true.comparable(other.true) and self.false.comparable(other.false)


__all__ = ["Interval", "Ranges", "Scalar", "Truth", "compare"]
