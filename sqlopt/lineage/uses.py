"""What is done with the parts of an expression, and how uses add up along the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.edge import ColumnRef, Transformation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlopt.query.bind.model import Scope

T = Transformation

Feeds = dict[tuple[ColumnRef, Transformation], tuple[bool, exp.Expr]]
"""By base column and use: whether it is masked, and the node that uses it."""

DIRECT = (T.IDENTITY, T.TRANSFORMATION, T.AGGREGATION)
Part = tuple[exp.Expr, Transformation]


def fields(node: exp.Expr) -> tuple[exp.Column | None, tuple[str, ...]]:
    """Return the column at the root of ``a.b.c`` and the fields taken from it."""
    path: list[str] = []
    while isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        path.insert(0, node.expression.name)
        node = node.this
    return (node, tuple(path)) if isinstance(node, exp.Column) else (None, ())


def parts(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    """Yield what an expression is made of, each with the use that is made of it."""
    yield from _PARTS.get(type(node), _other)(node, use)


def _same(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    yield node.this, use


def _case(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    if node.this is not None:
        yield node.this, _indirect(use, T.CONDITIONAL)
    for arm in node.args.get("ifs") or ():
        yield from _if(arm, use)
    if node.args.get("default") is not None:
        yield node.args["default"], _changed(use)


def _if(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    yield node.this, _indirect(use, T.CONDITIONAL)
    for key in ("true", "false"):
        if node.args.get(key) is not None:
            yield node.args[key], _changed(use)


def _window(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    yield node.this, _changed(use)
    for part in (*(node.args.get("partition_by") or ()), node.args.get("order")):
        if isinstance(part, exp.Expr):
            yield part, _indirect(use, T.WINDOW)


def _order(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    """The order inside of an aggregate decides on the order, or on which value is taken."""
    if isinstance(node.this, exp.Expr):
        yield node.this, use
        for one in node.expressions:
            yield one, _indirect(use, T.WINDOW)
        return
    yield from _other(node, use)


def _filter(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    yield node.this, use
    yield node.expression, _indirect(use, T.CONDITIONAL)


def _other(node: exp.Expr, use: Transformation) -> Iterator[Part]:
    inner = T.AGGREGATION if isinstance(node, exp.AggFunc) and use in DIRECT else _changed(use)
    for child in node.iter_expressions():
        yield child, inner


_PARTS: dict[type[exp.Expr], Callable[[exp.Expr, Transformation], Iterator[Part]]] = {
    exp.Paren: _same,
    exp.Alias: _same,
    exp.Case: _case,
    exp.If: _if,
    exp.Window: _window,
    exp.Filter: _filter,
    exp.Order: _order,
    exp.Limit: _same,
}


def _changed(use: Transformation) -> Transformation:
    return T.TRANSFORMATION if use is T.IDENTITY else use


def _indirect(use: Transformation, kind: Transformation) -> Transformation:
    return kind if use in DIRECT else use


def clauses(scope: Scope) -> Iterator[Part]:
    """Yield the clauses of a scope that decide on its rows and their order, joins among them."""
    args = scope.node.args
    for key, use in (
        *(("where", T.FILTER), ("having", T.FILTER), ("qualify", T.FILTER)),
        *(("group", T.GROUP_BY), ("order", T.SORT), ("on", T.JOIN)),
    ):
        clause = args.get(key)
        if isinstance(clause, exp.Expr):
            yield clause, use
    distinct = args.get("distinct")
    if isinstance(distinct, exp.Distinct) and isinstance(distinct.args.get("on"), exp.Expr):
        yield distinct.args["on"], T.GROUP_BY
    for source in scope.sources.values():
        if source.join is not None and isinstance(source.join.args.get("on"), exp.Expr):
            yield source.join.args["on"], T.JOIN


def add(
    feeds: Feeds, more: Mapping[tuple[ColumnRef, Transformation], tuple[bool, exp.Expr]], use: Transformation,
    at: exp.Expr | None = None, *, masked: bool = False,
) -> None:  # fmt: skip
    """Add ``more``, used as ``use``: an indirect use stays one, of direct ones the stronger counts."""
    for (ref, before), (hidden, node) in more.items():
        kind = (
            before
            if before not in DIRECT
            else use
            if use not in DIRECT
            else max(before, use, key=DIRECT.index)
        )
        key = (ref, kind)
        hide = hidden or masked
        known = feeds.get(key)
        feeds[key] = (hide and (known is None or known[0]), at if at is not None else node)


def union(several: Iterable[Feeds]) -> Feeds:
    """Return all of them together."""
    feeds: Feeds = {}
    for one in several:
        add(feeds, one, T.IDENTITY)
    return feeds
