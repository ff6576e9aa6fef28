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

from sqlopt.query.text.limits import ParseFailure
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_BLOCKS = 500  # BEGINs without a semicolon between; the tokenizer recurses on those before commands
_MAX_RESTARTS = 20  # each restart reads the rest of the text again
_SKIP = re.compile(r"\s+|--[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_RESYNC = re.compile(r";[ \t]*(?:--[^\n]*)?(?:\r?\n|$)")


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
        cuts = _cuts(text, tokens)
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


def _cuts(text: str, tokens: list[Token]) -> list[int]:
    """Return which tokens are semicolons."""
    if not tokens:
        return []
    first = text.find(";", tokens[0].start, tokens[-1].end + 1)
    if first < 0:
        return []
    if first == tokens[-1].start:
        return [len(tokens) - 1]
    return [index for index, token in enumerate(tokens) if token.token_type == TokenType.SEMICOLON]


def _tokens(text: str, start: int, end: int, using: Reader) -> tuple[list[Token], int | None]:
    """Tokens of ``text[start:end]`` at their place in ``text``, and where reading them stopped."""
    part = text if (start, end) == (0, len(text)) else text[start:end]
    if "\0" in part:
        part = part.replace("\0", " ")
    failed = False
    upper = part.upper()
    if upper.count("BEGIN") > _MAX_BLOCKS and any(
        one.count("BEGIN") > _MAX_BLOCKS for one in upper.split(";")
    ):
        return [], start
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
    if text[position : position + 5].upper() == "BEGIN":
        return ParseFailure(
            f"more than {_MAX_BLOCKS} blocks within one another", Span(position, position + 5)
        )
    opened = text[position : position + 2]
    if opened == "/*":
        return ParseFailure("this comment is never closed", Span(position, position + 2))
    if opened == "$$":
        return ParseFailure("the text that starts with $$ here is never closed", Span(position, position + 2))
    if opened[:1] in "'\"`":
        return ParseFailure(f"the {opened[:1]} here is never closed", Span(position, position + 1))
    return ParseFailure("this can't be read as SQL", Span(position, min(position + 1, end)))
