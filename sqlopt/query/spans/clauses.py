"""Rules of growth for queries, their clauses and other statements (see `rules`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType as T

from sqlopt.query.spans.moves import (
    CLOSING,
    alias_columns,
    balance,
    enclose,
    extent_of,
    first_of,
    grow_left,
    grow_right,
    kind_at,
    prefix,
    seek,
    type_end,
    union,
    word_at,
    wrap,
)

if TYPE_CHECKING:
    from sqlopt.query.spans.extents import Layout
    from sqlopt.query.spans.moves import Extent, Rule

_JOIN_WORDS = frozenset(
    {
        *("JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "NATURAL", "SEMI", "ANTI", "ASOF"),
        *("STRAIGHT_JOIN", "GLOBAL", "ANY", "POSITIONAL"),
    }
)
_STAR_WORDS = frozenset({"EXCEPT", "EXCLUDE", "REPLACE", "RENAME", "ILIKE"})
_APPLY = frozenset({"APPLY", "OUTER", "CROSS"})
_ORDER_WORDS = frozenset({"ASC", "DESC", "NULLS", "FIRST", "LAST"})
_LIMIT_WORDS = frozenset({"PERCENT", "ROW", "ROWS", "ONLY", "WITH", "TIES"})


# ---- queries


def star(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over EXCEPT (...) and REPLACE (...)."""
    start, end = balance(layout, hull)
    while word_at(layout, end + 1) in _STAR_WORDS and end + 2 in layout.match:
        end = layout.match[end + 2]
    return start, end


def select(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow to SELECT; clauses after it are nodes of their own."""
    first = first_of(layout, node.expressions)
    start, end = hull
    if first is not None:
        found = seek(layout, first, "SELECT", limit=64)
        start = min(start, found[0])
    return start, end


def clause(*words: str) -> Rule:
    """Make a rule for a clause that starts with these words, the last right before the hull."""

    def rule(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
        return grow_left(layout, hull, *words)

    return rule


def group(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over GROUP BY and WITH ROLLUP."""
    start, end = prefix("GROUP BY")(layout, _node, hull)
    if word_at(layout, end + 1) == "WITH" and word_at(layout, end + 2) in {"ROLLUP", "CUBE", "TOTALS"}:
        end += 2
    return start, end


def ordered(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over DESC NULLS LAST."""
    return grow_right(layout, hull, _ORDER_WORDS)


def limit(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over LIMIT, OFFSET, TOP or FETCH and what follows the number."""
    hull = balance(layout, hull)
    if word_at(layout, hull[0] - 1) in {"FIRST", "NEXT"} and word_at(layout, hull[0] - 2) == "FETCH":
        return grow_right(layout, (hull[0] - 2, hull[1]), _LIMIT_WORDS)
    return grow_right(layout, prefix("LIMIT", "OFFSET", "TOP")(layout, _node, hull), _LIMIT_WORDS)


def subquery(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over the parentheses and the alias."""
    this = extent_of(layout, node.this)
    if this is not None:
        wrapped = wrap(layout, this)
        if layout.kinds[wrapped[0]] == T.L_PAREN:
            hull = union(hull, wrapped)
    return alias_columns(layout, node, hull)


def table_alias(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over the list of columns."""
    columns = first_of(layout, node.args.get("columns") or [])
    if columns is not None and hull[0] < columns[0] and layout.inside[columns[0]] > hull[0]:
        return union(hull, enclose(layout, columns))
    return hull


def table(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over the alias and brackets."""
    return balance(layout, alias_columns(layout, node, hull))


def join_clause(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow to the comma or the first word of the join, and to the end of USING (...)."""
    start, end = hull
    if kind_at(layout, start - 1) == T.COMMA:
        return start - 1, end
    while start > 0 and layout.words[start - 1] in _JOIN_WORDS | _APPLY:
        start -= 1
    using = node.args.get("using")
    if using:
        last = layout.known.get(id(using[-1]))
        if last is not None:
            end = max(end, enclose(layout, last)[1])
    return start, end


def cte(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over the query's parentheses."""
    this = extent_of(layout, node.this)
    return hull if this is None else union(hull, wrap(layout, this))


def alias(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over brackets."""
    return balance(layout, hull)


def sample(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over TABLESAMPLE (...)."""
    return seek(layout, enclose(layout, hull), "TABLESAMPLE", "SAMPLE", "USING", limit=4)


def lateral(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over LATERAL VIEW."""
    return grow_left(layout, alias_columns(layout, node, hull), "LATERAL", "VIEW", "OUTER")


def pivot(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over PIVOT (...)."""
    first = first_of(layout, node.expressions) or hull
    return union(hull, seek(layout, enclose(layout, first), "PIVOT", "UNPIVOT", limit=4))


def values(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over VALUES and, in FROM, its parentheses."""
    rows = first_of(layout, node.expressions)
    if rows is None:
        return hull
    grown = union(hull, grow_left(layout, rows, "VALUES"))
    return alias_columns(layout, node, wrap(layout, grown) if isinstance(node.parent, exp.From) else grown)


# ---- statements


def when(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow from WHEN to the end of what is done."""
    start, end = seek(layout, hull, "WHEN", limit=12)
    if word_at(layout, end + 1) == "THEN":
        end += 1
        while end + 1 < len(layout.words) and layout.words[end + 1] not in {"WHEN", ""}:
            end += 1
    return start, end


def column_def(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``name type constraints``, up to the comma or the bracket that ends it."""
    this = extent_of(layout, node.this)
    if this is None:
        return hull
    kind = node.args.get("kind")
    end = this[1]
    if kind is not None and end + 1 < len(layout.kinds):
        layout.known[id(kind)] = end + 1, type_end(layout, end + 1)
        end = layout.known[id(kind)][1]
    while kind_at(layout, end + 1) not in {T.COMMA, None} and layout.kinds[end + 1] not in CLOSING:
        end = layout.match.get(end + 1, end + 1)
    return union(hull, (this[0], end))


def properties(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over PARTITION BY and its like."""
    start, end = wrap(layout, hull)
    return grow_left(
        layout, (start, end), "PARTITION BY", "PARTITIONED BY", "CLUSTER BY", "OPTIONS", "PARTITIONED", "BY"
    )
