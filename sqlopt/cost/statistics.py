"""What is known of a relation's columns: distinct values, ends, NULLs. Every step of a plan passes it on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.catalog import Column
    from sqlopt.query.values.intervals import Ranges
    from sqlopt.query.values.scalars import Scalar

DEFAULT_DISTINCT = 200.0
"""Distinct values of a column of which nothing is known, as PostgreSQL assumes: DEFAULT_NUM_DISTINCT of
https://github.com/postgres/postgres/blob/master/src/include/utils/selfuncs.h (checked 2026-11-23)."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a column in some rows. ``known`` is False where ``distinct`` is a guess.

    ``domain`` are the distinct values before filters on other columns: what a join meets its partner in.

    ``common`` are (value, share of all rows) of the most frequent ones, most frequent first; ``quantiles`` are
    values that divide the others into equal parts, the least and the greatest among them.
    """

    distinct: float = DEFAULT_DISTINCT
    low: Scalar | None = None
    high: Scalar | None = None
    nulls: float = 0.0
    known: bool = False
    common: tuple[tuple[Scalar, float], ...] = ()
    quantiles: tuple[Scalar, ...] = ()
    domain: float = 0.0

    def __post_init__(self) -> None:
        """Take the distinct values for the domain where there is no other."""
        if self.domain <= 0:
            object.__setattr__(self, "domain", self.distinct)

    @classmethod
    def of(cls, column: Column, rows: float, *, unique: bool = False) -> Values:
        """Return what the catalog says of a table's column."""
        distinct = float(column.distinct) if column.distinct is not None else None
        if unique and distinct is None:
            distinct = rows
        nulls = column.nulls or 0.0
        if distinct is None and (column.type or "").upper().startswith("BOOL"):
            distinct = 2.0
        if distinct is None:
            from sqlopt.query.values.scalars import neighbours, place

            if column.min is not None and column.max is not None:
                low, high, step = place(column.min), place(column.max), neighbours(column.min, column.max)
                if low is not None and high is not None and step:
                    distinct = float((high - low) / step + 1)  # whole numbers and dates: at most so many
        known = distinct is not None
        # Unknown, but a table of many rows rarely repeats few values in a column that nobody counted.
        guess = min(DEFAULT_DISTINCT, rows) if distinct is None else distinct
        return cls(
            max(min(guess, rows), 1.0), column.min, column.max, nulls, known, column.common, column.quantiles
        )

    def among(self, rows: float, before: float) -> Values:
        """Return these values among ``rows`` of ``before`` rows chosen without regard to them (Yao's formula)."""
        if rows >= before or before <= 0:
            return self
        return replace(self, distinct=max(_left(self.distinct, rows, before), 1.0))

    def limited(self, ranges: Ranges, share: float) -> Values:
        """Return these values after a filter on them let ``share`` of the rows through."""
        low = ranges.lower if ranges.lower is not None else self.low
        high = ranges.upper if ranges.upper is not None else self.high
        points = [one for one in ranges.intervals if one.is_point]
        distinct = len(points) if points and len(points) == len(ranges.intervals) else self.distinct * share
        return Values(
            max(min(distinct, self.distinct), 1.0),
            low,
            high,
            0.0 if not ranges.null else self.nulls,
            self.known,
        )


def _left(distinct: float, rows: float, before: float) -> float:
    """Expected distinct values in ``rows`` drawn from ``before`` rows that hold ``distinct``."""
    per_value = before / max(distinct, 1.0)
    kept = rows / before
    return distinct * -math.expm1(per_value * math.log1p(-min(kept, 1 - 1e-12)))
