"""The relations of a statement whose rows can be counted: each query in it that stands alone, and each join.

A plan's operators differ from engine to engine; what a query, or its FROM and WHERE, gives is the same for all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.cost.planner import Planner
from sqlopt.query.bind.model import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope

_JOIN = re.compile(r"\s*(inner|left|right|full|cross|join|natural)", re.IGNORECASE)


def relations(query: Query) -> Iterator[tuple[str, float]]:
    """Yield (SQL, our estimate of its rows)."""
    planner = Planner(query)
    planner.root()
    for scope in query.scopes:
        if scope.kind is ScopeKind.DML or scope.recursive or _is_correlated(query, scope):
            continue
        before = _ctes_before(query, scope)
        yield before + query.text(scope.node).rstrip().rstrip(";"), planner.step(scope).rows
        if query.flow.aggregates(scope) and scope.sources:
            yield before + "SELECT 1 " + _from(query, scope.node), planner.joined(scope).rows


def _inside(node: exp.Expr | None, ancestor: exp.Expr) -> bool:
    while node is not None and node is not ancestor:
        node = node.parent
    return node is ancestor


def _is_correlated(query: Query, scope: Scope) -> bool:
    for column in scope.node.find_all(exp.Column):
        binding = query.binding(column)
        source = binding.source if binding is not None and binding.outer else None
        if source is not None and not _inside(source.scope.node, scope.node):
            return True
    return False


def _ctes_before(query: Query, scope: Scope) -> str:
    written = query.tree.args.get("with_")
    if written is None or scope.kind is ScopeKind.ROOT:
        return ""
    seen = []
    for one in written.expressions:
        if scope.cte is one or _inside(scope.node, one):
            break
        seen.append(query.text(one))
    return f"WITH {', '.join(seen)} " if seen else ""


def _from(query: Query, node: exp.Expr) -> str:
    text = query.text(node.args["from_"]).strip().rstrip(",")
    for join in node.args.get("joins") or ():
        part = query.text(join).strip().strip(",").strip()
        text += f" {part}" if _JOIN.match(part) else f", {part}"
    where = node.args.get("where")
    return text + (f" {query.text(where)}" if where is not None else "")
