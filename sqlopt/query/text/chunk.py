"""The tokens between two semicolons of a script, read from the front and cut into pieces (see `procedural`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

from sqlopt.query.text.lexer import Reader, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.query.text.blocks import Script
    from sqlopt.query.text.limits import ParseFailure

_QUOTED = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER})
OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})

QUERY = frozenset({"SELECT", "WITH"})
SQL = QUERY | {
    *("INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DROP", "ALTER", "TRUNCATE", "VALUES", "COPY", "FROM"),
}
HEADS = frozenset({"IF", "ELSEIF", "ELSIF", "WHILE", "FOR", "FOREACH", "WHEN", "CASE", "EXCEPTION"})
# Commands (to sqlglot's tokenizer) whose rest is more than an argument.
_SPREAD = HEADS | {"BEGIN", "ELSE", "END", "LOOP", "REPEAT", "REPLACE", "FETCH", "UNLOAD"}


@dataclass(frozen=True, slots=True)
class Filling:
    """What script variables get, and from where.

    ``tokens`` are an expression, a query, or the name of a cursor; with none it is the statement's own query that
    fills them. ``rows`` says that a variable stands for whole rows: a cursor, a result set, the record of a loop.
    ``sure`` says that it happens, and once: it stands in no branch and no loop.
    """

    names: tuple[str, ...]
    tokens: tuple[Token, ...] = ()
    rows: bool = False
    sure: bool = False


@dataclass(slots=True)
class Piece:
    """Tokens to parse as one statement, and the extent of text that they came from.

    ``opaque`` is a procedural statement without SQL; ``lenient`` one that may be procedural in a way
    not known here, so that it is no error if it doesn't parse. ``quoted`` says that it stands in a string.
    ``texts`` are the strings that variables hold.
    ``fills`` says which variables it fills; then its own result is no one's.
    """

    tokens: list[Token]
    start: int
    end: int
    variables: frozenset[str]
    opaque: bool = False
    lenient: bool = False
    failure: ParseFailure | None = None
    quoted: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    fills: Filling | None = None


class Chunk:
    """The tokens of one chunk, read from the front: where words stand, and pieces cut out of them."""

    def __init__(self, script: Script, text: str, using: Reader, tokens: list[Token]) -> None:
        self.script = script
        self.text = text
        self.using = using
        self.tokens = self._spread(tokens, _SPREAD | {"DECLARE"} if script.inside else _SPREAD)
        self.at = 0

    # ---- tokens

    def _spread(self, tokens: list[Token], words: frozenset[str]) -> list[Token]:
        """Undo the tokenizer's reading of the rest of a command as one string, after these words."""
        if len(tokens) != 2 or tokens[0].token_type not in self.using.commands:  # noqa: PLR2004 - word and rest
            return tokens
        word, rest = tokens
        if not swallowed(rest, self.text):
            return tokens
        if word_of(word) not in words:
            return tokens
        inner = [
            token
            for part in chunks(self.text, self.using, word.end + 1, rest.end + 1)
            for token in part.tokens
        ]
        return self._spread_tail([word, *inner], words)

    def _spread_tail(self, tokens: list[Token], words: frozenset[str]) -> list[Token]:
        return [tokens[0], *self._spread(tokens[1:], words)] if len(tokens) == 3 else tokens  # noqa: PLR2004

    def word(self, ahead: int = 0) -> str:
        """Return the word some tokens ahead, or nothing at the end."""
        index = self.at + ahead
        return word_of(self.tokens[index]) if index < len(self.tokens) else ""

    def rest(self, count: int | None = None) -> list[Token]:
        """Return the tokens that are left, or the next ``count`` of them."""
        return self.tokens[self.at :] if count is None else self.tokens[self.at : self.at + count]

    def find(self, *words: str, start: int | None = None) -> int | None:
        """Return the index of the first of these words that stands outside parentheses and CASE."""
        depth = 0
        for index in range(self.at if start is None else start, len(self.tokens)):
            token = self.tokens[index]
            kind = token.token_type
            if kind in OPEN or kind == TokenType.CASE:
                depth += 1
            elif kind in CLOSE or (kind == TokenType.END and depth):
                depth -= 1
            elif not depth and word_of(token) in words:
                return index
        return None

    def closing(self, opening: int) -> int:
        """Return the index of the parenthesis that closes the one at ``opening``, or the last token's."""
        depth = 0
        for index in range(opening, len(self.tokens)):
            kind = self.tokens[index].token_type
            depth += (kind in OPEN) - (kind in CLOSE)
            if not depth:
                return index
        return len(self.tokens) - 1

    # ---- pieces

    def piece(self, start: int, end: int, *, opaque: bool = False) -> Piece:
        """Return the tokens from ``start`` to before ``end`` as a piece."""
        tokens = self.tokens[start:end]
        lenient = self.script.inside and word_of(tokens[0]) not in SQL
        return Piece(tokens, tokens[0].start, tokens[-1].end + 1, self.script.variables, opaque, lenient)

    def queries(self, start: int, end: int) -> list[Piece]:
        """Return the queries between two tokens: each in its parentheses, or all that follows."""
        found = []
        index = start
        while index < end:
            if word_of(self.tokens[index]) in QUERY:
                before = self.tokens[index - 1].token_type if index else None
                stop = min(self.closing(index - 1), end) if before == TokenType.L_PAREN else end
                found.append(self.piece(index, max(stop, index + 1)))
                index = stop
            index += 1
        return found

    def opaque(self, end: int | None = None) -> Iterator[Piece]:
        """Yield the tokens up to ``end``: the queries in them, or one opaque piece."""
        stop = len(self.tokens) if end is None else end
        if stop > self.at:
            found = self.queries(self.at, stop)
            yield from found or [self.piece(self.at, stop, opaque=True)]
        self.at = stop

    def filling(
        self, pieces: list[Piece], names: list[str], tokens: list[Token], *, rows: bool = False
    ) -> Iterator[Piece]:
        """Yield the pieces of an assignment, each saying what it fills."""
        fills = Filling(tuple(names), tuple(tokens), rows, self.script.sure)
        for piece in pieces:
            piece.fills = fills
            yield piece

    def skip(self, count: int = 1) -> None:
        """Pass tokens by."""
        self.at += count


def word_of(token: Token) -> str:
    """Return a token's text in upper case; empty for quoted names, strings and numbers."""
    return "" if token.token_type in _QUOTED else token.text.upper()


def swallowed(token: Token, text: str) -> bool:
    """Return whether a string token is really the rest of a command."""
    return token.token_type == TokenType.STRING and text.startswith(token.text, token.start)


def assigns(tokens: list[Token], *, equals: bool = False) -> bool:
    """Whether the tokens assign to a variable: ``x := ...``, or with ``equals`` also ``x = ...``."""
    index = 1
    while index + 1 < len(tokens) and tokens[index].token_type == TokenType.DOT:
        index += 2
    if index >= len(tokens) or tokens[0].token_type not in {TokenType.VAR, TokenType.IDENTIFIER}:
        return False
    kind = tokens[index].token_type
    return kind == TokenType.COLON_EQ or (equals and kind == TokenType.EQ)
