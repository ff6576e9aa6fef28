"""What comparisons compare: numbers by their keys, texts as the engine tells them apart, NaN as it stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rewrite.prove.algebra.dates import bucketed, moment
from sqlopt.rewrite.prove.logic.isomorphic import each_once
from sqlopt.rewrite.prove.logic.terms import (
    TOP,
    Node,
    both,
    cmp,
    either,
    fn,
    identity,
    integer,
    interchangeable,
    kind_of,
    negated,
    nonan,
    notnull,
    null,
)
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.premises import FINITE
from sqlopt.warehouses.semantics import Nan, semantics

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.rewrite.prove.algebra.read import Reader

_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Comparisons:
    """Compares values as a `Reader`'s engine does."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.dialect = reader.pair.dialect
        self.types = reader.types
        self.cells = semantics(self.dialect)
        self.total = self.cells.nan.value in (Nan.ABSENT, Nan.GREATEST)

    def compare(self, operator: str, one: Node, other: Node) -> Node:
        """Return the formula that a comparison is true."""
        return self._of_branches(self._compared, operator, one, other)

    def refused(self, operator: str, one: Node, other: Node) -> Node:
        """Return the formula that a comparison is false."""
        return self._of_branches(self._refused, operator, one, other)

    def _of_branches(
        self, ask: Callable[[str, Node, Node], Node], operator: str, one: Node, other: Node
    ) -> Node:
        """Return the formula of a comparison, for a CASE that of the branch taken."""
        for node, flip in ((one, False), (other, True)):
            if node[0] == "case":
                found = []
                before: list[Node] = []
                for when, value in (*node[1], (TOP, node[2])):
                    sides = (one, value) if flip else (value, other)
                    found.append(both([*before, when, self._of_branches(ask, operator, *sides)]))
                    before.append(negated(when))
                return either(found)
        return ask(operator, one, other)

    def _compared(self, operator: str, one: Node, other: Node) -> Node:
        if self._unordered(one, other):
            if operator == "<>":
                return both([notnull(one), notnull(other), negated(self._compared("=", one, other))])
            return cmp(operator, *self.keys(nonan(one), nonan(other)))
        ranges = bucketed(operator, one, other)
        if ranges is not None:
            if not self.cells.infinite_dates.only(value=False):
                self.reader.reasoner.knowledge.use(FINITE)
            return ranges
        return cmp(operator, *self.keys(one, other))

    def _refused(self, operator: str, one: Node, other: Node) -> Node:
        if self._unordered(one, other):
            if operator == "<>":
                return self._compared("=", one, other)
            return both([notnull(one), notnull(other), negated(self._compared(operator, one, other))])
        return self._compared(_OPPOSITES[operator], one, other)

    def _unordered(self, one: Node, other: Node) -> bool:
        """Whether one of two values may be a NaN that no comparison but <> holds for.

        Formulas that hold for such a NaN hold where NaN is a number like any other, so an engine of which that is
        not known counts as one that has it.
        """
        return not self.total and any(
            kind == "float" or kind.startswith("?") or "|" in kind for kind in map(kind_of, (one, other))
        )

    def alike(self, one: Node, other: Node) -> Node:
        """Return the formula that two values are not distinct."""
        if self._unordered(one, other):
            raise Unsupported("whether NaN is distinct from NaN")
        return either([self.compare("=", one, other), both([null(one), null(other)])])

    def keys(self, one: Node, other: Node) -> tuple[Node, Node]:
        """Return what a comparison of two values really compares."""
        kinds = kind_of(one), kind_of(other)
        if "null" in kinds:
            return one, other
        for place, (node, kind) in enumerate(((one, kinds[1]), (other, kinds[0]))):
            if node[:2] == ("const", "text") and kind in ("date", "ts") and self.dialect != "oracle":
                read = moment(node[2], kind, 0)
                if read is not None:
                    return (read, other) if place == 0 else (one, read)
        if kinds[0] == kinds[1] and interchangeable(kinds[0], self.dialect):
            return one, other
        if kinds == ("text", "text"):
            return fn("collate", "text", (one,)), fn("collate", "text", (other,))
        if set(kinds) == {"date", "ts"}:
            left, right = (
                node if kind_of(node) == "ts" else fn("as_ts", "ts", (node,)) for node in (one, other)
            )
            return left, right
        if set(kinds) <= {"int", "num"}:
            left, right = _tidy(one), _tidy(other)
            if kind_of(left) == kind_of(right) == "int":
                return left, right
            return fn("key", "num", (left,)), fn("key", "num", (right,))
        name = "as " + " or ".join(sorted(set(kinds)))
        return fn(name, name, (one,)), fn(name, name, (other,))

    def spelled(self, key: Node, kind: str, values: Callable[[], Node]) -> Node:
        """Return what stands for a group of equal values; ``values`` gives the group's rows with their values.

        Equal values that are interchangeable are the key itself. Of others the engine shows one of the group's.
        """
        if kind_of(key) == kind and (kind == "null" or interchangeable(kind, self.dialect)):
            return key
        if kind == "num":
            return fn("spelled", "num", (key,))
        return fn("spelled", kind, (key, ("agg", "spelled", kind, each_once(values()))))

    def identity(self, value: Node) -> Node:
        """Return what decides whether two values of one column fall into one group."""
        return identity(value, self.dialect)


def _tidy(node: Node) -> Node:
    """Return a decimal constant without a fraction as a whole number; where it is only compared."""
    if node[0] == "const" and node[1] == "num" and node[2] == int(node[2]):
        return integer(int(node[2]))
    return node
