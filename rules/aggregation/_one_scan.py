"""Subqueries that add up the same tables, as one. Helper of this pack's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Scope, ScopeKind, SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.volatility import chance
from sqlopt.rules import Edit
from sqlopt.rules.indexes import leading_keys
from sqlopt.rules.wording import fresh, has_comment
from sqlopt.span import Span

from ._groups import bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.query import Query

_BARS = ("group", "having", "distinct", "limit", "offset", "order", "qualify", "windows", "laterals", "with_")
_MORE = ("connect", "sample", "pivots", "locks", "match", "into", "prewhere", "settings")
_CALLS = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)
_SURE = (exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul)


@dataclass(frozen=True, slots=True)
class Total:
    """A subquery of one aggregated value: its parentheses, its scope, its aggregates and its conditions."""

    node: exp.Subquery
    scope: Scope
    calls: tuple[exp.Expr, ...]
    parts: tuple[exp.Expr, ...]

    @property
    def value(self) -> exp.Expr:
        """The expression that it gives, without alias."""
        value: exp.Expr = self.scope.node.expressions[0].unalias()
        return value


def repeated(query: Query) -> Iterator[list[Total]]:
    """Yield the subqueries of one outer query that aggregate the same tables, where there are two or more."""
    groups: dict[tuple[int, str], list[Total]] = {}
    for scope in query.scopes:
        if scope.kind is ScopeKind.SUBQUERY and scope.parent is not None:
            total = _total(scope, query)
            if total is not None:
                groups.setdefault((id(scope.parent), _tables(scope)), []).append(total)
    yield from (one for one in groups.values() if len(one) > 1)


def _total(scope: Scope, query: Query) -> Total | None:
    node, outside = scope.node, scope.node.parent
    if not isinstance(node, exp.Select) or not isinstance(outside, exp.Subquery) or outside.alias:
        return None
    if isinstance(outside.parent, (exp.In, exp.Exists, exp.Any, exp.All, exp.From, exp.Join)):
        return None
    # 1.
    if len(node.expressions) != 1 or any(node.args.get(one) for one in (*_BARS, *_MORE)):
        return None
    calls = tuple(one for one in query.nodes(exp.AggFunc) if query.scope_of(one) is scope)
    if not calls or query.flow.windows(scope) or not all(_simple(one) for one in calls):
        return None
    value = node.expressions[0].unalias()
    around = value.walk(bfs=False, prune=lambda one: isinstance(one, _CALLS))
    if not all(isinstance(one, (*_CALLS, *_SURE)) and not isinstance(one, exp.Column) for one in around):
        return None
    # 2.
    if not scope.sources or scope.merged or node.find(exp.TableSample) is not None or chance(node):
        return None
    if any(one is not node for one in node.find_all(exp.Query)) or not _plain_tables(scope):
        return None
    if any(
        (binding := query.binding(column)) is None
        or binding.source is None
        or binding.source.scope is not scope
        for column in node.find_all(exp.Column)
    ):
        return None
    where = node.args.get("where")
    return Total(outside, scope, calls, tuple(conjuncts(where.this)) if where is not None else ())


def _simple(call: exp.Expr) -> bool:
    """Whether a call is a plain aggregate of something that can be computed of any row."""
    if not isinstance(call, _CALLS) or isinstance(call.parent, (exp.Filter, exp.Window, exp.WithinGroup)):
        return False
    inner = call.this
    if isinstance(inner, exp.Distinct):
        inner = inner.expressions[0] if len(inner.expressions) == 1 and not inner.args.get("on") else None
    if inner is None or call.expressions or (isinstance(inner, exp.Star) and any(inner.args.values())):
        return False
    # 3.
    return isinstance(inner, exp.Star) or all(isinstance(one, _SURE) for one in inner.walk(bfs=False))


def _plain_tables(scope: Scope) -> bool:
    for source in scope.sources.values():
        join = source.join
        if source.kind is not SourceKind.TABLE or source.table is None or source.pivoted:
            return False
        if join is not None and (
            join.side or join.method or (join.kind or "").upper() not in ("", "INNER", "CROSS")
        ):
            return False
    return True


def _tables(scope: Scope) -> str:
    """Return the FROM clause of a scope as a text that is the same for the same tables and joins."""
    node = scope.node
    return " ".join(one.sql(comments=False) for one in (node.args["from_"], *(node.args.get("joins") or ())))


def pays(group: Sequence[Total], query: Query) -> bool:
    """Whether one scan was measured to take less time than those of the subqueries (docs/savings.md).

    Those that ask for the same rows always gain. Others do in PostgreSQL, where no index finds their rows.
    """
    first = set(group[0].parts)
    if all(set(one.parts) == first for one in group):
        return True
    calls = [one for total in group for one in total.calls]
    if query.dialect != "postgres" or any(isinstance(one.this, exp.Distinct) for one in calls):
        return False
    asked = [one for total in group for one in total.parts]
    asked += [one for one in calls if isinstance(one, (exp.Min, exp.Max))]
    return not any(_leads(column, query) for one in asked for column in one.find_all(exp.Column))


def _leads(column: exp.Column, query: Query) -> bool:
    """Whether an index leads with a column."""
    binding = query.binding(column)
    table = binding.source.table if binding is not None and binding.source is not None else None
    return binding is not None and table is not None and binding.name in set(leading_keys(table))


# ---- the text


def merged(group: Sequence[Total], query: Query) -> tuple[Edit, ...] | None:
    """Return the edits that compute all subqueries of a group in one scan; None where they have no place."""
    outer = group[0].scope.parent
    if (
        outer is None
        or not isinstance(outer.node, exp.Select)
        or not all(_placed(one, outer) for one in group)
    ):
        return None
    if any(has_comment(query.text(one.node)) for one in group):
        return None
    common = [one for one in group[0].parts if all(one in total.parts for total in group)]
    rests = [[one for one in total.parts if one not in common] for total in group]
    values = [_value(total, _anded(rest, query), query) for total, rest in zip(group, rests, strict=True)]
    tables = _from(group[0], common, rests, query)
    node = outer.node
    if node.args.get("from_") is None:
        if any(node.args.get(one) for one in (*_BARS, *_MORE, "where")) or not _only_totals(node, query):
            return None
        end = query.span(node).end
        edits = [
            Edit(query.span(one.node), _whole(one, text)) for one, text in zip(group, values, strict=True)
        ]
        return (*edits, Edit(Span(end, end), f"\n{tables}"))
    return _joined(group, values, tables, query)


def _joined(
    group: Sequence[Total], values: Sequence[str], tables: str, query: Query
) -> tuple[Edit, ...] | None:
    outer = group[0].scope.parent
    assert outer is not None  # noqa: S101 - merged has asked
    node = outer.node
    joins = node.args.get("joins") or ()
    if node.args.get("group") is not None or query.flow.aggregates(outer):
        return None
    if any(isinstance(one, exp.Star) for one in node.expressions) or any(node.args.get(one) for one in _MORE):
        return None
    if node.args.get("laterals") or not all(one.args.get("on") or one.kind for one in joins):
        return None
    name = fresh(query, "totals")
    listed = list(dict.fromkeys(values))
    columns = ", ".join(f"{one} AS {name}_{number}" for number, one in enumerate(listed, 1))
    last = query.span(joins[-1] if joins else node.args["from_"]).end
    places = [f"{name}.{name}_{listed.index(one) + 1}" for one in values]
    return (
        *(Edit(query.span(one.node), text) for one, text in zip(group, places, strict=True)),
        Edit(Span(last, last), f"\nCROSS JOIN (SELECT {columns} {tables}) AS {name}"),
    )


def _placed(total: Total, outer: Scope) -> bool:
    """Whether a subquery stands in the SELECT list of ``outer``, and its column has a name without it."""
    # 4.
    node: exp.Expr = total.node
    if node.parent is outer.node:
        return False
    while node.parent is not None and node.parent is not outer.node:
        node = node.parent
        if isinstance(node, (exp.Query, exp.AggFunc, exp.Window)):
            return False
    return node.arg_key == "expressions" and isinstance(node, exp.Alias)


def _only_totals(node: exp.Select, query: Query) -> bool:
    """Whether a SELECT without FROM has no columns, aggregates and stars of its own."""
    scope = query.scope_of(node.expressions[0])
    return not any(
        query.scope_of(one) is scope
        for one in query.nodes(exp.Column, exp.AggFunc, exp.Star, exp.Window, exp.Placeholder)
    )


def _value(total: Total, condition: str, query: Query) -> str:
    """Return the value of a subquery with its own condition inside its aggregates."""
    span = query.span(total.value)
    if not condition:
        return span.of(query.source)
    pieces: list[str] = []
    at = span.start
    for call in sorted(total.calls, key=lambda one: query.span(one).start):
        inner = call.this.expressions[0] if isinstance(call.this, exp.Distinct) else call.this
        place = query.span(inner)
        counted = "1" if isinstance(inner, exp.Star) else place.of(query.source)
        pieces += (query.source[at : place.start], f"CASE WHEN {condition} THEN {counted} END")
        at = place.end
    return "".join((*pieces, query.source[at : span.end]))


def _whole(total: Total, text: str) -> str:
    """Return a value's text in parentheses where it is no single call."""
    return text if isinstance(total.value, _CALLS) else f"({text})"


def _from(total: Total, common: Sequence[exp.Expr], rests: Sequence[Sequence[exp.Expr]], query: Query) -> str:
    """Return the FROM and WHERE of all subqueries together."""
    node = total.scope.node
    joins = node.args.get("joins") or ()
    start = query.span(node.args["from_"]).start
    text = query.source[start : query.span(joins[-1] if joins else node.args["from_"]).end]
    kept = [_factor(one, query) for one in common]
    if all(rests):
        arms = list(dict.fromkeys(_anded(one, query) for one in rests))
        alone = len(arms) == 1
        several = [any(len(rest) > 1 for rest in rests if _anded(rest, query) == arm) for arm in arms]
        either = (
            arms[0]
            if alone
            else " OR ".join(f"({arm})" if many else arm for arm, many in zip(arms, several, strict=True))
        )
        kept.append(f"({either})" if kept and not alone else either)
    return f"{text} WHERE {' AND '.join(kept)}" if kept else text


def _anded(parts: Sequence[exp.Expr], query: Query) -> str:
    if len(parts) == 1:
        return query.text(parts[0])
    return " AND ".join(_factor(one, query) for one in parts)


def _factor(node: exp.Expr, query: Query) -> str:
    text = query.text(node)
    return f"({text})" if isinstance(node, exp.Or) and not isinstance(bare(node), exp.Paren) else text
