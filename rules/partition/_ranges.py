"""The range of days that a function of a date stands for, spelled as two comparisons."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from sqlopt.query.interval import Scalar

_LAST_YEAR = 9998


def spelled(column: str, call: exp.Expr, value: Scalar | None) -> str | None:
    """Return the two comparisons that mean ``call = value``; None if that is no range of days."""
    days = _year(value) if _is_year(call) else _truncated(call, value)
    return f"{column} >= '{days[0]}' AND {column} < '{days[1]}'" if days else None


def _is_year(call: exp.Expr) -> bool:
    return isinstance(call, exp.Year) or (isinstance(call, exp.Extract) and call.name.casefold() == "year")


def _year(value: Scalar | None) -> tuple[date, date] | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LAST_YEAR:
        return None
    return date(value, 1, 1), date(value + 1, 1, 1)


def _truncated(call: exp.Expr, value: Scalar | None) -> tuple[date, date] | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(call, (exp.DateTrunc, exp.TimestampTrunc)) or not isinstance(value, date):
        return None
    if isinstance(value, datetime) or not 1 <= value.year <= _LAST_YEAR:
        return None
    match call.text("unit").casefold():
        case "year" if value.day == value.month == 1:
            return value, date(value.year + 1, 1, 1)
        case "month" if value.day == 1:
            return value, date(value.year + value.month // 12, value.month % 12 + 1, 1)
        case _:
            return None
