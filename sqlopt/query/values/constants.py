"""What in a predicate is a constant for the whole run, and its value where that can be told.

A constant may be known to be one without its value being known: a query parameter, a script variable, a
function of constants that is not computed here. What an engine's session decides (time zones above all)
makes a value unknown, never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.values.calendar import (
    SPARK,
    add,
    by_format,
    cast,
    fold_cast,
    is_number,
    last_day,
    moment,
    truncate,
)
from sqlopt.query.values.durations import counted, is_interval, keeps_month_end, moved_by, unit_name
from sqlopt.query.values.intervals import compare
from sqlopt.query.values.volatility import CLOCK_NAMES, dependence
from sqlopt.warehouses.semantics import semantics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlopt.query.values.durations import Steps
    from sqlopt.query.values.intervals import Scalar

_DEEPEST = 50  # levels of nesting that are computed, of up to five frames each; what is deeper is unknown
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_LARGEST = 4096  # bits of a whole number worth computing
_DATE_PARTS = 3  # year, month and day


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that does not change during a run.

    ``known`` is False where ``value`` can't be told here; ``null`` marks NULL; ``clock`` a value taken
    from the current date or time; ``volatile`` one that another session may answer differently (its user,
    its sequence). A value with a zone is an instant, one without a wall clock's time.
    """

    value: Scalar | None = None
    known: bool = True
    null: bool = False
    volatile: bool = False
    clock: bool = False


UNKNOWN = Constant(known=False)
_NULL = Constant(null=True)


def constant(
    node: exp.Expr, dialect: str, *, variables: frozenset[str] = frozenset(), today: date | None = None
) -> Constant | None:
    """Return the constant that ``node`` is, or None if it reads a row's column, a subquery or chance.

    ``variables`` are the case-folded names of script variables; ``today`` stands for CURRENT_DATE, and its
    midnight for the current time.
    """
    return _Reader(dialect, variables, today).read(node, 0)


def _first_weekday(dialect: str) -> int | None:
    """Return the day that DATE_TRUNC's weeks begin with, 0 for Monday. BigQuery's stands in the tree, too."""
    return _WEEKDAYS.get(semantics(dialect).week_starts.value or "")


class _Reader:
    """Reads constants; every handler returns None for what is none, and `UNKNOWN` for an unknown value."""

    __slots__ = ("dialect", "today", "variables")

    def __init__(self, dialect: str, variables: frozenset[str], today: date | None) -> None:
        self.dialect = dialect
        self.variables = variables
        self.today = today

    def read(self, node: exp.Expr, depth: int) -> Constant | None:
        handler = _HANDLERS.get(type(node))
        return (
            handler(self, node, depth + 1) if handler is not None and depth < _DEEPEST else self._other(node)
        )

    def _other(self, node: exp.Expr) -> Constant | None:
        """Judge what is not computed here: a constant of unknown value if all that it holds is one."""
        found = dependence(node, self.variables)
        return Constant(known=False, volatile=found.session, clock=found.clock) if found is not None else None

    def _strict(
        self, parts: Sequence[exp.Expr], depth: int, compute: Callable[..., Scalar | None]
    ) -> Constant | None:
        """Compute from parts: NULL if one is, unknown if one is or if ``compute`` says None or fails."""
        read = [self.read(part, depth) for part in parts]
        found = [one for one in read if one is not None]
        if len(found) < len(parts):
            return None
        clock, volatile = any(one.clock for one in found), any(one.volatile for one in found)
        if any(one.null for one in found):
            return _NULL
        value = None
        if all(one.known for one in found):
            try:
                value = compute(*(one.value for one in found))
            except (ArithmeticError, ValueError, TypeError):
                value = None
        return Constant(value, value is not None, volatile=volatile, clock=clock)

    # ---- leaves

    def literal(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        text = node.this
        if node.args.get("is_string"):
            return Constant(text)
        try:
            return Constant(int(text)) if text.isdigit() else Constant(Decimal(text))
        except (ValueError, InvalidOperation):
            return UNKNOWN

    def text(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        return Constant(node.this) if isinstance(node.this, str) else UNKNOWN

    def boolean(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        return Constant(bool(node.this))

    def null(self, node: exp.Expr, depth: int) -> Constant | None:
        del node, depth
        return _NULL

    def parameter(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        # Snowflake's $1 is the first column of what is read.
        place = self.dialect == "snowflake" and isinstance(node.this, exp.Literal) and not node.this.is_string
        return None if place else UNKNOWN

    def column(self, node: exp.Expr, depth: int) -> Constant | None:
        # `record.field` of a loop's record is a constant too: the first part decides.
        del depth
        parts = node.parts  # type: ignore[attr-defined]
        return UNKNOWN if self.variables and parts[0].name.casefold() in self.variables else None

    def paren(self, node: exp.Expr, depth: int) -> Constant | None:
        return self.read(node.this, depth)

    def current_date(self, node: exp.Expr, depth: int) -> Constant | None:
        del node, depth
        return Constant(self.today, self.today is not None, clock=True)

    def current_time(self, node: exp.Expr, depth: int) -> Constant | None:
        # The moment of the day matters little to partitions; the day's beginning stands for it.
        del node, depth
        now = datetime(self.today.year, self.today.month, self.today.day) if self.today else None  # noqa: DTZ001
        return Constant(now, now is not None, clock=True)

    def anonymous(self, node: exp.Expr, depth: int) -> Constant | None:
        name = node.name.casefold()
        if name == "make_date" and len(node.expressions) == _DATE_PARTS:
            return self._strict(node.expressions, depth, _whole_date)
        return self.current_time(node, depth) if name in CLOCK_NAMES else self._other(node)

    # ---- conversions

    def cast(self, node: exp.Expr, depth: int) -> Constant | None:
        to = node.args["to"]
        if node.args.get("format") is not None or not isinstance(to.this, exp.DType):
            return self._other(node)
        sizes = tuple(
            int(one.name)
            for one in to.expressions
            if isinstance(one, exp.DataTypeParam) and one.name.isdigit()
        )
        return self._strict(
            (node.this,), depth, lambda value: cast(value, to.this.value, self.dialect, sizes)
        )

    def convert(self, node: exp.Expr, depth: int) -> Constant | None:
        to = node.this
        if node.args.get("style") is not None or not isinstance(to, exp.DataType):
            return self._other(node)
        return self._strict((node.expression,), depth, lambda value: cast(value, to.this.value, self.dialect))

    def to_date(self, node: exp.Expr, depth: int) -> Constant | None:
        if node.args.get("zone") is not None or node.args.get("expressions"):
            return self._other(node)
        return self._read_text(node, depth, "DATE")

    def to_timestamp(self, node: exp.Expr, depth: int) -> Constant | None:
        if node.args.get("zone") is not None or node.args.get("expression") is not None:
            return self._other(node)
        if isinstance(node, exp.StrToTime) and self.dialect not in _WALL_CLOCK_PARSERS:
            return self._other(node)
        return self._read_text(
            node, depth, "DATETIME" if isinstance(node, exp.TsOrDsToDatetime) else "TIMESTAMP"
        )

    def _read_text(self, node: exp.Expr, depth: int, target: str) -> Constant | None:
        pattern = node.args.get("format")
        if pattern is None:
            return self._strict((node.this,), depth, lambda value: cast(value, target, self.dialect))
        if not isinstance(pattern, exp.Literal):
            return self._other(node)

        def parse(value: Scalar) -> Scalar | None:
            read = by_format(value, pattern.this) if isinstance(value, str) else None
            return cast(read, target, self.dialect) if read is not None else None

        return self._strict((node.this,), depth, parse)

    def from_parts(self, node: exp.Expr, depth: int) -> Constant | None:
        names = ("year", "month", "day", "hour", "min", "sec")
        parts = [node.args[name] for name in names if node.args.get(name) is not None]
        others = [key for key, value in node.args.items() if isinstance(value, exp.Expr) and key not in names]
        whole = len(parts) == (len(names) if isinstance(node, exp.TimestampFromParts) else _DATE_PARTS)
        if not whole or others:
            return self._other(node)
        return self._strict(parts, depth, _whole_date)

    # ---- the calendar

    def shift(self, node: exp.Expr, depth: int) -> Constant | None:
        unit = node.args.get("unit")
        name = "month" if isinstance(node, exp.AddMonths) else unit_name(unit) if unit is not None else "day"
        amount = self._steps(node.args.get("expression"), depth)
        if name is None or amount is None:
            return self._other(node)
        sign = -1 if isinstance(node, _SUBTRACTIONS) else 1
        steps = tuple((sign * number, own or name) for number, own in amount)

        def move(value: Scalar) -> Scalar | None:
            base = moment(value, self.dialect) if isinstance(value, str) else value
            if not isinstance(base, date):
                return None
            if (
                isinstance(node, (exp.TsOrDsAdd, exp.AddMonths))
                and self.dialect in SPARK
                and isinstance(base, datetime)
            ):
                return None  # what becomes of the time of day depends on the function as written
            return moved_by(base, steps, month_ends=keeps_month_end(node, self.dialect))

        return self._strict((node.this,), depth, move)

    def _steps(self, node: exp.Expr | None, depth: int) -> Steps | None:
        """Read an INTERVAL, or a plain number, perhaps multiplied or negated; None if it isn't known."""
        if isinstance(node, exp.Paren) and depth < _DEEPEST:
            return self._steps(node.this, depth + 1)
        if isinstance(node, exp.Neg) and depth < _DEEPEST:
            inner = self._steps(node.this, depth + 1)
            return tuple((-number, unit) for number, unit in inner) if inner is not None else None
        if isinstance(node, exp.Mul) and is_interval(node):
            left, right = node.this, node.expression
            interval, factor = (left, right) if is_interval(left) else (right, left)
            steps, times = self._steps(interval, depth + 1), self.read(factor, depth + 1)
            if steps is None or times is None or not isinstance(times.value, int):
                return None
            return tuple((number * times.value, unit) for number, unit in steps)
        if not isinstance(node, (exp.Interval, exp.Cast)) or not is_interval(node):
            return counted(self._value(node, depth), "", units=False)
        unit = node.args.get("unit")
        name = unit_name(unit) if unit is not None else ""
        return counted(self._value(node.this, depth), name, units=True) if name is not None else None

    def _value(self, node: object, depth: int) -> Scalar | None:
        """Return a value that the text itself fixes."""
        found = self.read(node, depth) if isinstance(node, exp.Expr) else None
        return found.value if found is not None and not found.clock else None

    def plus(self, node: exp.Expr, depth: int) -> Constant | None:
        left, right = node.this, node.args["expression"]
        if isinstance(node, exp.Add) and is_interval(left):
            left, right = right, left
        if not is_interval(right):
            return self._strict((left, right), depth, lambda one, two: self._sum(type(node), one, two))
        steps = self._steps(right, depth)
        if steps is None:
            return self._other(node)
        sign = -1 if isinstance(node, exp.Sub) else 1
        steps = tuple((sign * number, unit) for number, unit in steps)
        return self._strict(
            (left,), depth, lambda base: moved_by(base, steps) if isinstance(base, date) else None
        )

    def _sum(self, kind: type[exp.Expr], one: Scalar, two: Scalar) -> Scalar | None:
        if kind is exp.Add and isinstance(two, date):
            one, two = two, one
        if isinstance(one, date):
            days = isinstance(two, int) and not isinstance(two, bool) and self.dialect in _DAYS_ARE_NUMBERS
            return (
                add(one, -two if kind is exp.Sub else two, "day") if days and isinstance(two, int) else None
            )
        return self._number(kind, one, two)

    def truncate(self, node: exp.Expr, depth: int) -> Constant | None:
        unit, first = node.args.get("unit"), _first_weekday(self.dialect)
        name = unit_name(unit) if unit is not None else None
        if isinstance(unit, exp.WeekStart):
            first = _WEEKDAYS.get(unit.name.casefold())
            name = "week" if first is not None else None
        if name is None or node.args.get("zone") is not None:
            return self._other(node)

        def cut(value: Scalar) -> Scalar | None:
            base = moment(value, self.dialect) if isinstance(value, str) else value
            return truncate(base, name, first) if isinstance(base, date) else None

        return self._strict((node.this,), depth, cut)

    def last_day(self, node: exp.Expr, depth: int) -> Constant | None:
        unit = node.args.get("unit")
        if unit is not None and unit_name(unit) != "month":
            return self._other(node)

        def end(value: Scalar) -> Scalar | None:
            base = cast(value, "DATE", self.dialect)
            return last_day(base) if isinstance(base, date) else None

        return self._strict((node.this,), depth, end)

    def part(self, node: exp.Expr, depth: int) -> Constant | None:
        """YEAR(d), EXTRACT(MONTH FROM d)."""
        extract = isinstance(node, exp.Extract)
        name, source = (
            (node.name.casefold(), node.expression) if extract else (type(node).__name__.lower(), node.this)
        )
        if name not in ("year", "month", "day"):
            return self._other(node)
        return self._strict((source,), depth, lambda value: _part(value, name))

    # ---- arithmetic and the rest

    def arithmetic(self, node: exp.Expr, depth: int) -> Constant | None:
        kind = type(node)
        if kind is exp.Div and node.args.get("typed"):
            kind = exp.IntDiv
        return self._strict(
            (node.this, node.args["expression"]), depth, lambda one, two: self._number(kind, one, two)
        )

    def _number(self, kind: type[exp.Expr], one: Scalar, two: Scalar) -> Scalar | None:
        if not (is_number(one) and is_number(two)):
            return None
        if isinstance(one, int) and isinstance(two, int):
            return _whole(kind, one, two) if one.bit_length() + two.bit_length() < _LARGEST else None
        if self.dialect == "bigquery" or isinstance(one, float) or isinstance(two, float):
            return None  # floating point: the last digits are the engine's
        compute = _DECIMALS.get(kind)
        return compute(one, two) if compute is not None else None

    def negative(self, node: exp.Expr, depth: int) -> Constant | None:
        return self._strict((node.this,), depth, lambda value: -value if is_number(value) else None)

    def concat(self, node: exp.Expr, depth: int) -> Constant | None:
        parts = node.expressions if isinstance(node, exp.Concat) else (node.this, node.expression)
        found = self._strict(parts, depth, lambda *texts: "".join(texts))
        # CONCAT of NULL is NULL in some engines and the rest of the text in others.
        return UNKNOWN if found is not None and found.null else found

    def coalesce(self, node: exp.Expr, depth: int) -> Constant | None:
        read = [self.read(one, depth) for one in (node.this, *node.expressions)]
        if any(one is None for one in read):
            return None
        return next((one for one in read if one is not None and not one.null), _NULL)

    def extreme(self, node: exp.Expr, depth: int) -> Constant | None:
        sign = 1 if isinstance(node, exp.Greatest) else -1

        def choose(*values: Scalar) -> Scalar | None:
            best = values[0]
            for value in values[1:]:
                order = compare(value, best)
                if order is None or isinstance(value, str) or isinstance(best, str):
                    return None  # texts sort by the engine's collation
                best = value if order == sign else best
            return best

        found = self._strict((node.this, *node.expressions), depth, choose)
        return UNKNOWN if found is not None and found.null else found  # some engines skip NULL

    def condition(self, node: exp.Expr, depth: int) -> Constant | None:
        test = self.read(node.this, depth)
        branch = node.args.get("true" if test is not None and test.value is True else "false")
        if test is None or not test.known or not (test.null or isinstance(test.value, bool)) or test.clock:
            return self._other(node)
        return self.read(branch, depth) if branch is not None else _NULL


# ---- helpers


def _whole_date(*parts: Scalar) -> Scalar | None:
    whole = [one for one in parts if isinstance(one, int) and not isinstance(one, bool)]
    if len(whole) < len(parts):
        return None
    return date(*whole) if len(whole) == _DATE_PARTS else datetime(*whole)  # type: ignore[arg-type] # noqa: DTZ001


def _part(value: Scalar, name: str) -> int | None:
    if not isinstance(value, date) or (isinstance(value, datetime) and value.tzinfo is not None):
        return None
    return {"year": value.year, "month": value.month, "day": value.day}[name]


def _whole(kind: type[exp.Expr], one: int, two: int) -> Scalar | None:
    """Whole numbers: division cuts towards zero, and the remainder has the dividend's sign."""
    if kind in (exp.IntDiv, exp.Mod, exp.Div):
        quotient = abs(one) // abs(two) * (1 if (one < 0) == (two < 0) else -1)
        if kind is exp.IntDiv:
            return quotient
        rest = one - quotient * two
        if kind is exp.Mod:
            return rest
        # Engines keep different numbers of decimals: only a whole quotient is the same in all.
        return quotient if rest == 0 else None
    if kind is exp.Mul:
        return one * two
    return one + two if kind is exp.Add else one - two


# ---- tables

_DECIMALS: dict[type[exp.Expr], Callable[..., Decimal]] = {
    exp.Add: _EXACT.add,
    exp.Sub: _EXACT.subtract,
    exp.Mul: _EXACT.multiply,
}
_SUBTRACTIONS = (exp.DateSub, exp.TimestampSub, exp.DatetimeSub, exp.TimeSub)

# A text parsed by a format has no zone there (BigQuery: UTC); PostgreSQL's and Redshift's TO_TIMESTAMP put it
# into the session's zone.
_WALL_CLOCK_PARSERS = frozenset({"bigquery", "duckdb", "trino", "presto", "athena"}) | SPARK
# Where date + 1 is the next day, if it is no error (PostgreSQL:
# https://www.postgresql.org/docs/current/functions-datetime.html, checked 2026-11-23; DuckDB: by running it);
# MySQL computes with the digits.
_DAYS_ARE_NUMBERS = frozenset(
    {"postgres", "duckdb", "snowflake", "bigquery", "redshift", "spark", "databricks"}
)
_WEEKDAYS = {
    name: day
    for day, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}

_HANDLERS: dict[type[exp.Expr], Callable[[_Reader, exp.Expr, int], Constant | None]] = {
    exp.Literal: _Reader.literal,
    exp.RawString: _Reader.text,
    exp.National: _Reader.text,
    exp.Boolean: _Reader.boolean,
    exp.Null: _Reader.null,
    exp.Column: _Reader.column,
    exp.Paren: _Reader.paren,
    exp.Anonymous: _Reader.anonymous,
    exp.Convert: _Reader.convert,
    exp.Neg: _Reader.negative,
    exp.Coalesce: _Reader.coalesce,
    exp.If: _Reader.condition,
    exp.LastDay: _Reader.last_day,
    **dict.fromkeys((exp.Parameter, exp.Placeholder, exp.SessionParameter), _Reader.parameter),
    **dict.fromkeys((exp.CurrentDate, exp.UtcDate), _Reader.current_date),
    **dict.fromkeys(
        (
            exp.CurrentTimestamp, exp.CurrentTimestampLTZ, exp.CurrentDatetime, exp.Localtimestamp,
            exp.Systimestamp, exp.UtcTimestamp,
        ),
        _Reader.current_time,
    ),
    **dict.fromkeys((exp.Cast, exp.TryCast), _Reader.cast),
    **dict.fromkeys(
        (exp.Date, exp.TsOrDsToDate, exp.StrToDate, exp.FromISO8601Date, exp.DateStrToDate), _Reader.to_date
    ),
    **dict.fromkeys(
        (exp.Timestamp, exp.StrToTime, exp.TsOrDsToTimestamp, exp.TsOrDsToDatetime, exp.TimeStrToTime),
        _Reader.to_timestamp,
    ),
    **dict.fromkeys((exp.DateFromParts, exp.TimestampFromParts), _Reader.from_parts),
    **dict.fromkeys(
        (
            exp.DateAdd, exp.DateSub, exp.TsOrDsAdd, exp.TimestampAdd, exp.TimestampSub, exp.DatetimeAdd,
            exp.DatetimeSub, exp.AddMonths,
        ),
        _Reader.shift,
    ),
    **dict.fromkeys((exp.Add, exp.Sub), _Reader.plus),
    **dict.fromkeys((exp.Mul, exp.Div, exp.IntDiv, exp.Mod), _Reader.arithmetic),
    **dict.fromkeys((exp.DPipe, exp.Concat), _Reader.concat),
    **dict.fromkeys((exp.Greatest, exp.Least), _Reader.extreme),
    **dict.fromkeys((exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc), _Reader.truncate),
    **dict.fromkeys((exp.Year, exp.Month, exp.Day, exp.Extract), _Reader.part),
}  # fmt: skip


__all__ = ["UNKNOWN", "Constant", "constant", "fold_cast"]
