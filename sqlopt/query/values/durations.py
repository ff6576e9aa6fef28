"""How far a date is moved: INTERVALs and numbers of units."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.values.calendar import SPARK, add, last_day, unit_of

if TYPE_CHECKING:
    from sqlopt.query.values.intervals import Scalar

Steps = tuple[tuple[int, str], ...]
"""An interval: numbers with their units; the unit is empty for a plain number."""


def unit_name(unit: exp.Expr) -> str | None:
    """Return the plain name of a unit such as ``MONTH``; None for spans like YEAR TO MONTH."""
    return unit_of(unit.name) if isinstance(unit, (exp.Var, exp.Literal, exp.Column)) else None


def is_interval(node: object) -> bool:
    """Whether an operand is an INTERVAL, perhaps negated, in brackets, or multiplied."""
    while isinstance(node, (exp.Paren, exp.Neg)):
        node = node.this
    if isinstance(node, exp.Mul):
        return any(
            isinstance(one, (exp.Interval, exp.Cast)) and is_interval(one)
            for one in (node.this, node.expression)
        )
    if isinstance(node, exp.Cast):
        to = node.args["to"]
        return isinstance(to, exp.DataType) and to.this == exp.DType.INTERVAL
    return isinstance(node, exp.Interval)


_STEP = r"([+-]?\d{1,9})\s*([a-z]+)"


def counted(value: Scalar | None, unit: str, *, units: bool) -> Steps | None:
    """Read ``7`` of a unit or, with ``units``, ``1 month 2 days``. An INTERVAL without a unit is unknown."""
    if isinstance(value, str):
        text = value.strip().casefold()
        if re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
            value = int(text)
        elif units and not unit and re.fullmatch(rf"{_STEP}([\s,]+{_STEP})*", text, re.ASCII):
            return tuple((int(number), name) for number, name in re.findall(_STEP, text, re.ASCII))
    if not isinstance(value, int) or isinstance(value, bool) or (units and not unit):
        return None
    return ((value, unit),)


def keeps_month_end(node: exp.Expr, dialect: str) -> bool | None:
    """Whether a month's last day moves to a month's last day: ADD_MONTHS of some engines.

    Snowflake: https://docs.snowflake.com/en/sql-reference/functions/add_months; not Spark since 3.0:
    https://github.com/apache/spark/commit/0512af16685aaf472eab1057858f8ba9c32f2b89 (checked 2026-11-23).
    Redshift's ADD_MONTHS can't be told from its DATEADD in the tree.
    """
    if isinstance(node, exp.AddMonths):
        if node.args.get("preserve_end_of_month") or dialect == "snowflake":
            return True
        return False if dialect in SPARK - {"hive", "spark2"} else None
    ambiguous = (
        isinstance(node, exp.TsOrDsAdd) and dialect == "redshift" and unit_name(node.args["unit"]) == "month"
    )
    return None if ambiguous else False


def moved_by(base: date, steps: Steps, *, month_ends: bool | None = False) -> date | None:
    """Apply the steps, months first; ``month_ends``: a month's last day stays one, None if that is unsure."""
    moved: date | None = base
    for number, unit in sorted(steps, key=lambda step: unit_of(step[1]) not in ("year", "quarter", "month")):
        moved = add(moved, number, unit) if moved is not None else None
    if month_ends is False or moved is None or isinstance(base, datetime) or base != last_day(base):
        return moved
    return last_day(moved) if month_ends or moved == last_day(moved) else None
