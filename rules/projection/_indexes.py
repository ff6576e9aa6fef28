"""What the index rules share: which predicates could use an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.values.constants import constant
from sqlopt.rules.indexes import leading_keys

if TYPE_CHECKING:
    from sqlopt.query import Query, Scan

COMPARISONS = (exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Like)


def bare_column(node: exp.Expr) -> exp.Column | None:
    """The column that ``node`` is, through parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node if isinstance(node, exp.Column) else None


def against_constant(node: exp.Expr, query: Query) -> tuple[exp.Expr, list[exp.Expr]] | None:
    """The side of a comparison that reads a row, and the constants on the other; None for joins and the like."""
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, COMPARISONS):
        return None
    if isinstance(node, exp.In):
        others = node.expressions
        if not others:
            return None
    elif isinstance(node, exp.Between):
        others = [node.args["low"], node.args["high"]]
    else:
        others = [node.expression]
    if all(_is_constant(one, query) for one in others):
        return (node.this, others) if not _is_constant(node.this, query) else None
    if len(others) == 1 and not isinstance(node, (exp.In, exp.Like)) and _is_constant(node.this, query):
        return others[0], [node.this]
    return None


def _is_constant(node: exp.Expr, query: Query) -> bool:
    return constant(node, query.dialect, variables=query.variables, today=query.today) is not None


def column_name(column: exp.Expr, scan: Scan) -> str | None:
    """The name of the scan's column that ``column`` refers to in the scan's own scope, or None."""
    binding = scan.query.binding(column)
    if binding is None or binding.source is not scan.source or binding.path:
        return None
    return scan.source.renames.get(binding.name, binding.name)


def uses_an_index(scan: Scan) -> bool:
    """Whether some filter of ``scan`` compares the leading column of an index with constants, or joins on it."""
    table = scan.table
    if table is None:
        return False
    leading = set(leading_keys(table))
    for one in scan.filters():
        node = one.node
        if isinstance(node, exp.Like) and _starts_wild(node):
            continue
        compared = against_constant(node, scan.query)
        sides = [compared[0]] if compared is not None else []
        if isinstance(node, exp.EQ) and compared is None:
            sides = [node.this, node.expression]
        if isinstance(node, exp.In) and node.args.get("query") is not None:
            sides = [node.this]
        for side in sides:
            column = bare_column(side)
            if column is not None and column_name(column, scan) in leading:
                return True
    return False


def _starts_wild(node: exp.Like) -> bool:
    return isinstance(node.expression, exp.Literal) and node.expression.this[:1] in ("%", "_")
