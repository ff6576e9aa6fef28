"""What a result row of a statement needs: read off its FROM, WHERE, HAVING and subqueries into a `Sketch`.

Where a statement leaves a choice (the side of an OR, the branch of a UNION, a match of an outer join, the size of a
group) one is made, and remembered with how it went: a sketch that can't be solved makes its choices rarer.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.query.bind.nodes import QUERIES
from sqlopt.rewrite.prove.testing.witness import groups
from sqlopt.rewrite.prove.testing.witness.choices import Choices
from sqlopt.rewrite.prove.testing.witness.conditions import hold
from sqlopt.rewrite.prove.testing.witness.rows import Frame, Item, Result, Row, listed, null, opaque, unknown
from sqlopt.rewrite.prove.testing.witness.sketch import Drawn, Opaque, Sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from sqlopt.query.bind.model import Output, Scope, Source
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.testing.witness.choices import Choice

_DEEPEST = 24
_MOST_LISTED = 60
_LONE = 0.8
_REUSES = (0.0, 0.0, 0.0, 0.3, 0.6)


class Reader:
    """Reads one statement, in DuckDB's SQL, into sketches.

    ``columns`` are the read columns of each table, by the table's key, ``keys`` the keys by the table's name.
    """

    def __init__(
        self, query: Query, keys: dict[str, str], columns: dict[str, list[str]], chance: Random
    ) -> None:
        self.query = query
        self.keys = keys
        self.columns = columns
        self.chance = chance
        self.choices = Choices(chance)
        self.reuse = 0.0
        self.sketch = Sketch()
        self.singles: dict[str, exp.Expr] = {}  # the values of subqueries, by their texts
        self.lone = False  # whether such a subquery is being read
        self.alone: list[Drawn] = []  # the rows of such subqueries
        self.path: tuple[int, ...] = ()  # the FROM items and queries that are being read, by their ids
        self.sizes = groups.sizes(query.tree)

    def read(self, *, sharing: bool = True) -> Sketch:
        """Return the sketch of one result row, where FROM items may share rows if ``sharing``.

        Raises `Opaque` where the statement is out of reach.
        """
        self.sketch = Sketch()
        self.singles.clear()
        self.alone = []
        self.lone = False
        self.path = ()
        self.choices.taken.clear()
        self.reuse = self.chance.choice(_REUSES) if sharing else 0.0
        result = self.result(self.query.tree, None)
        for value in result.values:
            self.guarded(value)
        return self.sketch

    def guarded(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do what may be out of reach; None where it is."""
        try:
            return work(*arguments)
        except Opaque:
            return None

    # ---- queries

    def result(self, node: exp.Expr, outer: Frame | None) -> Result:
        """Add what one result row of a query needs."""
        while isinstance(node, (exp.Subquery, exp.Paren)):
            node = node.this
        around = self.path
        self.path = (*around, id(node))
        try:
            if len(around) > _DEEPEST:
                raise Opaque
            if isinstance(node, exp.SetOperation):
                return self._combined(node, outer)
            scope = self.query.scope_of(node)
            if not isinstance(node, exp.Select) or scope is None or scope.node is not node:
                raise Opaque
            return self._select(node, scope, outer)
        finally:
            self.path = around

    def _combined(self, node: exp.SetOperation, outer: Frame | None) -> Result:
        scope = self.query.scope_of(node)
        if isinstance(node, exp.Union):
            key: Choice = (*self.path, "side")
            branches = [node.this] if scope is not None and scope.recursive else list(_branches(node))
            side = self.choices.pick(key, [1] * len(branches))
            found = self.result(branches[side], outer)
            return Result(self.result_names(node), [_marked(one, key) for one in found.values])
        left = self.result(node.this, outer)
        if isinstance(node, exp.Intersect):
            right = self.result(node.expression, outer)
            for one, other in zip(left.values, right.values, strict=False):
                self.guarded(self._same, exp.NullSafeEQ, one, other)
        return left

    def result_names(self, node: exp.Expr) -> list[str]:
        """Return the names of a set operation's columns: those of its first branch."""
        while isinstance(node, (exp.SetOperation, exp.Subquery, exp.Paren)):
            node = node.this
        scope = self.query.scope_of(node)
        return [one.name for one in scope.outputs] if scope is not None else []

    def _select(self, node: exp.Select, scope: Scope, outer: Frame | None) -> Result:
        row = self._row(node, scope, outer, None)
        windows = groups.windows(node)
        if windows:
            peers = self.choices.pick((*self.path, "peers"), (2, 1, 1))
            row.peers = [self._row(node, scope, outer, row.frame) for _ in range(peers)]
            for other in row.peers:
                self.guarded(self._beside, node, windows, row, other)
        for name in ("having", "qualify"):
            clause = node.args.get(name)
            if clause is not None:
                hold(self, clause.this, row)
        return Result([one.name for one in scope.outputs], [self._output(one, row) for one in scope.outputs])

    def _row(self, node: exp.Select, scope: Scope, outer: Frame | None, like: Frame | None) -> Row:
        """Add what one row of a query needs before its HAVING: a row of its FROM clause, or a group of them."""
        first = self._frame(node, scope, outer, like)
        if not groups.is_grouped(node):
            return Row(first)
        others = [self._frame(node, scope, outer, first) for _ in range(self.size(node) - 1)]
        for key in groups.keys(node):
            for other in others:
                self.guarded(self._equal, key, Row(first), Row(other))
        return Row(first, [first, *others], (*self.path, "size"))

    def _beside(self, node: exp.Select, windows: list[exp.Window], one: Row, other: Row) -> None:
        """Let two rows stand in one partition, and be two groups where they are groups."""
        for window in windows:
            for key in window.args.get("partition_by") or []:
                self._equal(key, one, other)
        keys = list(groups.keys(node)) if one.group is not None else []
        if keys:
            alike = [
                exp.NullSafeEQ(
                    this=self.term(key, Row(one.frame)), expression=self.term(key, Row(other.frame))
                )
                for key in keys
            ]
            whole = exp.paren(exp.and_(*alike, copy=False), copy=False)
            self.sketch.conditions.append(exp.Not(this=whole))

    def _same(self, kind: type[exp.Expr], one: Callable[[], exp.Expr], other: Callable[[], exp.Expr]) -> None:
        self.sketch.conditions.append(kind(this=one(), expression=other()))

    def _equal(self, key: exp.Expr, one: Row, other: Row) -> None:
        same = exp.NullSafeEQ(this=self.term(key, one), expression=self.term(key, other))
        self.sketch.conditions.append(same)

    def _output(self, output: Output, row: Row) -> Callable[[], exp.Expr]:
        expression, source = output.expr, output.source
        if expression is not None:
            return lambda: self.term(expression, row)
        if source is None or output.path:
            return opaque
        return lambda: row.frame.item(source)(output.column)

    def size(self, node: exp.Select) -> int:
        """Choose how many rows a group has: few, or as many as the statement's numbers ask for."""
        sizes = [1, 2, 3, *self.sizes] if groups.counts(node) else [1, 2, 3]
        weights = [3.0, 2.0, 1.0] + [3.0 / max(len(self.sizes), 1)] * (len(sizes) - 3)
        return sizes[self.choices.pick((*self.path, "size"), weights)]

    # ---- FROM

    def _frame(self, node: exp.Select, scope: Scope, outer: Frame | None, like: Frame | None) -> Frame:
        """Add a row of the FROM clause with its conditions; ``like`` another, all but one of its items are shared."""
        frame = Frame(outer)
        sources = list(scope.sources.values())
        own = self._varied(node, sources) if like is not None else None
        all_new = self.chance.random() < 0.3  # noqa: PLR2004 - most groups have rows that share what they join
        for source in sources:
            if like is not None and source is not own and not all_new:
                frame.items[id(source)] = like.items[id(source)]
                continue
            join = source.join
            side = join.side if join is not None else ""
            if side and self.choices.pick((*self.path, id(join)), (3, 1)):
                if side == "LEFT" or (side == "FULL" and self.chance.random() < 0.5):  # noqa: PLR2004
                    frame.items[id(source)] = null
                    continue
                for before in list(frame.items):
                    frame.items[before] = null
                frame.items[id(source)] = self._item(source, frame)
                continue
            frame.items[id(source)] = self._item(source, frame)
        for source in sources:
            if source.join is not None and frame.items[id(source)] is not null:
                self._joined(source, scope, frame)
        where = node.args.get("where")
        if where is not None:
            hold(self, where.this, Row(frame))
        return frame

    def _varied(self, node: exp.Select, sources: list[Source]) -> Source:
        """Return the item that rows of one group differ in: mostly one that is summed up."""
        summed = groups.summed(node)
        read = {id(one.source) for column in summed if (one := self.query.binding(column)) is not None}
        found = [one for one in sources if id(one) in read]
        return self.chance.choice(found if found and self.chance.random() < 0.8 else sources)  # noqa: PLR2004

    def _joined(self, source: Source, scope: Scope, frame: Frame) -> None:
        join = source.join
        if join is None or (join.kind or "") == "ANTI":
            return
        on = join.args.get("on")
        if on is not None and not (join.side and any(one is null for one in frame.items.values())):
            hold(self, on, Row(frame))
        shared = scope.shared.get(id(join))
        if shared is None:
            return
        item = frame.items[id(source)]
        left = next((frame.items[id(one)] for one in shared.left if id(one) in frame.items), null)
        for name in shared.names if left is not null else ():
            self.guarded(self._same, exp.EQ, partial(left, name), partial(item, name))

    def _item(self, source: Source, frame: Frame) -> Item:
        """Add a row of a FROM item."""
        if source.kind is SourceKind.TABLE and source.inner is None:
            key = self.keys.get(source.table_name.casefold())
            if key is None:
                return unknown
            there = [
                one
                for one in (*self.sketch.rows, *(self.alone * 3 if self.lone else ()))
                if one.relation == key
            ]
            if there and self.chance.random() < (_LONE if self.lone else self.reuse):
                row = self.chance.choice(there)
            else:
                row = self.sketch.draw(key, self.columns[key])
            if self.lone:
                self.alone.append(row)
            return lambda name: row.term(source.renames.get(name, name))
        if source.inner is not None:
            around = self.path
            self.path = (*around, id(source))
            result = self.guarded(self.result, source.inner.node, frame)
            self.path = around
            if result is None:
                return unknown
            return lambda name: result.by_name(source.renames.get(name, name))
        return listed(source, self.chance)

    # ---- values

    def term(self, node: exp.Expr, row: Row) -> exp.Expr:
        """Return an expression over variables that has the value of ``node`` in a row, or in a group's."""
        if isinstance(node, exp.Column):
            return self._column(node, row)
        if isinstance(node, exp.Subquery) and isinstance(node.this, QUERIES):
            return exp.paren(self._single(node, row.frame), copy=False)
        if isinstance(node, (*QUERIES, exp.Exists, exp.Star, exp.Lambda)):
            raise Opaque
        if isinstance(node, exp.In) and node.args.get("query") is not None:
            raise Opaque
        if isinstance(node, exp.Window):
            return groups.windowed(self, node, row)
        if groups.is_aggregate(node):
            return groups.aggregated(self, node, row)
        if isinstance(node, exp.Case):
            self._wish(node, row)
        if isinstance(node, exp.In) and len(node.expressions) > _MOST_LISTED:
            values = [one.copy() for one in node.expressions[:_MOST_LISTED]]
            return exp.In(this=self.term(node.this, row), expressions=values)
        return type(node)(**{key: self._argument(one, row) for key, one in node.args.items()})

    def _single(self, node: exp.Subquery, frame: Frame) -> exp.Expr:
        """Return the value of a subquery; of one that reads nothing around it there is one alone.

        Its rows are mostly those of other such subqueries: two rows would be an error.
        """
        text = node.sql()
        if text in self.singles:
            return self.singles[text]
        bindings = (self.query.binding(one) for one in node.find_all(exp.Column))
        if any(one is not None and one.outer for one in bindings) or self.lone:
            return self.result(node.this, frame).values[0]()
        self.lone = True
        try:
            self.singles[text] = self.result(node.this, frame).values[0]()
        finally:
            self.lone = False
        return self.singles[text]

    def _argument(self, value: Any, row: Row) -> Any:
        if isinstance(value, exp.Expr):
            return self.term(value, row)
        if isinstance(value, list):
            return [self._argument(one, row) for one in value]
        return value

    def _column(self, node: exp.Expr, row: Row) -> exp.Expr:
        binding = self.query.binding(node)
        if binding is None:
            raise Opaque
        if binding.to is BoundTo.ALIAS and binding.expr is not None:
            return exp.paren(self.term(binding.expr.unalias(), row), copy=False)
        if binding.to is not BoundTo.COLUMN or binding.source is None or binding.path:
            raise Opaque
        found = row.frame.item(binding.source)(binding.name)
        return (
            found if isinstance(found, (exp.Column, exp.Literal, exp.Paren)) else exp.paren(found, copy=False)
        )

    def _wish(self, node: exp.Case, row: Row) -> None:
        """Wish for one of a CASE's alternatives, which a result may never show otherwise."""
        branches = node.args.get("ifs") or []
        number = self.chance.randrange(len(branches) + 1)
        if number == len(branches) or (row.group is not None and groups.has_aggregate(branches[number].this)):
            return
        one, this = branches[number].this, node.this
        for member in row.group or [row.frame]:
            wish = self.guarded(self.term, one, Row(member))
            base = self.guarded(self.term, this, Row(member)) if this is not None else None
            if wish is not None and (this is None or base is not None):
                self.sketch.wishes.append(wish if base is None else exp.EQ(this=base, expression=wish))


def _branches(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the queries that UNION joins."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, exp.Union):
            stack += [one.expression, one.this]
        else:
            yield one


def _marked(value: Callable[[], exp.Expr], choice: Choice) -> Callable[[], exp.Expr]:
    """Let a value tell the choice that it came from."""

    def told() -> exp.Expr:
        found = value()
        found.meta["choices"] = [*found.meta.get("choices", ()), choice]
        return found

    return told
