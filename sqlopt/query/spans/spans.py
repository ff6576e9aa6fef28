"""Where the nodes of a tree stand in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.spans.extents import Layout
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot.tokenizer_core import Token

    from sqlopt.query.text.reuse import Units

# Their position is their own: no other token belongs to them.
_LONE = (exp.Identifier, exp.Literal)


class Spans:
    """The spans of one statement's nodes, as offsets into the whole ``text``.

    Names and literals are looked up at once. The first other node that is asked for lays out the
    whole tree, in one pass, and everything after that is a look-up.
    """

    def __init__(
        self, text: str, tokens: Sequence[Token], tree: exp.Expr, units: Units | None = None
    ) -> None:
        self._text = text
        self._units = units
        self._tokens = tokens
        self._tree = tree
        self._layout: Layout | None = None
        self._known: dict[int, Span] = {}

    def of(self, node: exp.Expr) -> Span:
        """Return the span of ``node``, a node of the tree.

        A node that has no text of its own (a default that the parser filled in) gets the span of the
        nearest node above it that has.
        """
        key = id(node)
        span = self._known.get(key)
        if span is None:
            span = self._known[key] = self._find(node)
        return span

    def _find(self, node: exp.Expr) -> Span:
        part = self._units.around(node) if self._units is not None else None
        if part is not None:
            start, unit = part
            span = unit.spans.of(node)
            return Span(start + span.start, start + span.end)
        if self._layout is None:
            if isinstance(node, _LONE):
                start = node.meta_get("start")
                end = node.meta_get("end")
                # what the parser made up has positions of other texts
                if (
                    start is not None
                    and self._inside(start, end)
                    and str(node.this) in self._text[start : end + 1]
                ):
                    return Span(start, end + 1)
            if self._units is not None:
                self._layout = Layout(self._text, self._units.frame, self._tree, self._units.holes)
            else:
                self._layout = Layout(self._text, self._tokens, self._tree)
        extent = self._layout.extent(node)
        if extent is None:
            return self._whole()
        tokens = self._layout.tokens
        return Span(tokens[extent[0]].start, tokens[extent[1]].end + 1)

    def _inside(self, start: int, end: int) -> bool:
        return bool(self._tokens) and self._tokens[0].start <= start <= end <= self._tokens[-1].end

    def _whole(self) -> Span:
        if not self._tokens:
            return Span(0, 0)
        return Span(self._tokens[0].start, self._tokens[-1].end + 1)
