"""What in a predicate is a constant for the whole run, and its value where that can be told.

A constant may be known to be one without its value being known: a query parameter, a script variable, a
function of constants that is not computed here. Time zones that the text does not fix make a value
unknown, never wrong.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query.interval import Scalar

_DEEPEST = 200  # levels of arithmetic that are computed; a deeper constant is one of unknown value


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that does not change during a run.

    ``known`` is False where ``value`` can't be told here; ``null`` marks NULL; ``clock`` a value taken
    from the current date or time; ``volatile`` one that a second run may answer differently.
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

    ``variables`` are the case-folded names of script variables; ``today`` stands for CURRENT_DATE.
    """
    return _Reader(dialect, variables, today).read(node, 0)


class _Reader:
    def __init__(self, dialect: str, variables: frozenset[str], today: date | None) -> None:
        self.dialect = dialect
        self.variables = variables
        self.today = today

    def read(self, node: exp.Expr, depth: int) -> Constant | None:
        handler = _HANDLERS.get(type(node))
        if handler is not None and depth < _DEEPEST:
            return handler(self, node, depth + 1)
        return self._other(node)

    def _other(self, node: exp.Expr) -> Constant | None:
        """A function or operator not computed here: a constant if all that it holds is."""
        clock = False
        for inner in node.walk(bfs=False):
            if isinstance(inner, exp.Column):
                if inner.args.get("table") or inner.name.casefold() not in self.variables:
                    return None
            elif isinstance(inner, (exp.Query, exp.Subquery, exp.AggFunc, exp.Window, exp.Star)):
                return None
            elif isinstance(inner, _CHANCE) or (
                isinstance(inner, exp.Anonymous) and inner.name.casefold() in _VOLATILE
            ):
                return None
            elif isinstance(inner, _CLOCKS):
                clock = True
        return replace(UNKNOWN, clock=clock)

    # ---- leaves

    def literal(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        text = node.this
        if node.args.get("is_string"):
            return Constant(text)
        try:
            return Constant(int(text))
        except ValueError:
            pass
        try:
            return Constant(Decimal(text))
        except InvalidOperation:
            return UNKNOWN

    def boolean(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        return Constant(bool(node.this))

    def null(self, node: exp.Expr, depth: int) -> Constant | None:
        del node, depth
        return _NULL

    def parameter(self, node: exp.Expr, depth: int) -> Constant | None:
        del node, depth
        return UNKNOWN

    def column(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        parts = node.parts  # type: ignore[attr-defined]
        return UNKNOWN if self.variables and parts[0].name.casefold() in self.variables else None

    def paren(self, node: exp.Expr, depth: int) -> Constant | None:
        return self.read(node.this, depth)

    def clock(self, node: exp.Expr, depth: int) -> Constant | None:
        del depth
        if self.today is None:
            return Constant(known=False, clock=True)
        if isinstance(node, exp.CurrentDate):
            return Constant(self.today, clock=True)
        # The moment of the day does not matter to partitions of a day; the day's beginning stands for it.
        return Constant(datetime(self.today.year, self.today.month, self.today.day), clock=True)  # noqa: DTZ001

    # ---- conversions

    def cast(self, node: exp.Expr, depth: int) -> Constant | None:
        inner = self.read(node.this, depth)
        if inner is None or not inner.known or inner.null:
            return inner
        kind = node.args["to"].this
        name = kind.value if hasattr(kind, "value") else str(kind)
        value = fold_cast(inner.value, name, self.dialect)
        return replace(inner, value=value, known=value is not None)

    def to_date(self, node: exp.Expr, depth: int) -> Constant | None:
        if any(node.args.get(key) is not None for key in ("zone", "format", "month", "expressions")):
            return self._from_parts(node, depth) or self._other(node)
        return self._converted(node, "DATE", depth)

    def to_timestamp(self, node: exp.Expr, depth: int) -> Constant | None:
        if node.args.get("zone") is not None or node.args.get("format") is not None:
            return self._other(node)
        return self._converted(node, "TIMESTAMP", depth)

    def _converted(self, node: exp.Expr, target: str, depth: int) -> Constant | None:
        inner = self.read(node.this, depth)
        if inner is None or not inner.known or inner.null:
            return inner
        value = fold_cast(inner.value, target, self.dialect)
        return replace(inner, value=value, known=value is not None)

    def _from_parts(self, node: exp.Expr, depth: int) -> Constant | None:
        parts = [node.args.get(key) for key in ("year", "month", "day")]
        if any(part is None for part in parts):
            parts = [node.this, *(node.args.get("expressions") or ())]
        if len(parts) != 3 or any(part is None for part in parts):  # noqa: PLR2004 - year, month, day
            return None
        read = [self.read(part, depth) for part in parts if part is not None]
        if any(one is None or not one.known or not isinstance(one.value, int) for one in read):
            return None
        try:
            return Constant(date(*(one.value for one in read)))  # type: ignore[union-attr, arg-type]
        except (ValueError, TypeError):
            return UNKNOWN

    def date_parts(self, node: exp.Expr, depth: int) -> Constant | None:
        return self._from_parts(node, depth) or self._other(node)

    # ---- arithmetic

    def shift(self, node: exp.Expr, depth: int) -> Constant | None:
        base, amount = self.read(node.this, depth), self._amount(node.args.get("expression"), depth)
        if base is None or not base.known or base.null:
            return (
                base
                if base is not None and not isinstance(node.args.get("expression"), exp.Column)
                else self._other(node)
            )
        if amount is None:
            return self._known_unknown(node, base)
        number, unit = amount
        if not unit:
            given = node.args.get("unit")
            unit = given.name if isinstance(given, exp.Expr) else "day"
        if isinstance(node, exp.AddMonths):
            unit = "month"
        if isinstance(node, _SUBTRACTIONS):
            number = -number
        return self._moved(base, number, unit)

    def _known_unknown(self, node: exp.Expr, base: Constant) -> Constant | None:
        other = self._other(node)
        return None if other is None else replace(other, clock=base.clock or other.clock)

    def _moved(self, base: Constant, number: int, unit: str) -> Constant:
        value = base.value
        if isinstance(value, str):
            value = _date_of(value)
        moved = _add(value, number, unit) if isinstance(value, date) else None
        if moved is None:
            return replace(base, value=None, known=False)
        return replace(base, value=moved)

    def _amount(self, node: exp.Expr | None, depth: int) -> tuple[int, str] | None:
        """A whole number, perhaps with the unit of an INTERVAL."""
        if isinstance(node, exp.Interval):
            given = node.args.get("unit")
            unit = given.name if isinstance(given, exp.Expr) else ""
            inner = self.read(node.this, depth) if isinstance(node.this, exp.Expr) else None
        else:
            unit, inner = "", self.read(node, depth) if node is not None else None
        if inner is None or not inner.known or inner.null:
            return None
        value = inner.value
        if isinstance(value, str):
            found = re.fullmatch(r"\s*([+-]?\d+)\s*([A-Za-z]*)\s*", value)
            if found is None:
                return None
            return int(found[1]), unit or found[2]
        return (value, unit) if isinstance(value, int) else None

    def plus(self, node: exp.Expr, depth: int) -> Constant | None:
        left_node, right_node = node.this, node.args["expression"]
        if isinstance(node, exp.Add) and isinstance(left_node, exp.Interval):
            left_node, right_node = right_node, left_node
        left = self.read(left_node, depth)
        if left is None:
            return None
        if isinstance(right_node, exp.Interval) or (left.known and isinstance(left.value, date)):
            amount = self._amount(right_node, depth)
            if amount is None or not left.known or left.null:
                return self._known_unknown(node, left)
            number, unit = amount
            return self._moved(left, -number if isinstance(node, exp.Sub) else number, unit or "day")
        return self.arithmetic(node, depth)

    def arithmetic(self, node: exp.Expr, depth: int) -> Constant | None:
        left, right = self.read(node.this, depth), self.read(node.args["expression"], depth)
        if left is None or right is None:
            return None
        clock = left.clock or right.clock
        if left.null or right.null:
            return _NULL
        one, two = left.value, right.value
        if not (left.known and right.known) or not (_is_number(one) and _is_number(two)):
            return replace(UNKNOWN, clock=clock)
        compute = _ARITHMETIC.get(type(node))
        if compute is None:
            return replace(UNKNOWN, clock=clock)
        return Constant(compute(one, two), clock=clock)

    def negative(self, node: exp.Expr, depth: int) -> Constant | None:
        inner = self.read(node.this, depth)
        if inner is None or not inner.known or inner.null:
            return inner
        return replace(inner, value=-inner.value) if _is_number(inner.value) else UNKNOWN  # type: ignore[operator]

    def concat(self, node: exp.Expr, depth: int) -> Constant | None:
        left, right = self.read(node.this, depth), self.read(node.args["expression"], depth)
        if left is None or right is None:
            return None
        if left.null or right.null or not (isinstance(left.value, str) and isinstance(right.value, str)):
            return UNKNOWN
        return Constant(left.value + right.value)

    def coalesce(self, node: exp.Expr, depth: int) -> Constant | None:
        read = [self.read(one, depth) for one in (node.this, *node.expressions)]
        if any(one is None for one in read):
            return None
        first = next((one for one in read if one is not None and not one.null), _NULL)
        return first if first.known else UNKNOWN

    def truncate(self, node: exp.Expr, depth: int) -> Constant | None:
        base = self.read(node.this, depth)
        if base is None or not base.known or base.null:
            return base
        value = _date_of(base.value) if isinstance(base.value, str) else base.value
        unit = node.args.get("unit")
        name = unit.name.casefold() if isinstance(unit, exp.Expr) else "day"
        if node.args.get("zone") is not None or not isinstance(value, date):
            return replace(base, value=None, known=False)
        cut = _truncated(value, name)
        return replace(base, value=cut, known=cut is not None)

    def last_day(self, node: exp.Expr, depth: int) -> Constant | None:
        base = self.read(node.this, depth)
        if base is None or not base.known or base.null or node.args.get("unit") is not None:
            return base if base is None or base.null else replace(base, value=None, known=False)
        value = _date_of(base.value) if isinstance(base.value, str) else base.value
        if not isinstance(value, date):
            return replace(base, value=None, known=False)
        return replace(base, value=date(value.year, value.month, monthrange(value.year, value.month)[1]))


_CHANCE = (exp.Rand, exp.Randn, exp.Uuid, exp.NextValueFor)
_VOLATILE = {
    "random",
    "rand",
    "uuid_string",
    "gen_random_uuid",
    "generate_uuid",
    "nextval",
    "seq4",
    "seq8",
    "randn",
    "uniform",
}
_CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime)
_SUBTRACTIONS = (exp.DateSub, exp.TimestampSub, exp.DatetimeSub, exp.TimeSub)
_ARITHMETIC: dict[type[exp.Expr], Callable[[object, object], Scalar]] = {
    exp.Add: lambda one, two: one + two,  # type: ignore[operator, no-any-return]
    exp.Sub: lambda one, two: one - two,  # type: ignore[operator, no-any-return]
    exp.Mul: lambda one, two: one * two,  # type: ignore[operator, no-any-return]
}

_HANDLERS: dict[type[exp.Expr], Callable[[_Reader, exp.Expr, int], Constant | None]] = {
    exp.Literal: _Reader.literal,
    exp.Boolean: _Reader.boolean,
    exp.Null: _Reader.null,
    exp.Parameter: _Reader.parameter,
    exp.Placeholder: _Reader.parameter,
    exp.SessionParameter: _Reader.parameter,
    exp.Column: _Reader.column,
    exp.Paren: _Reader.paren,
    exp.CurrentDate: _Reader.clock,
    exp.CurrentTimestamp: _Reader.clock,
    exp.CurrentDatetime: _Reader.clock,
    exp.Cast: _Reader.cast,
    exp.TryCast: _Reader.cast,
    exp.Date: _Reader.to_date,
    exp.TsOrDsToDate: _Reader.to_date,
    exp.DateFromParts: _Reader.date_parts,
    exp.Timestamp: _Reader.to_timestamp,
    exp.TsOrDsToTimestamp: _Reader.to_timestamp,
    exp.TsOrDsToDatetime: _Reader.to_timestamp,
    exp.TimeStrToTime: _Reader.to_timestamp,
    exp.DateAdd: _Reader.shift,
    exp.DateSub: _Reader.shift,
    exp.TsOrDsAdd: _Reader.shift,
    exp.TimestampAdd: _Reader.shift,
    exp.TimestampSub: _Reader.shift,
    exp.DatetimeAdd: _Reader.shift,
    exp.DatetimeSub: _Reader.shift,
    exp.AddMonths: _Reader.shift,
    exp.Add: _Reader.plus,
    exp.Sub: _Reader.plus,
    exp.Mul: _Reader.arithmetic,
    exp.Neg: _Reader.negative,
    exp.DPipe: _Reader.concat,
    exp.Coalesce: _Reader.coalesce,
    exp.DateTrunc: _Reader.truncate,
    exp.TimestampTrunc: _Reader.truncate,
    exp.DatetimeTrunc: _Reader.truncate,
    exp.LastDay: _Reader.last_day,
}


def fold_cast(value: Scalar | None, target_type: str, dialect: str) -> Scalar | None:
    """Return ``value`` as a column of ``target_type`` would hold it; None when that can't be told.

    A text becomes a date where the column is one; a number stays a number; a text column keeps texts.
    """
    del dialect
    base = target_type.split("(")[0].split("<")[0].strip().casefold()
    if value is None or not base:
        return value
    if base in ("date", "date32"):
        return _date_of(value)
    if base.startswith(("timestamp", "datetime")):
        return _datetime_of(value)
    if base in ("text", "string", "varchar", "char", "nvarchar", "character varying"):
        return value if isinstance(value, str) else None
    if base.startswith(
        (
            "int",
            "bigint",
            "smallint",
            "tinyint",
            "number",
            "numeric",
            "decimal",
            "double",
            "float",
            "real",
            "hugeint",
        )
    ):
        if isinstance(value, str):
            try:
                return int(value) if value.strip().lstrip("+-").isdigit() else Decimal(value)
            except InvalidOperation:
                return None
        return value if _is_number(value) else None
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _date_of(value: Scalar | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*", value)
        try:
            if found is not None:
                return date(int(found[1]), int(found[2]), int(found[3]))
            moment = _datetime_of(value)
        except ValueError:
            return None
        # A text with a time of day is no plain date: a comparison with it is finer than a day.
        return moment if moment is not None else None
    return None


def _datetime_of(value: Scalar | None) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive stands for UTC
    if isinstance(value, str):
        text = value.strip().removesuffix(" UTC")
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo is not None else found
    return None


_UNITS = {
    "microsecond": timedelta(microseconds=1),
    "millisecond": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "mon": 1, "mm": 1, "quarter": 3, "year": 12, "yyyy": 12, "yy": 12}


def _add(value: date, number: int, unit: str) -> date | None:
    """``value`` moved by ``number`` units; past a month's end lands on its last day, as all engines do."""
    name = unit.casefold()
    name = name[:-1] if name.endswith("s") and len(name) > 1 else name
    try:
        if name in _MONTHS:
            months = value.year * 12 + value.month - 1 + number * _MONTHS[name]
            year, month = divmod(months, 12)
            return value.replace(
                year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1])
            )
        step = _UNITS.get(name)
        if step is None:
            return None
        if step < timedelta(days=1) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive stands for UTC
        return value + step * number
    except (OverflowError, ValueError):
        return None


def _truncated(value: date, unit: str) -> date | None:
    clock = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0} if isinstance(value, datetime) else {}
    match unit:
        case "day":
            return value.replace(**clock)  # type: ignore[arg-type]
        case "month" | "mm" | "mon":
            return value.replace(day=1, **clock)  # type: ignore[arg-type]
        case "quarter":
            return value.replace(day=1, month=(value.month - 1) // 3 * 3 + 1, **clock)  # type: ignore[arg-type]
        case "year" | "yyyy":
            return value.replace(day=1, month=1, **clock)  # type: ignore[arg-type]
        case _:
            return None


__all__ = ["UNKNOWN", "Constant", "constant", "fold_cast"]
