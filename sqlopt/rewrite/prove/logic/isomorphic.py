"""Whether two nodes are one but for the numbers of their variables and the order of parts whose order means nothing.

Sound, not complete: a renaming that is found makes both the same; with many equal parts the search is given up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.logic.terms import NUMBERS
from sqlopt.rewrite.prove.logic.trees import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.rewrite.prove.logic.terms import Node

_MOST_STEPS = 4_000
_EITHER_WAY = frozenset({"same", "diff"})
_EQUALITIES = frozenset({"=", "<>"})
_COMMUTING = frozenset({"+", "*"})


def renaming(one: Node, other: Node) -> dict[int, int] | None:
    """Return which variable of ``one`` each variable that ``other`` binds stands for, so that both are the same.

    Variables that they do not bind stand for themselves.
    """
    if shape(one) != shape(other):
        return None
    return _Search(_sources(one), _sources(other)).run([(one, other)], [], {}, {})


def alike_rows(one: Node, other: Node) -> bool:
    """Whether two relations are one but for the numbers of their variables and the order of their terms."""
    return one == other or renaming(("exists", one), ("exists", other)) is not None


def each_once(relation: Node) -> Node:
    """Return a relation's terms, each once: the same set of rows, not the same bag."""
    found: list[Node] = []
    for term in relation:
        if not any(alike_rows((term,), (one,)) for one in found):
            found.append(term)
    return tuple(found)


def among(one: Node, others: Iterable[Node]) -> bool:
    """Whether a node is one of others, but for the numbers of their variables and the order of their parts."""
    return any(one == other or renaming(one, other) is not None for other in others)


def likely(one: Node, other: Node) -> dict[int, int]:
    """Return which row of a term each row of another probably stands for: what is alike in both says so."""
    search = _Search(_sources(one), _sources(other))
    there: Numbers = {}
    back: Numbers = {}
    pairs = list(zip(one[3], other[3], strict=True))
    mine, theirs = _grouped(one[2]), _grouped(other[2])
    pairs += [
        (mine[key][0], theirs[key][0]) for key in mine if len(mine[key]) == len(theirs.get(key, ())) == 1
    ]
    for pair in pairs:
        found = search.run([pair], [], dict(there), dict(back))
        if found is not None:
            there = found
            back = {value: key for key, value in found.items()}
    rows = {row[1] for row in other[1]}
    free = {row[1] for row in one[1]}
    return {key: value for key, value in there.items() if key in rows and value in free}


def _sources(node: Node) -> dict[int, Node]:
    return {one[1]: one[2] for one in parts_of(node) if len(one) == 3 and one[0] == "var"}  # noqa: PLR2004


def _apart(node: Node) -> tuple[tuple[Any, ...], list[tuple[Node, ...]]]:
    """Return a node's parts in order, and its bags of parts whose order means nothing."""
    tag = node[0] if node else None
    if tag in ("and", "or"):
        return (tag,), [node[1]]
    if tag in ("exists", "none"):
        return (tag,), [node[1]]
    if tag in ("agg", "scalar"):
        return node[:-1], [node[-1]]
    if tag == "term":
        return (tag, node[3]), [node[1], node[2]]
    if tag in _EITHER_WAY:
        return (tag,), [node[1:]]
    if tag == "cmp" and node[1] in _EQUALITIES:
        return node[:2], [node[2:]]
    if tag == "fn" and node[1] in _COMMUTING and node[2] in NUMBERS:
        return node[:3], [node[3]]
    return node, []


@lru_cache(1 << 14)
def shape(node: Node) -> int:
    """Return a number that nodes share which are one but for variables and order."""
    tag = node[0] if node else None
    if tag == "col":
        return hash(("col", *node[2:]))
    if tag == "var":
        return hash(("var", *node[2:]))
    ordered, bags = _apart(node)
    parts = tuple(shape(one) if isinstance(one, tuple) else one for one in ordered)
    return hash((parts, *(tuple(sorted(map(shape, bag))) for bag in bags)))


Group = tuple[tuple["Node", ...], tuple["Node", ...]]
Numbers = dict[int, int]


class _Search:
    """Looks for a renaming, one choice after the other."""

    def __init__(self, mine: dict[int, Node], theirs: dict[int, Node]) -> None:
        self.mine = mine
        self.theirs = theirs
        self.left = _MOST_STEPS

    def run(
        self, pairs: list[tuple[Any, Any]], choices: list[Group], there: Numbers, back: Numbers
    ) -> Numbers | None:
        """Return the renaming under which each pair is the same, and each group's parts are in some order."""
        while pairs:
            spend()
            self.left -= 1
            more = self._compared(*pairs.pop(), there, back) if self.left >= 0 else None
            if more is None:
                return None
            for group in more:
                if len(group[0]) != len(group[1]):
                    return None
                if len(group[0]) == 1:
                    pairs.append((group[0][0], group[1][0]))
                else:
                    choices.append(group)
        if not choices:
            return there
        chosen = min(choices, key=lambda one: len(one[0]))
        rest = [one for one in choices if one is not chosen]
        (first, *mine), theirs = chosen
        for place, one in enumerate(theirs):
            left = (tuple(mine), (*theirs[:place], *theirs[place + 1 :]))
            inner, more = ([], [*rest, left]) if len(mine) > 1 else ([(left[0][0], left[1][0])], rest)
            found = self.run([*inner, (first, one)], list(more), dict(there), dict(back))
            if found is not None or self.left < 0:
                return found
        return None

    def _compared(self, one: Any, other: Any, there: Numbers, back: Numbers) -> list[Group] | None:
        """Return the groups of parts that must be the same for two nodes to be; None if they can't be."""
        if not isinstance(one, tuple) or not isinstance(other, tuple):
            return [] if one == other and type(one) is type(other) else None
        if shape(one) != shape(other) or len(one) != len(other):
            return None
        tag = one[0] if one else None
        if tag in ("col", "var"):
            same = tag == other[0] and one[2:] == other[2:] and self._bind(one[1], other[1], there, back)
            return [] if same else None
        if tag == "const":
            return [] if one == other else None
        (parts, bags), (others, their) = _apart(one), _apart(other)
        if len(parts) != len(others) or len(bags) != len(their):
            return None
        found: list[Group] = [((a,), (b,)) for a, b in zip(parts, others, strict=True)]
        for mine, theirs in zip(bags, their, strict=True):
            groups = _grouped(mine), _grouped(theirs)
            if groups[0].keys() != groups[1].keys():
                return None
            found += [(tuple(a), tuple(groups[1][key])) for key, a in groups[0].items()]
        return found

    def _bind(self, one: int, other: int, there: Numbers, back: Numbers) -> bool:
        if one not in self.mine or other not in self.theirs:
            return one == other
        if other in there or one in back:
            return there.get(other) == one
        if self.mine[one] != self.theirs[other]:
            return False
        there[other] = one
        back[one] = other
        return True


def _grouped(parts: tuple[Node, ...]) -> dict[int, list[Node]]:
    found: dict[int, list[Node]] = {}
    for one in parts:
        found.setdefault(shape(one), []).append(one)
    return found
