"""An OR over the columns of two joined tables as two queries. Helper of this pack's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Scope, ScopeKind, SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.volatility import chance
from sqlopt.rules import Edit
from sqlopt.rules.indexes import leading_keys
from sqlopt.rules.wording import has_comment
from sqlopt.span import Span

from ._indexes import against_constant, bare_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Source

_BARS = (
    "distinct",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "qualify",
    "locks",
    "laterals",
    "with_",
    "windows",
)
_MOST = 1_000
"""Rows of a table that an arm may leave: an index finds them faster than the table is joined whole."""


@dataclass(frozen=True, slots=True)
class TwoTables:
    """An OR of two arms, each of which an index of another table answers: (arm, table's source, column)."""

    node: exp.Or
    arms: tuple[tuple[exp.Expr, Source, str], ...]


def over_two_tables(scope: Scope, query: Query, least: int) -> Iterator[TwoTables]:
    """Yield the ORs in a scope's WHERE that two indexes of two tables of at least ``least`` rows would answer."""
    node = scope.node
    where = node.args.get("where") if isinstance(node, exp.Select) else None
    if where is None or len(scope.sources) < 2:  # noqa: PLR2004 - two tables
        return
    for one in conjuncts(where.this):
        inner = one.unnest()
        if not isinstance(inner, exp.Or):
            continue
        arms = [_answered(arm, scope, query, least) for arm in (inner.left, inner.right)]
        found = tuple(arm for arm in arms if arm is not None)
        if len(found) == len(arms) and found[0][1] is not found[1][1]:
            yield TwoTables(inner, found)


def _answered(arm: exp.Expr, scope: Scope, query: Query, least: int) -> tuple[exp.Expr, Source, str] | None:
    """Return (arm, source, column) of a column with an index that an arm makes equal to a few constants."""
    for one in conjuncts(arm.unnest()):
        inner = one.unnest()
        compared = against_constant(inner, query) if isinstance(inner, (exp.EQ, exp.In)) else None
        column = bare_column(compared[0]) if compared is not None else None
        binding = query.binding(column) if column is not None else None
        source = binding.source if binding is not None and not binding.path else None
        table = source.table if source is not None else None
        if (
            compared is None
            or binding is None
            or source is None
            or table is None
            or source.scope is not scope
        ):
            continue
        facts = table.column(binding.name)
        few = (
            facts is not None
            and facts.distinct
            and (table.rows or 0) / facts.distinct * len(compared[1]) <= _MOST
        )
        unique = (binding.name,) in {
            tuple(map(str.casefold, key)) for key in (table.primary_key, *table.unique)
        }
        if (table.rows or 0) >= least and (few or unique) and binding.name in set(leading_keys(table)):
            return arm, source, binding.name
    return None


def as_union(found: TwoTables, scope: Scope, query: Query) -> tuple[Edit, ...] | None:
    """Return the edits that ask each arm by itself; None where that would not give the same rows."""
    node = scope.node
    # 1.
    if any(node.args.get(one) for one in _BARS) or query.flow.aggregates(scope) or query.flow.windows(scope):
        return None
    if scope.kind not in (ScopeKind.ROOT, ScopeKind.CTE, ScopeKind.DERIVED) or scope.branch_of is not None:
        return None
    if isinstance(node.parent, exp.Subquery) and node.parent.args.get("pivots"):
        return None
    # 2.
    if chance(node) or found.node.find(exp.Query) is not None:
        return None
    if isinstance(query.tree, exp.Insert):
        return None  # a UNION decides what a literal is before the table's columns do
    joins = node.args.get("joins") or ()
    if any(one.side or one.method or (one.kind or "") not in ("", "INNER") for one in joins):
        return None
    if any(one.kind is not SourceKind.TABLE or one.table is None for one in scope.sources.values()):
        return None
    span, place = query.span(node), query.span(found.node)
    if has_comment(span.of(query.source)):
        return None
    first, second = (query.text(arm) for arm, _, _ in found.arms)
    before, after = query.source[span.start : place.start], query.source[place.end : span.end]
    other = f"{before}{second} AND ({first}) IS NOT TRUE{after}"
    return Edit(place, first), Edit(Span(span.end, span.end), f"\nUNION ALL\n{other}")
