"""What comparisons with MIN, MAX and COUNT say of the rows behind them.

``v = MAX(x)`` holds where a row has ``x = v`` and none has ``x > v``, and so on: 1. of kinds whose comparisons and
whose MIN and MAX order all values alike (whole and decimal numbers, dates, timestamps; no texts, no floats), 2. where
the comparison is true, so that neither side is NULL and there is a row.

The difference of two counts is the count of the rows that only the first takes: 1. of the same single product of rows,
2. where the second has each condition of the first (among others), so that it takes none but rows of the first.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from sqlopt.rewrite.prove.logic.isomorphic import among
from sqlopt.rewrite.prove.logic.terms import (
    NULL,
    both,
    cmp,
    conjuncts,
    either,
    fn,
    integer,
    kind_of,
    lift,
    linear,
    negated,
    notnull,
)
from sqlopt.rewrite.prove.logic.trees import renamed

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.logic.terms import Node

_ORDERED = frozenset({"int", "num", "date", "ts"})
_FLIPPED = {"=": "=", "<": ">", "<=": ">="}


def extremes(fact: Node) -> list[Node]:
    """Return what a literal says of the rows of a MIN or a MAX in it."""
    if fact[0] in ("null", "notnull"):
        found = _extreme(fact[1])
        return [("none" if fact[0] == "null" else "exists", _rows(found[1], notnull))] if found else []
    if fact[0] != "cmp":
        return []
    _, operator, one, other = fact
    counted = _counted(operator, one, other)
    if counted:
        return counted
    one, other = _alone(one, other)
    other, one = _alone(other, one)
    if operator == "<>":
        either_way = _extreme(one) or _extreme(other)
        return [either([cmp("<", one, other), cmp(">", one, other)])] if either_way else []
    return [*_said(operator, one, other), *_said(_FLIPPED[operator], other, one)]


def _counted(operator: str, one: Node, other: Node) -> list[Node]:
    """Return what a comparison of two counts says of the rows that only one of them takes."""
    if kind_of(one) != "int" or kind_of(other) != "int":
        return []
    parts, constant = linear(fn("-", "int", (one, other)))
    if len(parts) != 2 or set(parts.values()) != {1, -1} or any(x[:2] != ("agg", "count") for x in parts):  # noqa: PLR2004
        return []
    for whole, less in permutations(parts):
        rest = _without(whole[3], less[3])
        if rest is not None:
            only = ("agg", "count", "int", rest)
            sides = (only, integer(-constant)) if parts[whole] == 1 else (integer(constant), only)
            return [cmp(operator, *sides)]
    return []


def _without(whole: Node, less: Node) -> Node | None:
    """Return the rows of the first relation that are not in the second, which takes some of them."""
    if len(whole) != 1 or len(less) != 1 or [x[2] for x in whole[0][1]] != [x[2] for x in less[0][1]]:
        return None
    numbers = {theirs[1]: mine[1] for mine, theirs in zip(whole[0][1], less[0][1], strict=True)}
    conditions, more = whole[0][2], renamed(less[0], numbers)[2]
    if not all(among(one, more) for one in conditions):
        return None
    left_out = negated(both([one for one in more if not among(one, conditions)]))
    return (("term", whole[0][1], conjuncts([*conditions, left_out]), (NULL,)),)


def _alone(one: Node, other: Node) -> tuple[Node, Node]:
    """Return two sides of a comparison of whole numbers with a MIN or MAX standing alone, without a number added."""
    if one[:3] == ("fn", "+", "int") and len(one[3]) == 2 and one[3][0][0] == "agg":  # noqa: PLR2004 - agg and number
        return one[3][0], fn("-", "int", (other, one[3][1]))
    return one, other


def _extreme(node: Node) -> tuple[bool, Node, bool] | None:
    """Return whether a value is a MAX (or a MIN), its rows, and whether it is compared by its key."""
    keyed = node[:2] == ("fn", "key")
    inner = node[3][0] if keyed else node
    if inner[0] != "agg" or inner[1] not in ("max", "min") or kind_of(inner) not in _ORDERED:
        return None
    return inner[1] == "max", inner, keyed


def _said(operator: str, one: Node, other: Node) -> list[Node]:
    """Return what ``one operator other`` says of the rows behind ``one``."""
    found = _extreme(one)
    if found is None:
        return []
    greatest, extreme, keyed = found
    kind = kind_of(extreme)

    def where(compared: str) -> Node:
        def formula(value: Node) -> Node:
            value = lift(value, kind)
            return cmp(compared, fn("key", "num", (value,)) if keyed else value, other)

        return _rows(extreme, formula)

    beyond = ">" if greatest else "<"
    if operator == "=":
        return [("exists", where("=")), ("none", where(beyond))]
    if operator[0] == beyond:
        return [("exists", where(operator))]
    against = beyond if len(operator) > 1 else f"{beyond}="
    return [("exists", _rows(extreme, notnull)), ("none", where(against))]


def _rows(extreme: Node, formula: object) -> Node:
    """Return the rows of an aggregate whose values satisfy a formula."""
    return tuple(
        ("term", term[1], conjuncts([*term[2], formula(term[3][0])]), ())  # type: ignore[operator]
        for term in extreme[-1]
    )
