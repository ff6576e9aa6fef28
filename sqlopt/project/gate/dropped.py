"""Columns of an inner query that go, and that nothing reads: a proof by the text alone, whatever the engine knows.

A query without DISTINCT, no branch of a set operation, gives the same rows of its other columns without one of them,
if the column gives one value for each row, nothing in the query names it, and it is not the aggregate that makes the
query one row. Where nothing outside reads it either, the statement keeps its result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, ScopeKind
from sqlopt.query.bind.nodes import fold
from sqlopt.query.values.effects import one_value

if TYPE_CHECKING:
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope

_Drops = list[tuple[exp.Select, list[exp.Expr]]]


def only_drops(before: Query, after: Query) -> bool:
    """Whether all that an edit does is to take out columns of inner queries that nothing reads."""
    drops: _Drops = []
    try:
        same = _same(before.tree, after.tree, drops)
    except RecursionError:
        return False
    if not same or not drops or before.unread:
        return False
    scopes = {id(one.node): one for one in before.scopes}
    return all(id(select) in scopes and _unread(before, scopes[id(select)], items) for select, items in drops)


def _same(old: Any, new: Any, drops: _Drops) -> bool:
    """Whether two trees are the same but for items of SELECT lists, which are noted in ``drops``."""
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _same(one, other, drops) for one, other in zip(old, new, strict=True)
        )
    if not isinstance(old, exp.Expr) or not isinstance(new, exp.Expr):
        return (old or None) == (new or None)
    if type(old) is not type(new):
        return False
    listed = isinstance(old, exp.Select) and len(old.expressions) > len(new.expressions)
    if listed and not _items(old, new, drops):
        return False
    keys = (old.args.keys() | new.args.keys()) - ({"expressions"} if listed else set())
    return all(_same(old.args.get(key) or None, new.args.get(key) or None, drops) for key in keys)


def _items(old: exp.Expr, new: exp.Expr, drops: _Drops) -> bool:
    """Whether the items of one SELECT are some of another's, in their order; the others are noted."""
    left = list(new.expressions)
    gone = []
    for item in old.expressions:
        within: _Drops = []
        if left and _same(item, left[0], within) and not within:
            left.pop(0)
        else:
            gone.append(item)
    drops.append((old, gone))  # type: ignore[arg-type]
    return not left and bool(new.expressions)


_FORMS = ("distinct", "kind", "into", "operation_modifiers", "connect", "match")


def _unread(query: Query, scope: Scope, items: list[exp.Expr]) -> bool:
    select = scope.node
    if scope.kind not in (ScopeKind.CTE, ScopeKind.DERIVED) or scope.recursive or scope.branch_of is not None:
        return False
    if any(select.args.get(one) for one in _FORMS) or _by_place(select):
        return False
    names = {fold(named) for item in items if (named := _name(item)) is not None}
    kept = [one for one in select.expressions if not any(one is item for item in items)]
    others = {fold(named) for one in kept if (named := _name(one)) is not None}
    if len(names) < len(items) or names & others or not all(one_value(one) for one in items):
        return False
    live = query.reads.used(scope)
    if live is None or names & set(live) or any(_whole(one.node) or one.renames for one in scope.users):
        return False
    computed = {name for item in items for name in (_computed(item),) if name}
    if _named(query, scope, items, names, computed):
        return False
    return _grouped(select) or not any(map(_aggregates, items)) or _aggregated(select, kept)


def _name(item: exp.Expr) -> exp.Identifier | None:
    named = item.args.get("alias") if isinstance(item, exp.Alias) else item.this
    plain = isinstance(item, (exp.Alias, exp.Column)) and isinstance(named, exp.Identifier)
    return named if plain else None


def _computed(item: exp.Expr) -> str:
    """Return an item's name unless it is a column under its own, which is there without it, too."""
    named = _name(item)
    bare = item.unalias()
    plain = isinstance(bare, exp.Column) and bare.args.get("table") is None
    if named is None or (plain and fold(bare.this) == fold(named)):
        return ""
    return fold(named)


def _whole(node: exp.Expr) -> bool:
    """Whether a FROM item is read by more than names: by PIVOT, or by NATURAL, which looks for common ones."""
    if node.args.get("pivots"):
        return True
    select = node.find_ancestor(exp.Select)
    joins = select.args.get("joins") or [] if select is not None else []
    return any(str(one.args.get("method") or "").upper() == "NATURAL" for one in joins)


def _named(query: Query, scope: Scope, items: list[exp.Expr], names: set[str], computed: set[str]) -> bool:
    """Whether a bare name may mean one of the columns: inside, as an alias; outside, where it binds to no column."""
    gone = {id(node) for item in items for node in item.walk()}
    inside = {id(node) for node in scope.node.walk()}
    for column in query.nodes(exp.Column):
        if id(column) in gone or column.args.get("table") is not None:
            continue
        if not isinstance(column.this, exp.Identifier):
            return True
        name, binding = fold(column.this), query.binding(column)
        if name == "all" or (id(column) in inside and name in computed):
            return True
        if (
            id(column) not in inside
            and name in names
            and (binding is None or binding.to is not BoundTo.COLUMN)
        ):
            return True
    return False


def _by_place(select: exp.Expr) -> bool:
    """Whether the query groups or sorts by the places of its columns, or by all of them."""
    group, order = select.args.get("group"), select.args.get("order")
    if group is not None and group.args.get("all") is not None:
        return True
    listed = [
        *(group.expressions if group is not None else ()),
        *(order.expressions if order is not None else ()),
    ]
    return any(isinstance(node, (exp.Literal, exp.Var)) for one in listed for node in (_key(one),))


def _key(one: exp.Expr) -> exp.Expr:
    while isinstance(one, (exp.Ordered, exp.Paren)):
        one = one.this
    return one


def _grouped(select: exp.Expr) -> bool:
    group = select.args.get("group")
    return group is not None and bool(group.expressions)


def _aggregated(select: exp.Expr, kept: list[exp.Expr]) -> bool:
    having = select.args.get("having")
    return any(map(_aggregates, [*kept, *([having] if having is not None else [])]))


def _aggregates(node: exp.Expr) -> bool:
    """Whether an expression holds an aggregate of the query's own rows, no window function and none of a subquery."""
    return any(
        isinstance(one, exp.AggFunc) and not _is_window(one)
        for one in node.walk(bfs=False, prune=lambda each: isinstance(each, exp.Query))
    )


def _is_window(call: exp.Expr) -> bool:
    node = call
    while isinstance(node.parent, (exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)):
        node = node.parent
    return isinstance(node.parent, exp.Window) and node.arg_key == "this"
