"""Aggregates of aggregates: how each is computed from what a view keeps, in the type that it had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.workload.part import Measure, UnservedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.workload.merge import View

_INTEGER_AVERAGES: Final = frozenset(
    {"postgres", "duckdb", "snowflake", "bigquery", "spark", "databricks", "hive"}
)
"""Dialects of which it is known how the mean of integers is typed."""
_WIDENING: Final = frozenset({"postgres", "duckdb"})
"""Where SUM gives a wider type than its argument's, so that a sum of counts is no BIGINT."""


def rolled(measure: Measure, columns: Sequence[str], view: View, *, grouped: bool, divided: bool) -> str:
    """Return the SQL that computes a measure from the view's ``columns``.

    ``grouped`` says that no group is empty; ``divided`` that the type of the result counts. Raises `UnservedError`
    where the type can't be kept.
    """
    if measure.kind in ("min", "max"):
        return f"{measure.kind.upper()}({columns[0]})"
    if measure.kind == "count":
        return _count(columns[0], view.dialect, grouped=grouped)
    kind = _type(measure, view)
    if measure.kind == "avg":
        return _mean(columns, kind, view.dialect)
    if view.dialect == "postgres":
        if kind is None and divided:
            raise UnservedError
        if kind in ("int", "smallint", "tinyint"):  # SUM of INTEGER is BIGINT, and SUM of that NUMERIC
            return f"CAST(SUM({columns[0]}) AS BIGINT)"
    return f"SUM({columns[0]})"


def _count(column: str, dialect: str, *, grouped: bool) -> str:
    text = f"SUM({column})" if grouped else f"COALESCE(SUM({column}), 0)"
    return f"CAST({text} AS BIGINT)" if dialect in _WIDENING else text


def _mean(columns: Sequence[str], kind: str | None, dialect: str) -> str:
    if dialect not in _INTEGER_AVERAGES:
        raise UnservedError
    total = f"SUM({columns[0]})"
    if dialect == "postgres" and (kind is None or not ("float" in kind or "double" in kind)):
        total = f"CAST({total} AS NUMERIC)" if kind is not None else f"{total} * 1.0"
    return f"{total} / NULLIF(SUM({columns[1]}), 0)"


def _type(measure: Measure, view: View) -> str | None:
    """Return the type of what is added up, in sqlglot's words; None where that is not known."""
    from sqlglot.optimizer.annotate_types import annotate_types

    call = measure.kept[0].tree
    call = call.this if isinstance(call, exp.Filter) else call

    def typed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            kind = view.types.get((node.table, node.name))
            if kind is None:
                return node
            return exp.Cast(this=exp.Null(), to=exp.DataType.build(kind, dialect=view.dialect))
        return node

    try:
        tree = annotate_types(call.this.transform(typed), dialect=view.dialect)
    except Exception:  # noqa: BLE001 - a type that sqlglot does not know
        return None
    if tree.type is None or tree.is_type(exp.DType.UNKNOWN):
        return None
    return str(tree.type.this.value).casefold()
