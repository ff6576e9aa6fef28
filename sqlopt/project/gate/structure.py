"""What an edit must leave as it was, whatever runs: names that are found, the result's columns, where they come from.

It needs no engine, and so catches what the prover can't run.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import fold
from sqlopt.rewrite.edits import Proof, Verdict
from sqlopt.rewrite.prove.pair import identity

if TYPE_CHECKING:
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Output


def lost(before: Query, after: Query) -> str:
    """Return what the statement after an edit names and nothing has, but had before; empty if there is no such."""
    if after.statement.error is not None and before.statement.error is None:
        return f"the edited statement can't be parsed: {after.statement.error.message}"
    if after.tree.key != before.tree.key and not isinstance(after.tree, exp.Query):
        return "the edited statement is of another kind"
    names = _unresolved(after) - _unresolved(before)
    return f"nothing has {', '.join(sorted(names))} any more" if names else ""


def _unresolved(query: Query) -> Counter[str]:
    return Counter(".".join(fold(part) for part in node.parts) for node in query.unresolved)  # type: ignore[attr-defined]


def renamed(before: Query, after: Query) -> Proof | None:
    """Return the verdict where a result's columns get other names, or may; None where they keep them.

    What an expression without alias is called is the engine's choice, many take its text.
    """
    scopes = [one.scope_of(_rows(one.tree)) for one in (before, after)]
    if isinstance(before.tree, exp.Insert) or any(one is None or one.open for one in scopes):
        return None
    sides = [one.outputs for one in scopes if one is not None]
    if len(sides[0]) != len(sides[1]):
        return None  # the prover says that
    for place, (one, other) in enumerate(zip(*sides, strict=True), 1):
        if _is_named(one) and _is_named(other) and one.name != other.name:
            return Proof(Verdict.REFUTED, reason=f"column {place}, {one.name}, would be called {other.name}")
        named = _is_named(one), _is_named(other)
        if named[0] != named[1] or (not any(named) and one.expr != other.expr):
            return Proof(Verdict.UNKNOWN, reason=f"column {place} has no alias, and may get another name")
    return None


def _rows(tree: exp.Expr) -> exp.Expr:
    """Return the query that a statement is, or whose rows it stores."""
    inner = tree.args.get("expression") if isinstance(tree, exp.Create) else None
    tree = inner if isinstance(inner, exp.Expr) else tree
    while isinstance(tree, (exp.Subquery, exp.Paren)):
        tree = tree.this
    return tree


def _is_named(one: Output) -> bool:
    if one.expr is None:
        return one.source is not None
    return isinstance(one.expr, (exp.Column, exp.Dot)) or isinstance(one.expr.parent, exp.Alias)


def newly_read(before: Query, after: Query) -> str:
    """Return a column that the statement reads after an edit and read nowhere before; empty if there is none."""
    known, now = _read(before), _read(after)
    if known is None or now is None:
        return ""
    return next(iter(sorted(now - known)), "")


def _read(query: Query) -> set[str] | None:
    """Return the base columns that a statement reads, None where a whole row with unknown columns is among them."""
    found = set()
    for source in query.sources:
        if source.table is not None and source.inner is None:
            read = query.reads.of(source)
            if read.whole:
                return None
            found |= {f"{identity(source)}.{name}" for name in read.columns}
    return found
