"""What is known of a statement's tokens before they are parsed: how deep they nest, and their shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

from sqlglot.tokenizer_core import TokenType

from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

MAX_LEVELS = 200
"""Deepest nesting that is parsed. The compiled parser recurses about 25 frames a level and gives up
at some 350 levels of a fresh stack; 200 leaves room for a caller's own frames."""

MAX_OPEN_JOINS = 12
"""Most joins in a row without ON or USING: the parser's time doubles with each."""

MAX_CHAIN = 1000
"""Most arrows, assignments and subscripts of subscripts in a statement; the parser recurses on them."""

MAX_TOKENS = 400_000
"""Most tokens of a statement: some four seconds of parsing."""

_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
_PLAIN = frozenset({TokenType.VAR, TokenType.NUMBER, TokenType.STRING, TokenType.IDENTIFIER, TokenType.COMMA})
_GENERIC = frozenset(
    {TokenType.ARRAY, TokenType.STRUCT, TokenType.MAP, TokenType.NESTED, TokenType.OBJECT, TokenType.LIST}
    | {TokenType.RANGE, TokenType.TABLE, TokenType.NULLABLE, TokenType.LOWCARDINALITY, TokenType.VECTOR}
)
_RIGHT = frozenset({TokenType.ARROW, TokenType.COLON_EQ, TokenType.FARROW, TokenType.DSTAR})
_NEAR = 4  # tokens from one subscript to the next in a[0][1]
_NO_CONDITION = frozenset({TokenType.CROSS, TokenType.NATURAL})
_NEW_CLAUSE = frozenset({TokenType.WHERE, TokenType.SELECT, TokenType.FROM, TokenType.COMMA, TokenType.UNION})


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """Why a statement can't be read: one plain line, and the token in the whole text it is about."""

    message: str
    span: Span


class Profile:
    """The limits and the shape of some tokens, in few passes."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.kinds = [token.token_type for token in tokens]
        self.marks = bytes(map(_MARKS.__getitem__, self.kinds))

    def shape(self) -> str:
        """Return the tokens' texts in a form that comments, layout and unquoted case don't change."""
        texts = [token.text for token in self.tokens]
        quoted = "\n".join(compress(texts, self.marks.translate(_IS_QUOTED)))
        words = "\n".join(texts).upper()
        return f"{words}\0{quoted}\0{self.marks.decode('latin-1')}"

    def beyond_limits(self) -> ParseFailure | None:
        """Return why the tokens would cost the parser its stack or exponential time, or None."""
        size = len(self.kinds)
        if size > MAX_TOKENS:
            return self._failure(MAX_TOKENS, f"a statement of more than {MAX_TOKENS:,} tokens")
        marks = self.marks
        if size > MAX_OPEN_JOINS and marks.count(_JOIN) > MAX_OPEN_JOINS:
            at = _open_joins(self.kinds)
            if at is not None:
                return self._failure(at, f"more than {MAX_OPEN_JOINS} joins in a row without ON or USING")
        risks = marks.count(_OPEN) + marks.count(_RISKY)
        if size <= MAX_LEVELS or (risks < MAX_LEVELS // 2 and not _RUN.search(marks)):
            return None
        at = _depth(self.kinds).beyond
        return None if at is None else self._failure(at, f"nested deeper than {MAX_LEVELS} levels")

    def depth(self) -> Depth | None:
        """Return how deep the tokens nest; None where that, or another limit, is too much."""
        found = _depth(self.kinds)
        return found if found.beyond is None and self.beyond_limits() is None else None

    def _failure(self, at: int, message: str) -> ParseFailure:
        token = self.tokens[at]
        return ParseFailure(message, Span(token.start, token.end + 1))


class Depth(NamedTuple):
    """How deep tokens nest: the most ``levels``, the length of all chains, types left open.

    ``beyond`` is the token at which it gets too deep.
    """

    levels: int
    chain: int
    types: int
    beyond: int | None = None


def _depth(kinds: list[TokenType]) -> Depth:  # noqa: C901 - one pass, a case each kind
    """Return how deep the tokens nest: brackets, CASE, types, chains of prefixes and subscripts."""
    open_levels: list[int] = []
    depth = run = types = chain = most = 0
    subscript = -9
    for index, kind in enumerate(kinds):
        if kind in _PLAIN:
            run = 0
        elif kind in _OPENING:
            if kind == TokenType.L_BRACKET and kinds[index - 1] == TokenType.R_BRACKET:
                chain = chain + 1 if index - subscript <= _NEAR else 1
                subscript = index
            open_levels.append(run + 1)
            depth += run + 1
            run = 0
        elif kind in _CLOSING:
            if open_levels:
                depth -= open_levels.pop()
            run = 0
        elif kind == TokenType.LT and kinds[index - 1] in _GENERIC:
            types += 1
            run = 0
        elif kind == TokenType.GT and types:
            types -= 1
        elif kind in _RIGHT:
            chain += 1
        else:
            run += 1
        if depth + run + types > most:  # noqa: PLR1730 - it runs for every token, and max() is a call
            most = depth + run + types
        if most > MAX_LEVELS or chain > MAX_CHAIN:
            return Depth(most, chain, types, index)
    return Depth(most, chain, types)


def _open_joins(kinds: list[TokenType]) -> int | None:
    """Where the joins that wait for their ON get too many; the parser tries each twice."""
    waiting: list[int] = [0]
    for index, kind in enumerate(kinds):
        if kind in _OPENING:
            waiting.append(0)
        elif kind in _CLOSING:
            if len(waiting) > 1:
                waiting.pop()
        elif kind == TokenType.JOIN:
            if not _NO_CONDITION.intersection(kinds[max(0, index - 3) : index]):
                waiting[-1] += 1
                if waiting[-1] > MAX_OPEN_JOINS:
                    return index
        elif kind in {TokenType.ON, TokenType.USING}:
            waiting[-1] = max(0, waiting[-1] - 1)
        elif kind in _NEW_CLAUSE:
            waiting[-1] = 0
    return None


_OPEN, _RISKY, _JOIN = b"(", b"<", b"J"
_RUN = re.compile(rb"[^,sib]{20}")  # a long row of tokens none of which is plain
_IS_QUOTED = bytes(code in b"sib" for code in range(256))


def _mark(kind: TokenType) -> int:
    """One letter for what the limits and the shape of a statement need to know of a token."""
    if kind in _QUOTED:
        return b"sib"[min(_QUOTED.index(kind), 2)]
    if kind in _PLAIN:
        return b","[0]
    if kind in _OPENING:
        return _OPEN[0]
    if kind in _RIGHT or kind == TokenType.LT:
        return _RISKY[0]
    return _JOIN[0] if kind == TokenType.JOIN else b"."[0]


_QUOTED = (
    *(TokenType.STRING, TokenType.IDENTIFIER, TokenType.RAW_STRING, TokenType.HEREDOC_STRING),
    *(TokenType.BYTE_STRING, TokenType.UNICODE_STRING, TokenType.NATIONAL_STRING),
    TokenType.NATIONAL_RAW_STRING,
)
_MARKS = [b"."[0], *map(_mark, TokenType)]  # by the value of the token type, which counts from 1
