"""Where expressions are read: the columns in sight, and the groups of a grouped statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.prove.algebra.typed import DOUBLE, WHOLE
from sqlopt.rewrite.prove.logic.isomorphic import each_once
from sqlopt.rewrite.prove.logic.terms import (
    BOTTOM,
    EXACT,
    NULL,
    Node,
    both,
    conjuncts,
    integer,
    joined,
    kind_of,
    lift,
    notnull,
    same,
)
from sqlopt.rewrite.prove.logic.trees import renamed
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.words import word
from sqlopt.warehouses.semantics import Nulls, Number

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query.bind.model import Source
    from sqlopt.rewrite.prove.algebra.read import Reader

_NAMES: dict[type[exp.Expr], str] = {
    exp.Max: "max", exp.Min: "min", exp.LogicalAnd: "and", exp.LogicalOr: "or", exp.Sum: "sum", exp.Avg: "avg",
    exp.Stddev: "stddev", exp.StddevPop: "stddev_pop", exp.StddevSamp: "stddev_samp", exp.Variance: "variance",
    exp.VariancePop: "var_pop", exp.Median: "median", exp.CountIf: "count_if", exp.Count: "count",
    exp.AnyValue: "any",
}  # fmt: skip
_PLAIN = frozenset({"max", "min", "and", "or", "sum", "count_if", "count", "any"})
"""Aggregates whose value does not hang on their argument's type."""
_OF_SETS = frozenset({"max", "min", "and", "or", "spelled"})
"""Aggregates to which it does not matter how often a row is there."""
Columns = dict[tuple[int, str | int], Node]
"""What each column is, by its source's identity and its name or place."""


@dataclass(slots=True)
class Alternative:
    """One product of a FROM clause: rows bound, conditions, and what each source's columns are."""

    rows: tuple[Node, ...] = ()
    conditions: tuple[Node, ...] = ()
    columns: Columns = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """Where expressions are read: the columns in sight, then those of the enclosing statement."""

    reader: Reader
    columns: Columns
    outer: Frame | None = None
    over: Callable[[Frame, exp.Window], Node] | None = None  # what reads window functions here

    def lookup(self, source: Source, name: str) -> Node:
        """Return what a source's column is here."""
        found = self.columns.get((id(source), name))
        if found is not None:
            if found == AMBIGUOUS:
                raise Unsupported(f"two columns are called {name}")
            return found
        if self.outer is None:
            raise Unsupported(f"no column {name} in {source.name}")
        return self.outer.lookup(source, name)

    def every(self, source: Source) -> list[Node]:
        """Return all columns of a source, in order."""
        found = [(name, node) for (key, name), node in self.columns.items() if key == id(source)]
        places = [node for name, node in found if isinstance(name, int)]
        if not places:
            raise Unsupported(f"the columns of {source.name} are not known")
        return places

    def window(self, node: exp.Window) -> Node:
        """Return a window function's value."""
        if self.over is None:
            raise Unsupported(f"no rule knows {node.sql()} here")
        return self.over(self, node)

    def grouped(self, node: exp.Expr) -> Node | None:
        """Return the group's value that an expression is, in a grouped statement."""
        del node
        return None

    def grouping(self, node: exp.Expr) -> Node:
        """Return GROUPING's number; not here."""
        raise Unsupported(f"{node.sql()} outside of a grouped statement")

    def aggregate(self, node: exp.Expr) -> Node:
        """Return an aggregate's value; not here."""
        raise Unsupported(f"{node.sql()} outside of a grouped statement")


AMBIGUOUS: Node = ("ambiguous",)


@dataclass(slots=True)
class Beside(Frame):
    """Where expressions of the other rows of a frame are read: what it says, of variables of their own."""

    inside: Frame | None = None
    numbers: dict[int, int] = field(default_factory=dict)

    def _moved(self, node: Node) -> Node:
        return self.reader.reasoner.fresh(renamed(node, self.numbers))

    def _inside(self) -> Frame:
        if self.inside is None:
            raise Unsupported("rows beside none")
        return self.inside

    def lookup(self, source: Source, name: str) -> Node:
        """Return what a source's column is there."""
        return self._moved(self._inside().lookup(source, name))

    def grouped(self, node: exp.Expr) -> Node | None:
        """Return the group's value that an expression is there."""
        found = self._inside().grouped(node)
        return self._moved(found) if found is not None else None

    def grouping(self, node: exp.Expr) -> Node:
        """Return GROUPING's number there."""
        return self._inside().grouping(node)

    def aggregate(self, node: exp.Expr) -> Node:
        """Return an aggregate's value there."""
        return self._moved(self._inside().aggregate(node))


@dataclass(slots=True)
class Group(Frame):
    """Where the expressions of a grouped statement are read, after its rows were grouped."""

    alternatives: tuple[Alternative, ...] = ()
    keys: tuple[tuple[Node, ...], ...] = ()  # of each alternative
    values: tuple[Node, ...] = ()  # what binds each key
    shown: tuple[Node, ...] = ()  # what a key's group shows
    extra: tuple[Node, ...] = ()  # what else holds of the rows of each alternative
    hidden: tuple[tuple[Node, ...], ...] = ()  # keys that other grouping sets have, of each alternative
    named: dict[int, int] = field(
        default_factory=dict
    )  # items that GROUP BY names by alias or place, and their keys
    inner: tuple[Frame, ...] = ()  # what the rows' expressions are read in, if not in their columns

    def _frame(self, place: int) -> Frame:
        if self.inner:
            return self.inner[place]
        return Frame(self.reader, self.alternatives[place].columns, self.outer)

    def _key(self, found: tuple[Node, ...]) -> Node | None:
        for place, shown in enumerate(self.shown):
            if all(mine[place] == one for mine, one in zip(self.keys, found, strict=True)):
                return shown
        return NULL if self._hides(found) else None

    def _hides(self, found: tuple[Node, ...]) -> bool:
        """Whether a value is the key of other grouping sets, which shows NULL here."""
        width = len(self.hidden[0]) if self.hidden else 0
        return any(
            all(mine[place] == one for mine, one in zip(self.hidden, found, strict=True))
            for place in range(width)
        )

    def grouping(self, node: exp.Expr) -> Node:
        """Return GROUPING's number: a bit for each argument, set where it is no key of this set."""
        bits = 0
        for one in node.expressions:
            found = tuple(
                self.reader.scalar.value(one, self._frame(i)) for i in range(len(self.alternatives))
            )
            if self._key(found) is None:
                raise Unsupported("GROUPING of what is no key")
            bits = 2 * bits + self._hides(found)
        return integer(bits)

    def grouped(self, node: exp.Expr) -> Node | None:
        """Return the key that an expression is; where GROUP BY names it, as it stands."""
        place = self.named.get(id(node))
        if place is not None:
            return self.shown[place]
        if isinstance(node, (exp.Literal, exp.Boolean, exp.Null, exp.Query)) or node.find(
            exp.AggFunc, exp.Query
        ):
            return None
        if not (self.shown or self.hidden) or not node.find(exp.Column):
            return None
        found = tuple(self.reader.scalar.value(node, self._frame(i)) for i in range(len(self.alternatives)))
        return self._key(found)

    def lookup(self, source: Source, name: str) -> Node:
        """Return the key that a column is; a column that is none is any of the group's."""
        if not self.alternatives or (id(source), name) not in self.alternatives[0].columns:
            if self.outer is None:
                raise Unsupported(f"no column {name} in {source.name}")
            return self.outer.lookup(source, name)
        found = tuple(self._frame(i).lookup(source, name) for i in range(len(self.alternatives)))
        key = self._key(found)
        return (
            key
            if key is not None
            else self._aggregated("any", joined([kind_of(x) for x in found]), found, ())
        )

    def aggregate(self, node: exp.Expr) -> Node:
        """Return an aggregate over the group's rows.

        1. COUNT counts the rows whose argument is not NULL. 2. The others leave NULLs out, and are NULL for no row.
        3. DISTINCT aggregates take each value once; MIN and MAX do not care.
        """
        wheres: list[exp.Expr] = []
        while isinstance(node, (exp.Filter, exp.IgnoreNulls)):
            if isinstance(node, exp.Filter):
                wheres.append(node.expression.this)
            node = node.this
        name = _NAMES.get(type(node))
        items, distinct = _arguments(node)
        if name is None or (len(items) > 1 and name != "count"):
            raise Unsupported(f"no rule knows {node.sql()}")
        self._check_outer(items)
        skipping = name != "any" or isinstance(node.parent, exp.IgnoreNulls)
        found, wanted = [], []
        for place in range(len(self.alternatives)):
            frame = self._frame(place)
            conditions = [self.reader.scalar.condition(one, frame)[0] for one in wheres]
            values = tuple(self.reader.scalar.value(one, frame) for one in items)
            filled = [notnull(one) for one in values] if skipping else []
            if name == "count_if":
                filled = [self.reader.scalar.holds(values[0])[0]]
            wanted.append(both([*conditions, *filled]))
            found.append(values)
        kind = joined([kind_of(one[0]) for one in found if one]) if found and items else "int"
        skips = self.reader.scalar.cells.count_distinct_pairs.only(Nulls.SKIPPED)
        if distinct and len(items) > 1 and not skips:
            raise Unsupported("COUNT of distinct pairs, one of which holds a NULL")
        if name == "avg" or name not in _PLAIN:
            relation = self.terms(tuple((lift(one[0], kind),) for one in found), tuple(wanted))
            return self._computed(node, kind, self.reader.distinct(relation) if distinct else relation)
        if distinct and name not in ("max", "min", "any", "and", "or"):
            return self._distinct(name, kind, found, wanted)
        name = "count" if name == "count_if" else name
        shown = tuple(one[0] if one and name != "count" else NULL for one in found)
        return self._aggregated(name, kind, shown, tuple(wanted))

    def _check_outer(self, items: list[exp.Expr]) -> None:
        """An aggregate of outer columns alone belongs to the outer statement."""
        columns = [one for item in items for one in item.find_all(exp.Column)]
        bindings = [self.reader.query.binding(one) for one in columns]
        if columns and all(one is not None and one.outer for one in bindings):
            raise Unsupported("an aggregate of an outer statement")

    def terms(self, values: tuple[tuple[Node, ...], ...], wanted: tuple[Node, ...]) -> Node:
        """Return the group's rows with one or more values each."""
        scalar = self.reader.scalar
        terms = []
        for place, alternative in enumerate(self.alternatives):
            equal = [
                same(scalar.identity(key), value)
                for key, value in zip(self.keys[place] if self.keys else (), self.values, strict=True)
            ]
            conditions = conjuncts(
                [*alternative.conditions, *equal, *self.extra[place : place + 1], *wanted[place : place + 1]]
            )
            if BOTTOM not in conditions:
                terms.append(("term", alternative.rows, conditions, values[place]))
        return tuple(self.reader.reasoner.fresh(tuple(terms)))

    def _aggregated(self, name: str, kind: str, values: tuple[Node, ...], wanted: tuple[Node, ...]) -> Node:
        relation = self.terms(tuple((lift(one, kind),) for one in values), wanted)
        if name == "any":
            name = f"any {self.reader.reasoner.number()}"  # each is a choice of its own
        return aggregated(name, kind, relation)

    def _computed(self, node: exp.Expr, kind: str, relation: Node) -> Node:
        """Return an aggregate whose value hangs on the type of its argument, too."""
        reader, name = self.reader, _NAMES[type(node)]
        given, result = reader.types.of(node.this), reader.types.of(node)
        of = f"{name} {word(reader.query, node)} of {given}"
        if name != "avg":
            return aggregated(of, f"?{of}", relation)
        if kind in EXACT and reader.scalar.cells.average_of_integers.only(Number.DECIMAL):
            return aggregated(of, "num", relation)
        kinds = {DOUBLE: "float", **dict.fromkeys(WHOLE, "int")}
        return aggregated(of, kinds.get(result, f"?{result}"), relation)

    def _distinct(self, name: str, kind: str, found: list[tuple[Node, ...]], wanted: list[Node]) -> Node:
        if name == "count_if":
            raise Unsupported("COUNT_IF of distinct values")
        lifted = tuple(tuple(lift(one, kind) if len(row) == 1 else one for one in row) for row in found)
        relation = self.reader.distinct(self.terms(lifted, tuple(wanted)))
        if name == "count":
            relation = tuple((*one[:3], (NULL,)) for one in relation)
        return aggregated(name, kind, relation)


def _arguments(node: exp.Expr) -> tuple[list[exp.Expr], bool]:
    """Return an aggregate's arguments, none for ``*``, and whether each value counts once."""
    this = node.this
    distinct = isinstance(this, exp.Distinct)
    if distinct and this.args.get("on"):
        raise Unsupported("DISTINCT ON in an aggregate")
    items: list[exp.Expr] = list(this.expressions) if distinct else [this] if this is not None else []
    items += [one for one in node.expressions if isinstance(one, exp.Expr)]
    if any(isinstance(one, (exp.Order, exp.Limit, exp.HavingMax)) for one in items):
        raise Unsupported("an ordered aggregate")
    if items and isinstance(items[0], exp.Star):
        if any(items[0].args.values()):
            raise Unsupported("an aggregate of a part of all columns")
        return [], distinct
    return items, distinct


def aggregated(name: str, kind: str, relation: Node) -> Node:
    """Return an aggregate of a relation with one output; of no rows, a constant."""
    if not relation:
        return integer(0) if name == "count" else NULL
    relation = each_once(relation) if name in _OF_SETS else relation
    kinds = {"count": "int", "sum": "num" if kind == "int" else kind}
    return ("agg", name, kinds.get(name, kind), relation)


def evened(relation: Node) -> Node:
    """Return a relation whose columns have one kind in every term."""
    if len(relation) < 2:  # noqa: PLR2004
        return relation
    kinds = [joined([kind_of(term[3][i]) for term in relation]) for i in range(len(relation[0][3]))]
    return tuple(
        (*term[:3], tuple(lift(one, kind) for one, kind in zip(term[3], kinds, strict=True)))
        for term in relation
    )
