"""T-SQL's OUTPUT ... INTO: a second table that a statement fills, from the rows that it changes.

After https://learn.microsoft.com/en-us/sql/t-sql/queries/output-clause-transact-sql (as of 2026-12-01): ``deleted`` is
the target's row before, ``inserted`` after the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.edge import ColumnRef, Transformation
from sqlopt.lineage.uses import Feeds, add
from sqlopt.lineage.written import Written

if TYPE_CHECKING:
    from collections.abc import Callable


def output(
    tree: exp.Expr, changed: Written, name: Callable[[exp.Expr], str], feeds_of: Callable[[exp.Expr], Feeds]
) -> Written | None:
    """Return what OUTPUT fills beside the table that ``changed`` tells of; None without such a clause.

    ``name`` completes a table's name, ``feeds_of`` gives what an expression over the statement's sources reads.
    """
    clause = tree.args.get("returning")
    into = clause.args.get("into") if isinstance(clause, exp.Returning) else None
    if not isinstance(into, exp.Expr):
        return None
    listed = [one.name.casefold() for one in into.expressions] if isinstance(into, exp.Anonymous) else []
    target = into.name
    table = name(exp.to_table(target)) if not target.startswith(("@", "#")) else target
    written = Written(table, influences=dict(changed.influences), temporary=target.startswith(("@", "#")))
    for place, one in enumerate(clause.expressions if isinstance(clause, exp.Returning) else ()):
        called = listed[place] if place < len(listed) else one.alias_or_name.casefold()
        if one.is_star:
            called = "*"
        written.columns.append((called, _feeds(one, changed, feeds_of)))
    return written


def _feeds(one: exp.Expr, changed: Written, feeds_of: Callable[[exp.Expr], Feeds]) -> Feeds:
    plain = one.unalias()
    found: Feeds = {}
    for column in plain.find_all(exp.Column):
        use = Transformation.IDENTITY if column is plain else Transformation.TRANSFORMATION
        side = column.table.casefold()
        given = dict(changed.columns).get(column.name.casefold()) if side == "inserted" else None
        if given is not None:
            add(found, given, use)
        elif side in {"inserted", "deleted"}:
            name = "*" if isinstance(column.this, exp.Star) else column.name.casefold()
            add(found, {(ColumnRef(changed.table, name), Transformation.IDENTITY): (False, column)}, use)
        elif column.name.casefold() != "$action":
            add(found, feeds_of(column), use)
    return found
