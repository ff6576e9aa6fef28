"""The outermost statement: its rows, the order that it promises, and how many of them it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind import fold
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.read import Reader

if TYPE_CHECKING:
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.frames import Frame
    from sqlopt.rewrite.prove.pair import Pair
    from sqlopt.rewrite.prove.refute import Reasoner
    from sqlopt.rewrite.prove.terms import Node


@dataclass(frozen=True, slots=True)
class Top:
    """A statement's result: ``relation`` gives its columns, then the keys of its order.

    ``order`` holds each key's direction, ``limit`` the texts of LIMIT and OFFSET, None for all rows.
    """

    relation: Node
    width: int | None
    order: tuple[tuple[bool, bool | None], ...] = ()
    limit: tuple[str, ...] | None = None

    def comparable(self, after: Top) -> bool:
        """Whether ``after`` promises at least this order, and as many rows."""
        if self.width is not None and after.width is not None and self.width != after.width:
            return False
        if self.limit != after.limit:
            return False
        if self.limit is not None and self.order != after.order:
            return False
        return after.order[: len(self.order)] == self.order or not self.relation or not after.relation

    def shown(self, keys: int) -> Node:
        """Return the relation with the columns and the first keys of the order."""
        if self.width is None:
            return self.relation
        return tuple((*term[:3], term[3][: self.width + keys]) for term in self.relation)


def top(pair: Pair, query: Query, reasoner: Reasoner) -> Top:
    """Return what a statement gives. Raises `Unsupported` for what no rule knows."""
    reader = Reader(pair, query, reasoner)
    node: exp.Expr = query.tree
    while isinstance(node, (exp.Subquery, exp.Paren)) and not any(
        node.args.get(key) for key in ("order", "limit", "offset", "with_", "pivots")
    ):
        node = node.this
    if not isinstance(node, (exp.Select, exp.SetOperation)):
        raise Unsupported(f"no rule knows {type(node).__name__} at the top")
    limit = _limit(node)
    scope = reader.scope(node)
    width = None if scope.open else len(scope.outputs)
    if limit is not None and limit[0] == "0":
        return Top((), width)
    order = node.args.get("order")
    keys = [one for one in (order.expressions if order is not None else []) if not _is_constant(one)]
    if isinstance(node, exp.Select):
        relation, frames = reader.select(node, None)
    else:
        relation, frames = reader.union(node, None), []
    found, directions = relation, []
    names = [one.name for one in scope.outputs]
    for one in keys:
        found = _with_key(found, frames, one, names, reader)
        directions.append((bool(one.args.get("desc")), one.args.get("nulls_first")))
    return Top(found, len(relation[0][3]) if relation else width, tuple(directions), limit)


def _limit(node: exp.Expr) -> tuple[str, ...] | None:
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if limit is None and offset is None:
        return None
    if isinstance(limit, exp.Fetch):
        count = limit.args.get("count")
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise Unsupported("FETCH with ties or a share")
    else:
        count = limit.expression if limit is not None else None
        if limit is not None and (limit.expressions or limit.args.get("limit_options")):
            raise Unsupported("LIMIT BY")
    skipped = offset.expression if offset is not None else None
    for one in (count, skipped):
        if one is not None and not (isinstance(one, exp.Literal) and one.name.isdigit()):
            raise Unsupported("a LIMIT that is no number")
    return (count.name if count is not None else "all", skipped.name if skipped is not None else "0")


def _is_constant(ordered: exp.Expr) -> bool:
    key = ordered.this if isinstance(ordered, exp.Ordered) else ordered
    return isinstance(key, exp.Null) or (isinstance(key, exp.Literal) and key.is_string)


def _with_key(
    relation: Node, frames: list[Frame], ordered: exp.Expr, names: list[str], reader: Reader
) -> Node:
    """Return the relation with one key of its order added to its outputs."""
    if not isinstance(ordered, exp.Ordered) or ordered.args.get("with_fill"):
        raise Unsupported("an order of another kind")
    key = ordered.this.unnest()
    place = None
    if isinstance(key, exp.Literal):
        place = int(key.name) - 1 if key.name.isdigit() else -1
    elif isinstance(key, exp.Column) and not key.table and names.count(fold(key.this)) == 1:
        place = names.index(fold(key.this))
    if place is not None:
        if not 0 <= place < len(names):
            raise Unsupported("ORDER BY a place that is none")
        return tuple((*term[:3], (*term[3], reader.scalar.identity(term[3][place]))) for term in relation)
    if len(frames) != len(relation):
        raise Unsupported("an order by something else than the result's columns")
    return tuple(
        (*term[:3], (*term[3], reader.scalar.identity(reader.scalar.value(key, frame))))
        for term, frame in zip(relation, frames, strict=True)
    )
