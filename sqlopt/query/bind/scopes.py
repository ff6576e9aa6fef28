"""Build the scopes of one statement and bind its columns, without changing the tree.

Binding degrades by scope: an unknown table leaves its own columns open and nothing else. Three steps:
scopes from FROM clauses, CTEs and set operations downwards; then the scopes of subqueries inside
expressions; then every column reference, looked up from its own scope outwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Output, Scope, ScopeKind, Source, SourceKind
from sqlopt.query.bind.pivots import pivot_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.catalog import Catalog

QUERIES = (exp.Select, exp.SetOperation)
_DML = (exp.Update, exp.Delete, exp.Merge)


def fold(node: exp.Expr | str | None) -> str:
    """Return an identifier's name, case-folded; empty for none."""
    if node is None:
        return ""
    return (node if isinstance(node, str) else node.name).casefold()


class ScopeBuilder:
    """Builds every scope of one statement. ``scopes`` maps ``id(node)`` to its scope."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.scopes: dict[int, Scope] = {}
        self.sources: list[Source] = []

    def build(self, tree: exp.Expr, queries: Iterable[exp.Expr]) -> list[Scope]:
        """Return the statement's scopes, outer before inner; ``queries`` are its query nodes, outer first."""
        if isinstance(tree, _DML):
            self._dml(tree)
        else:
            body = _unwrap(
                tree.args.get("expression") if isinstance(tree, (exp.Create, exp.Insert)) else tree
            )
            inherited = self._with(tree, None, {}) if tree.args.get("with_") and body is not tree else {}
            if isinstance(body, QUERIES):
                self._query(body, None, inherited, ScopeKind.ROOT)
        for node in queries:
            if id(node) not in self.scopes:
                parent = self.enclosing(node)
                visible = parent.ctes if parent else {}
                self._query(node, parent, visible, ScopeKind.SUBQUERY if parent else ScopeKind.ROOT)
        return list(dict.fromkeys(self.scopes.values()))

    def enclosing(self, node: exp.Expr) -> Scope | None:
        """Return the scope that ``node`` stands in."""
        scopes = self.scopes
        up = node.parent
        while up is not None:
            found = scopes.get(id(up))
            if found is not None:
                return found
            up = up.parent
        return None

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
        else:
            self._from(scope, node)
            self._outputs(scope, node)
        return scope

    def _with(self, node: exp.Expr, outer: Scope | None, ctes: dict[str, Scope]) -> dict[str, Scope]:
        with_ = node.args["with_"]
        visible = dict(ctes)
        for cte in with_.expressions:
            body = _unwrap(cte.this)
            name = fold(cte.alias)
            if not isinstance(body, QUERIES):
                visible[name] = self._modifying(cte, body)
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

    def _modifying(self, cte: exp.CTE, body: exp.Expr) -> Scope:
        """Return the scope of a data-modifying CTE: what UPDATE and DELETE return; of others it is not known."""
        returning = body.args.get("returning")
        if not isinstance(body, _DML) or not isinstance(returning, exp.Returning):
            scope = Scope(cte.this, ScopeKind.CTE, None, open=True, cte=cte)
            self.scopes[id(cte.this)] = scope
            if isinstance(body, _DML):
                self._dml(body)
            return scope
        scope = self._dml(body)
        scope.cte = cte
        self._outputs(scope, returning)
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
            anchor = _unwrap(anchor.this)
        names = [fold(one) for one in cte.args["alias"].columns] if cte.args.get("alias") else []
        stand_in.outputs = [
            Output(names[i] if i < len(names) else fold(one.alias_or_name))
            for i, one in enumerate(anchor.expressions)
        ]
        stand_in.open = any(one.is_star for one in anchor.expressions)
        scope.ctes[name] = stand_in

    def _set_operation(self, scope: Scope, node: exp.Expr) -> None:
        # The left spine is unrolled: a thousand UNIONs are one list, not a thousand levels.
        rights: list[exp.Expr] = []
        left: exp.Expr = node
        by_name = False
        while isinstance(left, exp.SetOperation):
            if left is not node:
                if left.args.get("with_") or left.args.get("limit"):
                    break
                self.scopes[id(left)] = scope
            by_name = by_name or bool(left.args.get("by_name"))
            rights.append(left.expression)
            left = left.this
        for side in [left, *reversed(rights)]:
            body = _unwrap(side)
            if isinstance(body, QUERIES):
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
        for item in node.expressions:
            columns = isinstance(item, exp.Columns)  # DuckDB: COLUMNS(*) is a star
            star = item if isinstance(item, exp.Star) else item.this if item.is_star or columns else None
            if isinstance(star, exp.Star):
                self._star(scope, star, fold(item.args.get("table")) if item is not star else "")
            elif columns:
                scope.open = True  # which columns a pattern takes is not known here
            elif isinstance(item, exp.Aliases):
                scope.outputs.extend(Output(fold(name), item.this) for name in item.aliases)
            else:
                scope.outputs.append(Output(fold(item.alias_or_name or item.output_name), item.unalias()))

    def _star(self, scope: Scope, star: exp.Star, table: str) -> None:
        dropped = {fold(one) for one in star.args.get("except_") or ()}
        replaced = {fold(one.alias): one.this for one in star.args.get("replace") or ()}
        renamed = {fold(one.this): fold(one.alias) for one in star.args.get("rename") or ()}
        sources = [scope.sources[table]] if table in scope.sources else list(scope.sources.values())
        seen: set[str] = set()
        for source in sources if not table or table in scope.sources else ():
            source.star = True
            scope.open = scope.open or source.open
            for column in source.columns:
                if not table and column in scope.merged and column in seen:
                    continue
                seen.add(column)
                if column in dropped:
                    continue
                name = renamed.get(column, column)
                if column in replaced:
                    scope.outputs.append(Output(name, replaced[column]))
                else:
                    scope.outputs.append(Output(name, None, source, column))
        if not sources or (table and table not in scope.sources):
            scope.open = True

    # ---- FROM

    def _from(self, scope: Scope, node: exp.Expr) -> None:
        from_ = node.args.get("from_")
        if from_ is not None:
            self._item(scope, from_.this, None)
        elif isinstance(node.parent, exp.Insert) and isinstance(node.parent.parent, exp.MultitableInserts):
            self._item(scope, node.parent.parent.args["source"], None)  # Hive: FROM t INSERT ... SELECT ...
        for join in node.args.get("joins") or ():
            self._join(scope, join)
        for lateral in node.args.get("laterals") or ():
            self._item(scope, lateral, None)

    def _join(self, scope: Scope, join: exp.Join) -> None:
        before = list(scope.sources.values())
        self._item(scope, join.this, join)
        after = [one for one in scope.sources.values() if one not in before]
        side = (join.side or "").upper()
        if side in ("LEFT", "FULL"):
            for source in after:
                source.nullable = True
        if side in ("RIGHT", "FULL"):
            for source in before:
                source.nullable = True
        shared = [fold(one) for one in join.args.get("using") or ()]
        if (join.method or "").upper() == "NATURAL":
            left = {name for source in before for name in source.columns}
            shared = [name for source in after for name in source.columns if name in left]
        for name in shared:
            scope.merged[name] = [one for one in [*before, *after] if one.open or name in one.columns]

    def _item(self, scope: Scope, node: exp.Expr, join: exp.Join | None) -> None:
        if isinstance(node, exp.Table) and isinstance(node.this, (exp.Identifier, exp.Var)):
            self._table(scope, node, join)
        elif isinstance(node, exp.Subquery):
            self._derived(scope, node, join)
        elif isinstance(node, exp.Values):
            names = _alias_columns(node)
            width = len(node.expressions[0].expressions) if node.expressions else 0
            self._add(scope, node, SourceKind.VALUES, join, columns=names, closed=bool(names) and width > 0)
        elif isinstance(node, exp.Lateral) and isinstance(_unwrap(node.this), QUERIES):
            inner = self._query(_unwrap(node.this), scope, scope.ctes, ScopeKind.DERIVED)
            self._query_source(scope, node, inner, join)
        elif isinstance(node, QUERIES):
            inner = self._query(node, scope.parent, scope.ctes, ScopeKind.DERIVED)
            self._query_source(scope, node, inner, join)
        else:
            self._function(scope, node, join)
        for nested in node.args.get("joins") or ():
            self._join(scope, nested)
        for lateral in node.args.get("laterals") or ():
            self._item(scope, lateral, None)

    def _table(self, scope: Scope, node: exp.Table, join: exp.Join | None) -> None:
        name = fold(node.this)
        if not node.args.get("db"):
            inner = scope.ctes.get(name)
            if inner is not None:
                self._query_source(scope, node, inner, join, cte=True)
                return
        dotted = ".".join(part.name for part in node.parts)
        table = self.catalog.table(dotted)
        columns = tuple(key.casefold() for key in table.columns) if table else ()
        source = self._add(
            scope, node, SourceKind.TABLE, join, columns=columns, closed=bool(columns), default=name
        )
        source.table, source.table_name = table, dotted

    def _derived(self, scope: Scope, node: exp.Subquery, join: exp.Join | None) -> None:
        body = _unwrap(node)
        if isinstance(body, QUERIES):
            outer = scope if isinstance(node.parent, exp.Lateral) else scope.parent
            inner = self._query(body, outer, scope.ctes, ScopeKind.DERIVED)
            self._query_source(scope, node, inner, join)
        elif node.args.get("alias") and isinstance(body, exp.Table):
            self._add(scope, node, SourceKind.FUNCTION, join)
            self._item(scope, body, join)
        else:
            self._item(scope, body, join)

    def _query_source(
        self, scope: Scope, node: exp.Expr, inner: Scope, join: exp.Join | None, *, cte: bool = False
    ) -> None:
        inner_names = tuple(one.name for one in inner.outputs)
        names = _alias_columns(node)
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

    def _function(self, scope: Scope, node: exp.Expr, join: exp.Join | None) -> None:
        columns = _alias_columns(node) or self._returned(node)
        offset = node.args.get("offset")
        if isinstance(offset, exp.Expr):
            columns = (*columns, fold(offset))
        # BigQuery's UNNEST(x) AS e names the element itself: alias and column are one.
        default = columns[0] if columns else ""
        self._add(scope, node, SourceKind.FUNCTION, join, columns=columns, default=default)

    def _returned(self, node: exp.Expr) -> tuple[str, ...]:
        """The columns of a table function that the script creates, kept under its name with parentheses."""
        call = node.this.this if isinstance(node.this, exp.TableFromRows) else node.this
        table = self.catalog.table(f"{call.name}()") if isinstance(call, exp.Anonymous) else None
        return tuple(key.casefold() for key in table.columns) if table is not None else ()

    def _add(  # noqa: PLR0913 - one place that fills every kind of source
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
            source.pivots, source.open = pivot_columns(pivots, columns), True
            source.columns = tuple(source.pivots)
        scope.sources[key] = source
        self.sources.append(source)
        return source

    # ---- statements with a target

    def _dml(self, node: exp.Expr) -> Scope:
        scope = Scope(node, ScopeKind.DML)
        self.scopes[id(node)] = scope
        if node.args.get("with_"):
            scope.ctes = self._with(node, scope, {})
        target = node.this
        tables: list[exp.Expr] = node.args.get("tables") or []
        if not isinstance(target, exp.Table) and len(tables) == 1:
            target = tables[0]  # BigQuery: DELETE t WHERE ..., without FROM
        if isinstance(target, exp.Table):
            self._item(scope, target, None)
        using = node.args.get("using")
        for item in using if isinstance(using, list) else [using]:
            if isinstance(item, exp.Expr):
                self._item(scope, item, None)
        from_ = node.args.get("from_")
        if from_ is not None:
            self._item(scope, from_.this, None)
            for join in from_.this.args.get("joins") or ():
                if not any(one.join is join for one in scope.sources.values()):
                    self._join(scope, join)
        return scope


def _unwrap(node: exp.Expr | None) -> exp.Expr:
    """Take away parentheses around a query that add nothing."""
    while isinstance(node, (exp.Subquery, exp.Paren)) and not node.args.get("with_"):
        node = node.this
    return node if node is not None else exp.Null()


def _alias_columns(node: exp.Expr) -> tuple[str, ...]:
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return ()
    return tuple(fold(one) for one in alias.args.get("columns") or ())


def _rename(scope: Scope, cte: exp.CTE) -> None:
    for output, name in zip(scope.outputs, _alias_columns(cte), strict=False):
        output.name = name


def _names_itself(body: exp.Expr, name: str) -> bool:
    return any(fold(table.this) == name and not table.args.get("db") for table in body.find_all(exp.Table))


def conjuncts(node: exp.Expr | None) -> Iterator[exp.Expr]:
    """Yield the parts of a conjunction, left to right, without recursion and without parentheses."""
    stack = [node] if node is not None else []
    while stack:
        one = stack.pop()
        if isinstance(one, exp.And):
            stack.append(one.expression)
            stack.append(one.this)
        elif isinstance(one, exp.Paren) and isinstance(one.this, (exp.And, exp.Paren)):
            stack.append(one.this)
        else:
            yield one


def is_query(node: exp.Expr) -> bool:
    """Whether ``node`` is a query, perhaps in parentheses."""
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    return isinstance(node, QUERIES)
