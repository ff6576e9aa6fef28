"""The order that a statement promises, and how many of its rows it gives.

1. ORDER BY without LIMIT counts at the top only. 2. The first rows in an order without ties are those before which
few enough others stand: a condition like any other. 3. With ties, LIMIT leaves a choice: both statements have to
leave the same one (`limits`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import fold
from sqlopt.query.text.forms import row_limit
from sqlopt.rewrite.prove.algebra.frames import aggregated
from sqlopt.rewrite.prove.algebra.windows import Direction, before
from sqlopt.rewrite.prove.logic.match import Matcher
from sqlopt.rewrite.prove.logic.terms import COMPARABLE, NULL, Node, cmp, conjuncts, integer, kind_of
from sqlopt.rewrite.prove.pair import Unsupported

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.algebra.frames import Frame
    from sqlopt.rewrite.prove.algebra.read import Reader


@dataclass(frozen=True, slots=True)
class Ordered:
    """A statement's result: ``relation`` gives its columns, then the keys of its order.

    ``width`` counts the columns, None where no row says how many. ``limit`` holds how many rows (None for all), and
    how many are skipped; None where all rows are given.
    """

    relation: Node
    width: int | None
    order: tuple[Direction, ...] = ()
    limit: tuple[int | None, int] | None = None

    def comparable(self, after: Ordered) -> bool:
        """Whether ``after`` promises at least this order, and as many rows."""
        if self.width is not None and after.width is not None and self.width != after.width:
            return False
        if self.limit != after.limit or (self.limit is not None and self.order != after.order):
            return False
        return after.order[: len(self.order)] == self.order or not self.relation or not after.relation

    @property
    def bare(self) -> Node:
        """The relation without columns: a row for each row."""
        return tuple((*term[:3], ()) for term in self.relation)

    def shown(self, keys: int) -> Node:
        """Return the relation with its columns and the first keys of its order."""
        if self.width is None:
            return self.relation
        return tuple((*term[:3], term[3][: self.width + keys]) for term in self.relation)


def ordered(reader: Reader, node: exp.Expr, outer: Frame | None) -> Ordered:
    """Return what a query expression gives, in order. Raises `Unsupported` for what no rule knows."""
    order = node.args.get("order")
    if isinstance(node, exp.Subquery):
        node = node.this
        if any(node.args.get(key) for key in ("order", "limit", "offset")):
            raise Unsupported("a query in parentheses with two orders")
    limit = _limit(node)
    if limit is not None and limit[0]:
        reader.limits.spare(node, sum(one or 0 for one in limit))
    scope = reader.scope(node)
    width = None if scope.open else len(scope.outputs)
    if limit is not None and limit[0] == 0:
        return Ordered((), width)
    keys = [one for one in (order.expressions if order is not None else []) if not _is_constant(one)]
    if isinstance(node, exp.Select):
        relation, frames = reader.select(node, outer)
    elif isinstance(node, exp.SetOperation):
        relation, frames = reader.union(node, outer), []
    else:
        raise Unsupported(f"no rule knows {type(node).__name__}")
    width = len(relation[0][3]) if relation else width
    names = [one.name for one in scope.outputs] if len(scope.outputs) == width else []
    directions: list[Direction] = []
    for one in keys:
        relation = _with_key(relation, frames, one, names, reader)
        directions.append((bool(one.args.get("desc")), one.args.get("nulls_first")))
    found = Ordered(relation, width, tuple(directions), limit)
    return _cut(reader, found) if limit is not None and relation else found


def _limit(node: exp.Expr) -> tuple[int | None, int] | None:
    limit, offset = row_limit(node), node.args.get("offset")
    if limit is None and offset is None:
        return None
    if limit is not None and (limit.most is None or limit.node.args.get("offset") is not None):
        raise Unsupported("a LIMIT that is no plain number of rows")
    skipped = offset.expression if offset is not None else None
    if offset is not None and offset.expressions:
        raise Unsupported("OFFSET BY")
    if skipped is not None and not (isinstance(skipped, exp.Literal) and skipped.name.isdigit()):
        raise Unsupported("an OFFSET that is no number")
    return (limit.most if limit is not None else None, int(skipped.name) if skipped is not None else 0)


def _is_constant(key: exp.Expr) -> bool:
    this = key.this if isinstance(key, exp.Ordered) else key
    return isinstance(this, exp.Null) or (isinstance(this, exp.Literal) and this.is_string)


def _with_key(relation: Node, frames: list[Frame], key: exp.Expr, names: list[str], reader: Reader) -> Node:
    """Return the relation with one key of its order added to its outputs."""
    if not isinstance(key, exp.Ordered) or key.args.get("with_fill"):
        raise Unsupported("an order of another kind")
    this = key.this.unnest()
    identity = reader.scalar.identity
    place = None
    if isinstance(this, exp.Literal):
        place = int(this.name) - 1 if this.name.isdigit() else -1
    elif isinstance(this, exp.Column) and not this.table and names.count(fold(this.this)) == 1:
        place = names.index(fold(this.this))
    if place is not None:
        if not 0 <= place < len(names):
            raise Unsupported("ORDER BY a place that is none")
        return tuple((*term[:3], (*term[3], identity(term[3][place]))) for term in relation)
    if len(frames) != len(relation):
        raise Unsupported("an order by something else than the result's columns")
    return tuple(
        (*term[:3], (*term[3], identity(reader.scalar.value(this, frame))))
        for term, frame in zip(relation, frames, strict=True)
    )


def _cut(reader: Reader, whole: Ordered) -> Ordered:
    """Return the first rows as those before which few others stand, if no two tie."""
    width, directions = whole.width or 0, whole.order
    keys = tuple((*term[:3], term[3][width:]) for term in whole.relation)
    kinds = {kind_of(one) for term in keys for one in term[3]}
    if not kinds <= COMPARABLE or not directions or whole.limit is None:
        return whole
    if not Matcher(reader.reasoner).unique(keys, [], {}):
        return whole
    most, skipped = whole.limit
    found = []
    for term in whole.relation:
        mine = term[3][width:]
        earlier = tuple(
            ("term", one[1], conjuncts([*one[2], before(one[3], mine, directions)]), (NULL,))
            for one in map(reader.reasoner.fresh, keys)
        )
        rank = aggregated("count", "int", earlier)
        bounds = [cmp(">=", rank, integer(skipped))] if skipped else []
        bounds += [cmp("<", rank, integer(skipped + most))] if most is not None else []
        found.append((*term[:2], conjuncts([*term[2], *bounds]), term[3]))
    return Ordered(tuple(found), whole.width, directions)
