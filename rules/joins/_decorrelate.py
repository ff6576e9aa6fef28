"""A correlated aggregate as a LEFT JOIN of its groups. Helper of this pack's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.cost.planner import Planner
from sqlopt.query.bind.model import Scope, ScopeKind, SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.calendar import family
from sqlopt.query.values.volatility import chance
from sqlopt.rules import Edit
from sqlopt.rules.indexes import leading_keys
from sqlopt.rules.wording import fresh, has_comment
from sqlopt.span import Span

from ._links import bare

if TYPE_CHECKING:
    from sqlopt.catalog import Table
    from sqlopt.query import Query, Source

_INNER_BARS = (
    "group",
    "having",
    "distinct",
    "limit",
    "offset",
    "qualify",
    "windows",
    "laterals",
    "joins",
    "with_",
)
_OUTER_BARS = ("laterals", "pivots", "connect", "locks")
_STRICT = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren)
_SURE = (
    *(exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Neg),
    *(exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Like),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE),
)
"""What fails for no row: conditions are asked of rows, too, that no row outside agrees with."""
_LOOKUP = 3.0
"""Rows read one after another in the time that an index takes to find the first of its own."""
_SHARE = 0.25
"""Of the table's rows, what the lookups must reach: in PostgreSQL 18 on TPC-H at scale factor 1 both took as long at
0.05, and the join a ninth of the time at 0.26 (measured 2026-11-24)."""


@dataclass(frozen=True, slots=True)
class Correlated:
    """A subquery that gives one aggregate of the rows of a table that agree with a row outside.

    ``keys`` are the table's columns with the columns outside that they are equal to; ``rest`` the other conditions.
    """

    inner: Scope
    outer: Scope
    source: Source
    table: Table
    value: exp.Expr
    keys: tuple[tuple[exp.Column, exp.Column], ...]
    rest: tuple[exp.Expr, ...]


def correlated(inner: Scope, outer: Scope, query: Query) -> Correlated | None:
    """Return what a subquery is made of where it can be grouped by its keys instead; None for any other."""
    node = inner.node
    source = next(iter(inner.sources.values()), None)
    if source is None or len(inner.sources) != 1 or any(node.args.get(one) for one in _INNER_BARS):
        return None
    if source.kind is not SourceKind.TABLE or source.table is None or source.pivoted or chance(node):
        return None
    value = node.expressions[0].unalias()
    where = node.args.get("where")
    if where is None or not _null_without_rows(value, source, query):
        return None
    keys, rest = [], []
    for one in conjuncts(where.this):
        if not _reaches_out(one, inner, query):
            if not _sure(one):
                return None
            rest.append(one)
            continue
        key = _key(one, inner, outer, query)
        if key is None:
            return None
        keys.append(key)
    outside = [one for one in node.find_all(exp.Column) if _reaches_out(one, inner, query)]
    if not keys or len(outside) != len(keys) or len({one.name.casefold() for one, _ in keys}) != len(keys):
        return None
    return Correlated(inner, outer, source, source.table, value, tuple(keys), tuple(rest))


def pays(found: Correlated, query: Query) -> bool:
    """Whether the groups of the whole table are made in less time than the rows outside take to look theirs up."""
    step = Planner(query).joined(found.outer)
    rows = found.table.rows
    if rows is None or not step.known:
        return False
    names = {one.name.casefold() for one, _ in found.keys}
    leading = names & set(leading_keys(found.table))
    if not leading:
        return step.rows >= 10  # noqa: PLR2004 - each of them reads the whole table
    counts = [found.source.column(name) for name in leading]
    distinct = max((one.distinct or 0 for one in counts if one is not None), default=0)
    return bool(distinct) and step.rows * (rows / distinct + _LOOKUP) >= _SHARE * rows


def as_join(found: Correlated, query: Query) -> tuple[Edit, ...] | None:
    """Return the edits that join the groups to the query outside; None where they have no place there."""
    node, outer = found.inner.node, found.outer.node
    subquery = node.parent
    if not isinstance(subquery, exp.Subquery) or subquery.alias or has_comment(query.text(subquery)):
        return None
    clause = _clause(subquery, outer)
    grouped = outer.args.get("group") is not None or bool(query.flow.aggregates(found.outer))
    if clause not in ("where", "expressions") or (clause == "expressions" and grouped):
        return None
    if subquery.parent is outer:
        return None  # without an alias the column would have another name
    joins = outer.args.get("joins") or ()
    if any(outer.args.get(one) for one in _OUTER_BARS) or not all(map(_written_out, joins)):
        return None
    if found.outer.kind is ScopeKind.DML or any(isinstance(one, exp.Star) for one in outer.expressions):
        return None
    name = fresh(query, "grouped")
    # Names that begin with one which the statement does not use: none of its own becomes ambiguous.
    names = [f"{name}_by_{number}" for number in range(1, len(found.keys) + 1)]
    columns = [f"{query.text(key)} AS {one}" for (key, _), one in zip(found.keys, names, strict=True)]
    columns.append(f"{query.text(found.value)} AS {name}_value")
    rest = [f"({query.text(one)})" if isinstance(one, exp.Or) else query.text(one) for one in found.rest]
    inside = f"SELECT {', '.join(columns)} FROM {query.text(found.source.node)}"
    inside += f" WHERE {' AND '.join(rest)}" if rest else ""
    inside += f" GROUP BY {', '.join(query.text(key) for key, _ in found.keys)}"
    matched = " AND ".join(
        f"{name}.{one} = {query.text(column)}" for (_, column), one in zip(found.keys, names, strict=True)
    )
    last = query.span(joins[-1] if joins else outer.args["from_"]).end
    value = f"{name}.{name}_value"
    if isinstance(found.value, exp.Count):
        value = f"COALESCE({value}, 0)"
    return (
        Edit(Span(last, last), f"\nLEFT JOIN ({inside}) AS {name} ON {matched}"),
        Edit(query.span(subquery), value),
    )


def _null_without_rows(node: exp.Expr, source: Source, query: Query) -> bool:
    """Whether an expression of aggregates is NULL where there are no rows, or a COUNT by itself."""
    if isinstance(node, exp.Count):
        return isinstance(node.this, (exp.Star, exp.Column))
    if isinstance(node, (exp.Min, exp.Max, exp.Sum, exp.Avg)):
        if not isinstance(node.this, exp.Column) or node.expressions:
            return False
        binding = query.binding(node.this)
        column = source.column(binding.name) if binding is not None and binding.source is source else None
        kind = family(column.type or "", query.dialect) if column is not None else ""
        # Floating point numbers add up differently in another order.
        return kind in ("integer", "decimal") if isinstance(node, (exp.Sum, exp.Avg)) else bool(kind)
    if not isinstance(node, _STRICT):
        return False
    parts = [node.this] if not isinstance(node, exp.Binary) else [node.this, node.expression]
    aggregates = [one for one in parts if one.find(exp.AggFunc) is not None]
    plain = all(isinstance(one, (exp.Literal, exp.Neg)) for one in parts if one not in aggregates)
    counted = node.find(exp.Count) is not None
    return (
        plain
        and not counted
        and bool(aggregates)
        and all(_null_without_rows(one, source, query) for one in aggregates)
    )


def _sure(node: exp.Expr) -> bool:
    """Whether a condition can be asked of any row: a division or a cast may fail."""
    return all(
        isinstance(one, _SURE) or isinstance(one.parent, exp.Cast) or _constant_date(one)
        for one in node.walk(bfs=False)
    )


def _constant_date(node: exp.Expr) -> bool:
    """Whether a node is a date as it is written: ``DATE '2026-01-01'``."""
    return isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal)


def _reaches_out(node: exp.Expr, inner: Scope, query: Query) -> bool:
    """Whether a column in ``node`` belongs to no source of ``inner``, or can't be told whose it is."""
    for column in node.find_all(exp.Column):
        binding = query.binding(column)
        if binding is None or binding.source is None or binding.source.scope is not inner:
            return True
    return False


def _key(node: exp.Expr, inner: Scope, outer: Scope, query: Query) -> tuple[exp.Column, exp.Column] | None:
    """Return a column inside and the column outside that a condition makes equal."""
    node = bare(node)
    if not isinstance(node, exp.EQ):
        return None
    sides = [
        (one, query.binding(one))
        for one in map(bare, (node.this, node.expression))
        if isinstance(one, exp.Column)
    ]
    if len(sides) != 2:  # noqa: PLR2004 - both sides
        return None
    for (column, mine), (other, its) in (sides, sides[::-1]):
        if mine is None or its is None or mine.source is None or its.source is None or mine.path or its.path:
            continue
        if mine.source.scope is inner and its.source.scope is outer:
            types = [
                one.type if one is not None else None
                for one in (mine.source.column(mine.name), its.source.column(its.name))
            ]
            return (column, other) if _alike(types, query.dialect) else None
    return None


def _alike(types: list[str | None], dialect: str) -> bool:
    """Whether values of two types are equal just where they are of one group."""
    if None in types:
        return False
    names = [(one or "").casefold() for one in types]
    kinds = {family(one, dialect) for one in names}
    return kinds == {"integer"} or (len(set(names)) == 1 and "float" not in kinds)


def _clause(node: exp.Expr, outer: exp.Expr) -> str:
    """Return the clause of ``outer`` in which a node stands; nothing for one inside another query of it."""
    while node.parent is not None and node.parent is not outer:
        node = node.parent
        if isinstance(node, (exp.Query, exp.AggFunc, exp.Window)):
            return ""
    return node.arg_key or ""


def _written_out(join: exp.Join) -> bool:
    """Whether a join is no comma, behind which ON could not name what stands before it."""
    return bool(join.args.get("on") or join.args.get("using") or join.kind)
