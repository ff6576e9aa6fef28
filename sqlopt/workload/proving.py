"""Whether a statement over a view gives what it gave before: the view stands in it as a CTE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.prove import Proof, Verdict, prove
from sqlopt.rewrite.prove.testing.tester import unknown
from sqlopt.workload.rewriting import rewritten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.effort import Limits
    from sqlopt.workload.part import Part
    from sqlopt.workload.views import Written


def judge(parts: Sequence[Part], view: Written, limits: Limits) -> Proof:
    """Return what is known of the rewritten statement of ``parts``."""
    query = parts[0].block.query
    node = query.tree if isinstance(query.tree, exp.Query) else query.tree.args.get("expression")
    if not isinstance(node, exp.Query):
        return unknown("it is no query")
    definition = view.sql(pretty=False)
    after = rewritten(parts, view, name=view.name, node=node, cte=f"{view.name} AS ({definition})")
    proof = _proof(query, node, after, limits)
    if proof.verdict is not Verdict.UNKNOWN or any(one.block.node is node for one in parts):
        return proof
    return _by_blocks(parts, view, replace(limits, seconds=limits.seconds / len(parts))) or proof


def _proof(query: Query, node: exp.Expr, after: str, limits: Limits) -> Proof:
    return prove(
        query.text(node),
        after,
        catalog=query.catalog,
        dialect=query.dialect,
        effort=limits.effort,
        seconds=limits.seconds,
    )


def _by_blocks(parts: Sequence[Part], view: Written, limits: Limits) -> Proof | None:
    """Return what is known of the blocks that change, each by itself; None unless all of them stand alone."""
    proofs = []
    for one in parts:
        query, node = one.block.query, one.block.node
        if not _stands_alone(one) or node.args.get("with_") is not None:
            return None
        after = rewritten(
            [one], view, name=view.name, node=node, cte=f"{view.name} AS ({view.sql(pretty=False)})"
        )
        proofs.append(_proof(query, node, after, limits))
    worst = next((one for one in proofs if one.verdict is Verdict.REFUTED), None)
    if worst is not None:
        return worst
    if any(one.verdict is Verdict.UNKNOWN for one in proofs):
        return None
    databases = [one.databases for one in proofs if one.verdict is Verdict.TESTED]
    reason = "each block that changes has the same normal form"
    if databases:
        reason = f"each block that changes, by itself: no difference in at least {min(databases)} generated databases"
    premises = tuple(dict.fromkeys(line for one in proofs for line in one.premises))
    notes = tuple(dict.fromkeys(line for one in proofs for line in one.notes))
    return Proof(Verdict.TESTED, premises, min(databases, default=0), None, reason, notes)


def _stands_alone(one: Part) -> bool:
    """Whether a block reads nothing of the statement around it."""
    query, node = one.block.query, one.block.node
    for column in node.find_all(exp.Column):
        binding = query.binding(column)
        source = binding.source if binding is not None else None
        if source is not None and not _inside(source.scope.node, node):
            return False
    names = {table.name.casefold() for table in node.find_all(exp.Table)}
    return not names & {cte.alias.casefold() for cte in query.nodes(exp.CTE)}


def _inside(node: exp.Expr | None, ancestor: exp.Expr) -> bool:
    while node is not None and node is not ancestor:
        node = node.parent
    return node is ancestor
