"""Which base columns feed an expression: one pass over bound scopes, each (scope, output) traced once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from sqlopt.lineage.edge import ColumnRef, Transformation
from sqlopt.lineage.paths import taken
from sqlopt.lineage.uses import DIRECT, Feeds, add, clauses, fields, parts, union
from sqlopt.query.bind.model import Binding, BoundTo, Scope, Source, SourceKind
from sqlopt.query.bind.named import naming
from sqlopt.query.bind.nodes import alias_columns, fold
from sqlopt.query.bind.pivots import OTHERS
from sqlopt.query.bind.stars import star_columns, visible_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlopt.lineage.paths import Path, Step
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
        self._outputs: dict[tuple[int, int, Path], Feeds] = {}
        self._influences: dict[int, Feeds] = {}
        self._rows: dict[int, Feeds] = {}
        self._open_aliases: set[int] = set()
        self._arguments: dict[tuple[int, str, Path], Feeds] = {}
        # What nodes stand for by the statement itself, by id: EXCLUDED's columns.
        self.given: dict[int, Feeds] = {}

    # ---- outputs of scopes

    def output(self, scope: Scope, place: int, path: Path = ()) -> Feeds:
        """Return what feeds the output of ``scope`` at a 0-based place, or the field ``path`` of it."""
        key = (id(scope), place, path)
        found = self._outputs.get(key)
        if found is None:
            self._outputs[key] = {}  # what a recursive CTE adds to itself is already in it
            found = self._outputs[key] = self._output(scope, place, path)
        return found

    def _output(self, scope: Scope, place: int, path: Path) -> Feeds:
        if scope.branches:
            return union(self._of_branch(branch, scope, place, path) for branch in scope.branches)
        one = scope.outputs[place]
        if one.expr is not None:
            return self.expression(one.expr, path=path)
        if one.merged:
            return union(self.column_of(side, one.column, scope.node, path) for side in one.merged)
        if one.source is None:
            return {}
        if not one.column:  # the whole row
            row, at = one.source, scope.node
            return self.column_of(row, path[0].casefold(), at, path[1:]) if path else self.row(row, at)
        return self.column_of(one.source, one.column, scope.node, (*one.path, *path))

    def _of_branch(self, branch: Scope, whole: Scope, place: int, path: Path) -> Feeds:
        name = whole.outputs[place].name
        if whole.node.args.get("by_name"):
            found = branch.position(name)
            return self.output(branch, found, path) if found is not None else {}
        if place < len(branch.outputs):
            return self.output(branch, place, path)
        return self.named(branch, name, path) if branch.open else {}

    def named(self, scope: Scope, name: str, path: Path = ()) -> Feeds:
        """Return what feeds the output called ``name``, perhaps one that came in through a star."""
        scope = self._whole(scope)
        place = scope.position(name)
        if place is not None:
            return self.output(scope, place, path)
        if not scope.open:
            return {}
        if scope.branches:
            return union(self.named(branch, name, path) for branch in scope.branches)
        opened = [one for one in scope.sources.values() if one.star and one.open]
        if len(opened) == 1:
            return self.column_of(opened[0], name, scope.node, path)
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
            return self.named(source.inner, source.renames.get(name, name), path)
        return self._made(source, name, path)

    def _made(self, source: Source, name: str, path: Path) -> Feeds:
        """Return what feeds a column of a table function: the arguments that it is made of."""
        key = (id(source), name, path)
        found = self._arguments.get(key)
        if found is None:
            self._arguments[key] = {}  # names inside, such as a lambda's, may be the function's own
            feeds: Feeds = {}
            for one, inner in _arguments(source, name, path):
                add(feeds, self.expression(one, path=inner), T.TRANSFORMATION)
            found = self._arguments[key] = feeds
        return found

    def row(self, source: Source, at: exp.Expr) -> Feeds:
        """Return what feeds the row of a FROM item: all of its columns, known or not."""
        feeds = union(self.column_of(source, name, at) for name in source.columns)
        if source.open:
            opened = self.open_stars(source.inner) if source.inner is not None else [source]
            for one in opened:
                if one.kind is SourceKind.TABLE and not one.pivoted:
                    add(feeds, self.column_of(one, "*", at), T.IDENTITY)
        return feeds

    def _pivoted(self, source: Source, name: str, at: exp.Expr) -> Feeds:
        pivots = source.pivots or {}
        made = pivots.get(name, pivots.get(OTHERS))
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
            return self._alias(binding, path)
        if binding.source is None and binding.row is not None:
            if path:
                return self.column_of(binding.row, path[0].casefold(), column, path[1:])
            return self.row(binding.row, column)
        if binding.source is None:
            return self._unresolved(binding, column)
        if not column.args.get("table"):
            scope = self.query.scope_of(column)
            merged = scope.merged.get(binding.name) if scope is not None else None
            if merged:
                return union(self.column_of(one, binding.name, column, path) for one in merged)
        return self.column_of(binding.source, binding.name, column, (*binding.path, *path))

    def _alias(self, binding: Binding, path: Path) -> Feeds:
        """What an alias of the same SELECT stands for; aliases that name each other in a circle give nothing."""
        if binding.expr is None or id(binding.expr) in self._open_aliases:
            return {}
        self._open_aliases.add(id(binding.expr))
        try:
            return self.expression(binding.expr, path=path)
        finally:
            self._open_aliases.discard(id(binding.expr))

    def _given(self, node: exp.Expr, path: tuple[str, ...] = ()) -> Feeds | None:
        """What a node stands for by something else than the statement's scopes."""
        given = self.given.get(id(node))
        return given if given is not None else self.names.beyond(node, path, self)

    def _unresolved(self, binding: Binding, column: exp.Expr) -> Feeds:
        several = tuple(self.names.of(one) or one.name for one in binding.candidates)
        return {(ColumnRef("", binding.name, several), T.IDENTITY): (False, column)} if several else {}

    # ---- expressions

    def expression(self, node: exp.Expr, how: Transformation = T.IDENTITY, path: Path = ()) -> Feeds:
        """Return what feeds the value of an expression, used as ``how``, or the field ``path`` of it."""
        feeds: Feeds = {}
        stack: list[tuple[exp.Expr, Transformation, bool, Path]] = [(node, how, False, path)]
        while stack:
            one, use, masked, inner = stack.pop()
            if self._leaf(feeds, one, use, inner, masked=masked):
                continue
            given = self._given(one) if isinstance(one, _NAMED_ELSEWHERE) else None
            if given is not None:
                add(feeds, given, use, one, masked=masked)
                continue
            if isinstance(one, _QUERIES):
                self._subquery(feeds, one, use, inner, masked=masked)
                continue
            masked = masked or isinstance(one, _MASKS)
            steps = self._steps(one, use, inner)
            stack.extend((child, way, masked, rest) for child, way, rest in reversed(steps))
        return feeds

    def _steps(self, one: exp.Expr, use: Transformation, path: Path) -> list[Step]:
        """The parts of an expression; where fields are taken from it, of those alone as far as is known."""
        if not path and isinstance(one, exp.Dot) and isinstance(one.expression, exp.Identifier):
            return [(one.this, use, (one.expression.name,))]
        steps = taken(one, path, use) if path else None
        if steps is None:
            steps = [(child, way, ()) for child, way in parts(one, use)]
            if path and isinstance(one, exp.Window):
                steps[0] = (steps[0][0], steps[0][1], path)
        if isinstance(one, exp.Window) and one.args.get("alias"):
            steps += [(key, T.WINDOW if use in DIRECT else use, ()) for key in self._window_keys(one)]
        return steps

    def _window_keys(self, node: exp.Expr) -> list[exp.Expr]:
        """Return what the window that ``node`` names is divided and sorted by, through windows it builds on."""
        select = node.find_ancestor(exp.Select)
        named = select.args.get("windows") if select is not None else None
        by_name = {one.name.casefold(): one for one in named or ()}
        found: list[exp.Expr] = []
        name = node.args["alias"].name.casefold()
        while name in by_name:
            window = by_name.pop(name)
            found += [*(window.args.get("partition_by") or ())]
            if isinstance(window.args.get("order"), exp.Expr):
                found.append(window.args["order"])
            name = window.args["alias"].name.casefold() if window.args.get("alias") else ""
        return found

    def _leaf(self, feeds: Feeds, one: exp.Expr, use: Transformation, path: Path, *, masked: bool) -> bool:
        """Add what a reference feeds; False for an expression that is made of others."""
        if isinstance(one, exp.Star) or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star)):
            self._star(feeds, one, use, masked=masked)
            return True
        if isinstance(one, (exp.Column, exp.Dot)):
            base, fields_ = fields(one)
            if base is not None:
                add(feeds, self.reference(base, (*fields_, *path)), use, one, masked=masked)
                return True
        if isinstance(one, exp.Parameter) and isinstance(one.this, exp.Literal) and one.this.is_int:
            add(feeds, self._by_place(one), use, one, masked=masked)
            return True
        if isinstance(one, exp.PositionalColumn):
            add(feeds, self._by_position(one), use, one, masked=masked)
            return True
        return False

    def _star(self, feeds: Feeds, one: exp.Expr, use: Transformation, *, masked: bool) -> None:
        """``COUNT(*)`` asks for rows; another function of ``*`` or ``t.*`` for the columns of the row."""
        scope = self.query.scope_of(one)
        if scope is None:
            return
        if isinstance(one, exp.Star) and isinstance(one.parent, exp.Count):
            add(feeds, self.rows(scope), T.AGGREGATION, one, masked=True)
            return
        star = one.this if isinstance(one, exp.Column) else one
        dropped = {fold(name) for name in star.args.get("except_") or ()}
        named = scope.sources.get(fold(one.parts[-2])) if isinstance(one, exp.Column) else None
        for source in [named] if named is not None else visible_sources(scope):
            found = self.row(source, one)
            kept = {key: made for key, made in found.items() if key[0].column.casefold() not in dropped}
            add(feeds, kept, T.TRANSFORMATION if use is T.IDENTITY else use, one, masked=masked)

    def _by_position(self, node: exp.PositionalColumn) -> Feeds:
        """Return what feeds DuckDB's ``#3``, the third column of what FROM gives."""
        scope = self.query.scope_of(node)
        place = int(node.name) - 1 if node.name.isdigit() else -1
        columns = star_columns(scope, self.query.dialect) if scope is not None else []
        if scope is None or not 0 <= place < len(columns) or any(one.open for one in scope.sources.values()):
            return {}
        return self.column_of(columns[place].source, columns[place].name, node)

    def _by_place(self, node: exp.Parameter) -> Feeds:
        """Return what feeds ``$1``, the first column of a file in a stage."""
        scope = self.query.scope_of(node)
        several = list(scope.sources.values()) if scope is not None else []
        table = self.names.of(several[0]) if len(several) == 1 else ""
        return {(ColumnRef(table, f"${node.this.name}"), T.IDENTITY): (False, node)} if table else {}

    def _subquery(
        self, feeds: Feeds, node: exp.Expr, use: Transformation, path: Path = (), *, masked: bool
    ) -> None:
        scope = self.query.scope_of(node)
        if scope is None:
            return
        use = T.TRANSFORMATION if use is T.IDENTITY else use
        asked = isinstance(node.parent, exp.Exists)
        places: Iterable[int] = range(0 if asked else len(scope.outputs))
        if path and (node.args.get("kind") or "").upper() == "STRUCT":
            named = scope.position(path[0].casefold())
            places, path = ([named], path[1:]) if named is not None else (places, ())
        for place in places:
            add(feeds, self.output(scope, place, path), use, node, masked=masked)
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
            for name, sides in scope.merged.items():
                for side in sides:
                    add(found, self.column_of(side, name, _joining(sides, scope)), T.JOIN)
            for clause, use in clauses(scope):
                add(found, self.expression(clause, use), use, clause)
        return found

    def _station_influences(self, source: Source) -> Feeds:
        station = self.names.station(self.names.of(source))
        return dict(station.get("", {})) if station is not None else {}


def _joining(sides: list[Source], scope: Scope) -> exp.Expr:
    """The join whose USING or NATURAL compares these."""
    return next((one.join for one in reversed(sides) if one.join is not None), scope.node)


def _arguments(source: Source, name: str, path: Path) -> list[tuple[exp.Expr, Path]]:
    """The arguments that a column of a table function is made of, each with the fields that are taken from it."""
    node = source.node
    if naming(node) is not None:
        return []  # a table of a name that is not known: what makes the name does not make its columns
    if not isinstance(node, (exp.Unnest, exp.Lateral)):
        return [(node, ())]
    arrays = [one for one in (node.this, *node.expressions) if isinstance(one, exp.Expr)]
    offset = node.args.get("offset")
    if isinstance(offset, exp.Expr) and fold(offset) == name:
        return [(one, ()) for one in arrays]
    listed = alias_columns(node)
    if isinstance(node, exp.Unnest) and len(arrays) > 1 and len(listed) >= len(arrays) and name in listed:
        place = listed.index(name)
        return [(arrays[place], path)] if place < len(arrays) else [(one, ()) for one in arrays]
    if len(arrays) == 1 and isinstance(node, exp.Unnest):
        return [(arrays[0], path if name in listed or not name else (name, *path))]
    if len(arrays) == 1 and isinstance(arrays[0], (exp.Explode, exp.Inline)) and len(listed) <= 1:
        return [(arrays[0], path if name in listed else (name, *path))]
    return [(one, ()) for one in arrays]
