"""Days by month or year: where a statement asks of a date no more than its month or year, a view keeps no days.

``day >= DATE '1994-01-01' AND day < DATE '1995-01-01'`` holds of a day exactly if it holds of the first of its year,
since the bounds are firsts of years. So does what takes the year of a day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlglot
from sqlglot import exp

from sqlopt.query.text.forms import bounds
from sqlopt.query.values.constants import constant
from sqlopt.workload.expressions import ColumnKey, Expression, bare, column_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.workload.blocks import Block

UNITS: Final = ("year", "month")
"""The coarsest first."""
_CUT: Final[Mapping[tuple[str, str], str]] = {
    ("duckdb", "date"): "CAST(DATE_TRUNC('{unit}', {column}) AS DATE)",
    ("duckdb", "timestamp"): "DATE_TRUNC('{unit}', {column})",
    ("postgres", "date"): "CAST(DATE_TRUNC('{unit}', CAST({column} AS TIMESTAMP)) AS DATE)",
    ("postgres", "timestamp"): "DATE_TRUNC('{unit}', {column})",
    ("bigquery", "date"): "DATE_TRUNC({column}, {unit})",
    ("snowflake", "date"): "DATE_TRUNC('{unit}', {column})",
    ("spark", "date"): "TRUNC({column}, '{unit}')",
    ("databricks", "date"): "TRUNC({column}, '{unit}')",
}
"""How a value is cut to a unit in its own type: PostgreSQL's cut of a DATE would depend on the time zone."""
_PLACE: Final = "the_column"
_MIRRORED: Final[Mapping[type[exp.Expr], type[exp.Expr]]] = {
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.LT: exp.GT,
}


def coarse(key: ColumnKey, unit: str, kind: str | None, dialect: str) -> Expression | None:
    """Return a column cut to a unit, of a column of this type; None where that is not known to keep its type."""
    plain = (kind or "").casefold().split("(", maxsplit=1)[0].strip()
    plain = "timestamp" if plain in ("timestamp without time zone", "datetime") else plain
    text = _CUT.get((dialect, plain))
    if text is None:
        return None
    cut = sqlglot.parse_one(text.format(unit=unit.upper(), column=_PLACE), read=dialect)
    # The column is put in as a tree: BigQuery's parser would take the label of its table apart at the dots.
    tree = cut.transform(lambda node: column_tree(key) if isinstance(node, exp.Column) else node)
    return Expression(tree.sql(dialect=dialect, comments=False), tree, frozenset((key,)))


def needed_unit(node: exp.Expr, block: Block) -> str | None:
    """Return the unit that is all that is asked of the column reference ``node``; None for the day itself."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if isinstance(parent, exp.Year) or (isinstance(parent, exp.Extract) and parent.name.upper() == "YEAR"):
        return "year"
    if parent is None or not isinstance(parent, (exp.Between, *_MIRRORED)):
        return None
    bounds = _bounds(parent, node, block)
    if not bounds or any(one.day != 1 for one in bounds):
        return None
    return "year" if all(one.month == 1 for one in bounds) else "month"


def _bounds(comparison: exp.Expr, node: exp.Expr, block: Block) -> list[date]:
    """Return the days at which a comparison changes its mind, each the first of those on one side; [] if unknown."""
    found: list[date | None] = []
    if isinstance(comparison, exp.Between) and len(bounds(comparison)) > 1:
        return []
    if isinstance(comparison, exp.Between):
        if bare(comparison.this) is node:
            ends = (comparison.args["low"], comparison.args["high"])
            found = [_first(ends[0], block, node, after=False), _first(ends[1], block, node, after=True)]
    else:
        mine = bare(comparison.this) is node
        kind = type(comparison) if mine else _MIRRORED[type(comparison)]
        other = comparison.expression if mine else comparison.this
        found = [_first(other, block, node, after=kind in (exp.GT, exp.LTE))]
    return [one for one in found if one is not None] if None not in found else []


def _first(bound: exp.Expr, block: Block, node: exp.Expr, *, after: bool) -> date | None:
    """Return the first day from a bound on, or ``after`` it."""
    known = constant(bound, block.query.dialect)
    if known is None or not known.known or known.clock or known.volatile:
        return None
    value = known.value
    binding = block.query.binding(node)
    column = (
        binding.source.column(binding.name) if binding is not None and binding.source is not None else None
    )
    whole_days = column is not None and (column.type or "").casefold() == "date"
    if isinstance(value, str) and whole_days:
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        if value.tzinfo is not None or value.time() != datetime.min.time():
            return None
        value = value.date()
    if not isinstance(value, date) or (after and not whole_days) or value == date.max:
        return None
    return value + timedelta(days=1) if after else value
