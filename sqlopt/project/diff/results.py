"""Whether a changed statement gives the result that it gave before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.edits import Proof, Verdict

if TYPE_CHECKING:
    from sqlopt.project.costing import CostedStatement
    from sqlopt.project.project import Project
    from sqlopt.rewrite.prove.effort import Limits


def proof_of(
    old: CostedStatement, new: CostedStatement, project: Project, path: str, limits: Limits
) -> Proof | None:
    """Return what is known of two versions of a query, or of what a statement stores; None where neither is one."""
    from sqlopt.project.embedded import catalog_of
    from sqlopt.rewrite.prove import prove

    texts = [_query_of(one) for one in (old, new)]
    if texts[0] is None or texts[1] is None:
        return None
    if old.dialect != new.dialect:
        return Proof(Verdict.UNKNOWN, reason=f"the dialect changed from {old.dialect} to {new.dialect}")
    loaded = project.loaded(project.settings(path))
    catalog = catalog_of(path, loaded, project)
    return prove(
        texts[0], texts[1], catalog=catalog, dialect=new.dialect, effort=limits.effort, seconds=limits.seconds
    )


def _query_of(one: CostedStatement) -> str | None:
    """Return the query that a statement is, or whose rows it stores."""
    from sqlopt.query.text.parse import parse

    statements = parse(one.sql, one.dialect)
    if len(statements) != 1 or statements[0].tree is None:
        return None
    tree = statements[0].tree
    if isinstance(tree, exp.Query):
        return one.sql
    inner = tree.args.get("expression") if isinstance(tree, (exp.Create, exp.Insert)) else None
    if not isinstance(inner, exp.Query):
        return None
    from sqlopt.query.spans.spans import Spans

    return Spans(one.sql, statements[0].tokens, tree).of(inner).of(one.sql)
