"""What an INSERT assigns where a row of that key stands there already.

PostgreSQL, SQLite and DuckDB call the row that was to be inserted EXCLUDED
(https://www.postgresql.org/docs/18/sql-insert.html#SQL-ON-CONFLICT); MySQL takes an alias behind VALUES, or
VALUES(column) (https://dev.mysql.com/doc/refman/8.4/en/insert-on-duplicate.html). Checked 2026-12-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.assigned import assigned, names_of
from sqlopt.lineage.edge import ColumnRef, Transformation
from sqlopt.lineage.uses import Feeds, add
from sqlopt.lineage.written import table_of
from sqlopt.query.bind.nodes import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.lineage.assigned import Root
    from sqlopt.lineage.feeds import Tracer
    from sqlopt.lineage.written import Written


def upsert(into: exp.Insert, written: Written, tracer: Tracer, root: Root, known: Sequence[str]) -> None:
    """Add to ``written``, what the rows give that are inserted, what is assigned where their key is taken.

    ``known`` are the target's columns, case-folded, if they are known.
    """
    conflict = into.args.get("conflict")
    if not isinstance(conflict, exp.OnConflict) or not conflict.expressions:
        return
    columns = dict(written.columns)
    row = _Row(into, written, tracer, root, known)
    for one in conflict.expressions:
        value = one.expression if isinstance(one, (exp.EQ, exp.PropertyEQ)) else None
        for node in value.find_all(exp.Column, exp.Anonymous) if value is not None else ():
            feeds = row.means(node)
            if feeds is not None:
                tracer.given[id(node)] = feeds
    for name, feeds in assigned(conflict.expressions, tracer, root, names_of(table_of(into.this))):
        columns[name] = dict(columns.get(name, {}))
        add(columns[name], feeds, Transformation.IDENTITY)
    written.columns = list(columns.items())


class _Row:
    """What names stand for beside the row that was to be inserted and the one that is there."""

    def __init__(
        self, into: exp.Insert, written: Written, tracer: Tracer, root: Root, known: Sequence[str]
    ) -> None:
        self.table = written.table
        self.inserted = dict(written.columns)
        self.scope = root(into.args.get("expression"))
        self.tracer = tracer
        self.known = known
        self.target = names_of(table_of(into.this))
        body = into.args.get("expression")
        self.called = {"excluded"} | ({fold(body.alias)} if isinstance(body, exp.Values) else set())
        alias = body.args.get("alias") if isinstance(body, exp.Values) else None
        renamed = [fold(one) for one in alias.columns] if isinstance(alias, exp.TableAlias) else []
        self.renamed = dict(zip(renamed, self.inserted, strict=False))
        # Of an INSERT ... SELECT, MySQL lets assignments name the columns of the query's tables.
        self.sees_query = bool(into.args["conflict"].args.get("duplicate")) and self.scope is not None

    def means(self, node: exp.Expr) -> Feeds | None:
        """Return what a name means; None for one that stands in a subquery's own FROM or is no name."""
        if isinstance(node, exp.Anonymous):
            inserted = node.name.upper() == "VALUES" and len(node.expressions) == 1
            return dict(self.inserted.get(fold(node.expressions[0]), {})) if inserted else None
        name = fold(node.this)
        qualifier = ".".join(fold(part) for part in node.parts[:-1]) if isinstance(node, exp.Column) else ""
        if qualifier in self.called and qualifier:
            return dict(self.inserted.get(self.renamed.get(name, name), {}))
        if qualifier and any(one == qualifier or one.endswith("." + qualifier) for one in self.target):
            return self._own(name, node)
        if node.find_ancestor(exp.Select, exp.Insert) is not node.find_ancestor(exp.Insert):
            return None
        return self._beside(name, qualifier, node)

    def _beside(self, name: str, qualifier: str, node: exp.Expr) -> Feeds | None:
        sources = self.scope.sources if self.scope is not None and self.sees_query else {}
        if qualifier in sources:
            return self.tracer.column_of(sources[qualifier], name, node)
        lone = next(iter(sources.values())) if len(sources) == 1 else None
        if not qualifier and lone is not None and name not in self.known and name not in self.inserted:
            return self.tracer.column_of(lone, name, node)
        return None if qualifier else self._own(name, node)

    def _own(self, name: str, node: exp.Expr) -> Feeds:
        return {(ColumnRef(self.table, name), Transformation.IDENTITY): (False, node)}
