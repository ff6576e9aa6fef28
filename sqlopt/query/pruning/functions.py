"""The functions around a column in a predicate, outermost first, sorted into the `Form`s of pruning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.warehouses.pruning import Form

if TYPE_CHECKING:
    from sqlopt.query.flow import Filter
    from sqlopt.query.pruning.comparison import Comparisons


@dataclass(frozen=True, slots=True)
class ColumnFunction:
    """One function around a column.

    ``unit`` is the unit of a truncation, date part or shift, lower case; ``amount`` a shift's constant
    (negative for a subtraction), None when it is not a known number; ``zone`` a time zone argument;
    ``target`` the type of a cast; ``literal`` tells other constant arguments apart.
    """

    form: Form
    node: exp.Expr
    unit: str = ""
    amount: int | None = None
    zone: exp.Expr | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionsAround:
    """A column with what stands around it."""

    column: exp.Expr
    functions: list[ColumnFunction]


_NOT_CALLS = (exp.Binary, exp.Unary, exp.Cast, exp.Bracket, exp.Case, exp.If, exp.Func, exp.Interval)
# BigQuery prunes through DATE_ADD, but not through `ts + INTERVAL 1 DAY`.
# https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23)
_NO_SUMS = frozenset({"bigquery"})
_TRUNCATIONS = (exp.TimestampTrunc, exp.DateTrunc, exp.DatetimeTrunc)
_SHIFTS = (
    exp.DateAdd, exp.DateSub, exp.TsOrDsAdd, exp.TimestampAdd, exp.TimestampSub, exp.DatetimeAdd,
    exp.DatetimeSub, exp.TimeAdd, exp.TimeSub, exp.AddMonths,
)  # fmt: skip
_DIFFERENCES = (exp.DateDiff, exp.TimestampDiff, exp.DatetimeDiff, exp.TimeDiff, exp.TsOrDsDiff)
_IMPLICIT = (exp.TsOrDsToDate, exp.TimeStrToTime, exp.TsOrDsToTimestamp, exp.TsOrDsToDatetime)
_SUBTRACT = (exp.Sub, exp.DateSub, exp.TimestampSub, exp.DatetimeSub, exp.TimeSub)

_FORMS: tuple[tuple[tuple[type[exp.Expr], ...], Form], ...] = (
    ((exp.TsOrDsToDate, exp.Date), Form.CAST_DATE),
    (
        (exp.Timestamp, exp.TsOrDsToDatetime, exp.TsOrDsToTimestamp, exp.Datetime, exp.TimeStrToTime),
        Form.CAST_TIMESTAMP,
    ),
    ((exp.Year,), Form.YEAR),
    (_DIFFERENCES, Form.SHIFT),  # the distance from a constant: a shift, in other units
    (
        (exp.Month, exp.Day, exp.Week, exp.WeekOfYear, exp.Quarter, exp.DayOfWeek, exp.DayOfWeekIso,
         exp.DayOfMonth, exp.DayOfYear, exp.Hour, exp.Minute, exp.Second),
        Form.DATE_PART,
    ),
    ((exp.TimeToStr, exp.ToChar, exp.DateToDi), Form.FORMAT),
    ((exp.StrToDate, exp.StrToTime, exp.ParseTime, exp.StrToUnix), Form.PARSE),
    ((exp.AtTimeZone, exp.ConvertTimezone, exp.FromTimeZone), Form.TIME_ZONE),
    ((exp.Coalesce,), Form.COALESCE),
    ((exp.Upper, exp.Lower), Form.CASE_FOLD),
    ((exp.Substring, exp.Left, exp.Right), Form.SUBSTRING),
    ((exp.Concat, exp.DPipe, exp.ConcatWs), Form.CONCAT),
    ((exp.Mod,), Form.MODULO),
    ((exp.Mul, exp.Div, exp.IntDiv, exp.Neg, exp.Abs), Form.ARITHMETIC),
    ((exp.Anonymous,), Form.USER_FUNCTION),
)  # fmt: skip
_FORM_OF: dict[type[exp.Expr], Form] = {kind: form for kinds, form in _FORMS for kind in kinds}

_STRINGS = {"text", "varchar", "char", "nchar", "nvarchar", "name", "bpchar"}
_DATES = {"date", "date32"}
_NUMBERS = exp.DataType.NUMERIC_TYPES
_TEMPORAL = exp.DataType.TEMPORAL_TYPES


def functions_around(node: exp.Expr, judge: Comparisons, one: Filter) -> FunctionsAround | None:
    """Take the functions off the judged column; None when other columns are mixed in."""
    functions: list[ColumnFunction] = []
    while True:
        if isinstance(node, exp.Paren):
            node = node.this
            continue
        if isinstance(node, exp.Column):
            if judge.is_column(node, one):
                return FunctionsAround(node, [one for one in functions if not _implicit(one)])
            inner = judge.meaning(node, one)
            if inner is None:
                return None
            node = inner
            continue
        if not isinstance(node, _NOT_CALLS):
            return None
        step = _step(node, judge, one)
        if step is None:
            return None
        function = classify(node, step)
        if (
            function.form is Form.SHIFT
            and isinstance(node, (exp.Add, exp.Sub))
            and judge.table.engine in _NO_SUMS
        ):
            function = replace(function, form=Form.ARITHMETIC)
        functions.append(function)
        node = step


def _step(node: exp.Expr, judge: Comparisons, one: Filter) -> exp.Expr | None:
    """The one argument that holds the column; None when another argument reads a column too."""
    found = None
    for child in node.iter_expressions():
        if not isinstance(child, exp.DataType) and judge.touches(child, one):
            if found is not None:
                return None
            found = child
        elif child.find(exp.Column, exp.Select) is not None and not _variables_only(child, judge):
            return None
    return found


def _variables_only(node: exp.Expr, judge: Comparisons) -> bool:
    names = judge.query.variables
    return bool(names) and all(
        not column.args.get("table") and column.name.casefold() in names
        for column in node.find_all(exp.Column)
    )


def classify(node: exp.Expr, inner: exp.Expr) -> ColumnFunction:
    """Sort one function, whose argument ``inner`` holds the column, into its form."""
    kind = type(node)
    if isinstance(node, exp.Cast):
        return _cast(node)
    if isinstance(node, _TRUNCATIONS):
        return ColumnFunction(Form.TRUNCATE, node, _unit(node), zone=node.args.get("zone"))
    if isinstance(node, exp.Extract):
        unit = node.name.casefold()
        if unit == "date":
            return ColumnFunction(Form.CAST_DATE, node)
        return ColumnFunction(Form.YEAR if unit in ("year", "yyyy", "yy") else Form.DATE_PART, node, unit)
    if isinstance(node, _SHIFTS):
        amount = _number(node.args.get("expression"))
        unit = "month" if isinstance(node, exp.AddMonths) else _unit(node)
        return _shift(node, unit, amount)
    if isinstance(node, (exp.Add, exp.Sub)):
        return _plus(node, inner)
    form = _FORM_OF.get(kind)
    if form is None:
        return ColumnFunction(Form.OTHER_FUNCTION, node)
    zone = node.args.get("zone")
    if form in (Form.CAST_DATE, Form.CAST_TIMESTAMP) and zone is not None:
        return ColumnFunction(Form.TIME_ZONE, node, zone=zone)
    if form is Form.CAST_DATE and node.args.get("format") is not None:
        return ColumnFunction(Form.PARSE, node)
    return ColumnFunction(form, node, unit="year" if form is Form.YEAR else "", target=_TARGETS.get(kind))


_TARGETS: dict[type[exp.Expr], str] = {
    exp.Timestamp: "timestamp",
    exp.TsOrDsToDatetime: "datetime",
    exp.TsOrDsToDate: "date",
    exp.Date: "date",
}


def _cast(node: exp.Cast) -> ColumnFunction:
    target = node.to
    name = target.this.value.casefold() if hasattr(target.this, "value") else str(target.this).casefold()
    if name in _DATES:
        form = Form.CAST_DATE
    elif target.this in _TEMPORAL:
        form = Form.CAST_TIMESTAMP
    elif name in _STRINGS:
        form = Form.CAST_STRING
    elif target.this in _NUMBERS:
        form = Form.CAST_NUMBER
    else:
        form = Form.OTHER_FUNCTION
    return ColumnFunction(form, node, target=name)


def _plus(node: exp.Expr, inner: exp.Expr) -> ColumnFunction:
    other = node.args["expression"] if node.this is inner else node.this
    if isinstance(node, exp.Sub) and node.this is not inner:
        return ColumnFunction(Form.ARITHMETIC, node)  # constant - column turns the order round
    if isinstance(other, exp.Interval):
        return _shift(node, other.text("unit").casefold(), _number(other.this))
    return _shift(node, "", _number(other))


def _shift(node: exp.Expr, unit: str, amount: int | None) -> ColumnFunction:
    if amount is not None and isinstance(node, _SUBTRACT):
        amount = -amount
    return ColumnFunction(Form.SHIFT, node, unit.rstrip("s"), amount)


def _unit(node: exp.Expr) -> str:
    unit = node.args.get("unit")
    return unit.name.casefold() if isinstance(unit, exp.Expr) else "day"


def _number(node: exp.Expr | None) -> int | None:
    """A whole number written as a literal, also negated or multiplied by -1 as sqlglot writes DATE_SUB."""
    if isinstance(node, exp.Paren):
        return _number(node.this)
    if isinstance(node, exp.Literal):
        text = node.this.strip()
        return int(text) if text.lstrip("-").isdigit() else None
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Mul):
        left, right = _number(node.this), _number(node.expression)
        return None if left is None or right is None else left * right
    return None


def _implicit(function: ColumnFunction) -> bool:
    """A conversion that sqlglot puts into the tree and nobody wrote."""
    return isinstance(function.node, _IMPLICIT) and "start" not in function.node.meta
