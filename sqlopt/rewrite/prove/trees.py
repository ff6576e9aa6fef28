"""Walking through nodes: parts, variables, replacing and renaming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.terms import Node, both, case, cmp, either, fn, negated, notnull, null, same

if TYPE_CHECKING:
    from collections.abc import Callable


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
    return rewrite(node, table.get) if table else node


def renamed(node: Node, numbers: dict[int, int]) -> Node:
    """Return a node with variables renumbered, where they are bound and where they are read."""

    def change(one: Node) -> Node | None:
        if one and one[0] == "col":
            return ("col", numbers.get(one[1], one[1]), *one[2:])
        return None

    def bind(one: Node) -> Node | None:
        if one and one[0] == "var" and len(one) == 3:  # noqa: PLR2004 - tag, number, source
            return ("var", numbers.get(one[1], one[1]), rewrite(one[2], bind))
        return change(one)

    return rewrite(node, bind)


def parts_of(node: Node) -> list[Node]:
    """Return every node below and with this one."""
    found = [node]
    for one in found:
        spend()
        found += [part for part in one if isinstance(part, tuple)]
    return found


def variables(node: Node) -> set[int]:
    """Return the numbers of the variables read."""
    return {one[1] for one in parts_of(node) if one and one[0] == "col"}


def bound(node: Node) -> list[int]:
    """Return the numbers of the variables bound inside."""
    return [one[1] for one in parts_of(node) if len(one) == 3 and one[0] == "var"]  # noqa: PLR2004
