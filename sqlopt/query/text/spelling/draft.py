"""The tokens of one statement while they are spelled anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

from sqlopt.query.text.limits import ParseFailure
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlglot import exp

OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_VALUES = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.RAW_STRING})
_KINDS = {
    "(": TokenType.L_PAREN,
    ")": TokenType.R_PAREN,
    "TRUE": TokenType.TRUE,
    "[": TokenType.L_BRACKET,
    "]": TokenType.R_BRACKET,
    ",": TokenType.COMMA,
    "CROSS": TokenType.CROSS,
    "JOIN": TokenType.JOIN,
    "UNNEST": TokenType.UNNEST,
    "*": TokenType.STAR,
    "SELECT": TokenType.SELECT,
    "FROM": TokenType.FROM,
    "WITH": TokenType.WITH,
    "AS": TokenType.ALIAS,
    "INSERT": TokenType.INSERT,
    "INTO": TokenType.INTO,
    "CREATE": TokenType.CREATE,
    "WHERE": TokenType.WHERE,
    "TABLE": TokenType.TABLE,
    "EXCEPT": TokenType.EXCEPT,
    "REPLACE": TokenType.REPLACE,
    "DISTINCT": TokenType.DISTINCT,
    "DEFAULT": TokenType.DEFAULT,
    "VALUES": TokenType.VALUES,
}


def word_of(token: Token) -> str:
    """Return a token's text in upper case; empty for quoted names, strings and numbers."""
    return "" if token.token_type in _VALUES else token.text.upper()


class Draft:
    """Tokens to be changed, at least one; each keeps the offsets of the text that it came from or stands for.

    ``unread`` are the parts that were left out though they bear on the statement's result. ``mend`` is done to the
    tree. ``texts`` are the strings that script variables hold.
    """

    def __init__(self, tokens: list[Token], text: str, texts: Mapping[str, str] | None = None) -> None:
        self.tokens = list(tokens)
        self._first = tokens[0]
        self.text = text
        self.texts = texts or {}
        self.unread: list[ParseFailure] = []
        self.mend: Callable[[exp.Expr], None] | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, index: int) -> str:
        """Return the word at ``index``, as `word_of`; empty beyond the ends."""
        return word_of(self.tokens[index]) if 0 <= index < len(self.tokens) else ""

    def kind(self, index: int) -> TokenType | None:
        """Return the type of the token at ``index``; None beyond the ends."""
        return self.tokens[index].token_type if 0 <= index < len(self.tokens) else None

    def says(self, index: int, words: str) -> bool:
        """Whether these words, with a space between each two, stand at ``index``."""
        return self.length(index, words) > 0

    def length(self, index: int, words: str) -> int:
        """Return how many tokens at ``index`` spell these words, 0 if they don't; GROUP BY is one token."""
        at, wanted = index, words.split(" ")
        while wanted:
            said = self.word(at).split()
            if not said or wanted[: len(said)] != said:
                return 0
            wanted = wanted[len(said) :]
            at += 1
        return at - index

    def find(self, *words: str, start: int = 0, end: int | None = None) -> int | None:
        """Return where the first of these words stands within no brackets that open after ``start``."""
        for index in self.level(start, end):
            if self.word(index) in words:
                return index
        return None

    def level(self, start: int, end: int | None = None) -> Iterator[int]:
        """Yield the tokens from ``start`` outside of brackets, up to ``end`` or the bracket around ``start``."""
        depth = 0
        for index in range(start, len(self.tokens) if end is None else end):
            kind = self.tokens[index].token_type
            if kind in CLOSE:
                depth -= 1
                if depth < 0:
                    return
            elif not depth:
                yield index
            if kind in OPEN:
                depth += 1

    def stop(self, start: int) -> int:
        """Return where the brackets around ``start`` close, or the end."""
        depth = 0
        for index in range(start, len(self.tokens)):
            kind = self.tokens[index].token_type
            depth += (kind in OPEN) - (kind in CLOSE)
            if depth < 0:
                return index
        return len(self.tokens)

    def after(self, opening: int) -> int:
        """Return the token after the bracket that closes the one at ``opening``."""
        return min(self.stop(opening + 1) + 1, len(self.tokens))

    def commas(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the items between commas, as token ranges; empty ones are left out."""
        found, begin = [], start
        for index in [i for i in self.level(start, end) if self.kind(i) == TokenType.COMMA] + [end]:
            if index > begin:
                found.append((begin, index))
            begin = index + 1
        return found

    def name(self, start: int) -> int:
        """Return the token after the dotted name that starts at ``start``."""
        at = start + 1
        while self.kind(at) == TokenType.DOT and at + 1 < len(self.tokens):
            at += 2
        return min(at, len(self.tokens))

    # ---- changes

    def made(self, words: str, at: int) -> list[Token]:
        """Return tokens for these words, at the place of the token at ``at``."""
        place = self.tokens[max(0, min(at, len(self.tokens) - 1))] if self.tokens else self._first
        return [
            Token(_KINDS.get(word, TokenType.VAR), word, place.line, place.col, place.start, place.end)
            for word in words.split()
        ]

    def put(self, start: int, end: int, tokens: list[Token]) -> None:
        """Set ``tokens`` in place of those from ``start`` to before ``end``."""
        self.tokens[start:end] = tokens

    def drop(self, start: int, end: int, why: str = "") -> None:
        """Leave tokens out; ``why`` says in one line what is not read, where that bears on the result."""
        if why and end > start:
            self.say(why, start, end)
        del self.tokens[start:end]

    def drop_item(self, start: int, end: int) -> None:
        """Leave an item of a list out, with one comma."""
        if self.kind(end) == TokenType.COMMA:
            end += 1
        elif self.kind(start - 1) == TokenType.COMMA:
            start -= 1
        del self.tokens[start:end]

    def say(self, why: str, start: int, end: int) -> None:
        """Note that the tokens from ``start`` to before ``end`` are not read."""
        several = self.tokens[start:end]
        span = Span(min(one.start for one in several), max(one.end for one in several) + 1)
        self.unread.append(ParseFailure(why, span))
