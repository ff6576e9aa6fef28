"""Walking through nodes: parts, variables, replacing and renaming."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.logic.terms import Node, both, case, cmp, either, fn, negated, notnull, null, same

if TYPE_CHECKING:
    from collections.abc import Callable


_REMEMBERED = 1 << 14
_LOOKED_AT = 8  # nodes a step, where they are only looked up


def build(node: Node) -> Node:
    """Return a node whose parts changed, simplified again."""
    tag = node[0] if node else None
    if tag == "fn":
        return fn(node[1], node[2], node[3])
    if tag == "case":
        return case(node[1], node[2])
    if tag == "cmp":
        return cmp(node[1], node[2], node[3])
    if tag == "and":
        return both(list(node[1]))
    if tag == "or":
        return either(list(node[1]))
    makers: dict[Any, Callable[..., Node]] = {"null": null, "notnull": notnull, "same": same}
    if tag == "diff":
        return negated(same(node[1], node[2]))
    return makers[tag](*node[1:]) if tag in makers else node


def rewrite(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return a node with parts replaced, from the outside in: ``change`` gives None to go deeper."""
    spend()
    found = change(node)
    if found is not None:
        return found
    parts = tuple(rewrite(one, change) if isinstance(one, tuple) else one for one in node)
    return node if parts == node else build(parts)


def replaced(node: Node, table: dict[Node, Node]) -> Node:
    """Return a node with some nodes replaced by others."""
    found = {one: other for one, other in table.items() if one in _whole(node)}
    return rewrite(node, found.get) if found else node


def renamed(node: Node, numbers: dict[int, int]) -> Node:
    """Return a node with variables renumbered, where they are bound and where they are read."""

    def change(one: Node) -> Node | None:
        if numbers.keys().isdisjoint(mentioned(one)):
            return one
        if one[0] == "col":
            return ("col", numbers[one[1]], *one[2:])
        if one[0] == "var" and len(one) == 3:  # noqa: PLR2004 - tag, number, source
            return ("var", numbers[one[1]], one[2])
        return None

    return rewrite(node, change)


def numbered(node: Node) -> Node:
    """Return a node whose bound variables have numbers by their place: what differs in numbers alone is the same.

    What is numbered so (below 0) stays, so that it makes no difference to number a node again.
    """
    numbers = bound(node)
    most = max((-one for one in numbers if one < 0), default=0)
    open_ = [one for one in numbers if one > 0]
    return renamed(node, {one: -most - place for place, one in enumerate(open_, start=1)}) if open_ else node


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return every node below and with this one, each once."""
    spend(1 + len(_parts(node)) // _LOOKED_AT)
    return _parts(node)


def variables(node: Node) -> frozenset[int]:
    """Return the numbers of the variables read."""
    spend(1 + len(_parts(node)) // _LOOKED_AT)
    return _read(node)


def bound(node: Node) -> tuple[int, ...]:
    """Return the numbers of the variables bound inside."""
    spend(1 + len(_parts(node)) // _LOOKED_AT)
    return _bound(node)


def mentioned(node: Node) -> frozenset[int]:
    """Return the numbers of the variables bound inside or read."""
    spend(1 + len(_parts(node)) // _LOOKED_AT)
    return _mentioned(node)


# What is asked of a node again and again is remembered; the steps that a proof counts do not depend on it.


@lru_cache(_REMEMBERED)
def _parts(node: Node) -> tuple[Node, ...]:
    found = {node: None}
    waiting = [node]
    for one in waiting:
        for part in one:
            if isinstance(part, tuple) and part not in found:
                found[part] = None
                waiting.append(part)
    return tuple(waiting)


@lru_cache(_REMEMBERED)
def _whole(node: Node) -> frozenset[Node]:
    return frozenset(_parts(node))


@lru_cache(_REMEMBERED)
def _read(node: Node) -> frozenset[int]:
    return frozenset(one[1] for one in _parts(node) if one and one[0] == "col")


@lru_cache(_REMEMBERED)
def _bound(node: Node) -> tuple[int, ...]:
    return tuple(one[1] for one in _parts(node) if len(one) == 3 and one[0] == "var")  # noqa: PLR2004


@lru_cache(_REMEMBERED)
def _mentioned(node: Node) -> frozenset[int]:
    return _read(node).union(_bound(node))
