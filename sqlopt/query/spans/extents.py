"""The tokens that each node of a tree stands for.

sqlglot notes positions for names, literals and the names of functions only. The rest follows: first
the leaves without a position (NULL, units, parameters, ...) are looked for between their located
neighbours, then every node gets the hull of its descendants, grown over the tokens that its kind
owns (`rules`).

An extent is a pair of token indices, both inclusive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from sqlopt.query.spans import moves, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlglot.tokenizer_core import Token

_STRINGS = frozenset(
    {
        TokenType.STRING,
        TokenType.RAW_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.NATIONAL_STRING,
        TokenType.NATIONAL_RAW_STRING,
        TokenType.UNICODE_STRING,
        TokenType.BYTE_STRING,
        TokenType.BIT_STRING,
        TokenType.HEX_STRING,
    }
)
_STRING_NODES = (
    exp.RawString,
    exp.Heredoc,
    exp.National,
    exp.UnicodeString,
    exp.ByteString,
    exp.BitString,
    exp.HexString,
)
_NAMED = (exp.Identifier, exp.Literal)
_NULLS = frozenset({TokenType.NULL, TokenType.UNKNOWN, TokenType.ISNULL, TokenType.NOTNULL})


class Layout:
    """The extents of all nodes of one statement, computed at once.

    ``holes`` are nodes by id, with their tokens, below which nothing is laid out.
    """

    def __init__(
        self,
        text: str,
        tokens: Sequence[Token],
        tree: exp.Expr,
        holes: Mapping[int, tuple[int, int]] | None = None,
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.kinds = [token.token_type for token in tokens]
        self.words = [
            "" if kind in moves.NAMES_AND_VALUES and kind != TokenType.VAR else token.text.upper()
            for token, kind in zip(tokens, self.kinds, strict=True)
        ]
        self.match, self.inside = _brackets(self.kinds)
        self._at = {token.start: index for index, token in enumerate(tokens)}
        self._until = {token.end: index for index, token in enumerate(tokens)}
        self.known: dict[int, tuple[int, int]] = {}
        self.heads: dict[int, int] = {}
        self._tree = tree
        self._holes = holes or {}
        if tokens:
            self._lay_out()

    def extent(self, node: exp.Expr) -> tuple[int, int] | None:
        """Return the tokens of ``node``, or of the nearest node above that has some."""
        above: exp.Expr | None = node
        while above is not None:
            found = self.known.get(id(above))
            if found is not None:
                return self._within(found)
            above = above.parent
        return None

    def hull(self, node: exp.Expr) -> tuple[int, int] | None:
        """Return the hull of the children's extents."""
        start, end = len(self.kinds), -1
        known = self.known
        for child in node.iter_expressions():
            found = known.get(id(child))
            if found is not None:
                start = min(start, found[0])
                end = max(end, found[1])
        return (start, end) if end >= 0 else None

    def _within(self, extent: tuple[int, int]) -> tuple[int, int]:
        """Return the extent cut to the tokens: broken SQL may end before a rule expects it."""
        last = len(self.kinds) - 1
        return max(0, min(extent[0], last)), max(0, min(extent[1], last))

    # ---- the passes

    def _lay_out(self) -> None:
        holes = self._holes
        prune = (lambda node: id(node) in holes) if holes else None
        nodes = [node for node in self._tree.walk(bfs=False, prune=prune) if id(node) not in holes]
        self.known.update(holes)
        if self._locate(nodes):
            self._search(nodes)
        for node in reversed(nodes):
            grown = rules.grow(self, node)
            if grown is not None:
                self.known[id(node)] = self._within(grown)
        self.known[id(self._tree)] = (0, len(self.kinds) - 1)

    def _locate(self, nodes: list[exp.Expr]) -> bool:
        """Note the extents that sqlglot tells; return whether there are leaves to search for."""
        lost = False
        for node in nodes:
            start = node.meta_get("start")
            if start is not None:
                first = self._at.get(start)
                last = self._until.get(node.meta_get("end"), first)
                if first is not None and last is not None and self._names(node, first):
                    if isinstance(node, rules.LONE):
                        self.known[id(node)] = (first, max(first, last))
                    else:
                        self.heads[id(node)] = first
                    continue
            lost = lost or _wanted(node) is not None
        return lost

    def _names(self, node: exp.Expr, index: int) -> bool:
        """Whether the token can be the node's: what the parser made up has positions of other texts."""
        return not isinstance(node, _NAMED) or str(node.this).upper() in self.tokens[index].text.upper()

    def _search(self, nodes: list[exp.Expr]) -> None:
        """Find the lost leaves, each between the nearest located leaves before and after it."""
        sequence = self._in_order(nodes)
        places = [self._place(node) for node in sequence]
        limits = [len(self.kinds)] * (len(sequence) + 1)
        for index in range(len(sequence) - 1, -1, -1):
            place = places[index]
            limits[index] = place[0] if place else limits[index + 1]
        taken: set[int] = set()
        position = 0
        missed = []
        for index, node in enumerate(sequence):
            place = places[index]
            if place:
                position = place[1] + 1
                continue
            found = self._first(_wanted(node), node, position, limits[index], taken)
            if found is None:
                missed.append(node)
            else:
                position = found + 1
        for node in missed:
            self._around(node, taken)

    def _place(self, node: exp.Expr) -> tuple[int, int] | None:
        found = self.known.get(id(node))
        if found is None and id(node) in self.heads:
            head = self.heads[id(node)]
            return head, head
        return found

    def _first(
        self,
        wanted: Callable[[Layout, int], bool] | None,
        node: exp.Expr,
        start: int,
        end: int,
        taken: set[int],
    ) -> int | None:
        if wanted is None:
            return None
        for index in range(start, end):
            if index not in taken and wanted(self, index):
                taken.add(index)
                self.known[id(node)] = (index, index)
                return index
        return None

    def _around(self, node: exp.Expr, taken: set[int]) -> None:
        """Look for a leaf in the brackets of the function that it is an argument of."""
        above = node.parent
        while above is not None and id(above) not in self.heads:
            above = above.parent
        if above is None:
            return
        head = self.heads[id(above)]
        closing = self.match.get(head + 1)
        if closing is not None:
            self._first(_wanted(node), node, head + 2, closing, taken)

    def _in_order(self, nodes: list[exp.Expr]) -> list[exp.Expr]:
        """Located and wanted nodes, as their text follows one another as far as that is known."""
        first: dict[int, int] = {}
        for node in reversed(nodes):
            place = self._place(node)
            least = place[0] if place else None
            for child in node.iter_expressions():
                value = first.get(id(child), self._holes.get(id(child), (None,))[0])
                if value is not None and (least is None or value < least):
                    least = value
            if least is not None:
                first[id(node)] = least
        sequence = []
        stack = [self._tree]
        while stack:
            node = stack.pop()
            if self._place(node) or _wanted(node) is not None:
                sequence.append(node)
            if id(node) not in self._holes:
                stack.extend(reversed(self._sorted(node, first)))
        return sequence

    @staticmethod
    def _sorted(node: exp.Expr, first: dict[int, int]) -> list[exp.Expr]:
        children = []
        key = -1
        in_order = True
        for child in node.iter_expressions():
            value = first.get(id(child), key)
            in_order = in_order and value >= key
            key = value
            children.append((value, child))
        if not in_order:
            children.sort(key=lambda pair: pair[0])
        return [child for _, child in children]


def _brackets(kinds: list[TokenType]) -> tuple[dict[int, int], list[int]]:
    """Pair the brackets: opening to closing and back; and each token's innermost opening one or -1."""
    match: dict[int, int] = {}
    inside: list[int] = []
    stack: list[int] = []
    for index, kind in enumerate(kinds):
        if kind in moves.CLOSING and stack:
            opening = stack.pop()
            match[opening] = index
            match[index] = opening
        inside.append(stack[-1] if stack else -1)
        if kind in moves.OPENING:
            stack.append(index)
    return match, inside


def _wanted(node: exp.Expr) -> Callable[[Layout, int], bool] | None:
    """Return what the token of a leaf without a position looks like; None for nodes that have none."""
    kind = type(node)
    if kind is exp.Null:
        return lambda layout, index: layout.kinds[index] in _NULLS
    if kind is exp.Boolean:
        wanted = TokenType.TRUE if node.this else TokenType.FALSE
        return lambda layout, index: layout.kinds[index] == wanted
    if kind is exp.Interval:
        return lambda layout, index: layout.kinds[index] == TokenType.INTERVAL
    if kind is exp.Star:
        return lambda layout, index: layout.kinds[index] == TokenType.STAR
    if kind is exp.Distinct:
        return lambda layout, index: layout.kinds[index] == TokenType.DISTINCT
    if kind is exp.Placeholder and not node.this:
        return lambda layout, index: layout.kinds[index] == TokenType.PLACEHOLDER
    if kind in {exp.Var, exp.Identifier, exp.Literal, exp.Placeholder}:
        return _named(str(node.this).upper())
    if isinstance(node, _STRING_NODES):
        return lambda layout, index: layout.kinds[index] in _STRINGS
    if isinstance(node, exp.Func) and not any(True for _ in node.iter_expressions()):
        names = frozenset(node.sql_names())
        return lambda layout, index: layout.words[index] in names
    return None


def _named(name: str) -> Callable[[Layout, int], bool]:
    units = {name, f"{name}S", name.removesuffix("S")}

    def matches(layout: Layout, index: int) -> bool:
        return layout.tokens[index].text.upper() in units

    return matches
