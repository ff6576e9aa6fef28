"""Parts of dates compared with constants, as ranges of the date itself.

Year, truncation to a unit and the day of a timestamp never decrease with time, so that ``f(x) = c`` is
``low <= x < high``: 1. of values without time zone, 2. whose kind is declared, 3. for units that begin alike in every
engine (no weeks), 4. if ``c`` is no value of ``f``, by the unit that holds it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.prove.logic.terms import BOTTOM, Node, both, cmp, const, either, fn, kind_of, notnull

if TYPE_CHECKING:
    from collections.abc import Callable

_TRUNCATIONS = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_DAYS = frozenset({"year", "quarter", "month", "day"})
_UNITS = _DAYS | {"hour"}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?P<time>[ T]\d{2}:\d{2}(:\d{2}(\.(?P<fraction>\d{1,6}))?)?)?", re.ASCII)
"""What every engine reads alike."""


def moment(text: str, kind: str, digits: int) -> Node | None:
    """Return the date or timestamp that a text is, None for another text.

    ``digits`` is how many of a second's fraction are kept; a text with more is another text, as one may round it.
    """
    found = _ISO.fullmatch(text)
    if found is None or len(found["fraction"] or "") > digits or (kind == "date" and found["time"]):
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return const(kind, value.date() if kind == "date" else value)


_EVERY_MONTH = 28
"""The last day that every month has."""


def part(node: exp.Expr, value: Callable[[exp.Expr], Node]) -> Node | None:
    """Return a part of a date as a value, None for another expression; ``value`` translates expressions."""
    if isinstance(node, exp.Year):
        return _of("year", "int", node.this, value)
    if isinstance(node, exp.Extract) and node.this.name.upper() == "YEAR":
        return _of("year", "int", node.expression, value)
    if isinstance(node, _TRUNCATIONS):
        unit = node.args["unit"].name.casefold() if node.args.get("unit") is not None else ""
        if unit not in _UNITS or node.args.get("zone") is not None:
            return None
        moved = value(node.this)
        if kind_of(moved) not in (("date", "ts") if unit in _DAYS else ("ts",)):
            return None
        return fn(f"trunc {unit}", f"?trunc {unit} {kind_of(moved)}", (moved,))
    if isinstance(node, (exp.TsOrDsToDate, exp.Date)):
        only = all(found in (None, False, []) for key, found in node.args.items() if key != "this")
        inner = value(node.this) if only and isinstance(node.this, exp.Expr) else None
        return day(inner) if inner is not None else None
    return None


def _of(name: str, kind: str, node: exp.Expr, value: Callable[[exp.Expr], Node]) -> Node | None:
    if isinstance(node, exp.TsOrDsToDate) and name == "year":
        node = node.this
    inner = value(node)
    return fn(name, kind, (inner,)) if kind_of(inner) in ("date", "ts") else None


def day(value: Node) -> Node | None:
    """Return the day of a date or a timestamp."""
    if kind_of(value) == "date":
        return value
    return fn("day", "date", (value,)) if kind_of(value) == "ts" else None


def bucketed(operator: str, one: Node, other: Node) -> Node | None:
    """Return the formula that a part of a date compares so with a constant, None where neither side is one."""
    if other[0] == "fn" and one[0] == "const":
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
        return bucketed(flipped, other, one)
    if one[0] != "fn" or other[0] != "const" or len(one[3]) != 1:
        return None
    value = one[3][0]
    try:
        found = _bucket(str(one[1]), other, kind_of(value))
    except (ValueError, OverflowError):
        return None
    if found is None:
        return None
    low, high, exact = found
    if operator == "=":
        return both([cmp(">=", value, low), cmp("<", value, high)]) if exact else BOTTOM
    if operator == "<>":
        return either([cmp("<", value, low), cmp(">=", value, high)]) if exact else notnull(value)
    if operator in ("<", ">="):
        return cmp(operator, value, low if exact else high)
    return cmp("<" if operator == "<=" else ">=", value, high)


def _bucket(name: str, constant: Node, kind: str) -> tuple[Node, Node, bool] | None:
    """Return the range that a function maps to one value, and whether a constant is such a value."""
    if name == "year":
        if constant[1] != "int":
            return None
        start, end, exact = datetime(constant[2], 1, 1), datetime(constant[2] + 1, 1, 1), True  # noqa: DTZ001
    elif name == "day" or name.startswith("trunc "):
        at = _moment(constant, whole=name == "day")
        if at is None:
            return None
        start, end = _around(at, name.removeprefix("trunc "))
        exact = start == at
    else:
        return None
    if kind == "date":
        return const("date", start.date()), const("date", end.date()), exact
    return const("ts", start), const("ts", end), exact


def _moment(constant: Node, *, whole: bool) -> datetime | None:
    value = constant[2]
    if constant[1] == "text":
        read = moment(value, "date" if whole else "ts", 0)
        value = read[2] if read is not None else None
    if isinstance(value, datetime):
        return value if constant[1] in ("ts", "text") else None
    is_day = constant[1] in ("date", "text") and isinstance(value, date)
    return datetime.combine(value, datetime.min.time()) if is_day else None


def _around(at: datetime, unit: str) -> tuple[datetime, datetime]:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "hour":
        start = at.replace(minute=0, second=0, microsecond=0)
        return start, start + timedelta(hours=1)
    if unit == "day":
        return midnight, midnight + timedelta(days=1)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (at.month - 1) // months * months + 1
    start = midnight.replace(month=first, day=1)
    following = date(start.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)  # noqa: PLR2004
    return start, datetime.combine(following, datetime.min.time())


def shifted(day: date, interval: exp.Expr, sign: int) -> Node | None:
    """Return a day plus or minus a literal interval as a moment, which it is in DuckDB and PostgreSQL.

    Of months that end on other days, and of parts of days, None.
    """
    unit = interval.args.get("unit")
    name = unit.name.casefold().removesuffix("s") if isinstance(unit, exp.Var) else ""
    count = interval.this.name if isinstance(interval.this, exp.Literal) else ""
    if not count.isdigit() or name not in ("year", "month", "day"):
        return None
    number = sign * int(count)
    try:
        if name == "day":
            return const("ts", datetime.combine(day + timedelta(days=number), datetime.min.time()))
        months = day.year * 12 + day.month - 1 + number * (12 if name == "year" else 1)
        moved = date(months // 12, months % 12 + 1, day.day) if day.day <= _EVERY_MONTH else None
    except (ValueError, OverflowError):
        return None
    return const("ts", datetime.combine(moved, datetime.min.time())) if moved is not None else None
