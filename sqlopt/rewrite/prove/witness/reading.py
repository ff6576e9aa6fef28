"""What a result row of a statement needs: read off its FROM, WHERE, HAVING and subqueries into a `Sketch`.

Where a statement leaves a choice (the side of an OR, the branch of a UNION, a match of an outer join, the size of a
group) one is made, and remembered with how it went: a sketch that can't be solved makes its choices rarer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.query.bind.nodes import QUERIES, conjuncts
from sqlopt.rewrite.prove.witness import groups
from sqlopt.rewrite.prove.witness.sketch import Drawn, Opaque, Sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    from sqlopt.query.bind.model import Scope, Source
    from sqlopt.query.query import Query

_DEEPEST = 24
_MOST_LISTED = 60
_LONE = 0.8
_BLAME = 0.05
_REUSES = (0.0, 0.0, 0.0, 0.3, 0.6)
_OPPOSITES: dict[type[exp.Expr], type[exp.Expr]] = {exp.And: exp.Or, exp.Or: exp.And}


Choice = tuple[int | str, ...]
"""Where something is chosen: the ids of the nodes on the way to it, and a word."""


@dataclass(slots=True)
class Choices:
    """What was chosen where, and how it went: what made a contradiction is hardly chosen again.

    Within one sketch the same choice is made the same way.
    """

    chance: Random
    taken: dict[Choice, int] = field(default_factory=dict)
    blamed: dict[tuple[Choice, int], int] = field(default_factory=dict)

    def pick(self, key: Choice, weights: Sequence[float]) -> int:
        """Choose one of several."""
        if key not in self.taken:
            shares = [
                weight * _BLAME ** self.blamed.get((key, number), 0) for number, weight in enumerate(weights)
            ]
            self.taken[key] = self.chance.choices(range(len(shares)), shares)[0]
        return self.taken[key]

    def blame(self, keys: Iterable[Choice]) -> None:
        """Note which choices contradict each other."""
        for key in keys:
            one = (key, self.taken.get(key, 0))
            self.blamed[one] = self.blamed.get(one, 0) + 1


Item = Callable[[str], exp.Expr] if TYPE_CHECKING else Any
"""What a FROM item gives for one row: the value of a column by its name."""


@dataclass(slots=True, eq=False)
class Frame:
    """One row of a FROM clause: what each item gives; ``outer`` is the row of the query around.

    ``size`` is where the size of the group was chosen that it is the first row of; ``peers`` are the rows, or the
    groups, that window functions see beside it.
    """

    outer: Frame | None
    items: dict[int, Item] = field(default_factory=dict)
    size: Choice = ()
    peers: list[tuple[Frame, list[Frame] | None]] = field(default_factory=list)

    def item(self, source: Source) -> Item:
        """Return what an item gives. Raises `Opaque` where it is not in the frame."""
        frame: Frame | None = self
        while frame is not None:
            if id(source) in frame.items:
                return frame.items[id(source)]
            frame = frame.outer
        raise Opaque


@dataclass(slots=True, eq=False)
class Result:
    """One result row of a query: its values, each worked out when it is asked for, and their names."""

    names: list[str]
    values: list[Callable[[], exp.Expr]]

    def by_name(self, name: str) -> exp.Expr:
        """Return the value of an output."""
        if name not in self.names:
            raise Opaque
        return self.values[self.names.index(name)]()


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

    def guarded(self, work: Callable[[], Any]) -> Any:
        """Do what may be out of reach."""
        try:
            return work()
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
            key = (*self.path, "side")
            branches = [node.this] if scope is not None and scope.recursive else list(_branches(node))
            side = self.choices.pick(key, [1] * len(branches))
            found = self.result(branches[side], outer)
            return Result(self.result_names(node), [_marked(one, key) for one in found.values])
        left = self.result(node.this, outer)
        if isinstance(node, exp.Intersect):
            right = self.result(node.expression, outer)
            for one, other in zip(left.values, right.values, strict=False):
                self.guarded(
                    lambda one=one, other=other: self.sketch.conditions.append(
                        exp.NullSafeEQ(this=one(), expression=other())
                    )
                )
        return left

    def result_names(self, node: exp.Expr) -> list[str]:
        """Return the names of a set operation's columns: those of its first branch."""
        while isinstance(node, (exp.SetOperation, exp.Subquery, exp.Paren)):
            node = node.this
        scope = self.query.scope_of(node)
        return [one.name for one in scope.outputs] if scope is not None else []

    def _select(self, node: exp.Select, scope: Scope, outer: Frame | None) -> Result:
        first, group = self._row(node, scope, outer, None)
        windows = groups.windows(node)
        if windows:
            peers = self.choices.pick((*self.path, "peers"), (2, 1, 1))
            first.peers = [self._row(node, scope, outer, first) for _ in range(peers)]
            for frame, other in first.peers:
                self.guarded(lambda frame=frame, other=other: self._beside(node, windows, (first, group), (frame, other)))
        for name in ("having", "qualify"):
            clause = node.args.get(name)
            if clause is not None:
                self.hold(clause.this, first, group)
        values = [self._output(one, first, group) for one in scope.outputs]
        return Result([one.name for one in scope.outputs], values)

    def _row(
        self, node: exp.Select, scope: Scope, outer: Frame | None, like: Frame | None
    ) -> tuple[Frame, list[Frame] | None]:
        """Add what one row of a query needs before its HAVING: a row of its FROM clause, or a group of them."""
        first = self._frame(node, scope, outer, like)
        if not groups.is_grouped(node):
            return first, None
        group = [first]
        first.size = (*self.path, "size")
        for _ in range(self.size(node) - 1):
            group.append(self._frame(node, scope, outer, first))
        for key in groups.keys(node):
            self._equal(key, group)
        return first, group

    def _beside(
        self,
        node: exp.Select,
        windows: list[exp.Window],
        one: tuple[Frame, list[Frame] | None],
        other: tuple[Frame, list[Frame] | None],
    ) -> None:
        """Let two rows stand in one partition, and be two groups where they are groups."""
        for window in windows:
            for key in window.args.get("partition_by") or []:
                same = exp.NullSafeEQ(this=self.term(key, *one), expression=self.term(key, *other))
                self.sketch.conditions.append(same)
        keys = list(groups.keys(node)) if one[1] is not None else []
        if keys:
            same_all = [
                exp.NullSafeEQ(this=self.term(key, one[0]), expression=self.term(key, other[0])) for key in keys
            ]
            self.sketch.conditions.append(exp.Not(this=exp.paren(exp.and_(*same_all, copy=False), copy=False)))

    def _output(self, output: Any, frame: Frame, group: list[Frame] | None) -> Callable[[], exp.Expr]:
        if output.expr is not None:
            return lambda: self.term(output.expr, frame, group)
        if output.source is None or output.path:
            return _opaque
        return lambda: frame.item(output.source)(output.column)

    def size(self, node: exp.Select) -> int:
        """Choose how many rows a group has: few, or as many as the statement's numbers ask for."""
        sizes = [1, 2, 3, *self.sizes] if groups.counts(node) else [1, 2, 3]
        weights = [3.0, 2.0, 1.0] + [3.0 / max(len(self.sizes), 1)] * (len(sizes) - 3)
        return sizes[self.choices.pick((*self.path, "size"), weights)]

    def _equal(self, key: exp.Expr, group: list[Frame]) -> None:
        for other in group[1:]:
            self.guarded(
                lambda other=other: self.sketch.conditions.append(
                    exp.NullSafeEQ(this=self.term(key, group[0]), expression=self.term(key, other))
                )
            )

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
                    frame.items[id(source)] = _null
                    continue
                for before in list(frame.items):
                    frame.items[before] = _null
                frame.items[id(source)] = self._item(source, frame)
                continue
            frame.items[id(source)] = self._item(source, frame)
        for source in sources:
            if source.join is not None and frame.items[id(source)] is not _null:
                self._joined(source, scope, frame)
        where = node.args.get("where")
        if where is not None:
            self.hold(where.this, frame, None)
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
        if on is not None and not (join.side and any(one is _null for one in frame.items.values())):
            self.hold(on, frame, None)
        shared = scope.shared.get(id(join))
        for name in shared.names if shared is not None else ():
            left = next(
                (one for one in shared.left if frame.items.get(id(one)) not in (None, _null)), None
            )
            if left is not None:
                self.guarded(
                    lambda left=left, name=name: self.sketch.conditions.append(
                        exp.EQ(this=frame.item(left)(name), expression=frame.item(source)(name))
                    )
                )

    def _item(self, source: Source, frame: Frame) -> Item:
        """Add a row of a FROM item."""
        if source.kind is SourceKind.TABLE and source.inner is None:
            key = self.keys.get(source.table_name.casefold())
            if key is None:
                return _unknown
            there = [one for one in (self.alone if self.lone else self.sketch.rows) if one.relation == key]
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
            result = self.guarded(lambda: self.result(source.inner.node, frame))
            self.path = around
            if result is None:
                return _unknown
            return lambda name: result.by_name(source.renames.get(name, name))
        return _listed(source, self.chance)

    # ---- conditions

    def hold(
        self, node: exp.Expr, frame: Frame, group: list[Frame] | None, *, negated: bool = False
    ) -> None:
        """Add what makes a condition true, or false; what is out of reach is left out."""
        for one in [node] if negated else conjuncts(node):
            self.guarded(lambda one=one: self._hold(one, frame, group, negated=negated))

    def _hold(self, node: exp.Expr, frame: Frame, group: list[Frame] | None, *, negated: bool) -> None:
        while isinstance(node, (exp.Paren, exp.Not)):
            negated ^= isinstance(node, exp.Not)
            node = node.this
        kind = _OPPOSITES.get(type(node), type(node)) if negated else type(node)
        if isinstance(node, (exp.And, exp.Or)):
            sides = [node.this, node.expression]
            if kind is exp.Or:
                sides = list(_alternatives(node))
                sides = [sides[self.choices.pick((*self.path, id(node)), [1] * len(sides))]]
            for side in sides:
                self.hold(side, frame, group, negated=negated)
        elif isinstance(node, exp.Exists) or (isinstance(node, exp.In) and node.args.get("query") is not None):
            if not negated:
                self._member(node, frame, group)
        elif isinstance(node.args.get("expression"), (exp.Any, exp.All)):
            self._quantified(node, frame, group, negated=negated)
        else:
            found = self.term(node, frame, group)
            self.sketch.conditions.append(exp.Not(this=exp.paren(found)) if negated else found)

    def _member(self, node: exp.Expr, frame: Frame, group: list[Frame] | None) -> None:
        result = self.result(node.this if isinstance(node, exp.Exists) else node.args["query"], frame)
        if isinstance(node, exp.In):
            this = node.this.unnest()
            items = this.expressions if isinstance(this, exp.Tuple) else [this]
            for item, value in zip(items, result.values, strict=False):
                self.sketch.conditions.append(exp.EQ(this=self.term(item, frame, group), expression=value()))

    def _quantified(
        self, node: exp.Expr, frame: Frame, group: list[Frame] | None, *, negated: bool
    ) -> None:
        side = node.expression
        inner = side.this.unnest() if isinstance(side.this, exp.Expr) else side.this
        if not isinstance(inner, QUERIES):
            raise Opaque
        value = self.result(inner, frame).values[0]()
        found = type(node)(this=self.term(node.this, frame, group), expression=value)
        self.sketch.conditions.append(exp.Not(this=exp.paren(found)) if negated else found)

    # ---- values

    def term(self, node: exp.Expr, frame: Frame, group: list[Frame] | None = None) -> exp.Expr:
        """Return an expression over variables that has the value of ``node`` in a row, or in a group's."""
        if isinstance(node, exp.Column):
            return self._column(node, frame, group)
        if isinstance(node, exp.Subquery) and isinstance(node.this, QUERIES):
            return exp.paren(self._single(node, frame), copy=False)
        if isinstance(node, (*QUERIES, exp.Exists, exp.Star, exp.Lambda)):
            raise Opaque
        if isinstance(node, exp.In) and node.args.get("query") is not None:
            raise Opaque
        if isinstance(node, exp.Window):
            return groups.windowed(self, node, frame, group)
        if groups.is_aggregate(node):
            if group is None:
                raise Opaque
            return groups.aggregated(self, node, group)
        if isinstance(node, exp.Case):
            self._wish(node, frame, group)
        if isinstance(node, exp.In) and len(node.expressions) > _MOST_LISTED:
            values = [one.copy() for one in node.expressions[:_MOST_LISTED]]
            return exp.In(this=self.term(node.this, frame, group), expressions=values)
        return type(node)(**{key: self._argument(one, frame, group) for key, one in node.args.items()})

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

    def _argument(self, value: Any, frame: Frame, group: list[Frame] | None) -> Any:
        if isinstance(value, exp.Expr):
            return self.term(value, frame, group)
        if isinstance(value, list):
            return [self._argument(one, frame, group) for one in value]
        return value

    def _column(self, node: exp.Expr, frame: Frame, group: list[Frame] | None) -> exp.Expr:
        binding = self.query.binding(node)
        if binding is None:
            raise Opaque
        if binding.to is BoundTo.ALIAS and binding.expr is not None:
            return exp.paren(self.term(binding.expr.unalias(), frame, group), copy=False)
        if binding.to is not BoundTo.COLUMN or binding.source is None or binding.path:
            raise Opaque
        found = frame.item(binding.source)(binding.name)
        return found if isinstance(found, (exp.Column, exp.Literal, exp.Paren)) else exp.paren(found, copy=False)

    def _wish(self, node: exp.Case, frame: Frame, group: list[Frame] | None) -> None:
        """Wish for one of a CASE's alternatives, which a result may never show otherwise."""
        branches = node.args.get("ifs") or []
        number = self.chance.randrange(len(branches) + 1)
        if number == len(branches) or (group is not None and groups.has_aggregate(branches[number].this)):
            return
        one, this = branches[number].this, node.this
        for member in group or [frame]:
            wish = self.guarded(lambda member=member: self.term(one, member))
            base = self.guarded(lambda member=member: self.term(this, member)) if this is not None else None
            if wish is not None and (this is None or base is not None):
                self.sketch.wishes.append(wish if base is None else exp.EQ(this=base, expression=wish))


def _opaque() -> exp.Expr:
    raise Opaque


def _unknown(_: str) -> exp.Expr:
    raise Opaque


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


def _null(_: str) -> exp.Expr:
    """Return what an outer join gives where nothing matches."""
    return exp.Null()


def _alternatives(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the parts of a chain of one connector."""
    stack = [node.expression, node.this]
    while stack:
        one = stack.pop()
        if type(one) is type(node):
            stack += [one.expression, one.this]
        else:
            yield one


def _listed(source: Source, chance: Random) -> Item:
    """Return a row of a VALUES list; nothing is known of what functions give."""
    rows = source.node.expressions if source.kind is SourceKind.VALUES else []
    row = chance.choice(rows) if rows else None
    names = source.columns

    def value(name: str) -> exp.Expr:
        if not isinstance(row, exp.Tuple) or name not in names:
            raise Opaque
        return row.expressions[names.index(name)].copy()

    return value
