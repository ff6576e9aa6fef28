"""The lineage of one bound statement: what it writes, column by column, and from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage import outside
from sqlopt.lineage.edge import Transformation
from sqlopt.lineage.feeds import Names, Tracer
from sqlopt.lineage.output import output
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
                found.written = [self._update(tree)]
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
                yield self._update(cte.this)
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
        into = scope.node.args.get("into")
        table = (
            self.name(into.this) if isinstance(into, exp.Into) and isinstance(into.this, exp.Table) else ""
        )
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
        table = table_of(tree.this)
        if table is None:
            return
        yield from self._into(tree, tree)

    def _into(self, into: exp.Expr, tree: exp.Expr) -> Iterator[Written]:
        while into is not None and not isinstance(into, exp.Insert):
            into = into.this if isinstance(into.this, exp.Expr) else None  # type: ignore[assignment]
        if into is None:
            return
        table = table_of(into.this)
        if table is None:
            return
        name = self.name(table)
        listed = [fold(one) for one in into.this.expressions] if isinstance(into.this, exp.Schema) else []
        body = into.args.get("expression")
        if body is None and into is not tree:
            body = tree.args.get("source")
        scope = self.root(body)
        by_name = bool(into.args.get("by_name"))
        if scope is not None:
            if not listed and not by_name:
                listed = self._known_columns(table, scope, into)
            yield self.filled(name, scope, listed, replaces=bool(into.args.get("overwrite")))
        elif into is not tree and isinstance(body, (exp.Values, exp.Tuple)):
            yield self._values(name, listed, body, self.root(tree.args.get("source")))
        else:
            yield Written(name, [(one, {}) for one in listed])

    def _values(self, table: str, listed: list[str], body: exp.Expr, source: Scope | None) -> Written:
        """Snowflake's INSERT ALL INTO t (k) VALUES (a) SELECT ...: the values name the query's columns."""
        row = body.expressions[0] if isinstance(body, exp.Values) and body.expressions else body
        written = Written(table, influences=self.tracer.influences(source) if source is not None else {})
        for place, value in enumerate(row.expressions):
            feeds: Feeds = {}
            for column in value.find_all(exp.Column):
                if source is None:
                    break
                use = Transformation.IDENTITY if column is value else Transformation.TRANSFORMATION
                add(feeds, self.tracer.named(source, fold(column)), use, value)
            written.columns.append((listed[place] if place < len(listed) else fold(value), feeds))
        return written

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
        columns: dict[str, Feeds] = {}
        whens = tree.args.get("whens")
        for when in whens.expressions if whens is not None else ():
            then = when.args.get("then")
            for name, feeds in self._then(then, tree):
                add(columns.setdefault(name, {}), feeds, Transformation.IDENTITY)
        written.columns = list(columns.items())
        return written

    def _then(self, then: exp.Expr | None, tree: exp.Merge) -> Iterator[tuple[str, Feeds]]:
        if isinstance(then, exp.Update):
            if not then.expressions or any(isinstance(one, exp.Star) for one in then.expressions):
                yield from self._all_of_source(tree)
            for one in then.expressions:
                if isinstance(one, exp.EQ):
                    yield fold(one.this), self.tracer.expression(one.expression)
        elif isinstance(then, exp.Insert):
            names, values = then.this, then.expression
            if isinstance(names, exp.Tuple) and isinstance(values, exp.Tuple):
                for name, value in zip(names.expressions, values.expressions, strict=False):
                    yield fold(name), self.tracer.expression(value)
            elif not isinstance(values, exp.Tuple):
                yield from self._all_of_source(tree)
            else:
                table = self._real_target(tree)
                known = (
                    self.query.catalog.table(".".join(p.name for p in table.parts))
                    if table is not None
                    else None
                )
                for name, value in zip(known.columns if known else (), values.expressions, strict=False):
                    yield name.casefold(), self.tracer.expression(value)

    def _all_of_source(self, tree: exp.Merge) -> Iterator[tuple[str, Feeds]]:
        scope = self.query.scope_of(tree)
        for source in list(scope.sources.values())[1:] if scope is not None else ():
            for name in source.columns:
                yield name, self.tracer.column_of(source, name, tree)

    def _update(self, tree: exp.Update) -> Written:
        written = Written(next(self._targets(tree), ""), influences=self._influences(tree))
        for one in tree.expressions:
            if not isinstance(one, exp.EQ):
                continue
            if isinstance(one.this, exp.Tuple):
                written.columns += self._tuple(one)
            else:
                written.columns.append((fold(one.this), self.tracer.expression(one.expression)))
        return written

    def _tuple(self, one: exp.EQ) -> Iterator[tuple[str, Feeds]]:
        """``SET (a, b) = (SELECT x, y ...)`` or ``= (x, y)``."""
        right = one.expression
        scope = self.root(right)
        for place, name in enumerate(one.this.expressions):
            if scope is not None and place < len(scope.outputs):
                yield fold(name), self.tracer.output(scope, place)
            elif isinstance(right, exp.Tuple) and place < len(right.expressions):
                yield fold(name), self.tracer.expression(right.expressions[place])

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
        named = isinstance(one.expr, (exp.Column, exp.Dot)) or (
            isinstance(one.expr, exp.Cast)
            and (self.query.dialect in _NAMED_THROUGH_CASTS or "::" in self.query.text(one.expr))
        )
        if one.expr is None or named or one.expr.parent is not scope.node or not _wordless(one.expr):
            return one.name
        return self.query.text(one.expr)


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
