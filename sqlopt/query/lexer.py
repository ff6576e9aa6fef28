"""Text into chunks of tokens, one a statement, with recovery where a token can't be read."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_LEVELS = 200
"""Deepest nesting that is parsed. The compiled parser recurses about 25 frames a level and gives up
at some 350 levels of a fresh stack; 200 leaves room for a caller's own frames."""

MAX_OPEN_JOINS = 12
"""Most joins in a row without ON or USING: the parser's time doubles with each."""

MAX_CHAIN = 1000
"""Most arrows, assignments and subscripts of subscripts in a statement; the parser recurses on them."""

_MAX_RESTARTS = 20  # each restart reads the rest of the text again
_SKIP = re.compile(r"\s+|--[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_RESYNC = re.compile(r";[ \t]*(?:--[^\n]*)?(?:\r?\n|$)")

_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
# A run of these tokens, with nothing of another kind between, nests one level a token or two.
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


@dataclass(frozen=True, slots=True)
class Chunk:
    """The tokens between two semicolons; ``failure`` is set where they end in an unreadable token."""

    tokens: list[Token]
    failure: ParseFailure | None = None


class Reader:
    """A dialect's tokenizer and parser, made once; both keep state, so each thread has its own."""

    def __init__(self, dialect: str) -> None:
        self.name = dialect
        self.dialect = Dialect.get_or_raise(dialect or None)
        self.tokenizer = self.dialect.tokenizer()
        self.parser: Any = self.dialect.parser(error_level=ErrorLevel.IMMEDIATE)
        self.commands = frozenset(self.dialect.tokenizer_class.COMMANDS)


class _Readers(threading.local):
    def __init__(self) -> None:
        self.of = lru_cache(maxsize=32)(Reader)


_READERS = _Readers()


def reader(dialect: str) -> Reader:
    """Return this thread's reader of ``dialect``; ValueError if there is no such dialect."""
    return _READERS.of(dialect)


def chunks(text: str, using: Reader, start: int = 0, end: int | None = None) -> Iterator[Chunk]:
    """Split ``text[start:end]`` into statements' tokens; their positions are offsets into ``text``.

    An unreadable token costs the statement it stands in: reading goes on after the next semicolon
    that ends a line.
    """
    end = len(text) if end is None else end
    for attempt in range(_MAX_RESTARTS + 1):
        tokens, bad = _tokens(text, start, end, using)
        cuts = [index for index, token in enumerate(tokens) if token.token_type == TokenType.SEMICOLON]
        begin = 0
        for cut in cuts:
            if cut > begin:
                yield Chunk(tokens[begin:cut])
            begin = cut + 1
        last = tokens[begin:] if begin else tokens
        if bad is None:
            if last:
                yield Chunk(last)
            return
        yield Chunk(last, _unreadable(text, bad, end))
        resync = _RESYNC.search(text, bad, end)
        if resync is None or attempt == _MAX_RESTARTS:
            return
        start = resync.end()


def _tokens(text: str, start: int, end: int, using: Reader) -> tuple[list[Token], int | None]:
    """Tokens of ``text[start:end]`` at their place in ``text``, and where reading them stopped."""
    part = text if (start, end) == (0, len(text)) else text[start:end]
    if "\0" in part:
        part = part.replace("\0", " ")
    failed = False
    try:
        tokens = using.tokenizer.tokenize(part)
    except (TokenError, RecursionError):
        tokens = list(using.tokenizer.tokens)
        failed = True
    if start:
        for token in tokens:
            token.start += start
            token.end += start
    after = tokens[-1].end + 1 if tokens else start
    rest = _skip(text, after, end)
    if failed:
        return tokens, min(rest, end - 1)
    # sqlglot takes a comment that is never closed for a comment up to the end of the text
    return tokens, rest if text.startswith("/*", rest) and rest < end else None


def _skip(text: str, position: int, end: int) -> int:
    """Where the first text after ``position`` is that is neither space nor a closed comment."""
    while position < end and (found := _SKIP.match(text, position, end)):
        position = found.end()
    return position


def _unreadable(text: str, position: int, end: int) -> ParseFailure:
    opened = text[position : position + 2]
    if opened == "/*":
        return ParseFailure("this comment is never closed", Span(position, position + 2))
    if opened == "$$":
        return ParseFailure("the text that starts with $$ here is never closed", Span(position, position + 2))
    if opened[:1] in "'\"`":
        return ParseFailure(f"the {opened[:1]} here is never closed", Span(position, position + 1))
    return ParseFailure("this can't be read as SQL", Span(position, min(position + 1, end)))


def beyond_limits(tokens: Sequence[Token]) -> ParseFailure | None:
    """Return why ``tokens`` would cost the parser its stack or exponential time, or None."""
    if len(tokens) <= MAX_OPEN_JOINS:
        return None
    kinds = [token.token_type for token in tokens]
    if kinds.count(TokenType.JOIN) > MAX_OPEN_JOINS:
        at = _open_joins(kinds)
        if at is not None:
            message = f"more than {MAX_OPEN_JOINS} joins in a row without ON or USING"
            return ParseFailure(message, Span(tokens[at].start, tokens[at].end + 1))
    if len(tokens) <= MAX_LEVELS:
        return None
    at = _too_deep(kinds)
    if at is None:
        return None
    return ParseFailure(f"nested deeper than {MAX_LEVELS} levels", Span(tokens[at].start, tokens[at].end + 1))


def _too_deep(kinds: list[TokenType]) -> int | None:
    """Where the nesting gets too deep: brackets, CASE, types, chains of prefixes and subscripts."""
    open_levels: list[int] = []
    depth = run = types = chain = 0
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
        if depth + run + types > MAX_LEVELS or chain > MAX_CHAIN:
            return index
    return None


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


def shape(tokens: Sequence[Token]) -> str:
    """Return the tokens' texts as one string that comments, layout and unquoted case don't change."""
    quoted = _QUOTED
    return "\n".join(
        [
            token.text.upper()
            if token.token_type not in quoted
            else f"{quoted[token.token_type]}{token.text}"
            for token in tokens
        ]
    )


_QUOTED = {
    kind: f"\0{mark}"
    for mark, kind in enumerate(
        (
            TokenType.STRING,
            TokenType.IDENTIFIER,
            TokenType.RAW_STRING,
            TokenType.HEREDOC_STRING,
            TokenType.BYTE_STRING,
            TokenType.UNICODE_STRING,
            TokenType.NATIONAL_STRING,
            TokenType.NATIONAL_RAW_STRING,
        )
    )
}
