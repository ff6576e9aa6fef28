"""The lineage of one bound statement: what it writes, column by column, and from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage import outside
from sqlopt.lineage.assigned import assigned, names_of
from sqlopt.lineage.edge import Transformation
from sqlopt.lineage.feeds import Names, Tracer
from sqlopt.lineage.matched import read_matches
from sqlopt.lineage.merge import merged
from sqlopt.lineage.output import output
from sqlopt.lineage.upsert import upsert
from sqlopt.lineage.uses import Feeds, add
from sqlopt.lineage.whole import WholeTables
from sqlopt.lineage.written import StatementLineage, Written, table_of
from sqlopt.query.bind.nodes import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_QUERIES = (exp.Select, exp.SetOperation)


class Reader(WholeTables):
    """Reads the lineage of one statement.

    ``names`` says what sources are called, ``named`` completes the name that a table node stands for.
    """

    def __init__(self, query: Query, names: Names, named: Callable[[exp.Expr], str]) -> None:
        self.query = query
        self.names = names
        self.tracer = Tracer(query, names)
        self.name = named

    def read(self) -> StatementLineage:
        """Return what the statement reads and writes."""
        tree = self.query.tree
        read_matches(self.tracer)
        found = StatementLineage(self.query)
        match tree:
            case exp.Create():
                found.written = list(self._create(tree))
            case exp.Alter() | exp.Copy() | exp.LoadData() | exp.Export() | exp.Command():
                found.written, found.tables_in = self.moved(tree)
            case exp.Insert():
                found.written = list(self._insert(tree))
            case exp.MultitableInserts():
                found.written = [one for into in tree.expressions for one in self._into(into, tree)]
            case exp.Merge():
                found.written = [self._merge(tree)]
            case exp.Update():
                found.written = list(self._update(tree))
            case exp.Delete() | exp.TruncateTable() | exp.Drop():
                found.written = [Written(name) for name in self._targets(tree)]
            case exp.Select() | exp.SetOperation() | exp.Subquery() | exp.Pivot():
                found.written = list(self._result(tree))
        self._output(tree, found)
        found.written[:0] = self._modifying_ctes(tree)
        found.tables_in = list(dict.fromkeys([*found.tables_in, *self._tables_in(tree)]))
        return found

    def _output(self, tree: exp.Expr, found: StatementLineage) -> None:
        """Add what OUTPUT ... INTO fills, and the changed table where its former rows go there."""
        if not found.written:
            return
        changed = found.written[0]
        beside = output(tree, changed, self.name, self.tracer.expression)
        if beside is not None:
            found.written.append(beside)
            read = any(ref.table == changed.table for _, feeds in beside.columns for ref, _ in feeds)
            found.tables_in += [changed.table] if read else []

    def _modifying_ctes(self, tree: exp.Expr) -> Iterator[Written]:
        with_ = tree.args.get("with_")
        for cte in with_.expressions if isinstance(with_, exp.With) else ():
            if isinstance(cte.this, exp.Insert):
                yield from self._insert(cte.this)
            elif isinstance(cte.this, exp.Update):
                yield from self._update(cte.this)
            elif isinstance(cte.this, exp.Delete):
                yield from (Written(name) for name in self._targets(cte.this))

    # ---- tables

    def _tables_in(self, tree: exp.Expr) -> Iterator[str]:
        target = self._target_source(tree)
        for source in self.query.sources:
            name = self.names.of(source)
            if not name or (source is target and not self._reads_target(tree, source)):
                continue
            station = self.names.station(name)
            if station is None:
                yield name
            else:
                yield from _tables(station.values())
        if isinstance(tree, exp.Create) and tree.args.get("clone") is not None:
            yield self.name(tree.args["clone"].this)
        if isinstance(tree, exp.Create):
            yield from outside.sources(tree)
        yield from self._dictionaries()

    def _reads_target(self, tree: exp.Expr, target: Source) -> bool:
        """An UPDATE computes with its target's rows, unless that is but an alias of a FROM item."""
        return isinstance(tree, exp.Update) and self._real_target(tree) is target.node

    def _dictionaries(self) -> Iterator[str]:
        """ClickHouse's ``dictGet('name', ...)`` reads a dictionary as a table, ``joinGet`` one that is."""
        for call in self.query.nodes(exp.Anonymous):
            if (
                call.name.casefold().startswith(("dictget", "dicthas", "dictisin", "joinget"))
                and call.expressions
            ):
                first = call.expressions[0]
                parts = [one.name for one in first.parts] if isinstance(first, exp.Column) else [first.name]
                yield ".".join(parts)

    def _target_source(self, tree: exp.Expr) -> Source | None:
        if not isinstance(tree, (exp.Update, exp.Delete, exp.Merge)):
            return None
        scope = self.query.scope_of(tree)
        return next(iter(scope.sources.values()), None) if scope is not None else None

    def _targets(self, tree: exp.Expr) -> Iterator[str]:
        if isinstance(tree, exp.TruncateTable):
            yield from (self.name(one) for one in tree.expressions if isinstance(one, exp.Table))
            return
        if isinstance(tree, exp.Drop) and (tree.args.get("kind") or "").upper() not in _RELATIONS:
            return
        table = self._real_target(tree)
        if table is not None:
            yield self.name(table)

    def _real_target(self, tree: exp.Expr) -> exp.Table | None:
        """Return the target, which T-SQL may name by the alias that FROM gives it."""
        table = table_of(tree.this) or next(iter(tree.args.get("tables") or ()), None)
        if table is None:
            return None
        scope = self.query.scope_of(tree)
        if scope is not None and not table.args.get("db"):
            for source in list(scope.sources.values())[1:]:
                if source.name == fold(table) and isinstance(source.node, exp.Table):
                    return source.node
        return table

    # ---- statements

    def _result(self, tree: exp.Expr) -> Iterator[Written]:
        scope = self.root(tree)
        if scope is None:
            return
        into = _first(scope.node).args.get("into")
        target = into.this if isinstance(into, exp.Into) else None
        variable = isinstance(target, exp.Table) and isinstance(target.this, exp.Parameter)
        table = self.name(target) if isinstance(target, exp.Table) and not variable else ""
        temporary = bool(into is not None and into.args.get("temporary")) or "#" in table
        yield self.filled(table, scope, temporary=temporary, replaces=bool(table))

    def _create(self, tree: exp.Create) -> Iterator[Written]:
        table = table_of(tree.this)
        if table is None or (tree.kind or "").upper() not in _RELATIONS:
            return
        properties = tree.args["properties"].expressions if tree.args.get("properties") else ()
        into = next((one.this for one in properties if isinstance(one, exp.ToTableProperty)), None)
        name = self.name(table_of(into) or table)
        temporary = name.rsplit(".", 1)[-1].startswith("#") or any(
            isinstance(one, exp.TemporaryProperty) for one in properties
        )
        listed = [fold(one) for one in tree.this.expressions if isinstance(one, (exp.ColumnDef, exp.Identifier))] \
            if isinstance(tree.this, exp.Schema) else []  # fmt: skip
        scope = self.root(tree.args.get("expression"))
        clone = tree.args.get("clone")
        if clone is not None and isinstance(clone.this, exp.Table):
            yield self.copy(clone.this, name, temporary=temporary)
        elif scope is None:
            yield self.standing_for(outside.sources(tree), name, listed, tree, temporary=temporary)
        else:
            yield self.filled(name, scope, listed, temporary=temporary, replaces=True)

    def _insert(self, tree: exp.Insert) -> Iterator[Written]:
        yield from self._into(tree, tree)

    def _into(self, into: exp.Expr, tree: exp.Expr) -> Iterator[Written]:
        while into is not None and not isinstance(into, exp.Insert):
            into = into.this if isinstance(into.this, exp.Expr) else None  # type: ignore[assignment]
        if into is None:
            return
        table = table_of(into.this)
        name = self.name(table) if table is not None else outside.location(into.this)
        if not name:
            return
        listed = [fold(one) for one in into.this.expressions] if isinstance(into.this, exp.Schema) else []
        body = into.args.get("expression")
        if body is None and into is not tree:
            body = tree.args.get("source")
        scope = self.root(body)
        by_name = bool(into.args.get("by_name"))
        if scope is not None:
            if not listed and not by_name and table is not None:
                listed = self._known_columns(table, scope, into)
            written = self.filled(name, scope, listed, replaces=bool(into.args.get("overwrite")))
        elif isinstance(body, (exp.Values, exp.Tuple)):
            source = self.root(tree.args.get("source")) if into is not tree else None
            written = self._values(name, listed or self._columns_of(table), body, source)
        else:
            written = Written(name, [(one, {}) for one in listed])
        upsert(into, written, self.tracer, self.root, self._columns_of(table))
        yield written

    def _values(self, table: str, listed: list[str], body: exp.Expr, source: Scope | None) -> Written:
        """Rows written out; in Snowflake's INSERT ALL INTO t VALUES (a) SELECT ... they name the query's columns."""
        if source is not None:
            for column in body.find_all(exp.Column):
                self.tracer.given[id(column)] = self.tracer.named(source, fold(column))
        written = Written(table, influences=self.tracer.influences(source) if source is not None else {})
        rows = body.expressions if isinstance(body, exp.Values) else [body]
        columns: dict[str, Feeds] = {one: {} for one in listed}
        for row in rows:
            for place, value in enumerate(row.expressions if isinstance(row, exp.Tuple) else [row]):
                feeds = self.tracer.expression(value)
                if place < len(listed):
                    add(columns[listed[place]], feeds, Transformation.IDENTITY)
                elif source is not None:
                    columns[fold(value)] = feeds
                elif feeds:
                    add(columns.setdefault("*", {}), feeds, Transformation.IDENTITY)
        written.columns = list(columns.items())
        return written

    def _columns_of(self, table: exp.Table | None) -> list[str]:
        """Return the columns of a table, case-folded and in order, if they are known."""
        known = (
            self.query.catalog.table(".".join(part.name for part in table.parts))
            if table is not None
            else None
        )
        return [column.casefold() for column in known.columns] if known is not None else []

    def _known_columns(self, table: exp.Table, scope: Scope, into: exp.Expr) -> list[str]:
        """Return the target's columns where the query fills all of them, partition values apart, by place."""
        known = self.query.catalog.table(".".join(part.name for part in table.parts))
        if known is None or scope.open:
            return []
        names = [column.casefold() for column in known.columns]
        count = len(scope.outputs)
        fixed = into.args.get("partition") or table.args.get("partition")
        return names[:count] if count == len(names) or (fixed is not None and count < len(names)) else []

    def _merge(self, tree: exp.Merge) -> Written:
        written = Written(next(self._targets(tree), ""), influences=self._influences(tree))
        scope = self.query.scope_of(tree)
        if scope is not None:
            columns = merged(tree, scope, self.tracer, self.root, self._columns_of(self._real_target(tree)))
            written.columns = list(columns.items())
        return written

    def _update(self, tree: exp.Update) -> Iterator[Written]:
        """Yield what an UPDATE sets: of its target, and of the tables that MySQL's joins beside it."""
        scope = self.query.scope_of(tree)
        name = next(self._targets(tree), "")
        found = {name: Written(name, influences=self._influences(tree))}
        for one in tree.expressions:
            table = self._set_beside(one, scope) or name
            written = found.setdefault(table, Written(table, influences=self._influences(tree)))
            called = (*names_of(tree.this), *names_of(self._real_target(tree)))
            if table != name:
                called = (fold(one.this.args["table"]),)
            written.columns += assigned([one], self.tracer, self.root, called)
        yield from found.values()

    def _set_beside(self, one: exp.Expr, scope: Scope | None) -> str:
        """The table, beside the target, whose column an assignment sets."""
        column = one.this if isinstance(one, exp.EQ) else None
        if scope is None or not isinstance(column, exp.Column) or column.args.get("db"):
            return ""
        source = scope.sources.get(fold(column.args.get("table")))
        target = next(iter(scope.sources.values()), None)
        if source is None or source is target or self._real_target(scope.node) is source.node:
            return ""
        return self.names.of(source)

    def _influences(self, tree: exp.Expr) -> Feeds:
        scope = self.query.scope_of(tree)
        return self.tracer.influences(scope) if scope is not None else {}

    # ---- queries

    def root(self, node: exp.Expr | None) -> Scope | None:
        """Return the scope of a query, through parentheses; None for what is none."""
        while isinstance(node, (exp.Subquery, exp.Paren)):
            node = node.this
        return self.query.scope_of(node) if isinstance(node, (*_QUERIES, exp.Pivot)) else None

    def filled(
        self, table: str, scope: Scope, listed: list[str] | None = None, *, temporary: bool = False,
        replaces: bool = False,
    ) -> Written:  # fmt: skip
        """Return the table as what the query of ``scope`` gives it; ``listed`` names the first columns."""
        names = listed or []
        written = Written(table, [], self.tracer.influences(scope), temporary, replaces, scope.open)
        for place in range(len(scope.outputs)):
            name = names[place] if place < len(names) else self._written_name(scope, place)
            written.columns.append((name, self.tracer.output(scope, place)))
        for source in self.tracer.open_stars(scope):
            feeds = self.tracer.column_of(source, "*", scope.node)
            written.columns.append(("*", feeds))
        return written

    def _written_name(self, scope: Scope, place: int) -> str:
        one = scope.outputs[place]
        named = isinstance(one.expr, (exp.Column, exp.Dot, exp.QueryTransform)) or (
            isinstance(one.expr, exp.Cast)
            and (self.query.dialect in _NAMED_THROUGH_CASTS or "::" in self.query.text(one.expr))
        )
        if one.expr is None or named or one.expr.parent is not scope.node or not _wordless(one.expr):
            return one.name
        return self.query.text(one.expr)


def _first(query: exp.Expr) -> exp.Expr:
    """The first SELECT of a set operation, whose INTO is that of the whole."""
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    return query


def _tables(several: Iterable[Feeds]) -> Iterator[str]:
    for feeds in several:
        for ref, _ in feeds:
            if ref.table:
                yield ref.table


# Where CAST(a AS ...) without an alias is called a: PostgreSQL 18 does it when asked; Redshift is of its family.
_NAMED_THROUGH_CASTS = frozenset({"postgres", "redshift"})


def _wordless(node: exp.Expr) -> bool:
    """Whether an item of a SELECT list has no alias: it stands there itself."""
    return node.arg_key == "expressions"


_RELATIONS = frozenset({"TABLE", "VIEW", "DYNAMIC TABLE", "MATERIALIZED VIEW", "SINK", "SOURCE", "STREAM"})
