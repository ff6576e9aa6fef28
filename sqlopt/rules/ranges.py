"""A predicate on a function of a column, written as a range of the column itself.

Engines skip partitions, blocks and index pages by comparisons of the bare column. Conditions, numbered as in the
code; where one fails the answer is None:

1. The predicate is a conjunct of its own: one comparison or BETWEEN of constants with functions of the column.
2. Every function is turned round exactly: the year, a cast to a date, a truncation to a day, month, quarter or year,
   a shift by days or hours, a sum with a whole number that can't overflow; or a date's format of digits from the year
   down, compared for equality. No time zone decides, so the column has none (BigQuery's TIMESTAMP is read as UTC).
3. The values for which it is true are one range.
4. No constant depends on the clock, for its value holds only now. Then a shift alone is turned round, by moving it to
   the other side as it is written: `d + 7 >= current_date` is `d >= current_date - 7`.

A NULL makes both forms NULL, and WHERE drops the row either way.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.query.pruning.functions import functions_around
from sqlopt.query.pruning.predicate import Judge
from sqlopt.query.values.calendar import family, moment
from sqlopt.query.values.intervals import Interval
from sqlopt.rules.shifts import moved
from sqlopt.warehouses.pruning import Form, PruningTable

if TYPE_CHECKING:
    from sqlopt.query import Scan
    from sqlopt.query.flow import Filter
    from sqlopt.query.pruning.functions import ColumnFunction
    from sqlopt.query.values.intervals import Scalar

_KINDS: Final = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_UNITS: Final = frozenset({"day", "month", "mm", "mon", "quarter", "year", "yyyy"})
_STEPS: Final = frozenset({"", "day", "hour"})
_WHOLE: Final = frozenset({"int64", "int", "integer", "bigint", "smallint", "number"})
# Types whose values are the same in every session. Snowflake's TIMESTAMP_NTZ, PostgreSQL's timestamp; BigQuery's
# TIMESTAMP is an instant, and DATE(ts) and TIMESTAMP_TRUNC(ts, unit) take UTC where no zone is given:
# https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/timestamp_functions (checked 2026-11-23).
_DATED: Final = {
    "": frozenset({"date", "timestamp_ntz", "datetime"}),
    "bigquery": frozenset({"date", "datetime", "timestamp"}),
    "postgres": frozenset({"date", "timestamp", "timestamp without time zone"}),
    "duckdb": frozenset({"date", "timestamp", "datetime", "timestamp without time zone"}),
}
_FORMATS: Final = ("%Y-%m-%d", "%Y%m%d", "%Y-%m", "%Y%m", "%Y")
_WRITTEN: Final = {
    "%F": "%Y-%m-%d", "YYYY-MM-DD": "%Y-%m-%d", "YYYYMMDD": "%Y%m%d", "YYYY-MM": "%Y-%m", "YYYYMM": "%Y%m",
    "YYYY": "%Y",
}  # fmt: skip
_LARGEST: Final = 2**63 - 1


def as_range(scan: Scan, name: str | None, one: Filter) -> str | None:
    """Return the comparisons of ``scan``'s bare column that mean the filter's predicate, as text; None without any."""
    column = scan.source.column(name) if name is not None else None
    node = one.node.unnest()
    # 1.
    if column is None or not isinstance(node, _KINDS) or one.scope is not scan.scope or one.path:
        return None
    base = (column.type or "").split("(", maxsplit=1)[0].strip().casefold()
    judge = Judge(scan, (column.name.casefold(),), column, None, PruningTable("logic"), always=True)
    side = node.this if node.this.find(exp.Column) is not None else node.expression
    wrapped = functions_around(side, judge, one)
    if wrapped is None or not wrapped.functions or not isinstance(wrapped.column, exp.Column):
        return None
    # 4.
    if _clocked(node, judge):
        return moved(node, wrapped, column.type or "", scan.query)
    # 2.
    dialect = scan.query.dialect
    found: Interval | None
    if wrapped.functions[0].form is Form.FORMAT and len(wrapped.functions) == 1:
        # PostgreSQL writes the years before Christ with the same digits.
        plain = base == "date" and dialect != "postgres"
        found = _formatted(node, wrapped.functions[0]) if plain else None
    else:
        dated = base in _DATED.get(dialect, _DATED[""])
        if family(base, dialect) != "instant" and _zoned(node, judge):
            return None  # the session's time zone decides which wall clock's time an instant is
        whole = base in _WHOLE and _no_overflow(column.min, column.max, wrapped.functions)
        if not all(
            (dated and _turns(one)) or (whole and one.form is Form.SHIFT) for one in wrapped.functions
        ):
            return None
        truth = judge.filter(one).logical
        # 3.
        intervals = truth.true.intervals
        found = intervals[0] if truth.exact and len(intervals) == 1 and not truth.true.null else None
    return _spelled(scan.query.text(wrapped.column), found, base, dialect) if found is not None else None


def _clocked(node: exp.Expr, judge: Judge) -> bool:
    """Whether a comparison is with a constant that the clock has a part in."""
    sides = [one for one in node.iter_expressions() if one.find(exp.Column) is None]
    return any((value := judge.constant(one)) is not None and value.clock for one in sides)


def _zoned(node: exp.Expr, judge: Judge) -> bool:
    """Whether a comparison is with an instant: a time with its distance from UTC."""
    for side in node.iter_expressions():
        found = judge.constant(side) if side.find(exp.Column) is None else None
        value = found.value if found is not None else None
        read = moment(value, judge.query.dialect) if isinstance(value, str) else value
        if isinstance(read, datetime) and read.tzinfo is not None:
            return True
    return False


def _turns(function: ColumnFunction) -> bool:
    if function.zone is not None:
        return False
    match function.form:
        case Form.YEAR | Form.CAST_DATE:
            return True
        case Form.TRUNCATE:
            return function.unit in _UNITS
        case Form.SHIFT:
            return function.amount is not None and function.unit in _STEPS
        case _:
            return False


def _no_overflow(low: object, high: object, functions: list[ColumnFunction]) -> bool:
    """Whether the sums stay within 64 bits for every value that statistics say the column has."""
    if not isinstance(low, int) or not isinstance(high, int):
        return False
    amount = sum(one.amount or 0 for one in functions)
    return low + amount >= -_LARGEST and high + amount <= _LARGEST


def _formatted(node: exp.Expr, function: ColumnFunction) -> Interval | None:
    """The days whose format is a given text of digits."""
    form = function.node.args.get("format")
    given = node.expression if isinstance(node, exp.EQ) else None
    if not isinstance(form, exp.Literal) or not isinstance(given, exp.Literal) or not given.is_string:
        return None
    pattern = _WRITTEN.get(form.this.upper(), form.this)
    if pattern not in _FORMATS:
        return None
    try:
        first = datetime.strptime(given.this, pattern).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    if first.strftime(pattern) != given.this:
        return None
    if "%d" in pattern:
        following = first + timedelta(days=1)
    elif "%m" in pattern:
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    else:
        following = date(first.year + 1, 1, 1)
    return Interval(first, following, low_closed=True)


def _spelled(column: str, found: Interval, base: str, dialect: str) -> str | None:
    if found.is_point:
        text = _literal(found.low, base, dialect)
        return f"{column} = {text}" if text else None
    low, high = found.low, found.high
    if (
        base == "date"
        and low is not None
        and high is not None
        and isinstance(low, date)
        and isinstance(high, date)
    ):
        next_day = low + timedelta(days=1)
        if found.low_closed and not found.high_closed and next_day == high:
            text = _literal(low, base, dialect)
            return f"{column} = {text}" if text else None
    parts = []
    for end, sign in ((low, ">=" if found.low_closed else ">"), (high, "<=" if found.high_closed else "<")):
        if end is not None:
            text = _literal(end, base, dialect)
            if text is None:
                return None
            parts.append(f"{column} {sign} {text}")
    return " AND ".join(parts) if parts else None


def _literal(value: Scalar | None, base: str, dialect: str) -> str | None:
    """Return a constant of the column's type as the dialect writes it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, date):
        return None
    if base == "date":
        if isinstance(value, datetime) and (value.hour or value.minute or value.second or value.microsecond):
            return None
        text = (value.date() if isinstance(value, datetime) else value).isoformat()
        return f"'{text}'" if dialect in ("postgres", "snowflake") else f"DATE '{text}'"
    if isinstance(value, datetime) and (value.hour or value.minute or value.second or value.microsecond):
        text = value.replace(tzinfo=None).isoformat(sep=" ")
    else:
        text = (value.date() if isinstance(value, datetime) else value).isoformat()
    if dialect in ("postgres", "snowflake"):
        return f"'{text}'"
    return f"{'DATETIME' if base == 'datetime' and dialect == 'bigquery' else 'TIMESTAMP'} '{text}'"
