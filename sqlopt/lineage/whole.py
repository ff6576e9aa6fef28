"""Statements that move whole tables: clones, renames, loads from files and topics, and unloads to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage import outside
from sqlopt.lineage.edge import ColumnRef, Transformation
from sqlopt.lineage.streams import stream
from sqlopt.lineage.written import Written, table_of
from sqlopt.query.bind.nodes import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.lineage.feeds import Names
    from sqlopt.lineage.uses import Feeds
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope

    Moved = tuple[list[Written], list[str]]


class WholeTables:
    """The part of a statement's reader that goes by tables, not by expressions."""

    query: Query
    names: Names
    name: Callable[[exp.Expr], str]

    def copy(self, source: exp.Table, name: str, *, temporary: bool = False) -> Written:
        """Return the table ``name`` as all that ``source`` holds."""
        known = self.query.catalog.table(".".join(part.name for part in source.parts))
        base = self.name(source)
        station = self.names.station(base) or {}
        names = [*known.columns] if known is not None else [one for one in station if one] or ["*"]
        written = Written(name, temporary=temporary, replaces=True, open=names == ["*"])
        for column in names:
            key = column.casefold()
            through = station.get(key)
            if through is not None:
                self.names.passed(base, key)
            plain: Feeds = {(ColumnRef(base, column), Transformation.IDENTITY): (False, source)}
            written.columns.append((column, dict(through) if through is not None else plain))
        return written

    def moved(self, tree: exp.Expr) -> Moved:
        """Return what a statement that moves whole tables writes and reads."""
        if isinstance(tree, exp.Alter):
            return self._altered(tree)
        return self._commanded(tree) if isinstance(tree, exp.Command) else self._transferred(tree)

    def _altered(self, tree: exp.Alter) -> Moved:
        """RENAME gives a new table all columns of the old one, SWAP each those of the other."""
        old = table_of(tree.this)
        written: list[Written] = []
        read: list[str] = []
        for action in tree.args.get("actions") or ():
            if old is None:
                break
            if isinstance(action, (exp.AlterRename, exp.SwapTable)) and isinstance(action.this, exp.Table):
                written.append(self.copy(old, self.name(action.this)))
                read.append(self.name(old))
                if isinstance(action, exp.SwapTable):
                    written.append(self.copy(action.this, self.name(old)))
                    read.append(self.name(action.this))
        return written, read

    def standing_for(
        self, places: list[str], name: str, listed: list[str], at: exp.Expr, *, temporary: bool = False
    ) -> Written:
        """Return the table ``name`` as what lies in topics or files, by the names of its columns."""
        names = listed or (["*"] if places else [])
        columns: list[tuple[str, Feeds]] = [
            (one, {(ColumnRef(place, one), Transformation.IDENTITY): (False, at) for place in places})
            for one in names
        ]
        return Written(name, columns, temporary=temporary, replaces=True, open="*" in names)

    def _transferred(self, tree: exp.Expr) -> Moved:
        """COPY, LOAD and EXPORT: rows of files into a table, or of a table or query into files."""
        places = outside.files(tree)
        parts = [tree.this, *(tree.args.get("files") or ())] if isinstance(tree, exp.Copy) else [tree.this]
        scope = next(filter(None, map(self.root, parts)), None)
        tables = (one for one in map(table_of, parts) if one is not None and not outside.location(one))
        table = next(tables, None)
        if _unloads(tree):
            if scope is not None:
                return [self.filled(place, scope, replaces=True) for place in places], []
            return ([self.copy(table, place) for place in places], [self.name(table)]) if table else ([], [])
        if table is None:
            return [], []
        listed = [fold(one) for one in tree.this.expressions] if isinstance(tree.this, exp.Schema) else []
        if scope is not None:
            return [self.filled(self.name(table), scope, listed)], []
        # Which of the file's columns goes where is not said.
        unknown: Feeds = {(ColumnRef(one, "*"), Transformation.IDENTITY): (False, tree) for one in places}
        columns = [(one, dict(unknown)) for one in listed or ["*"] if places]
        return [Written(self.name(table), columns, open=not listed)], places

    def _commanded(self, tree: exp.Command) -> Moved:
        """What sqlglot leaves as text: streams on tables, and streams that stand for topics."""
        made = stream(self.query.text(tree))
        if made is None:
            return [], []
        if not made.source:
            topics = list(made.topics)
            return [self.standing_for(topics, self._named(made.name), list(made.columns), tree)], topics
        source = exp.to_table(made.source)
        targets = made.topics if made.fills else (self._named(made.name),)
        return [self.copy(source, one) for one in targets], [self.name(source)]

    def _named(self, dotted: str) -> str:
        return self.name(exp.to_table(dotted))

    def root(self, node: exp.Expr | None) -> Scope | None:
        """Return the scope of a query."""
        raise NotImplementedError

    def filled(
        self, table: str, scope: Scope, listed: list[str] | None = None, *, temporary: bool = False,
        replaces: bool = False,
    ) -> Written:  # fmt: skip
        """Return the table as what the query of ``scope`` gives it."""
        raise NotImplementedError


def _unloads(tree: exp.Expr) -> bool:
    if not isinstance(tree, exp.Copy):
        return isinstance(tree, exp.Export)
    return bool(outside.location(tree.this)) or not tree.args.get("kind")
