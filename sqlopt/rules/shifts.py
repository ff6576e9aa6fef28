"""A shift of a column, made on the other side of a comparison as it is written.

`d + 7 >= current_date` is `d >= current_date - 7`: nothing is computed, so it holds on every day. Conditions, numbered
as in the code; where one fails the answer is None:

1. It is a comparison by =, <, <=, > or >= of one shift of the bare column.
2. The other side is of the kind of the column: a date, a wall clock's time or an instant.
3. The shift can be taken back: days of dates, fixed units of wall clocks. A day of an instant is as long as the
   session's time zone makes it, so that only hours and less are moved there; in BigQuery a day has 24 hours
   (https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/timestamp_functions, checked 2026-12-01).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.query.values.calendar import family
from sqlopt.warehouses.pruning import Form

if TYPE_CHECKING:
    from sqlopt.query import Query
    from sqlopt.query.pruning.functions import ColumnFunction, FunctionsAround

_SIGNS: Final[dict[type[exp.Expr], tuple[str, str]]] = {
    exp.EQ: ("=", "="), exp.GT: (">", "<"), exp.GTE: (">=", "<="), exp.LT: ("<", ">"), exp.LTE: ("<=", ">="),
}  # fmt: skip
_CLOCK_HOURS: Final = frozenset({"hour", "minute", "second"})
_FIXED: Final = _CLOCK_HOURS | {"day", "week"}
_CALL: Final = re.compile(r"(DATE|DATETIME|TIMESTAMP)_(ADD|SUB)\b", re.IGNORECASE)
_KINDS: Final[dict[type[exp.Expr], str]] = {
    exp.CurrentDate: "date", exp.UtcDate: "date", exp.CurrentTimestamp: "instant",
    exp.CurrentDatetime: "timestamp", exp.Localtimestamp: "timestamp",
}  # fmt: skip
_CALLED: Final[dict[type[exp.Expr], str]] = {
    exp.DateAdd: "date", exp.DateSub: "date", exp.TimestampAdd: "instant", exp.TimestampSub: "instant",
}  # fmt: skip
_DIALECTS: Final = frozenset({"postgres", "duckdb", "bigquery"})
"""Where the kinds above are known, and what a sum of them is."""


def moved(node: exp.Expr, wrapped: FunctionsAround, column_type: str, query: Query) -> str | None:
    """Return a comparison with a shift of a column of ``column_type`` as one with the column itself, as text."""
    # 1.
    if type(node) not in _SIGNS or len(wrapped.functions) != 1 or query.dialect not in _DIALECTS:
        return None
    function = wrapped.functions[0]
    left = node.this.find(exp.Column) is not None
    shifted, other = (node.this, node.expression) if left else (node.expression, node.this)
    if function.form is not Form.SHIFT or function.amount is None or function.node is not shifted.unnest():
        return None
    # 2.
    kind = family(column_type, query.dialect)
    if not kind or kind != _kind(other, query.dialect):
        return None
    # 3.
    if not _can_be_taken_back(function, kind, query.dialect):
        return None
    text = _taken_back(function.node, wrapped.column, query.text(other), query)
    sign = _SIGNS[type(node)][0 if left else 1]
    return f"{query.text(wrapped.column)} {sign} {text}" if text is not None else None


def _can_be_taken_back(function: ColumnFunction, kind: str, dialect: str) -> bool:
    if not function.unit:
        return kind == "date"
    return function.unit in (_CLOCK_HOURS if kind == "instant" and dialect != "bigquery" else _FIXED)


def _kind(node: exp.Expr, dialect: str) -> str:
    """What a constant of the clock is: date, timestamp (a wall clock's) or instant; nothing where that is not sure."""
    node = node.unnest()
    if type(node) in _KINDS:
        return _KINDS[type(node)]
    if isinstance(node, exp.Cast) and type(node) is exp.Cast:
        return family(node.to.sql(dialect), dialect)
    if isinstance(node, (exp.Add, exp.Sub)):
        kind, step = _kind(node.this, dialect), node.expression.unnest()
        if isinstance(step, exp.Interval):
            return kind if kind in ("timestamp", "instant") else ""
        days = isinstance(step, exp.Literal) and not step.is_string
        return kind if days and kind == "date" else ""
    called = _CALLED.get(type(node), "") if dialect == "bigquery" else ""
    return called if called and _kind(node.this, dialect) == called else ""


def _taken_back(shift: exp.Expr, column: exp.Expr, other: str, query: Query) -> str | None:
    """Return the text ``other`` shifted the other way, by what stands beside the column in ``shift``."""
    if isinstance(shift, (exp.Add, exp.Sub)):
        beside = shift.expression if shift.this.unnest() is column else shift.this
        sign = "-" if isinstance(shift, exp.Add) else "+"
        return f"{other} {sign} {query.text(beside)}"
    whole, place = query.span(shift), query.span(column)
    before, after = query.source[whole.start : place.start], query.source[place.end : whole.end]
    call = _CALL.match(before)
    if call is None:
        return None
    opposite = "SUB" if call[2].upper() == "ADD" else "ADD"
    word = opposite.lower() if call[2].islower() else opposite
    return f"{call[1]}_{word}{before[call.end() :]}{other}{after}"
