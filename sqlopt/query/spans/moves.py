"""What rules of growth are made of: moves over the tokens around an extent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query.spans.extents import Layout

    Extent = tuple[int, int]
    Rule = Callable[[Layout, exp.Expr, Extent], Extent]

OPENING = frozenset({T.L_PAREN, T.L_BRACKET, T.L_BRACE})
CLOSING = frozenset({T.R_PAREN, T.R_BRACKET, T.R_BRACE})
NAMES_AND_VALUES = frozenset({T.VAR, T.IDENTIFIER, T.STRING, T.NUMBER, T.RAW_STRING, T.HEREDOC_STRING})


def union(one: Extent, other: Extent) -> Extent:
    """Return the hull of two extents."""
    return min(one[0], other[0]), max(one[1], other[1])


def grow_left(layout: Layout, hull: Extent, *words: str) -> Extent:
    """Grow to the left over these words."""
    start, end = hull
    while start > 0 and layout.words[start - 1] in words:
        start -= 1
    return start, end


def grow_right(layout: Layout, hull: Extent, words: frozenset[str]) -> Extent:
    """Grow to the right over these words."""
    start, end = hull
    while end + 1 < len(layout.words) and layout.words[end + 1] in words:
        end += 1
    return start, end


def seek(layout: Layout, hull: Extent, *words: str, limit: int = 12) -> Extent:
    """Grow to the left up to the nearest of these words within the same brackets."""
    index = hull[0] - 1
    for _ in range(limit):
        if index < 0:
            break
        if layout.words[index] in words:
            return index, hull[1]
        if layout.kinds[index] in OPENING:
            break
        index = layout.match.get(index, index) - 1 if layout.kinds[index] in CLOSING else index - 1
    return hull


def wrap(layout: Layout, hull: Extent) -> Extent:
    """Grow over the brackets right around the hull."""
    start, end = hull
    if start > 0 and layout.match.get(start - 1) == end + 1:
        return start - 1, end + 1
    return hull


def enclose(layout: Layout, hull: Extent) -> Extent:
    """Grow to the innermost brackets around the hull, whatever else they hold."""
    opening = layout.inside[hull[0]]
    closing = layout.match.get(opening, -1)
    return (opening, closing) if opening >= 0 and closing > hull[1] else hull


def balance(layout: Layout, hull: Extent) -> Extent:
    """Grow so that every bracket in the hull has its partner."""
    start, end = hull
    index = start
    while index <= end:
        partner = layout.match.get(index)
        if partner is not None:
            start, end = min(start, partner), max(end, partner)
            index = max(index, partner) if partner > index else index
        index += 1
    return start, end


def word_at(layout: Layout, index: int) -> str:
    """Return the word of a token in upper case; empty for values, quoted names and beyond the end."""
    return layout.words[index] if 0 <= index < len(layout.words) else ""


def kind_at(layout: Layout, index: int) -> T | None:
    """Return the type of a token, or None beyond the end."""
    return layout.kinds[index] if 0 <= index < len(layout.kinds) else None


def extent_of(layout: Layout, node: exp.Expr | None) -> Extent | None:
    """Return what is known of a node."""
    return None if node is None else layout.known.get(id(node))


def type_end(layout: Layout, index: int) -> int:
    """Return the last token of the type name that starts at ``index``."""
    end = index
    size = len(layout.kinds)
    while end + 1 < size:
        kind = layout.kinds[end + 1]
        word = layout.words[end + 1]
        if kind in {T.L_PAREN, T.L_BRACKET} and end + 1 in layout.match:
            end = layout.match[end + 1]
        elif kind == T.LT:
            depth = 0
            for ahead in range(end + 1, size):
                depth += (layout.kinds[ahead] == T.LT) - (layout.kinds[ahead] == T.GT)
                if depth == 0:
                    end = ahead
                    break
            else:
                return end
        elif word in {"PRECISION", "VARYING", "UNSIGNED"}:
            end += 1
        elif word in {"WITH", "WITHOUT"} and word_at(layout, end + 3) == "ZONE":
            end += 3
        elif word in {"WITH", "WITHOUT"} and word_at(layout, end + 4) == "ZONE":
            end += 4
        else:
            break
    return end


def type_start(layout: Layout, index: int) -> int:
    """Return the first token of the type whose closing ``>`` is at ``index``."""
    depth = 0
    while index > 0:
        depth += (layout.kinds[index] == T.GT) - (layout.kinds[index] == T.LT)
        index -= 1
        if not depth:
            break
    return index


def first_of(layout: Layout, nodes: list[exp.Expr]) -> Extent | None:
    """Return the first node's extent that is known."""
    return next((found for found in (layout.known.get(id(node)) for node in nodes) if found), None)


def named_call(layout: Layout, hull: Extent, names: frozenset[str]) -> Extent:
    """Grow to ``NAME ( ... )`` if the innermost brackets around are those of one of these names."""
    opening = layout.inside[hull[0]]
    if opening > 0 and layout.kinds[opening] == T.L_PAREN and word_at(layout, opening - 1) in names:
        closing = layout.match.get(opening, -1)
        if closing > hull[1]:
            return opening - 1, closing
    return hull


def prefix(*words: str) -> Rule:
    """Make a rule for one of these words right before the hull."""

    def rule(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
        before = hull[0] - 1
        return (before, hull[1]) if before >= 0 and layout.words[before] in words else hull

    return rule


def wrapped(*words: str) -> Rule:
    """In brackets of its own, after at most one of these words."""

    def rule(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
        start, end = wrap(layout, hull)
        if start > 0 and layout.words[start - 1] in words:
            start -= 1
        return start, end

    return rule


def alias_columns(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Take in the closing parenthesis of an alias's column list, too."""
    alias = node.args.get("alias")
    found = extent_of(layout, alias) if isinstance(alias, exp.Expr) else None
    return hull if found is None else union(hull, found)
