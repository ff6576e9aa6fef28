"""Rewrites of a statement that give the same rows by construction, for pairs that a prover should prove.

Each takes a parsed statement, which is its own to change, and gives the statement rewritten, or None where nothing of
its kind stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer import optimize
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Catalog

Rewriting = Callable[[exp.Expr], exp.Expr | None]


def schema_of(catalog: Catalog) -> dict[str, dict[str, str]]:
    """Return a catalog as sqlglot's schema."""
    return {
        table.name: {one.name: str(one.type) for one in table.columns.values()}
        for table in catalog.tables.values()
    }


def rewritings(catalog: Catalog, dialect: str) -> dict[str, Rewriting]:
    """Return the rewrites by name; those of sqlglot know the catalog."""
    schema = schema_of(catalog)

    def qualified(tree: exp.Expr) -> exp.Expr | None:
        try:
            return qualify(tree, schema=schema, dialect=dialect)
        except SqlglotError:
            return None

    def on_qualified(change: Rewriting) -> Rewriting:
        def both(tree: exp.Expr) -> exp.Expr | None:
            whole = qualified(tree)
            return change(whole) if whole is not None else None

        return both

    def optimized(tree: exp.Expr) -> exp.Expr | None:
        try:
            return optimize(tree, schema=schema, dialect=dialect)
        except SqlglotError:
            return None

    return {
        "qualified": qualified,
        "conjuncts turned": _conjuncts_turned,
        "commas turned": _commas_turned,
        "joins written out": on_qualified(_joins_written_out),
        "CTE inlined": on_qualified(_ctes_inlined),
        "CTE extracted": on_qualified(_derived_to_ctes),
        "IN as EXISTS": on_qualified(_in_to_exists),
        "BETWEEN apart": _between_apart,
        "count(1)": _count_one,
        "aliases renamed": on_qualified(_aliases_renamed),
        "filter pushed down": on_qualified(_filter_pushed_down),
        "NOT NULL added": on_qualified(_not_null_added),
        "DISTINCT as GROUP BY": _distinct_to_group,
        "sqlglot's optimizer": optimized,
    }


def _selects(tree: exp.Expr) -> Iterator[exp.Select]:
    yield from list(tree.find_all(exp.Select))


def _changed(tree: exp.Expr, count: int) -> exp.Expr | None:
    return tree if count else None


def _conjuncts_turned(tree: exp.Expr) -> exp.Expr | None:
    count = 0
    for node in list(tree.find_all(exp.Where)):
        parts = list(node.this.flatten()) if isinstance(node.this, exp.And) else []
        if len(parts) > 1:
            count += 1
            node.set("this", exp.and_(*[one.copy() for one in reversed(parts)], copy=False))
    for node in list(tree.find_all(exp.EQ)):
        if isinstance(node.parent, (exp.And, exp.Where)):
            count += 1
            node.replace(exp.EQ(this=node.expression.copy(), expression=node.this.copy()))
    return _changed(tree, count)


def _inner(join: exp.Join) -> bool:
    return not (join.side or join.method or join.args.get("using")) and (join.kind or "").upper() in (
        "",
        "INNER",
        "CROSS",
    )


def _items(select: exp.Select) -> list[exp.Expr] | None:
    """Return the FROM items of a SELECT whose joins are all inner ones, so that their order is free."""
    joins = select.args.get("joins") or []
    items = [select.args["from_"].this, *(one.this for one in joins)] if joins else []
    plain = all(map(_inner, joins)) and not any(isinstance(one, exp.Lateral) for one in items)
    return items if items and plain and not select.is_star else None


def _commas_turned(tree: exp.Expr) -> exp.Expr | None:
    """Turn a FROM list round; what stood in ON goes into WHERE."""
    count = 0
    for select in _selects(tree):
        items = _items(select)
        if items is None:
            continue
        count += 1
        conditions = [one.args["on"] for one in select.args["joins"] if one.args.get("on")]
        first, *rest = [one.copy() for one in reversed(items)]
        select.set("from_", exp.From(this=first))
        select.set("joins", [exp.Join(this=one) for one in rest])
        for one in conditions:
            select.where(one.copy(), copy=False)
    return _changed(tree, count)


def _joins_written_out(tree: exp.Expr) -> exp.Expr | None:
    """Put each equality of two tables into the ON of the later one."""
    count = 0
    for select in _selects(tree):
        items, where = _items(select), select.args.get("where")
        if items is None or where is None:
            continue
        names = [one.alias_or_name for one in items]
        left = []
        placed: dict[int, list[exp.Expr]] = {}
        for one in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
            tables = {column.table for column in one.find_all(exp.Column)}
            if (
                isinstance(one, exp.EQ)
                and len(tables) > 1
                and tables <= set(names)
                and not one.find(exp.Query)
            ):
                placed.setdefault(max(names.index(table) for table in tables), []).append(one)
            else:
                left.append(one)
        for place, ons in placed.items():
            join = select.args["joins"][place - 1]
            count += 1
            old = [join.args["on"]] if join.args.get("on") else []
            join.set("on", exp.and_(*old, *[one.copy() for one in ons]))
            join.set("kind", "INNER")
        select.set("where", exp.Where(this=exp.and_(*[one.copy() for one in left])) if left else None)
    return _changed(tree, count)


def _ctes_inlined(tree: exp.Expr) -> exp.Expr | None:
    with_ = tree.args.get("with_")
    if with_ is None or with_.args.get("recursive"):
        return None
    while with_.expressions:
        cte = with_.expressions.pop()
        for table in list(tree.find_all(exp.Table)):
            if table.name == cte.alias and not table.db and table.find_ancestor(exp.Query):
                alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
                table.replace(exp.Subquery(this=cte.this.copy(), alias=alias, joins=table.args.get("joins")))
    tree.set("with_", None)
    return tree


def _derived_to_ctes(tree: exp.Expr) -> exp.Expr | None:
    found = []
    for scope in traverse_scope(tree):
        node = scope.expression.parent
        outside = scope.external_columns or scope.is_correlated_subquery
        if scope.is_derived_table and isinstance(node, exp.Subquery) and not outside:
            found.append(node)
    if tree.args.get("with_") is not None or not isinstance(tree, exp.Select):
        return None
    for number, node in enumerate(found):
        if node.find_ancestor(exp.Subquery, exp.CTE) is not None or node.args.get("joins"):
            continue
        table = exp.to_table(f"extracted_{number}")
        table.set("alias", node.args["alias"].copy() if node.args.get("alias") else None)
        tree.with_(f"extracted_{number}", node.this.copy(), copy=False)
        node.replace(table)
    return _changed(tree, len(tree.args["with_"].expressions) if tree.args.get("with_") else 0)


def _in_to_exists(tree: exp.Expr) -> exp.Expr | None:
    count = 0
    for node in list(tree.find_all(exp.In)):
        query = node.args.get("query")
        inner = query.unnest() if query is not None else None
        if not isinstance(inner, exp.Select) or not isinstance(node.parent, (exp.And, exp.Where)):
            continue
        if any(inner.args.get(key) for key in ("group", "having", "limit", "with_", "distinct")):
            continue
        item = inner.selects[0].unalias()
        names = {one.alias_or_name for one in inner.find_all(exp.Table)}
        if item.find(exp.AggFunc) or any(one.table in names for one in node.this.find_all(exp.Column)):
            continue
        count += 1
        equal = exp.EQ(this=item.copy(), expression=node.this.copy())
        node.replace(exp.Exists(this=inner.where(equal).select(exp.Literal.number(1), append=False)))
    return _changed(tree, count)


def _between_apart(tree: exp.Expr) -> exp.Expr | None:
    found = list(tree.find_all(exp.Between))
    for node in found:
        low = exp.GTE(this=node.this.copy(), expression=node.args["low"].copy())
        high = exp.LTE(this=node.this.copy(), expression=node.args["high"].copy())
        node.replace(exp.paren(exp.And(this=low, expression=high), copy=False))
    return _changed(tree, len(found))


def _count_one(tree: exp.Expr) -> exp.Expr | None:
    found = [one for one in tree.find_all(exp.Count) if isinstance(one.this, exp.Star)]
    for one in found:
        one.set("this", exp.Literal.number(1))
    return _changed(tree, len(found))


def _aliases_renamed(tree: exp.Expr) -> exp.Expr | None:
    scopes = traverse_scope(tree)
    for number, scope in enumerate(scopes):
        names = {name: f"r{number}_{place}" for place, name in enumerate(scope.selected_sources)}
        for column in scope.columns:
            if column.table in names and column.find_ancestor(exp.Query) is not None:
                column.set("table", exp.to_identifier(names[column.table]))
        for name, (node, _) in scope.selected_sources.items():
            item = node.parent if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery) else node
            if item is not None:
                item.set("alias", exp.TableAlias(this=exp.to_identifier(names[name])))
        for inner in scope.subquery_scopes:
            for column in inner.external_columns:
                if column.table in names:
                    column.set("table", exp.to_identifier(names[column.table]))
    return _changed(tree, len(scopes))


def _filter_pushed_down(tree: exp.Expr) -> exp.Expr | None:
    """Let conditions on one table stand in a derived table of its rows."""
    count = 0
    for select in _selects(tree):
        where, items = select.args.get("where"), _items(select)
        if where is None or items is None:
            continue
        for item in items:
            mine, rest = [], []
            for one in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
                tables = {column.table for column in one.find_all(exp.Column)}
                inside = tables == {item.alias_or_name} and not one.find(exp.Query)
                (mine if inside else rest).append(one)
            if not mine or not rest or not isinstance(item, exp.Table):
                continue
            count += 1
            inner = exp.select("*").from_(item.copy()).where(*[one.copy() for one in mine])
            item.replace(inner.subquery(item.alias_or_name))
            where.set("this", exp.and_(*[one.copy() for one in rest]))
    return _changed(tree, count)


def _not_null_added(tree: exp.Expr) -> exp.Expr | None:
    count = 0
    for select in _selects(tree):
        where = select.args.get("where")
        parts = list(where.this.flatten()) if where is not None and isinstance(where.this, exp.And) else []
        for one in parts:
            if isinstance(one, exp.EQ) and isinstance(one.this, exp.Column):
                count += 1
                select.where(exp.Not(this=exp.Is(this=one.this.copy(), expression=exp.Null())), copy=False)
                break
    return _changed(tree, count)


def _distinct_to_group(tree: exp.Expr) -> exp.Expr | None:
    count = 0
    for select in _selects(tree):
        plain = (
            not select.is_star and not select.args.get("group") and not select.find(exp.AggFunc, exp.Window)
        )
        if select.args.get("distinct") is not None and plain and not select.args["distinct"].args.get("on"):
            count += 1
            select.set("distinct", None)
            select.group_by(*[one.unalias().copy() for one in select.selects], copy=False)
    return _changed(tree, count)
