"""GROUP BY: one term for each grouping set, which binds the values of its keys.

1. A set's term holds for the values for which a row exists. 2. Without keys there is one row, also of no rows; a
grouping set without keys gives one of no rows in some engines only. 3. A key that is not in a set shows NULL there,
and GROUPING says so. 4. Windows and QUALIFY see the rows of all sets that HAVING leaves.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations, product
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo
from sqlopt.rewrite.prove.algebra.frames import Alternative, Frame, Group
from sqlopt.rewrite.prove.algebra.windows import Windows
from sqlopt.rewrite.prove.logic.isomorphic import each_once
from sqlopt.rewrite.prove.logic.terms import (
    BOTTOM,
    YES,
    Node,
    cmp,
    conjuncts,
    either,
    fn,
    joined,
    kind_of,
    lift,
)
from sqlopt.rewrite.prove.pair import Unsupported

if TYPE_CHECKING:
    from sqlopt.query.bind.model import Scope
    from sqlopt.rewrite.prove.algebra.read import Reader

_TOTALS = frozenset({"duckdb", "postgres"})
"""Dialects where a grouping set without keys gives a row of no rows, and equal sets give equal rows: PostgreSQL's
documentation, 7.2.4 "GROUPING SETS, CUBE, and ROLLUP"; DuckDB 1.5.5, run on 2026-12-01."""
_MOST_SETS = 16
Sets = list[tuple[exp.Expr, ...]]


class Groups:
    """Reads the grouped statements of a `Reader`."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.scalar = reader.scalar

    def read(
        self, node: exp.Select, scope: Scope, alternatives: list[Alternative], outer: Frame | None
    ) -> tuple[list[Node], list[Frame]]:
        """Return a grouped SELECT's terms, and the frame that each one's expressions were read in."""
        group = node.args.get("group")
        sets = grouping_sets(group) if group is not None else [()]
        if group is not None and not alternatives:
            if () in sets:
                raise Unsupported("a total of no rows")
            return [], []
        read = []
        for one in sets:
            hidden = [x for other in sets for x in other if x not in one]
            read.append(self._set(node, alternatives, outer, list(one), list(dict.fromkeys(hidden))))
        having, qualify = node.args.get("having"), node.args.get("qualify")
        found: list[tuple[Alternative, Group]] = []
        for rows, conditions, frame in read:
            if having is not None:
                conditions.append(self.scalar.condition(having.this, frame)[0])
            if BOTTOM not in conjuncts(conditions):
                found.append((Alternative(rows, conjuncts(conditions)), frame))
        windows = Windows(self.reader, found)
        terms: list[Node] = []
        frames: list[Frame] = []
        for side, frame in found:
            frame.over = windows.value
            outputs = self.reader.outputs(node, scope, frame)
            more = [self.scalar.condition(qualify.this, frame)[0]] if qualify is not None else []
            terms.append(("term", side.rows, conjuncts([*side.conditions, *more]), outputs))
            frames.append(frame)
        return terms, frames

    def _set(
        self,
        node: exp.Select,
        alternatives: list[Alternative],
        outer: Frame | None,
        shown: list[exp.Expr],
        hidden: list[exp.Expr],
    ) -> tuple[tuple[Node, ...], list[Node], Group]:
        """Return the rows, the conditions and the frame of one grouping set."""
        scalar = self.scalar
        keys, hiding = (self._keys(node, alternatives, outer, items) for items in (shown, hidden))
        if any(
            all(row[i] == more[j] for row, more in zip(keys, hiding, strict=True))
            for i in range(len(shown))
            for j in range(len(hidden))
        ):
            raise Unsupported("a key that stands in a grouping set twice")
        kinds = [joined([kind_of(row[i]) for row in keys]) for i in range(len(shown))]
        keys = tuple(tuple(lift(one, kind) for one, kind in zip(row, kinds, strict=True)) for row in keys)
        values, rows = self.reader.bind([[row[i] for row in keys] for i in range(len(shown))])
        frame = Group(self.reader, {}, outer, None, tuple(alternatives), keys, values, hidden=hiding)
        frame.shown = tuple(
            scalar.spelled(value, kind, partial(frame.terms, tuple((row[i],) for row in keys), ()))
            for i, (value, kind) in enumerate(zip(values, kinds, strict=True))
        )
        chosen = [self._item(one, node) for one in shown]
        if any(self._item(one, node).find(exp.Query) for one in hidden):
            raise Unsupported("a subquery that is a key of some grouping sets only")
        frame.named = {
            id(one): i
            for i, (one, key) in enumerate(zip(chosen, shown, strict=True))
            if one is not key and one.find(exp.Query)
        }
        conditions: list[Node] = []
        if shown or hidden:
            there = ("exists", each_once(frame.terms(tuple(() for _ in alternatives), ())))
            conditions.append(there if shown else self._total(there))
        return rows, conditions, frame

    def _total(self, there: Node) -> Node:
        """Return where a grouping set without keys gives its row."""
        always = cmp("=", fn("a total of no rows", "bool", ()), YES)
        return either([there, ("true",) if self.reader.pair.dialect in _TOTALS else always])

    def _keys(
        self,
        node: exp.Select,
        alternatives: list[Alternative],
        outer: Frame | None,
        items: list[exp.Expr],
    ) -> tuple[tuple[Node, ...], ...]:
        chosen = [self._item(one, node) for one in items]
        return tuple(
            tuple(self.scalar.value(item, Frame(self.reader, one.columns, outer)) for item in chosen)
            for one in alternatives
        )

    def _item(self, item: exp.Expr, node: exp.Select) -> exp.Expr:
        if isinstance(item, exp.Literal) and not item.is_string:
            place = int(item.name) if item.name.isdigit() else 0
            if node.is_star:
                raise Unsupported("GROUP BY a place in *")
            places = self.scalar.cells.ordinal_in_group_by
            if places.only(value=False) or not 1 <= place <= len(node.expressions):
                return item  # a constant, or an error
            if not places.known:
                raise Unsupported("GROUP BY a number that may be a place")
            return _plain(node.expressions[place - 1])
        binding = self.reader.query.binding(item) if isinstance(item, exp.Column) else None
        if binding is not None and binding.to is BoundTo.ALIAS and binding.expr is not None:
            return _plain(binding.expr)
        return item


def _plain(item: exp.Expr) -> exp.Expr:
    """Return an item without its alias and parentheses."""
    while isinstance(item, (exp.Alias, exp.Paren)):
        item = item.this
    return item


def grouping_sets(group: exp.Group) -> Sets:
    """Return the sets of keys that a GROUP BY groups by, in one set if it says no more."""
    if group.args.get("all") or group.args.get("totals"):
        raise Unsupported("GROUP BY ALL")
    parts = [_sets(one) for one in group.expressions]
    for key in ("rollup", "cube", "grouping_sets"):
        for one in group.args.get(key) or ():
            if not one.expressions:  # WITH ROLLUP, of all that stands before
                parts = [_BY_KIND[type(one)]([_together(x) for x in group.expressions])]
            else:
                parts.append(_sets(one))
    found = [tuple(dict.fromkeys(x for one in chosen for x in one)) for chosen in product(*parts)]
    if not any(map(any, parts)):
        raise Unsupported("GROUP BY without keys")
    if len(found) > _MOST_SETS or len({frozenset(one) for one in found}) < len(found):
        raise Unsupported("many grouping sets, or equal ones")
    return found


def _sets(node: exp.Expr) -> Sets:
    """Return the sets that an item of GROUP BY stands for."""
    if isinstance(node, exp.GroupingSets):
        return [one for item in node.expressions for one in _sets(item)]
    if isinstance(node, (exp.Rollup, exp.Cube)):
        return _BY_KIND[type(node)]([_together(item) for item in node.expressions])
    return [_together(node)]


def _together(node: exp.Expr) -> tuple[exp.Expr, ...]:
    if isinstance(node, exp.Tuple):
        return tuple(one.unnest() for one in node.expressions)
    return (node.unnest(),)


def _rollup(items: Sets) -> Sets:
    return [tuple(x for one in items[:n] for x in one) for n in range(len(items), -1, -1)]


def _cube(items: Sets) -> Sets:
    chosen = [one for n in range(len(items), -1, -1) for one in combinations(items, n)]
    return [tuple(x for part in one for x in part) for one in chosen]


_BY_KIND = {exp.Rollup: _rollup, exp.Cube: _cube}
