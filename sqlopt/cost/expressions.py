"""How many different values an expression takes, from those of the columns in it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.cost.statistics import Values
from sqlopt.query.values.scalars import place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PARTS: Final[Mapping[str, float]] = {
    "month": 12, "quarter": 4, "week": 53, "day": 31, "dayofweek": 7, "dow": 7, "isodow": 7, "weekday": 7,
    "dayofyear": 366, "doy": 366, "hour": 24, "minute": 60, "second": 60,
}  # fmt: skip
_PART_NODES: Final[Mapping[type[exp.Expr], str]] = {
    exp.Month: "month", exp.Quarter: "quarter", exp.Week: "week", exp.Day: "day", exp.DayOfMonth: "day",
    exp.DayOfWeek: "dow", exp.DayOfYear: "doy", exp.Hour: "hour", exp.Minute: "minute", exp.Second: "second",
}  # fmt: skip
_UNITS: Final[Mapping[str, float]] = {"year": 365.25, "quarter": 91.3, "month": 30.4, "week": 7.0, "day": 1.0}
_DAY: Final = 86_400_000_000
"""Microseconds."""
_SAME: Final = (exp.Paren, exp.Cast, exp.TryCast, exp.Lower, exp.Upper, exp.Trim, exp.Neg, exp.Round, exp.Abs)


def values_of(node: exp.Expr, column: Callable[[exp.Expr], Values], rows: float) -> Values:
    """Return what is known of an expression's values in ``rows`` rows; ``column`` answers for columns."""
    if isinstance(node, exp.Column):
        return column(node)
    if isinstance(node, (exp.Literal, exp.Boolean, exp.Null, exp.CurrentDate, exp.CurrentTimestamp)):
        return Values(1.0, known=True)
    if isinstance(node, _SAME):
        return replace(values_of(node.this, column, rows), common=(), quantiles=())
    if isinstance(node, exp.Window):
        return _window(node, column, rows)
    if isinstance(node, exp.AggFunc):
        return Values(max(rows, 1.0))
    if isinstance(node, exp.Predicate):
        return Values(2.0)
    by_time = _of_time(node, column, rows)
    return by_time if by_time is not None else _computed(node, column, rows)


def _of_time(node: exp.Expr, column: Callable[[exp.Expr], Values], rows: float) -> Values | None:
    """Return the values of a part of a date, or of a date cut to a unit."""
    unit = _PART_NODES.get(type(node))
    if isinstance(node, exp.Extract):
        unit = node.this.name.lower()
    if unit is not None and unit in _PARTS:
        return Values(min(_PARTS[unit], max(rows, 1.0)), known=True)
    if isinstance(node, exp.Year) or unit == "year":
        inner = node.expression if isinstance(node, exp.Extract) else node.this
        return _cut(values_of(inner, column, rows), "year")
    if isinstance(node, (exp.DateTrunc, exp.TimestampTrunc)):
        return _cut(values_of(node.this, column, rows), str(node.args.get("unit") or "").strip("'").lower())
    if isinstance(node, (exp.Date, exp.TsOrDsToDate)) and node.this is not None:
        return _cut(values_of(node.this, column, rows), "day")
    return None


def _cut(inner: Values, unit: str) -> Values:
    days = _UNITS.get(unit)
    if days is None or inner.low is None or inner.high is None:
        return Values(max(inner.distinct / (days or 1.0), 1.0))
    low, high = place(inner.low), place(inner.high)
    if low is None or high is None:
        return Values(max(inner.distinct / days, 1.0))
    return Values(min(math.floor((high - low) / _DAY / days) + 1.0, inner.distinct), known=inner.known)


def _computed(node: exp.Expr, column: Callable[[exp.Expr], Values], rows: float) -> Values:
    if isinstance(node, exp.Case):
        branches = [one.args["true"] for one in node.args["ifs"]] + [node.args.get("default") or exp.Null()]
        total = sum(values_of(one, column, rows).distinct for one in branches)
        return Values(max(min(total, rows), 1.0))
    if isinstance(node, exp.Substring):
        return Values(max(values_of(node.this, column, rows).distinct ** 0.5, 1.0))
    if isinstance(node, exp.Coalesce):
        first = values_of(node.this, column, rows)
        return replace(first, distinct=first.distinct + 1, domain=0.0, nulls=0.0, common=(), quantiles=())
    inside = [column(one).distinct for one in node.find_all(exp.Column)]
    product = math.prod(sorted(inside, reverse=True)[:3])
    return Values(max(min(product, rows), 1.0))


def _window(node: exp.Expr, column: Callable[[exp.Expr], Values], rows: float) -> Values:
    """Return the values of a window function; ROW_NUMBER counts from 1 in each partition."""
    if not isinstance(node.this, (exp.RowNumber, exp.Rank, exp.DenseRank)):
        return Values(max(rows, 1.0))
    keys = [values_of(one, column, rows).distinct for one in node.args.get("partition_by") or ()]
    parts = min(math.prod(keys), rows) if keys else 1.0
    longest = max(rows / max(parts, 1.0), 1.0)
    share = min(parts / rows, 1.0) if rows > 0 else 1.0
    return Values(longest, 1, max(math.ceil(longest), 1), known=True, common=((1, share),))
