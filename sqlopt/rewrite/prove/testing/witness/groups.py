"""Groups in a sketch: what an aggregate or a window function gives over a few rows whose values are variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.query.bind.nodes import QUERIES
from sqlopt.rewrite.prove.testing.witness.rows import Row
from sqlopt.rewrite.prove.testing.witness.sketch import Opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.rewrite.prove.testing.witness.reading import Reader

_AROUND = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)
_LISTED: Final[dict[type[exp.Expr], str]] = {
    exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max", exp.Count: "count", exp.StddevSamp: "stddev_samp",
    exp.Stddev: "stddev", exp.StddevPop: "stddev_pop", exp.Variance: "var_samp", exp.VariancePop: "var_pop",
    exp.Median: "median", exp.AnyValue: "any_value", exp.LogicalAnd: "bool_and", exp.LogicalOr: "bool_or",
    exp.First: "first",
}  # fmt: skip
_RANKS: Final = (exp.RowNumber, exp.Rank, exp.DenseRank)
_SAME: Final = (exp.FirstValue, exp.LastValue)
_MOST = 25


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a node is an aggregate, or stands around one."""
    return isinstance(node, (exp.AggFunc, *_AROUND))


def _inside(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the nodes of an expression, those of its subqueries left out."""
    return node.walk(prune=lambda one: isinstance(one, QUERIES) and one is not node)


def has_aggregate(node: exp.Expr) -> bool:
    """Whether an expression has an aggregate that is no window function."""
    return any(isinstance(one, exp.AggFunc) and not _is_windowed(one) for one in _inside(node))


def _is_windowed(node: exp.Expr) -> bool:
    around = node.parent
    while isinstance(around, _AROUND):
        around = around.parent
    return isinstance(around, exp.Window)


def is_grouped(node: exp.Select) -> bool:
    """Whether a query's rows are groups."""
    if node.args.get("group") is not None or node.args.get("having") is not None:
        return True
    return any(has_aggregate(one) for one in node.expressions)


def windows(node: exp.Select) -> list[exp.Window]:
    """Return the window functions of a query whose value depends on other rows in a way that is known here."""
    places = [
        *node.expressions,
        *(node.args[name] for name in ("qualify",) if node.args.get(name) is not None),
    ]
    found = [one for place in places for one in _inside(place) if isinstance(one, exp.Window)]
    return [one for one in found if isinstance(_function(one), (*_RANKS, *_LISTED))]


def summed(node: exp.Select) -> list[exp.Expr]:
    """Return the columns that a query's aggregates read."""
    calls = [one for place in node.expressions for one in _inside(place) if isinstance(one, exp.AggFunc)]
    return [column for call in calls for column in call.find_all(exp.Column)]


def counts(node: exp.Select) -> bool:
    """Whether a query shows or asks how many rows its groups have, or what they sum up to."""
    return any(isinstance(one, (exp.Count, exp.Sum)) for one in node.find_all(exp.AggFunc))


def keys(node: exp.Select) -> Iterator[exp.Expr]:
    """Yield the expressions that a query groups by."""
    group = node.args.get("group")
    if group is None:
        return
    items = node.expressions
    if group.args.get("all"):
        yield from (one.unalias() for one in items if not has_aggregate(one))
    listed = list(group.expressions)
    for name in ("rollup", "cube", "grouping_sets"):
        for one in group.args.get(name) or []:
            listed += one.expressions if isinstance(one, exp.Expr) else []
    for one in listed:
        if isinstance(one, exp.Literal) and one.name.isdigit() and 0 < int(one.name) <= len(items):
            yield items[int(one.name) - 1].unalias()
        elif not isinstance(one, (exp.Tuple, exp.Rollup, exp.Cube)):
            yield one


def sizes(tree: exp.Expr) -> list[int]:
    """Return sizes of groups that a statement's small numbers ask for."""
    found = {
        int(one.name) + more
        for one in tree.find_all(exp.Literal)
        if not one.is_string and one.name.isdigit() and one.find_ancestor(exp.Limit) is None
        for more in (0, 1)
        if isinstance(one.find_ancestor(exp.Binary, exp.Between), exp.Expr)
    }
    return sorted(one for one in found if 3 < one <= _MOST)[:8]  # noqa: PLR2004 - fewer are tried anyway


def aggregated(reader: Reader, node: exp.Expr, row: Row) -> exp.Expr:
    """Return an aggregate's value over a group. Raises `Opaque` for one that is out of reach."""
    condition = None
    while isinstance(node, _AROUND):
        condition = node.expression.this if isinstance(node, exp.Filter) else condition
        node = exp.Null() if isinstance(node, exp.WithinGroup) else node.this
    name, this = _LISTED.get(type(node)), node.this
    if name is None or row.group is None:
        raise Opaque
    distinct = isinstance(this, exp.Distinct)
    if distinct:
        this = this.expressions[0] if len(this.expressions) == 1 else exp.Star()
    if not isinstance(this, exp.Expr) or isinstance(this, (exp.Star, exp.Literal)):
        if condition is None and not distinct:
            found = exp.Literal.number(len(row.group))
            found.meta["choices"] = [row.size]
            return found
        this = exp.Literal.number(1)
    values = [_member(reader, this, condition, Row(frame)) for frame in row.group]
    if len(values) == 1 and name in ("sum", "min", "max", "any_value", "first"):
        return exp.paren(values[0], copy=False)
    listed: exp.Expr = exp.Array(expressions=values)
    listed.meta["choices"] = [row.size]
    if distinct:
        listed = exp.Anonymous(this="list_distinct", expressions=[listed])
    return exp.Anonymous(this="list_aggregate", expressions=[listed, exp.Literal.string(name)])


def _member(reader: Reader, this: exp.Expr, condition: exp.Expr | None, row: Row) -> exp.Expr:
    """Return what an aggregate takes of one row; that FILTER lets it through is wished for."""
    value = reader.term(this, row)
    if condition is None:
        return value
    wished = reader.term(condition, row)
    reader.sketch.wishes.append(wished)
    return exp.Case(ifs=[exp.If(this=wished, true=value)])


def _function(node: exp.Window) -> exp.Expr:
    this: exp.Expr = node.this
    while isinstance(this, _AROUND):
        this = this.this
    return this


def windowed(reader: Reader, node: exp.Window, row: Row) -> exp.Expr:
    """Return a window function's value for a row with its peers, as over the whole of its partition.

    Raises `Opaque` for a function that is out of reach.
    """
    this = _function(node)
    rows = [row, *row.peers]
    if isinstance(this, _RANKS):
        order = node.args.get("order")
        key = order.expressions[0] if order is not None else exp.Null()
        place: exp.Expr = exp.Literal.number(1)
        for other in row.peers if order is not None else ():
            one, two = reader.term(key.this, row), reader.term(key.this, other)
            before = (
                exp.GT(this=two, expression=one) if key.args.get("desc") else exp.LT(this=two, expression=one)
            )
            ahead = exp.Case(
                ifs=[exp.If(this=before, true=exp.Literal.number(1))], default=exp.Literal.number(0)
            )
            place = exp.Add(this=place, expression=ahead)
        return exp.paren(place, copy=False)
    if isinstance(this, _SAME) and isinstance(this.this, exp.Expr):
        return exp.paren(reader.term(this.this, row), copy=False)
    name = _LISTED.get(type(this))
    if name is None or isinstance(this.this, exp.Distinct):
        raise Opaque
    if not isinstance(this.this, exp.Expr) or isinstance(this.this, exp.Star):
        return exp.Literal.number(len(rows))
    values = exp.Array(expressions=[reader.term(this.this, one) for one in rows])
    return exp.Anonymous(this="list_aggregate", expressions=[values, exp.Literal.string(name)])
