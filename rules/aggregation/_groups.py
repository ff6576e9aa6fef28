"""What the rules of this pack ask of a SELECT: its rows, its calls, its words. Helpers of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.cost.planner import Planner
from sqlopt.query.bind.model import Scope, ScopeKind, Source, SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.facts.grouping import has_sets
from sqlopt.rules import Edit
from sqlopt.rules.wording import has_comment
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.tokenizer_core import Token

    from sqlopt.query import Query


def selects(query: Query) -> Iterator[Scope]:
    """Yield the scopes of the statement's SELECTs."""
    for scope in query.scopes:
        if isinstance(scope.node, exp.Select) and scope.kind is not ScopeKind.DML:
            yield scope


def bare(node: exp.Expr) -> exp.Expr:
    """Return a node without the parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def persisted(query: Query) -> bool:
    """Whether the statement stores its rows: CREATE TABLE AS, INSERT, a materialized view."""
    tree = query.tree
    if isinstance(tree, exp.Create):
        return tree.args.get("expression") is not None and tree.kind in ("TABLE", "VIEW")
    return isinstance(tree, (exp.Insert, exp.Merge))


def plain_group(scope: Scope) -> bool:
    """Whether a scope has a GROUP BY of plain keys: no ROLLUP, CUBE, GROUPING SETS and not `()`."""
    group = scope.node.args.get("group")
    if group is None or has_sets(group):
        return False
    return bool(group.expressions or group.args.get("all"))


def counts_distinct(scope: Scope, query: Query) -> list[exp.Count]:
    """Return the COUNT(DISTINCT ...) computed in a scope."""
    return [
        node
        for node in query.nodes(exp.Count)
        if isinstance(node, exp.Count)
        and isinstance(node.this, exp.Distinct)
        and query.scope_of(node) is scope
    ]


def input_rows(scope: Scope, query: Query) -> float | None:
    """Return the rows that a scope's FROM and WHERE leave, estimated; None where a table's size is unknown."""
    step = Planner(query).joined(scope)
    return step.rows if step.known else None


def grouped_rows(scope: Scope, query: Query) -> float | None:
    """Return the rows that a scope's windows see, estimated: those of its groups where it has any."""
    if not isinstance(scope.node, exp.Select):
        return None
    if not query.flow.aggregates(scope):
        return input_rows(scope, query)
    step = Planner(query).step(scope)
    return step.rows if step.known else None


def one_table(scope: Scope) -> Source | None:
    """Return the one base table that a scope reads, or None."""
    if len(scope.sources) != 1:
        return None
    source = next(iter(scope.sources.values()))
    return source if source.kind is SourceKind.TABLE and not source.pivoted else None


def where_of(scope: Scope) -> list[exp.Expr]:
    """Return the conjuncts of a scope's WHERE."""
    where = scope.node.args.get("where")
    return list(conjuncts(where.this)) if where is not None else []


# ---- text


def words(query: Query, span: Span) -> list[Token]:
    """Return the tokens in a span."""
    return [one for one in query.tokens if span.start <= one.start and one.end < span.end]


def without_distinct(query: Query, distinct: exp.Expr) -> Edit | None:
    """Return the edit that takes the word DISTINCT out and leaves the lines as they are; None beside a comment."""
    start = query.span(distinct).start
    end = start + len("DISTINCT")
    rest = query.source[end:]
    blanks = len(rest) - len(rest.lstrip())
    if query.source[start:end].upper() != "DISTINCT" or has_comment(rest[: blanks + 2]):
        return None
    if "\n" in rest[:blanks]:
        return Edit(Span(len(query.source[:start].rstrip()), end), "")
    return Edit(Span(start, end + blanks), "")


def clause(query: Query, node: exp.Expr) -> Span | None:
    """Return the span of a clause (WHERE, HAVING, ORDER BY ...) with the space before it; None beside a comment."""
    span = query.span(node)
    kept = query.source[: span.start].rstrip()
    found = Span(len(kept), span.end)
    return None if has_comment(found.of(query.source) + kept.rsplit("\n", 1)[-1]) else found
