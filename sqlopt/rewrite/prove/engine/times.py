"""What functions of dates and times mean in a dialect, said in DuckDB's words: a part of `meaning`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlopt.rewrite.prove.engine.meaning import Meaning

_PARTS: Final = frozenset(
    {"YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "DAYOFYEAR", "DOY", "DAYOFMONTH"}
)
_UNITS: Final = frozenset({"YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"})
_DAYS_OF_WEEK: Final = frozenset({"DOW", "DAYOFWEEK", "WEEKDAY", "DAY_OF_WEEK"})
_TO_CHAR = (("YYYY", "%Y"), ("HH24", "%H"), ("MM", "%m"), ("DD", "%d"), ("MI", "%M"), ("SS", "%S"))
_STEP_UNITS: Final = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"})


def same(_: Meaning, __: exp.Expr, ___: exp.Expr) -> exp.Expr | None:
    """YEAR, MONTH, DAY and QUARTER of a date, and a date of what is one."""
    return None


def part(meaning: Meaning, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
    """EXTRACT: the parts that all engines count alike, the day of the week by the table."""
    name = node.this.name.upper()
    if name in _PARTS:
        return None
    if name in _DAYS_OF_WEEK:
        return _weekday(meaning, node.expression)
    if name in ("WEEK", "ISOWEEK"):
        return _week(meaning, node.expression) if name == "WEEK" else None
    raise Unsupported(f"EXTRACT of {name} runs as DuckDB")


def weekday(meaning: Meaning, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
    """DAYOFWEEK: which day is the first, and its number."""
    return _weekday(meaning, node.this)


def _weekday(meaning: Meaning, day: exp.Expr) -> exp.Expr:
    numbers = meaning.semantics.day_of_week.value
    if numbers is None:
        raise meaning.unknown("numbers the days of a week")
    if numbers == (7, 1):
        return exp.Anonymous(this="isodow", expressions=[day.copy()])
    call = exp.Anonymous(this="dayofweek", expressions=[day.copy()])
    if numbers == (0, 1):
        return call
    return exp.Paren(this=exp.Add(this=call, expression=exp.Literal.number(1)))


def week(meaning: Meaning, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
    """WEEK: the number of a week in its year."""
    return _week(meaning, node.this)


def _week(meaning: Meaning, day: exp.Expr) -> exp.Expr:
    if not meaning.semantics.week_number.only(53):
        raise meaning.unknown("numbers the weeks of a year")
    return exp.Anonymous(this="weekofyear", expressions=[day.copy()])


def truncated(meaning: Meaning, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
    """DATE_TRUNC, to a week by the day that it starts with."""
    unit = node.args.get("unit")
    name = (unit.name if isinstance(unit, (exp.Var, exp.Literal)) else str(unit)).upper()
    if name in _UNITS or (name == "WEEK" and meaning.semantics.week_starts.only("monday")):
        return None
    if name in ("WEEK", "WEEK(SUNDAY)") and meaning.dialect == "bigquery":
        return None  # the generator moves it by a day, as the table says
    raise Unsupported(f"DATE_TRUNC to {name} runs as DuckDB")


def difference(meaning: Meaning, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
    """DATEDIFF in days of two dates: engines count other units and times of day differently."""
    unit = node.args.get("unit")
    name = unit.name.upper() if unit is not None else "DAY"
    dates = all(meaning.kinds.of(one) is Kind.DATE for one in (old.this, old.expression))
    if name not in ("DAY", "DAYS", "") or not dates:
        raise Unsupported(f"DATEDIFF in {name} runs as DuckDB")
    return None


def moved(_: Meaning, node: exp.Expr, __: exp.Expr) -> exp.Expr | None:
    """DATE_ADD and the like: a whole number of a unit that all engines have."""
    unit = node.args.get("unit")
    if unit is not None and unit.name.upper().rstrip("S") not in _STEP_UNITS:
        raise Unsupported(f"DATE_ADD of {unit.name} runs as DuckDB")
    return None


def written(_: Meaning, node: exp.Expr, __: exp.Expr) -> exp.Expr | None:
    """A date written by a format of plain digits, or read by one."""
    form = node.args.get("format")
    text = form.name if isinstance(form, exp.Literal) and form.is_string else "x"
    if re.search(r"[A-Za-z]", re.sub(r"%[YmdHMSjF]", "", text)):
        raise Unsupported(f"the format of {type(node).__name__.upper()} runs as DuckDB")
    return None


def to_char(_: Meaning, call: exp.Expr, __: exp.Expr) -> exp.Expr | None:
    """TO_CHAR of a date with a format of plain digits."""
    form = call.args.get("format")
    if not isinstance(form, exp.Literal) or not form.is_string:
        raise Unsupported("TO_CHAR runs as DuckDB")
    text = form.this.upper()
    for name, code in _TO_CHAR:
        text = text.replace(name, code)
    if any(one.isalpha() for one in re.sub(r"%[YmdHMS]", "", text)):
        raise Unsupported("TO_CHAR runs as DuckDB")
    return exp.TimeToStr(this=call.this.copy(), format=exp.Literal.string(text))


TIMES: Final[Mapping[type[exp.Expr], Callable[[Meaning, exp.Expr, exp.Expr], exp.Expr | None]]] = {
    **dict.fromkeys(
        (exp.Year, exp.Month, exp.Day, exp.DayOfMonth, exp.DayOfYear, exp.Quarter, exp.Date, exp.TsOrDsToDate,
         exp.Hour, exp.Minute, exp.TsOrDsToTimestamp, exp.TsOrDsToDatetime, exp.DateFromParts, exp.LastDay,
         exp.TimestampFromParts, exp.DayOfWeekIso, exp.CurrentDatetime, exp.TimeStrToTime, exp.TimeStrToDate),
        same,
    ),
    exp.Extract: part,
    exp.DayOfWeek: weekday,
    exp.WeekOfYear: week,
    exp.Week: week,
    **dict.fromkeys((exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc), truncated),
    **dict.fromkeys((exp.DateDiff, exp.TsOrDsDiff), difference),
    **dict.fromkeys(
        (exp.DateAdd, exp.DateSub, exp.TsOrDsAdd, exp.TimestampAdd, exp.TimestampSub, exp.DatetimeAdd,
         exp.DatetimeSub),
        moved,
    ),
    **dict.fromkeys((exp.TimeToStr, exp.StrToDate, exp.StrToTime), written),
    exp.ToChar: to_char,
}  # fmt: skip
"""What handles each class of times."""
