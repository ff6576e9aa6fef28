"""Build the scopes of one statement and bind its columns, without changing the tree.

Binding degrades by scope: an unknown table leaves its own columns open and nothing else. Three steps:
scopes from FROM clauses, CTEs and set operations downwards; then the scopes of subqueries inside
expressions; then every column reference, looked up from its own scope outwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Output, Scope, ScopeKind, Shared, Source, SourceKind
from sqlopt.query.bind.named import NamedItems, bare, undecorated
from sqlopt.query.bind.nodes import QUERIES, alias_columns, fold, unwrap
from sqlopt.query.bind.pivots import pivot_columns
from sqlopt.query.bind.stars import expand, spread_form, star_columns, star_form, value_form, visible_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlopt.catalog import Catalog

_TARGETED = (exp.Update, exp.Delete, exp.Merge, exp.Insert)
# Where a derived table sees the items before it without the word LATERAL. DuckDB:
# https://duckdb.org/docs/stable/sql/query_syntax/from#lateral-joins (checked 2026-12-01, and run).
_LATERAL_UNSAID = frozenset({"duckdb"})
# Where a comma binds weaker than JOIN, so that a join's left side begins after it. PostgreSQL:
# https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-JOIN; DuckDB 1.5.5: run;
# Trino: its grammar (checked 2026-12-01). In BigQuery joins and commas go from left to right; of the others it is
# not known, and all items before count.
_COMMA_LAST = frozenset({"postgres", "redshift", "duckdb", "trino"})
_ONE_COLUMN = (exp.GenerateSeries, exp.ExplodingGenerateSeries)


class ScopeBuilder(NamedItems):
    """Builds every scope of one statement. ``scopes`` maps ``id(node)`` to its scope.

    ``texts`` are the strings that script variables hold; ``patterns`` is False where COLUMNS() stands nowhere.
    """

    def __init__(
        self, catalog: Catalog, dialect: str, texts: Mapping[str, str] | None = None, *, patterns: bool = True
    ) -> None:
        self.catalog = catalog
        self.dialect = dialect
        self.patterns = patterns
        self.texts = texts or {}
        self.scopes: dict[int, Scope] = {}
        self.sources: list[Source] = []
        self._nearest: dict[int, Scope] = {}  # of ANDs and ORs: a chain of them nests as deep as it is long
        self._known = 0

    def build(self, tree: exp.Expr, queries: Iterable[exp.Expr]) -> list[Scope]:
        """Return the statement's scopes, outer before inner; ``queries`` are its query nodes, outer first."""
        if isinstance(tree, _TARGETED):
            self._target(tree, {})
        else:
            body = unwrap(tree.args.get("expression") if isinstance(tree, exp.Create) else tree)
            if isinstance(body, exp.Summarize):
                self.summary(body, None, ScopeKind.ROOT)
            inherited = self._with(tree, None, {}) if tree.args.get("with_") and body is not tree else {}
            if _is_query(body):
                self._query(body, None, inherited, ScopeKind.ROOT)
        for node in queries:
            if id(node) not in self.scopes:
                self._nested(node)
        return list(dict.fromkeys(self.scopes.values()))

    def _nested(self, node: exp.Expr) -> None:
        """A query inside an expression. What INSERT takes its rows from does not see the target."""
        parent = self.enclosing(node)
        visible = parent.ctes if parent else {}
        if parent is not None and isinstance(parent.node, exp.Insert):
            parent = None
        self._query(node, parent, visible, ScopeKind.SUBQUERY if parent else ScopeKind.ROOT)

    def enclosing(self, node: exp.Expr) -> Scope | None:
        """Return the scope that ``node`` stands in."""
        scopes = self.scopes
        if len(scopes) != self._known:
            self._known = len(scopes)
            self._nearest.clear()
        chain: list[int] = []
        found = None
        up = node.parent
        while up is not None:
            found = scopes.get(id(up)) or self._nearest.get(id(up))
            if found is not None:
                break
            if isinstance(up, exp.Connector):
                chain.append(id(up))
            up = up.parent
        if found is not None:
            self._nearest.update(dict.fromkeys(chain, found))
        return found

    # ---- query expressions

    def _query(self, node: exp.Expr, parent: Scope | None, ctes: dict[str, Scope], kind: ScopeKind) -> Scope:
        scope = Scope(node, kind, parent, dict(ctes))
        self.scopes[id(node)] = scope
        return self._fill(scope, node)

    def _fill(self, scope: Scope, node: exp.Expr) -> Scope:
        if node.args.get("with_"):
            scope.ctes = self._with(node, scope, scope.ctes)
        if isinstance(node, exp.SetOperation):
            self._set_operation(scope, node)
        elif isinstance(node, exp.Subquery):
            self._parenthesised(scope, node)
        elif isinstance(node, exp.Pivot):
            self._pivot(scope, node)
        else:
            self._from(scope, node)
            self._outputs(scope, node)
        return scope

    def _parenthesised(self, scope: Scope, node: exp.Subquery) -> None:
        """A query in parentheses with clauses of its own: ``(SELECT ...) ORDER BY a LIMIT 3``."""
        body = unwrap(node.this)
        if not _is_query(body):
            scope.open = True
            return
        inner = self._query(body, scope.parent, scope.ctes, ScopeKind.DERIVED)
        source = self._query_source(scope, body, inner, None)
        self._pass_on(scope, source)

    def _pivot(self, scope: Scope, node: exp.Pivot) -> None:
        """DuckDB's PIVOT and UNPIVOT as statements: what they leave of one item."""
        self._item(scope, node.this, None)
        source = next(iter(scope.sources.values()))
        source.pivots, source.open = pivot_columns([node], source.columns, whole=not source.open), True
        source.columns = tuple(source.pivots)
        self._pass_on(scope, source)

    def _pass_on(self, scope: Scope, source: Source) -> None:
        source.star, scope.open = source.open, source.open
        scope.outputs = [Output(name, None, source, name) for name in source.columns]

    def _with(self, node: exp.Expr, outer: Scope | None, ctes: dict[str, Scope]) -> dict[str, Scope]:
        with_ = node.args["with_"]
        visible = dict(ctes)
        for cte in with_.expressions:
            body = unwrap(cte.this)
            name = fold(cte.alias)
            if not _is_query(body):
                visible[name] = self._modifying(cte, body, visible)
                continue
            parent = outer.parent if outer else None
            scope = Scope(body, ScopeKind.CTE, parent, dict(visible), cte=cte)
            self.scopes[id(body)] = scope
            if with_.args.get("recursive"):
                self._recursive(scope, body, name, cte)
            self._fill(scope, body)
            _rename(scope, cte)
            visible[name] = scope
        return visible

    def _modifying(self, cte: exp.CTE, body: exp.Expr, ctes: dict[str, Scope]) -> Scope:
        """Return the scope of a data-modifying CTE, which gives what its RETURNING lists."""
        if not isinstance(body, _TARGETED):
            names = alias_columns(cte) if isinstance(body, exp.Values) else ()
            scope = Scope(cte.this, ScopeKind.CTE, None, open=not names, cte=cte)
            scope.outputs = [Output(name) for name in names]
            self.scopes[id(cte.this)] = scope
            return scope
        scope = self._target(body, ctes)
        scope.cte = cte
        _rename(scope, cte)
        return scope

    def _recursive(self, scope: Scope, body: exp.Expr, name: str, cte: exp.CTE) -> None:
        """Let a recursive CTE see itself, with the columns of its first branch."""
        if not _names_itself(body, name):
            return
        scope.recursive = True
        stand_in = Scope(body, ScopeKind.CTE, None, recursive=True, cte=cte)
        anchor = body
        while isinstance(anchor, exp.SetOperation):
            anchor = unwrap(anchor.this)
        names = alias_columns(cte)
        stand_in.outputs = [
            Output(names[i] if i < len(names) else fold(one.alias_or_name))
            for i, one in enumerate(anchor.expressions)
        ]
        stand_in.open = any(star_form(one) is not None for one in anchor.expressions)
        scope.ctes[name] = stand_in

    def _set_operation(self, scope: Scope, node: exp.Expr) -> None:
        # The left spine is unrolled: a thousand UNIONs are one list, not a thousand levels.
        rights: list[exp.Expr] = []
        left: exp.Expr = node
        by_name = False
        while isinstance(left, exp.SetOperation):
            if left is not node:
                if any(left.args.get(key) for key in ("with_", "limit", "offset", "order")):
                    break
                self.scopes[id(left)] = scope
            by_name = by_name or bool(left.args.get("by_name"))
            rights.append(left.expression)
            left = left.this
        for side in [left, *reversed(rights)]:
            body = unwrap(side)
            if _is_query(body):
                branch = self._query(body, scope.parent, scope.ctes, ScopeKind.BRANCH)
                branch.branch_of = scope
                scope.branches.append(branch)
        first = scope.branches[0] if scope.branches else None
        if first is None:
            scope.open = True
            return
        scope.open = first.open or (by_name and any(one.open for one in scope.branches))
        names = [one.name for one in first.outputs]
        if by_name:
            for branch in scope.branches[1:]:
                names.extend(one.name for one in branch.outputs if one.name not in names)
        scope.outputs = [Output(name) for name in names]

    def _outputs(self, scope: Scope, node: exp.Expr) -> None:
        as_value = (node.args.get("kind") or "").upper() == "VALUE"
        for item in node.expressions:
            form = value_form(item, scope) if as_value else star_form(item)
            if form is None and self.patterns:
                form = spread_form(item)
            if form is not None:
                expand(scope, form, self.dialect)
            elif isinstance(item, exp.Aliases):
                scope.outputs.extend(Output(fold(name), item.this) for name in item.aliases)
            elif isinstance(item, exp.QueryTransform):
                given = item.args.get("schema")
                names = given.expressions if isinstance(given, exp.Schema) else ("key", "value")
                scope.outputs.extend(Output(fold(name), item) for name in names)
            else:
                scope.outputs.append(Output(fold(item.alias_or_name or item.output_name), item.unalias()))

    # ---- FROM

    def _from(self, scope: Scope, node: exp.Expr) -> None:
        from_ = node.args.get("from_")
        if from_ is not None:
            self._item(scope, from_.this, None)
        elif isinstance(node.parent, exp.Insert) and isinstance(node.parent.parent, exp.MultitableInserts):
            self._item(scope, node.parent.parent.args["source"], None)  # Hive: FROM t INSERT ... SELECT ...
        first = 0
        for join in node.args.get("joins") or ():
            if self.dialect in _COMMA_LAST and _is_comma(join):
                first = len(scope.sources)
            self._join(scope, join, first)
        for lateral in node.args.get("laterals") or ():
            self._item(scope, lateral, None)

    def _join(self, scope: Scope, join: exp.Join, first: int) -> None:
        """One join; its left side are the items of the scope from the one numbered ``first``."""
        if self.array_join(scope, join):
            return
        place = len(scope.sources)
        visible = visible_sources(scope)
        self._item(scope, join.this, join)
        items = list(scope.sources.values())
        before, after = items[first:place], items[place:]
        scope.sides[id(join)] = (first, len(items))
        side = (join.side or "").upper()
        if side in ("LEFT", "FULL"):
            for source in after:
                source.nullable = True
        if side in ("RIGHT", "FULL"):
            for source in before:
                source.nullable = True
        before = [one for one in before if one in visible]
        shared = [fold(one) for one in join.args.get("using") or ()]
        if (join.method or "").upper() == "NATURAL":
            left = {name for source in before for name in source.columns}
            shared = [name for source in after for name in source.columns if name in left]
            if any(one.open for one in (*before, *after)):
                scope.unread.append((join, "a natural join of columns that are not known"))
        for name in shared:
            scope.merged[name] = [one for one in [*before, *after] if one.open or name in one.columns]
        if shared:
            names = tuple(dict.fromkeys(shared))
            scope.shared[id(join)] = Shared(join, names, tuple(before), tuple(after))

    def _item(self, scope: Scope, node: exp.Expr, join: exp.Join | None) -> None:
        first = len(scope.sources)
        node = bare(node)
        if self.special(scope, node, join):
            pass
        elif isinstance(node, exp.Table) and isinstance(node.this, (exp.Identifier, exp.Var)):
            self._table(scope, node, join)
        elif isinstance(node, exp.Subquery):
            self._derived(scope, node, join)
        elif isinstance(node, exp.Values):
            self._values(scope, node, node, join)
        elif isinstance(node, exp.Lateral) and _is_query(unwrap(node.this)):
            inner = self._query(unwrap(node.this), scope, scope.ctes, ScopeKind.DERIVED)
            self._query_source(scope, node, inner, join)
        elif isinstance(node, QUERIES):
            inner = self._query(node, scope.parent, scope.ctes, ScopeKind.DERIVED)
            self._query_source(scope, node, inner, join)
        else:
            self._function(scope, node, join)
        for nested in node.args.get("joins") or ():
            self._join(scope, nested, first)
        for lateral in node.args.get("laterals") or ():
            self._item(scope, lateral, None)

    def _values(self, scope: Scope, node: exp.Expr, values: exp.Values, join: exp.Join | None) -> None:
        names = alias_columns(node)
        width = len(values.expressions[0].expressions) if values.expressions else 0
        self._add(scope, node, SourceKind.VALUES, join, columns=names, closed=bool(names) and width > 0)

    def _table(self, scope: Scope, node: exp.Table, join: exp.Join | None, *, written: bool = False) -> None:
        """A table, or a CTE of that name; what a statement writes to is never a CTE."""
        name = undecorated(fold(node.this))
        if not node.args.get("db") and not written:
            inner = scope.ctes.get(name)
            if inner is not None:
                self._query_source(scope, node, inner, join, cte=True)
                return
        dotted = undecorated(".".join(part.name for part in node.parts))
        table = self.catalog.table(dotted)
        known = tuple(key.casefold() for key in table.columns) if table else ()
        listed = alias_columns(node)
        columns = (*listed, *known[len(listed) :])
        source = self._add(
            scope, node, SourceKind.TABLE, join, columns=columns, closed=bool(known), default=name
        )
        source.table, source.table_name = table, dotted
        source.renames = dict(zip(listed, known, strict=False))

    def _derived(self, scope: Scope, node: exp.Subquery, join: exp.Join | None) -> None:
        """A query or a group of joins in parentheses."""
        body = unwrap(node.this)
        if _is_query(body):
            lateral = isinstance(node.parent, exp.Lateral) or self.dialect in _LATERAL_UNSAID
            inner = self.scopes.get(id(body))  # several INSERTs read the one source of Hive's FROM
            if inner is None:
                outer = scope if lateral else scope.parent
                inner = self._query(body, outer, scope.ctes, ScopeKind.DERIVED)
            self._query_source(scope, node, inner, join)
        elif isinstance(body, exp.Values) and not body.args.get("alias"):
            self._values(scope, node, body, join)
        elif node.args.get("alias"):
            self._joined(scope, node, join)
        else:
            self._item(scope, node.this, join)

    def _joined(self, scope: Scope, node: exp.Subquery, join: exp.Join | None) -> None:
        """Joins in parentheses under a name of their own, which hides those inside."""
        inner = Scope(node, ScopeKind.DERIVED, scope.parent, scope.ctes)
        self.scopes[id(node.this)] = inner  # the joins that follow the name belong to the scope around
        self._item(inner, node.this, None)
        inner.open = any(one.open for one in inner.sources.values())
        for column in star_columns(inner, self.dialect):
            column.source.star = column.source.open
            inner.outputs.append(Output(column.name, None, column.source, column.name, merged=column.merged))
        self._query_source(scope, node, inner, join)

    def _query_source(
        self, scope: Scope, node: exp.Expr, inner: Scope, join: exp.Join | None, *, cte: bool = False
    ) -> Source:
        inner_names = tuple(one.name for one in inner.outputs)
        names = alias_columns(node)
        renames = dict(zip(names, inner_names, strict=False))
        columns = (*names, *inner_names[len(names) :])
        source = self._add(
            scope,
            node,
            SourceKind.QUERY,
            join,
            columns=columns,
            closed=not inner.open,
            default=fold(node.name),
        )
        source.inner, source.renames, source.is_cte = inner, renames, cte
        inner.users.append(source)
        return source

    def _function(self, scope: Scope, node: exp.Expr, join: exp.Join | None) -> None:
        columns = alias_columns(node) or self._returned(node)
        plain = isinstance(node, exp.Table) and isinstance(node.this, _ONE_COLUMN)
        offset = node.args.get("offset")
        if isinstance(offset, exp.Expr):
            columns = (*columns, fold(offset))
        # BigQuery's UNNEST(x) AS e names the element itself: alias and column are one.
        default = columns[0] if columns else ""
        closed = plain and bool(columns)
        self._add(scope, node, SourceKind.FUNCTION, join, columns=columns, default=default, closed=closed)

    def _returned(self, node: exp.Expr) -> tuple[str, ...]:
        """The columns of a table function that the script creates, kept under its name with parentheses."""
        call = node.this.this if isinstance(node.this, exp.TableFromRows) else node.this
        table = self.catalog.table(f"{call.name}()") if isinstance(call, exp.Anonymous) else None
        return tuple(key.casefold() for key in table.columns) if table is not None else ()

    def _add(  # type: ignore[override]  # noqa: PLR0913 - one place that fills every kind of source
        self,
        scope: Scope,
        node: exp.Expr,
        kind: SourceKind,
        join: exp.Join | None,
        *,
        columns: tuple[str, ...] = (),
        closed: bool = False,
        default: str = "",
    ) -> Source:
        pivots = node.args.get("pivots")
        alias = fold(node.alias) or default
        if pivots and pivots[-1].alias:
            alias = fold(pivots[-1].alias)
        key = alias
        while key in scope.sources or not key:
            key += "\0"  # an unnamed or repeated item can't be named, but stays a source
        source = Source(alias, kind, node, scope, columns=columns, open=not closed, join=join)
        if pivots:
            source.pivots, source.open = pivot_columns(pivots, columns, whole=closed), True
            source.columns = tuple(source.pivots)
        scope.sources[key] = source
        self.sources.append(source)
        return source

    # ---- statements with a target

    def _target(self, node: exp.Expr, ctes: dict[str, Scope]) -> Scope:
        """UPDATE, DELETE, MERGE and INSERT: the target is the first source, what is read beside it follows."""
        scope = Scope(node, ScopeKind.DML, ctes=dict(ctes))  # later CTEs are not seen from here
        self.scopes[id(node)] = scope
        if node.args.get("with_"):
            scope.ctes = self._with(node, scope, ctes)
        target = node.this.this if isinstance(node.this, exp.Schema) else node.this
        tables: list[exp.Expr] = node.args.get("tables") or []
        if not isinstance(target, exp.Table) and len(tables) == 1:
            target = tables[0]  # BigQuery: DELETE t WHERE ..., without FROM
        if isinstance(target, exp.Table) and isinstance(target.this, (exp.Identifier, exp.Var)):
            self._table(scope, target, None, written=True)
            for join in target.args.get("joins") or ():
                self._join(scope, join, 0)  # MySQL: UPDATE a JOIN b ...
        if isinstance(node, exp.Insert):
            self.sources = [one for one in self.sources if one.scope is not scope]  # it is not read
            body = unwrap(node.args.get("expression"))
            if _is_query(body):
                self._query(body, None, scope.ctes, ScopeKind.ROOT)
        else:
            self._beside(scope, node)
        if isinstance(node.args.get("returning"), exp.Returning):
            self._outputs(scope, node.args["returning"])
        return scope

    def _beside(self, scope: Scope, node: exp.Expr) -> None:
        """The items that a statement reads beside its target: USING and FROM."""
        using = node.args.get("using")
        for item in using if isinstance(using, list) else [using]:
            if isinstance(item, exp.Expr):
                self._item(scope, item, None)
        from_ = node.args.get("from_")
        if from_ is not None:
            self._item(scope, from_.this, None)


def _is_comma(join: exp.Join) -> bool:
    return not any(join.args.get(key) for key in ("kind", "side", "method", "on", "using"))


def _is_query(node: exp.Expr) -> bool:
    """Whether a node is a query, or one in parentheses with clauses of its own."""
    if isinstance(node, exp.Subquery) and not any(
        node.args.get(key) for key in ("joins", "laterals", "pivots", "sample", "alias")
    ):
        return _is_query(unwrap(node.this))
    return isinstance(node, (*QUERIES, exp.Pivot))


def _rename(scope: Scope, cte: exp.CTE) -> None:
    for output, name in zip(scope.outputs, alias_columns(cte), strict=False):
        output.name = name


def _names_itself(body: exp.Expr, name: str) -> bool:
    return any(fold(table.this) == name and not table.args.get("db") for table in body.find_all(exp.Table))
