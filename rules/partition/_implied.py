"""Comparisons that hold for a column because it equals another one. Helper of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.constants import constant
from sqlopt.query.values.effects import one_value
from sqlopt.rules import Edit
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scan, Source

_RANGES = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In)


def implied(scan: Scan, name: str) -> tuple[exp.Expr, tuple[exp.Expr, ...], Edit] | None:
    """Return an equality, the ranges of its other side, and the edit that says them of the scan's column too.

    None where ``name``, case-folded, equals no column that WHERE compares with constants.
    """
    query, node = scan.query, scan.scope.node
    joins = node.args.get("joins") or ()
    if not isinstance(node, exp.Select) or not all(map(_keeps_the_first, joins)):
        return None
    where = node.args.get("where")
    written: list[tuple[exp.Expr, exp.Join | None]] = [
        (one, None) for one in conjuncts(where.this if where is not None else None)
    ]
    written += [(one, join) for join in joins for one in conjuncts(join.args.get("on"))]
    for equal, join in written:
        pair = _equality(equal, scan.source, name, query)
        if pair is None or where is None:
            continue
        mine, (source, other) = pair
        found = tuple(one for one in conjuncts(where.this) if _is_range(one, source, other, query))
        at = _place(join, scan.source, where)
        if found and at is not None and _alike(scan.source, name, source, other):
            texts = [_said_of(mine, one, query) for one in found]
            place = query.span(at).end
            return equal, found, Edit(Span(place, place), "".join(f" AND {text}" for text in texts))
    return None


def _keeps_the_first(join: exp.Join) -> bool:
    """Whether a join is an inner one, or a LEFT JOIN."""
    return (
        (join.side or "") in ("", "LEFT")
        and not join.method
        and (join.kind or "") in ("", "INNER", "CROSS", "OUTER")
    )


def _place(join: exp.Join | None, source: Source, where: exp.Expr) -> exp.Expr | None:
    """Return the condition to which what is implied is added, where it takes no row away that is given now."""
    if join is None or not join.side:
        condition = where.this  # rows that WHERE sees fulfil the equality
    elif source.join is join:
        condition = join.args["on"]  # partners that go now would have gone with the rows that WHERE drops
    else:
        return None
    return None if isinstance(condition, exp.Or) else condition


def _equality(
    node: exp.Expr, source: Source, name: str, query: Query
) -> tuple[exp.Column, tuple[Source, str]] | None:
    """Return the column called ``name`` in ``node``, and the column of another source that it is equal to."""
    if not isinstance(node, exp.EQ):
        return None
    sides = [(one, query.binding(one)) for one in (node.this, node.expression) if isinstance(one, exp.Column)]
    if len(sides) != 2:  # noqa: PLR2004 - both sides
        return None
    for (column, mine), (_, its) in (sides, sides[::-1]):
        if mine is None or its is None or mine.path or its.path or its.source is None:
            continue
        if mine.source is source and mine.name == name and its.source is not source:
            return column, (its.source, its.name)
    return None


def _is_range(node: exp.Expr, source: Source, name: str, query: Query) -> bool:
    """Whether a condition compares a column with constants."""
    if not isinstance(node, _RANGES) or isinstance(node.parent, exp.Not):
        return False
    columns = list(node.find_all(exp.Column))
    binding = query.binding(columns[0]) if len(columns) == 1 else None
    if binding is None or binding.source is not source or binding.name != name or binding.path:
        return False
    sides = list(_sides(node))
    plain = [one for one in sides if one is columns[0]]
    return len(plain) == 1 and all(
        one is columns[0]
        or (constant(one, query.dialect, variables=query.variables) is not None and one_value(one))
        for one in sides
    )


def _sides(node: exp.Expr) -> Iterator[exp.Expr]:
    yield node.this
    if isinstance(node, exp.Between):
        yield from (node.args["low"], node.args["high"])
    elif isinstance(node, exp.In):
        yield from node.expressions or [node]  # a subquery is no constant
    else:
        yield node.expression


def _alike(source: Source, name: str, other: Source, its: str) -> bool:
    """Whether two columns are of one type, so that a constant compares with both in the same way."""
    columns = source.column(name), other.column(its)
    types = [(one.type or "").casefold() for one in columns if one is not None]
    return len(types) == len(columns) and types[0] == types[1] and bool(types[0])


def _said_of(mine: exp.Column, node: exp.Expr, query: Query) -> str:
    """Return a condition's text with the column called ``mine`` in the other one's place."""
    column = next(one for one in node.find_all(exp.Column))
    whole, part = query.span(node), query.span(column)
    text = query.source
    return f"{text[whole.start : part.start]}{query.text(mine)}{text[part.end : whole.end]}"
