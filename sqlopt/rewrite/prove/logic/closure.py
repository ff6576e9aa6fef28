"""What a set of literals says: equal values, NULLs, an order; congruence closure and difference bounds.

Sound, not complete: `True` and `False` are certain, `None` is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.logic.terms import (
    BOTTOM,
    DISCRETE,
    NULL,
    PASSING,
    TOP,
    Node,
    cmp,
    equal_constants,
    integer,
    kind_of,
    number,
)
from sqlopt.rewrite.prove.logic.trees import build, numbered, parts_of

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.premises import Knowledge

_ZERO: Node = integer(0)
_MOST_NODES = 40


@dataclass(slots=True)
class Closure:
    """Literals asserted so far; ``broken`` once they contradict each other."""

    knowledge: Knowledge
    sources: dict[int, Node]
    broken: bool = False
    _parents: dict[Node, Node] = field(default_factory=dict)
    _twins: dict[int, int] = field(default_factory=dict)
    _filled: dict[Node, None] = field(default_factory=dict)
    _unequal: list[tuple[Node, Node]] = field(default_factory=list)
    _below: list[tuple[Node, Node, bool]] = field(default_factory=list)
    _memo: dict[Node, Node] = field(default_factory=dict)
    _users: dict[Node, list[Node]] = field(default_factory=dict)  # what was worked out with a value
    _solid: set[Node] | None = None  # what stands for the values that are filled
    _matrix: dict[tuple[Node, Node], tuple[Fraction, bool]] | None = None

    # ---- normal forms

    def row(self, variable: int) -> int:
        """Return the variable that stands for a row."""
        while variable in self._twins:
            variable = self._twins[variable]
        return variable

    def of(self, node: Node) -> Node:
        """Return a node with every value replaced by what stands for its class."""
        found = self._memo.get(node)
        if found is None:
            spend()
            found = self._memo[node] = self._worked(node)
        return found

    def _worked(self, node: Node) -> Node:
        tag = node[0] if node else None
        if tag == "const":
            return node
        if tag == "col":
            changed: Node = ("col", self.row(node[1]), *node[2:])
        else:
            changed = node
            if any(isinstance(one, tuple) for one in node):
                parts = tuple(self.of(one) if isinstance(one, tuple) else one for one in node)
                for one in parts:
                    if isinstance(one, tuple):
                        self._users.setdefault(one, []).append(node)
                if parts != node:
                    changed = build(parts)
            if changed and changed[0] in ("agg", "scalar"):
                changed = numbered(changed)
        self._users.setdefault(changed, []).append(node)
        parent = self._parents.get(changed)
        if parent is None and changed == node:
            return node
        found = self.of(changed if parent is None else parent)
        self._users.setdefault(found, []).append(node)
        return found

    def _forget(self, value: Node) -> None:
        """Work out anew what was worked out with a value that now has another."""
        self._solid = self._matrix = None
        stale = [value]
        while stale:
            for node in self._users.pop(stale.pop(), ()):
                found = self._memo.pop(node, None)
                if found is not None:
                    stale.append(found)
        self._memo.pop(value, None)

    # ---- asserting

    def add(self, *literals: Node) -> None:
        """Assert literals."""
        for one in literals:
            if self.broken:
                return
            self._note(one)
        self._settle()

    def _note(self, literal: Node) -> None:
        literal = self.of(literal)
        tag = literal[0]
        if literal == BOTTOM:
            self.broken = True
        elif tag == "and":
            for one in literal[1]:
                self._note(one)
        elif tag == "null":
            self._merge(literal[1], NULL)
        elif tag == "same":
            self._merge(literal[1], literal[2])
        elif tag == "notnull":
            self._fill(literal[1])
        elif tag == "diff":
            self._unequal.append((literal[1], literal[2]))
        elif tag == "cmp":
            self._compare(*literal[1:])

    def _compare(self, operator: str, one: Node, other: Node) -> None:
        self._fill(one)
        self._fill(other)
        if operator == "=":
            self._merge(one, other)
        elif operator == "<>":
            self._unequal.append((one, other))
        else:
            self._below.append((one, other, operator == "<"))
            self._matrix = None

    def _fill(self, node: Node) -> None:
        node = self.of(node)
        if node == NULL:
            self.broken = True
        elif node[0] != "const":
            self._filled[node] = None
            if self._solid is not None:
                self._solid.add(node)

    def _merge(self, one: Node, other: Node) -> None:
        one, other = self.of(one), self.of(other)
        if one == other:
            return
        for node in (one, other):
            if node[0] != "const" and self.filled(node):
                self._filled[node] = None
        if one[0] == other[0] == "const":
            self.broken = self.broken or equal_constants(one, other) is False
            return
        if one[:2] == other[:2] == ("fn", "spelled"):
            self._merge(one[3][0], other[3][0])
            one, other = self.of(one), self.of(other)
        if _weight(one) < _weight(other):
            one, other = other, one
        if one in parts_of(other)[1:] and other not in parts_of(one)[1:]:
            one, other = other, one
        if one != other:
            self._parents[one] = other
            self._forget(one)

    def _settle(self) -> None:
        """Let equal parts make equal wholes, and equal keys equal rows, until nothing changes."""
        for _ in range(20):
            if self.broken:
                return
            before = len(self._parents), len(self._twins)
            spend(1 + len(self._parents))
            for old in list(self._parents):
                parts = tuple(self.of(one) if isinstance(one, tuple) else one for one in old)
                if old[0] == "col":
                    parts = ("col", self.row(old[1]), *old[2:])
                if parts != old:
                    self._merge(build(parts) if old[0] != "col" else parts, self._parents[old])
            self._join_rows()
            self._fill_parts()
            if before == (len(self._parents), len(self._twins)):
                break
        self._check()

    def _fill_parts(self) -> None:
        """What a strict function makes of something that is no NULL, came from no NULL."""
        waiting = list(self._filled)
        while waiting:
            spend()
            whole = self.of(waiting.pop())
            if whole[0] == "fn" and whole[1] in PASSING:
                new = [one for one in whole[3] if one[0] != "const" and one not in self._filled]
                self._filled.update(dict.fromkeys(new))
                waiting += new
                self._solid = None if new else self._solid

    def _check(self) -> None:
        spend(len(self._filled) + len(self._unequal))
        solid = self._filled_now()
        self.broken = (
            self.broken
            or NULL in solid
            or any(self._is_null(one) for one in solid)
            or any(self.of(one) == self.of(other) for one, other in self._unequal)
        )
        if not self.broken and self._below:
            self._bounds()

    def _filled_now(self) -> set[Node]:
        if self._solid is None:
            spend(len(self._filled))
            self._solid = {self.of(one) for one in self._filled}
        return self._solid

    def _is_null(self, node: Node) -> bool:
        return build(("null", node)) == TOP

    def _join_rows(self) -> None:
        """Merge rows of one table that agree in a declared key."""
        rows: dict[str, list[int]] = {}
        spend(len(self.sources))
        for variable, source in self.sources.items():
            if source[0] == "table" and variable not in self._twins:
                rows.setdefault(source[1], []).append(variable)
        for table, mine in rows.items():
            for place, one in enumerate(mine):
                spend(len(mine) - place)
                for other in mine[place + 1 :]:
                    if other in self._twins or one in self._twins:
                        continue
                    for key in self.knowledge.keys(table):
                        if self._agree(table, one, other, key):
                            self.knowledge.use(("key", table, key))
                            self._twin(other, one)
                            break

    def _twin(self, other: int, one: int) -> None:
        """Let one row stand for another; what was equal is worked out anew."""
        self._twins[other] = one
        pairs, self._parents = self._parents, {}
        self._memo.clear()
        self._users.clear()
        self._solid = self._matrix = None
        for left, right in pairs.items():
            self._merge(left, right)

    def _agree(self, table: str, one: int, other: int, key: tuple[str, ...]) -> bool:
        for name in key:
            left, right = (self.of(self.knowledge.identity(table, row, name)) for row in (one, other))
            if left != right or not self.filled(left):
                return False
        return True

    # ---- asking

    def filled(self, node: Node) -> bool:
        """Whether a value is certainly not NULL."""
        node = self.of(node)
        tag = node[0]
        if tag == "const":
            return node != NULL
        spend()
        if node in self._filled_now():
            return True
        if tag == "col":
            source = self.sources.get(node[1])
            if source is not None and source[0] == "table" and self.knowledge.not_null(source[1], node[2]):
                self.knowledge.use(("not null", source[1], node[2]))
                return True
            return False
        formula = build(("null", node))
        return formula == BOTTOM or (formula != ("null", node) and self.value(formula) is False)

    def value(self, formula: Node) -> bool | None:
        """Return whether a formula holds, None where that is not known."""
        spend()
        formula = self.of(formula)
        tag = formula[0]
        if tag in ("true", "false"):
            return bool(tag == "true")
        if tag in ("and", "or"):
            found = {self.value(one) for one in formula[1]}
            stop = tag == "or"
            return stop if stop in found else None if None in found else not stop
        if tag in ("null", "notnull"):
            certain = self.filled(formula[1])
            return (tag == "notnull") if certain else None
        if tag == "cmp":
            return self._comparison(*formula[1:])
        if tag in ("same", "diff"):
            apart = self._apart(formula[1], formula[2])
            if not apart and self.filled(formula[1]) and self.filled(formula[2]):
                apart = self._comparison("=", formula[1], formula[2]) is False
            return (tag == "diff") if apart else None
        return None

    def _apart(self, one: Node, other: Node) -> bool:
        spend(len(self._unequal))
        pair = {self.of(one), self.of(other)}
        return any({self.of(left), self.of(right)} == pair for left, right in self._unequal)

    def _comparison(self, operator: str, one: Node, other: Node) -> bool | None:
        filled = self.filled(one) and self.filled(other)
        if operator in ("=", "<>"):
            apart = (
                self._apart(one, other)
                or self._less(one, other, strict=True)
                or self._less(other, one, strict=True)
            )
            if apart:
                return operator == "<>" if filled or operator == "=" else None
            return None
        if self._less(one, other, strict=operator == "<"):
            return True if filled else None
        return False if self._less(other, one, strict=operator != "<") else None

    # ---- order

    def _less(self, one: Node, other: Node, *, strict: bool) -> bool:
        """Whether ``one`` is certainly below ``other`` (or equal, if not ``strict``), neither being NULL."""
        if not self._below:
            return False
        spend()
        left, low = offset(self.of(one))
        right, high = offset(self.of(other))
        if left == right:
            return low < high or (low == high and not strict)
        found = self._bounds().get((left, right))
        if found is None:
            return False
        weight, sharp = found
        room = high - low
        return weight < room or (weight == room and (sharp or not strict))

    def _bounds(self) -> dict[tuple[Node, Node], tuple[Fraction, bool]]:
        """Return the tightest known ``a - b <= weight`` (``<`` where the flag is set)."""
        if self._matrix is not None:
            return self._matrix
        matrix: dict[tuple[Node, Node], tuple[Fraction, bool]] = {}
        self._matrix = matrix
        for one, other, strict in self._below:
            (left, low), (right, high) = offset(self.of(one)), offset(self.of(other))
            _tighten(matrix, (left, right), (high - low, strict))
        nodes = list(dict.fromkeys(one for pair in matrix for one in pair))
        if len(nodes) > _MOST_NODES:
            return matrix
        for middle in nodes:
            for left in nodes:
                first = matrix.get((left, middle))
                if first is None:
                    continue
                spend(len(nodes))
                for right in nodes:
                    second = matrix.get((middle, right))
                    if second is not None:
                        _tighten(matrix, (left, right), (first[0] + second[0], first[1] or second[1]))
        self._loops(matrix, nodes)
        return matrix

    def _loops(self, matrix: dict[tuple[Node, Node], tuple[Fraction, bool]], nodes: list[Node]) -> None:
        """A loop below zero is a contradiction; one of zero makes its ends equal."""
        pairs = [(one, one) for one in nodes]
        if any(
            pair in matrix and (matrix[pair][0] < 0 or matrix[pair] == (Fraction(0), True)) for pair in pairs
        ):
            self.broken = True
            return
        for one, other in list(matrix):
            back = matrix.get((other, one))
            if one == other or back is None:
                continue
            weight, _ = matrix[one, other]
            if weight + back[0] == 0 and self._pin(one, other, weight):
                self._settle()
                return

    def _pin(self, one: Node, other: Node, weight: Fraction) -> bool:
        """Note that ``one`` is ``other`` plus ``weight``; both are known not to be NULL."""
        if (
            one == _ZERO
            or (weight != 0 and other != _ZERO)
            or (other != _ZERO and kind_of(one) != kind_of(other))
        ):
            return False
        if weight == 0 and other != _ZERO:
            equal = cmp("=", one, other)
        else:
            kind = kind_of(one)
            if kind != "int" or weight.denominator != 1:
                return False
            equal = cmp("=", one, integer(int(weight)))
        equal = self.of(equal)
        if equal[0] != "cmp":
            self.broken = self.broken or equal == BOTTOM
            return False
        self._merge(equal[2], equal[3])
        return True


def _tighten(
    matrix: dict[tuple[Node, Node], tuple[Fraction, bool]],
    pair: tuple[Node, Node],
    found: tuple[Fraction, bool],
) -> None:
    old = matrix.get(pair)
    if old is None or found[0] < old[0] or (found[0] == old[0] and found[1] and not old[1]):
        matrix[pair] = found


def offset(node: Node) -> tuple[Node, Fraction]:
    """Return a value as a part and a number added to it."""
    place = number(node)
    if place is not None:
        return _ZERO, place
    if node[0] == "fn" and node[1] == "+" and node[2] in DISCRETE and node[3][-1][0] == "const":
        rest = node[3][:-1]
        return (rest[0] if len(rest) == 1 else ("fn", "+", node[2], rest)), Fraction(node[3][-1][2])
    return node, Fraction(0)


def _weight(node: Node) -> tuple[int, int, str]:
    """Return how little a node fits to stand for its class: constants fit best, single values least."""
    if node[0] == "const":
        return 0, 0, ""
    text = repr(node)
    if node[0] == "col":
        return (1 if node[2] else 3), len(text), text
    return 2, len(text), text
