"""What the index rules share: which predicates could use an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.trace import trace
from sqlopt.query.values.constants import constant
from sqlopt.rules.indexes import leading_keys

if TYPE_CHECKING:
    from sqlopt.catalog import Column
    from sqlopt.query import Filter, Query, Scan

_LARGE = 100_000  # rows of a table that nobody looks up one by one
_SELECTIVE = 0.01
_SHORT_LIST = 20
# Columns of these names rarely tell rows apart; the catalog's distinct count decides where there is one.
_FEW_VALUES = (
    "status",
    "state",
    "type",
    "kind",
    "country",
    "gender",
    "flag",
    "category",
    "level",
    "currency",
)
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


def column_name(column: exp.Expr, scan: Scan, one: Filter | None = None) -> str | None:
    """The name of the scan's column that ``column`` refers to, or None.

    In the scan's own scope, or from where the filter ``one`` stands: through the CTEs and derived tables between.
    """
    if one is not None and one.path:
        found = trace(scan.query, column, one.path)
        if isinstance(found, tuple):
            return scan.source.renames.get(found[1], found[1]) if found[0] is scan.source else None
        column = found if found is not None else column
    binding = scan.query.binding(column)
    if binding is None or binding.source is not scan.source or binding.path:
        return None
    return scan.source.renames.get(binding.name, binding.name)


def compared(node: exp.Expr, query: Query) -> tuple[exp.Expr, list[exp.Expr]] | None:
    """As `against_constant`, and an OR of equalities of one thing is read as the list that it is.

    None for a negated comparison: an index finds what is there, not what is not.
    """
    node = node.unnest()
    if not isinstance(node, exp.Or):
        return None if node.args.get("negate") else against_constant(node, query)
    found = [
        against_constant(arm, query) if isinstance(arm.unnest(), (exp.EQ, exp.In)) else None
        for arm in node.flatten()
    ]
    sides = [one for one in found if one is not None]
    if len(sides) < len(found) or any(one[0].unnest() != sides[0][0].unnest() for one in sides):
        return None
    return sides[0][0], [value for _, values in sides for value in values]


def selective(column: Column, rows: int, share: float, values: int = 1) -> bool:
    """Whether ``values`` of ``column`` are at most a ``share`` of the rows, by its distinct count or else its name."""
    if column.distinct is not None:
        return column.distinct > 0 and values / column.distinct <= share and column.distinct < 2 * rows
    name = column.name.casefold()
    boolean = (column.type or "").casefold().startswith("bool")
    named = boolean or name.startswith(("is_", "has_")) or name.endswith(_FEW_VALUES)
    return not named and values <= _SHORT_LIST


def uses_an_index(scan: Scan) -> bool:
    """Whether some filter of ``scan`` compares the leading column of an index with constants, or with few rows."""
    table = scan.table
    if table is None:
        return False
    leading = set(leading_keys(table))
    for one in scan.filters():
        node = one.node.unnest()
        if isinstance(node, exp.Like) and _starts_wild(node):
            continue
        found = compared(node, scan.query)
        sides = [found[0]] if found is not None else []
        if isinstance(node, exp.EQ) and found is None:
            sides = [
                side
                for side, other in ((node.this, node.expression), (node.expression, node.this))
                if _few(other, scan.query)
            ]
        if isinstance(node, exp.In) and node.args.get("query") is not None:
            sides = [node.this]
        for side in sides:
            column = bare_column(side)
            if column is not None and column_name(column, scan, one) in leading:
                return True
    return False


def _few(other: exp.Expr, query: Query) -> bool:
    """Whether the rows that a join brings may be few enough to look each of them up.

    They are not where all of a large table is read, or what a filter keeps of it is a large part.
    """
    for column in other.find_all(exp.Column):
        binding = query.binding(column)
        source = binding.source if binding is not None else None
        scan = next((one for one in query.scans if one.source is source), None)
        if scan is not None and scan.table is not None and (scan.table.rows or 0) >= _LARGE:
            return any(_narrows(one, scan) for one in scan.filters())
    return True


def _narrows(one: Filter, scan: Scan) -> bool:
    """Whether a filter of its own leaves few rows of ``scan``, as far as is known."""
    node = one.node
    if all(column_name(column, scan, one) is None for column in node.find_all(exp.Column)):
        return False
    found = compared(node, scan.query)
    column = bare_column(found[0]) if found is not None else None
    name = column_name(column, scan, one) if column is not None else None
    facts = scan.table.column(name) if scan.table is not None and name is not None else None
    if found is None or facts is None or scan.table is None:
        return found is not None or node.find(exp.Query) is not None
    if not isinstance(node.unnest(), (exp.EQ, exp.In, exp.Or)):
        return True
    return selective(facts, scan.table.rows or 0, _SELECTIVE, len(found[1]))


def _starts_wild(node: exp.Like) -> bool:
    return isinstance(node.expression, exp.Literal) and node.expression.this[:1] in ("%", "_")
