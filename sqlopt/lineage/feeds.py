"""Which base columns feed an expression: one pass over bound scopes, each (scope, output) traced once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from sqlopt.lineage.edge import ColumnRef, Transformation
from sqlopt.lineage.uses import DIRECT, Feeds, add, clauses, fields, parts, union
from sqlopt.query.bind.model import Binding, BoundTo, Scope, Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.query import Query

T = Transformation
_QUERIES = (exp.Select, exp.SetOperation)
_NAMED_ELSEWHERE = (exp.Anonymous, exp.Parameter, exp.Placeholder, exp.SessionParameter)
_MASKS = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2, exp.Exists)


class Names(Protocol):
    """How tables are called, and which of them are only stations on the way."""

    def of(self, source: Source) -> str:
        """Return the whole name of a source that is a table; empty for others."""
        ...

    def station(self, name: str) -> Mapping[str, Feeds] | None:
        """Return the columns of a table that is to be seen through, by case-folded name; None for others."""
        ...

    def partial(self, name: str) -> bool:
        """Whether such a table may hold columns that come from elsewhere."""
        ...

    def passed(self, name: str, column: str) -> None:
        """Note that the lineage goes on through this column of such a table."""
        ...

    def beyond(self, node: exp.Expr, path: tuple[str, ...], tracer: Tracer) -> Feeds | None:
        """Return what a script variable, or a call of a function whose text is known, stands for; None for others."""
        ...


class Tracer:
    """Traces the outputs and the filters of one statement's scopes to base columns."""

    def __init__(self, query: Query, names: Names) -> None:
        self.query = query
        self.names = names
        self._outputs: dict[tuple[int, int], Feeds] = {}
        self._influences: dict[int, Feeds] = {}
        self._rows: dict[int, Feeds] = {}
        self._arguments: dict[int, Feeds] = {}
        # What nodes stand for by the statement itself, by id: EXCLUDED's columns.
        self.given: dict[int, Feeds] = {}

    # ---- outputs of scopes

    def output(self, scope: Scope, place: int) -> Feeds:
        """Return what feeds the output of ``scope`` at a 0-based place."""
        key = (id(scope), place)
        found = self._outputs.get(key)
        if found is None:
            self._outputs[key] = {}  # what a recursive CTE adds to itself is already in it
            found = self._outputs[key] = self._output(scope, place)
        return found

    def _output(self, scope: Scope, place: int) -> Feeds:
        if scope.branches:
            return union(self._of_branch(branch, scope, place) for branch in scope.branches)
        one = scope.outputs[place]
        if one.expr is not None:
            return self.expression(one.expr)
        return self.column_of(one.source, one.column, scope.node) if one.source is not None else {}

    def _of_branch(self, branch: Scope, whole: Scope, place: int) -> Feeds:
        name = whole.outputs[place].name
        if whole.node.args.get("by_name"):
            found = branch.position(name)
            return self.output(branch, found) if found is not None else {}
        if place < len(branch.outputs):
            return self.output(branch, place)
        return self.named(branch, name) if branch.open else {}

    def named(self, scope: Scope, name: str) -> Feeds:
        """Return what feeds the output called ``name``, perhaps one that came in through a star."""
        scope = self._whole(scope)
        place = scope.position(name)
        if place is not None:
            return self.output(scope, place)
        if not scope.open:
            return {}
        if scope.branches:
            return union(self.named(branch, name) for branch in scope.branches)
        opened = [one for one in scope.sources.values() if one.star and one.open]
        if len(opened) == 1:
            return self.column_of(opened[0], name, scope.node)
        return {}

    def _whole(self, scope: Scope) -> Scope:
        """Return the recursive CTE that a stand-in inside it means."""
        if scope.recursive and not scope.branches and not scope.sources:
            return self.query.scope_of(scope.node) or scope
        return scope

    def open_stars(self, scope: Scope) -> list[Source]:
        """Return the sources whose unknown columns come out of ``scope`` through stars."""
        scope = self._whole(scope)
        if not scope.open:
            return []
        if scope.branches:
            return [one for branch in scope.branches for one in self.open_stars(branch)]
        found: list[Source] = []
        for one in scope.sources.values():
            if one.pivots:
                continue
            if one.star and one.open and one.kind is SourceKind.TABLE:
                found.append(one)
            elif one.star and one.inner is not None:
                found += self.open_stars(one.inner)
        return found

    # ---- columns

    def column_of(self, source: Source, name: str, at: exp.Expr, path: tuple[str, ...] = ()) -> Feeds:
        """Return what feeds the column ``name`` (case-folded) of a FROM item."""
        if source.pivoted:
            return self._pivoted(source, name, at)
        return self._plain_column(source, name, at, path)

    def _plain_column(self, source: Source, name: str, at: exp.Expr, path: tuple[str, ...] = ()) -> Feeds:
        table = self.names.of(source)
        if table:
            station = self.names.station(table)
            if station is not None:
                found = station.get(name, station.get("*"))
                if found is not None or not self.names.partial(table):
                    self.names.passed(table, name)
                    return dict(found or {})
            column = source.column(name)
            written = column.name if column is not None else source.renames.get(name, name)
            return {(ColumnRef(table, ".".join((written, *path))), T.IDENTITY): (False, at)}
        if source.inner is not None:
            return self.named(source.inner, source.renames.get(name, name))
        return self._within(source.node)

    def _within(self, node: exp.Expr) -> Feeds:
        """Return what feeds a table function: its arguments."""
        found = self._arguments.get(id(node))
        if found is None:
            self._arguments[id(node)] = {}  # names inside, such as a lambda's, may be the function's own
            found = self._arguments[id(node)] = self._of_arguments(node)
        return found

    def _of_arguments(self, node: exp.Expr) -> Feeds:
        feeds: Feeds = {}
        made = isinstance(node, (exp.Unnest, exp.Lateral))
        for one in (node.this, *node.expressions) if made else (node,):
            if isinstance(one, exp.Expr):
                add(feeds, self.expression(one), T.TRANSFORMATION)
        return feeds

    def _pivoted(self, source: Source, name: str, at: exp.Expr) -> Feeds:
        made = (source.pivots or {}).get(name)
        if made is None or made.passed:
            return self._plain_column(source, made.passed if made is not None else name, at)
        feeds: Feeds = {}
        for column in made.uses:
            how = T.AGGREGATION if made.computed else T.IDENTITY
            add(feeds, self._plain_column(source, column, at), how)
        for column in made.keys:
            add(feeds, self._plain_column(source, column, at), T.CONDITIONAL)
        return feeds

    def reference(self, column: exp.Expr, path: tuple[str, ...] = ()) -> Feeds:
        """Return what feeds a column reference; ``path`` are fields taken from it."""
        given = self._given(column, path)
        if given is not None:
            return given
        binding = self.query.binding(column)
        if binding is None or binding.to is BoundTo.VARIABLE:
            return {}
        if binding.to is BoundTo.ALIAS:
            return self.expression(binding.expr) if binding.expr is not None else {}
        if binding.source is None:
            return self._unresolved(binding, column)
        if not column.args.get("table"):
            scope = self.query.scope_of(column)
            merged = scope.merged.get(binding.name) if scope is not None else None
            if merged:
                return union(self.column_of(one, binding.name, column) for one in merged)
        if isinstance(column.this, exp.Star):
            return self.rows(binding.source.scope)
        return self.column_of(binding.source, binding.name, column, (*binding.path, *path))

    def _given(self, node: exp.Expr, path: tuple[str, ...] = ()) -> Feeds | None:
        """What a node stands for by something else than the statement's scopes."""
        given = self.given.get(id(node))
        return given if given is not None else self.names.beyond(node, path, self)

    def _unresolved(self, binding: Binding, column: exp.Expr) -> Feeds:
        several = tuple(self.names.of(one) or one.name for one in binding.candidates)
        return {(ColumnRef("", binding.name, several), T.IDENTITY): (False, column)} if several else {}

    # ---- expressions

    def expression(self, node: exp.Expr, how: Transformation = T.IDENTITY) -> Feeds:
        """Return what feeds the value of an expression, used as ``how``."""
        feeds: Feeds = {}
        stack: list[tuple[exp.Expr, Transformation, bool]] = [(node, how, False)]
        while stack:
            one, use, masked = stack.pop()
            if isinstance(one, (exp.Column, exp.Dot)):
                base, path = fields(one)
                if base is not None:
                    add(feeds, self.reference(base, path), use, one, masked=masked)
                    continue
            if isinstance(one, _QUERIES):
                self._subquery(feeds, one, use, masked=masked)
                continue
            given = self._given(one) if isinstance(one, _NAMED_ELSEWHERE) else None
            if given is not None:
                add(feeds, given, use, one, masked=masked)
                continue
            if isinstance(one, exp.Parameter) and isinstance(one.this, exp.Literal) and one.this.is_int:
                add(feeds, self._by_place(one), use, one, masked=masked)
                continue
            masked = masked or isinstance(one, _MASKS)
            if isinstance(one, exp.Star) and isinstance(one.parent, exp.AggFunc):
                scope = self.query.scope_of(one)
                if scope is not None:
                    add(feeds, self.rows(scope), T.AGGREGATION, one, masked=True)
                continue
            stack.extend((child, inner, masked) for child, inner in reversed(list(parts(one, use))))
        return feeds

    def _by_place(self, node: exp.Parameter) -> Feeds:
        """Return what feeds ``$1``, the first column of a file in a stage."""
        scope = self.query.scope_of(node)
        several = list(scope.sources.values()) if scope is not None else []
        table = self.names.of(several[0]) if len(several) == 1 else ""
        return {(ColumnRef(table, f"${node.this.name}"), T.IDENTITY): (False, node)} if table else {}

    def _subquery(self, feeds: Feeds, node: exp.Expr, use: Transformation, *, masked: bool) -> None:
        scope = self.query.scope_of(node)
        if scope is None:
            return
        use = T.TRANSFORMATION if use is T.IDENTITY else use
        asked = isinstance(node.parent, exp.Exists)
        for place in () if asked else range(len(scope.outputs)):
            add(feeds, self.output(scope, place), use, node, masked=masked)
        add(feeds, self.influences(scope), T.FILTER if use in DIRECT else use, node)

    def rows(self, scope: Scope) -> Feeds:
        """Return the tables whose rows make those of ``scope``, as references to no column."""
        scope = self._whole(scope)
        found = self._rows.get(id(scope))
        if found is not None:
            return found
        feeds = self._rows[id(scope)] = Feeds()
        for branch in scope.branches:
            feeds.update(self.rows(branch))
        for source in scope.sources.values():
            if source.inner is not None:
                feeds.update(self.rows(source.inner))
            elif table := self.names.of(source):
                station = self.names.station(table)
                if station is None:
                    feeds[ColumnRef(table, ""), T.AGGREGATION] = (False, scope.node)
                else:
                    for inner in station.values():
                        for ref, _ in inner:
                            feeds[ColumnRef(ref.table, ""), T.AGGREGATION] = (False, scope.node)
        return feeds

    # ---- what only decides on rows and order

    def influences(self, scope: Scope) -> Feeds:
        """Return the columns that decide which rows of ``scope`` there are, and in which order."""
        scope = self._whole(scope)
        found = self._influences.get(id(scope))
        if found is None:
            found = self._influences[id(scope)] = {}
            for branch in scope.branches:
                found.update(self.influences(branch))
            for source in scope.sources.values():
                if source.inner is not None:
                    found.update(self.influences(source.inner))
                else:
                    found.update(self._station_influences(source))
            for clause, use in clauses(scope):
                add(found, self.expression(clause, use), use, clause)
        return found

    def _station_influences(self, source: Source) -> Feeds:
        station = self.names.station(self.names.of(source))
        return dict(station.get("", {})) if station is not None else {}
