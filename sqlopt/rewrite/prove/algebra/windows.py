"""Window functions as aggregates of the rows beside a row.

1. An aggregate over a partition is one of the rows with the same partition keys. 2. With ORDER BY, and no frame or
the default one, it takes the rows that do not come after; a frame of the whole partition takes all. 3. RANK counts
the rows that come before, DENSE_RANK their different keys. 4. ROW_NUMBER is RANK where no two rows tie. Other frames
and functions are not followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.prove.algebra.frames import Alternative, Beside, Frame, Group, aggregated
from sqlopt.rewrite.prove.logic.match import Matcher
from sqlopt.rewrite.prove.logic.terms import (
    COMPARABLE,
    NULL,
    Node,
    both,
    cmp,
    conjuncts,
    either,
    fn,
    integer,
    joined,
    kind_of,
    lift,
    negated,
    notnull,
    null,
    same,
)
from sqlopt.rewrite.prove.logic.trees import renamed
from sqlopt.rewrite.prove.pair import Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.rewrite.prove.algebra.read import Reader

Direction = tuple[bool, bool | None]
"""Whether a key descends, and whether NULLs come first."""
_WHOLE = (("UNBOUNDED", "PRECEDING"), ("UNBOUNDED", "FOLLOWING"))
_SO_FAR = (("UNBOUNDED", "PRECEDING"), ("CURRENT ROW", ""))


def before(one: tuple[Node, ...], other: tuple[Node, ...], directions: tuple[Direction, ...]) -> Node:
    """Return the formula that one list of keys comes before another."""
    found = []
    equal: list[Node] = []
    for left, right, (descends, nulls_first) in zip(one, other, directions, strict=True):
        less = cmp(">" if descends else "<", left, right)
        nulls = [null(left), notnull(right)] if nulls_first else [notnull(left), null(right)]
        found.append(both([*equal, either([less, both(nulls)])]))
        equal.append(same(left, right))
    return either(found)


class Windows:
    """The window functions of a SELECT: its alternatives, each with the frame that its expressions are read in."""

    def __init__(self, reader: Reader, sides: Sequence[tuple[Alternative, Frame]]) -> None:
        self.reader = reader
        self.sides = sides

    def value(self, here: Frame, node: exp.Window) -> Node:
        """Return a window function's value for the rows of one of the frames."""
        this = node.this
        if node.args.get("alias") or node.args.get("over") not in (None, "OVER") or node.args.get("first"):
            raise Unsupported("a named window")
        order = node.args.get("order")
        ordered = list(order.expressions) if order is not None else []
        if any(not isinstance(one, exp.Ordered) or one.args.get("with_fill") for one in ordered):
            raise Unsupported("an order of another kind")
        items = [one.this for one in ordered]
        directions = tuple((bool(one.args.get("desc")), one.args.get("nulls_first")) for one in ordered)
        partition = list(node.args.get("partition_by") or ())
        beside, frames = self._beside()
        *keys, key = self._values(partition, [*frames, here])
        identity = self.reader.scalar.identity
        *sorts, mine = (tuple(map(identity, row)) for row in self._values(items, [*frames, here]))
        if not {kind_of(one) for row in (*sorts, mine) for one in row} <= COMPARABLE:
            raise Unsupported("an order of values that do not compare so")
        group = Group(self.reader, {}, here.outer, None, beside, tuple(keys), tuple(map(identity, key)))
        group.inner = frames
        if isinstance(this, (exp.RowNumber, exp.Rank, exp.DenseRank)):
            if not ordered or node.args.get("spec") is not None:
                raise Unsupported("a rank without order")
            group.extra = tuple(before(one, mine, directions) for one in sorts)
            return self._rank(this, group, tuple(sorts))
        if self._frame(node) == _SO_FAR and ordered:
            group.extra = tuple(negated(before(mine, one, directions)) for one in sorts)
        return group.aggregate(this)

    def _beside(self) -> tuple[tuple[Alternative, ...], tuple[Frame, ...]]:
        """Return all rows once more, with variables of their own, and the frames of these."""
        found: list[Alternative] = []
        frames: list[Frame] = []
        reasoner = self.reader.reasoner
        for one, frame in self.sides:
            numbers = {row[1]: reasoner.number() for row in one.rows}
            rows = tuple(renamed(row, numbers) for row in one.rows)
            conditions = tuple(reasoner.fresh(renamed(x, numbers)) for x in one.conditions)
            columns = {key: renamed(x, numbers) for key, x in one.columns.items()}
            found.append(Alternative(rows, conditions, columns))
            frames.append(Beside(self.reader, columns, frame.outer, None, frame, numbers))
        return tuple(found), tuple(frames)

    def _values(self, items: list[exp.Expr], frames: list[Frame]) -> list[tuple[Node, ...]]:
        """Return expressions' values in each frame, of one kind in all of them."""
        rows = [[self.reader.scalar.value(one, frame) for one in items] for frame in frames]
        kinds = [joined([kind_of(row[i]) for row in rows]) for i in range(len(items))]
        return [tuple(lift(one, kind) for one, kind in zip(row, kinds, strict=True)) for row in rows]

    @staticmethod
    def _frame(node: exp.Window) -> object:
        """Return the default frame for a frame that means the same; that of the whole partition."""
        spec = node.args.get("spec")
        if spec is None:
            return _SO_FAR
        words = [
            str(spec.args.get(key) or "").upper()
            for key in ("start", "start_side", "end", "end_side", "kind")
        ]
        ends = ((words[0], words[1]), (words[2], words[3]))
        plain = not spec.args.get("exclude")
        if plain and ends == _WHOLE:
            return _WHOLE
        if plain and ends == _SO_FAR and words[4] == "RANGE":
            return _SO_FAR
        raise Unsupported("a frame of rows")

    def _rank(self, this: exp.Expr, group: Group, sorts: tuple[tuple[Node, ...], ...]) -> Node:
        reasoner = self.reader.reasoner
        relation = group.terms(sorts, ())
        if isinstance(this, exp.RowNumber):
            identity = self.reader.scalar.identity
            whole = tuple(
                ("term", one.rows, conjuncts(list(one.conditions)), (*map(identity, keys), *sort))
                for one, keys, sort in zip(group.alternatives, group.keys, sorts, strict=True)
            )
            if not Matcher(reasoner).unique(reasoner.fresh(whole), [], {}):
                raise Unsupported("ROW_NUMBER where rows tie")
        if isinstance(this, exp.DenseRank):
            relation = self.reader.distinct(relation)
        counted = tuple((*one[:3], (NULL,)) for one in relation)
        return fn("+", "int", (aggregated("count", "int", counted), integer(1)))
