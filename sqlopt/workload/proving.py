"""Whether a statement over a view gives what it gave before: the view stands in it as a CTE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.prove import Proof, prove
from sqlopt.rewrite.prove.tester import unknown
from sqlopt.workload.rewriting import rewritten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.workload.part import Part
    from sqlopt.workload.views import Written


def judge(parts: Sequence[Part], view: Written, seconds: float) -> Proof:
    """Return what is known of the rewritten statement of ``parts``, in at most about ``seconds``."""
    query = parts[0].block.query
    node = query.tree if isinstance(query.tree, exp.Query) else query.tree.args.get("expression")
    if not isinstance(node, exp.Query):
        return unknown("it is no query")
    definition = view.sql(pretty=False)
    after = rewritten(parts, view, name=view.name, node=node, cte=f"{view.name} AS ({definition})")
    return prove(query.text(node), after, catalog=query.catalog, dialect=query.dialect, seconds=seconds)
