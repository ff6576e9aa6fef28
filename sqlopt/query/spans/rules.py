"""Which tokens belong to a node beside those of its descendants, by its kind.

Each rule takes the layout, the node and the hull of what is located of it, and returns the node's
extent: two token indices, both inclusive. A rule that doesn't find what it looks for returns the hull.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.spans import clauses, expressions
from sqlopt.query.spans.moves import prefix, wrapped

if TYPE_CHECKING:
    from sqlopt.query.spans.extents import Layout
    from sqlopt.query.spans.moves import Extent, Rule

LONE = (exp.Identifier, exp.Literal, exp.Star, exp.Var, exp.Null, exp.Boolean, exp.Column, exp.Table)


def grow(layout: Layout, node: exp.Expr) -> Extent | None:
    """Return the extent of ``node`` once its children's are known, or None if nothing is located."""
    own = layout.known.get(id(node))
    hull = layout.hull(node)
    if own is not None:
        hull = own if hull is None else (min(own[0], hull[0]), max(own[1], hull[1]))
    head = layout.heads.get(id(node))
    if head is not None:
        return expressions.call(layout, head, hull)
    kind = type(node)
    if hull is None:
        return None
    rule = _rule(kind)
    return rule(layout, node, hull) if rule else hull


_RULES: list[tuple[type[exp.Expr], Rule]] = [
    (exp.Cast, expressions.cast),
    (exp.Interval, expressions.interval),
    (exp.Window, expressions.window),
    (exp.Filter, expressions.after_keyword("FILTER")),
    (exp.WithinGroup, expressions.after_keyword("WITHIN", "GROUP", "WITHIN GROUP")),
    (exp.IgnoreNulls, expressions.after_keyword("IGNORE", "NULLS", "IGNORE NULLS")),
    (exp.RespectNulls, expressions.after_keyword("RESPECT", "NULLS", "RESPECT NULLS")),
    (exp.Case, expressions.case),
    (exp.If, expressions.if_),
    (exp.In, expressions.in_),
    (exp.Is, expressions.is_),
    (exp.Not, expressions.not_),
    (exp.Neg, prefix("-")),
    (exp.BitwiseNot, prefix("~")),
    (exp.Prior, prefix("PRIOR")),
    (exp.Paren, wrapped()),
    (exp.Tuple, wrapped()),
    (exp.Exists, wrapped("EXISTS")),
    (exp.Any, wrapped("ANY", "SOME")),
    (exp.All, wrapped("ALL")),
    (exp.Bracket, expressions.bracket),
    (exp.Array, expressions.collection),
    (exp.Struct, expressions.collection),
    (exp.ToMap, expressions.to_map),
    (exp.SafeFunc, expressions.safe),
    (exp.GroupConcat, expressions.joined),
    (exp.Unnest, expressions.unnest),
    (exp.JSONExtract, expressions.json),
    (exp.JSONExtractScalar, expressions.json),
    (exp.JSONBExtract, expressions.json),
    (exp.JSONBExtractScalar, expressions.json),
    (exp.Parameter, expressions.parameter),
    (exp.SessionParameter, expressions.parameter),
    (exp.Placeholder, expressions.parameter),
    (exp.Star, clauses.star),
    (exp.Distinct, clauses.clause("DISTINCT")),
    (exp.Select, clauses.select),
    (exp.With, clauses.clause("WITH", "RECURSIVE")),
    (exp.From, clauses.clause("FROM")),
    (exp.Where, clauses.clause("WHERE")),
    (exp.Having, clauses.clause("HAVING")),
    (exp.Qualify, clauses.clause("QUALIFY")),
    (exp.Group, clauses.group),
    (exp.Rollup, wrapped("ROLLUP")),
    (exp.Cube, wrapped("CUBE")),
    (exp.GroupingSets, wrapped("GROUPING SETS")),
    (exp.Order, clauses.clause("ORDER BY")),
    (exp.Sort, clauses.clause("SORT BY")),
    (exp.Cluster, clauses.clause("CLUSTER BY")),
    (exp.Distribute, clauses.clause("DISTRIBUTE BY")),
    (exp.Ordered, clauses.ordered),
    (exp.Limit, clauses.limit),
    (exp.Fetch, clauses.limit),
    (exp.Offset, clauses.limit),
    (exp.Subquery, clauses.subquery),
    (exp.TableAlias, clauses.table_alias),
    (exp.Table, clauses.table),
    (exp.Join, clauses.join_clause),
    (exp.CTE, clauses.cte),
    (exp.Alias, clauses.alias),
    (exp.Aliases, clauses.alias),
    (exp.TableSample, clauses.sample),
    (exp.Lateral, clauses.lateral),
    (exp.Pivot, clauses.pivot),
    (exp.Values, clauses.values),
    (exp.When, clauses.when),
    (exp.ColumnDef, clauses.column_def),
    (exp.Property, clauses.properties),
    (exp.Func, expressions.function),
]
_FOUND: dict[type[exp.Expr], Rule | None] = {}


def _rule(kind: type[exp.Expr]) -> Rule | None:
    """Return the rule of a class or of the first of the list that it is a subclass of."""
    if kind not in _FOUND:
        _FOUND[kind] = next((rule for base, rule in _RULES if issubclass(kind, base)), None)
    return _FOUND[kind]
