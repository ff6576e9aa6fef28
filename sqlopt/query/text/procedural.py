"""Procedural words taken off a chunk of tokens, so that what is left is SQL (see `blocks`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

from sqlopt.query.text.chunk import (
    CLOSE,
    HEADS,
    OPEN,
    QUERY,
    SQL,
    Chunk,
    Filling,
    Piece,
    assigns,
    swallowed,
    word_of,
)
from sqlopt.query.text.lexer import chunks
from sqlopt.query.text.limits import MAX_LEVELS, ParseFailure
from sqlopt.query.text.quoted import quoted
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


_TRANSACTION = frozenset(
    {
        *("TRANSACTION", "WORK", "TRAN", "ISOLATION", "READ", "NAME", "DEFERRED", "IMMEDIATE"),
        *("EXCLUSIVE", "DEFERRABLE"),
    }
)
# Statements of scripting languages that hold no SQL but for queries in parentheses.
_OPAQUE = frozenset(
    """
    RETURN LEAVE BREAK CONTINUE ITERATE EXIT RAISE SIGNAL RESIGNAL GOTO OPEN CLOSE FETCH ASSERT AWAIT CANCEL
    LET UNTIL CALL EXECUTE PERFORM
    """.split()  # noqa: SIM905 - a list of words
)
_OPENERS = frozenset({"LOOP", "REPEAT", "DO"})
WORDS = (
    _OPAQUE
    | _OPENERS
    | HEADS
    | {"BEGIN", "DECLARE", "ELSE", "END", "CREATE", "SET", "<<", "REPLACE", "UNLOAD"}
)
"""What a chunk with procedural words starts with."""

_STAND_INS = {"PERFORM": TokenType.SELECT, "REPLACE": TokenType.INSERT}
"""What reads as another word to lineage and rules: a SELECT for its effects, an INSERT over older rows."""
_SECTIONS = frozenset({"snowflake", "postgres", "redshift"})
_REPLACES = frozenset({"mysql", "sqlite", "duckdb", "singlestore", "doris", "starrocks"})
_END_IS_COMMIT = frozenset({"postgres", "redshift", "duckdb", "sqlite", "risingwave", "materialize"})
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_NAME = 12  # tokens of the longest dotted name that is assigned to
_DOLLARS = re.compile(r"\$(?:[A-Za-z_]\w*)?\$")


class ChunkReader(Chunk):
    """Takes procedural words off a chunk."""

    def run(self) -> Iterator[Piece]:
        """Yield the pieces of the chunk."""
        for _ in range(MAX_LEVELS):
            if self.at >= len(self.tokens):
                return
            before = self.at
            yield from self._step()
            if self.at == before:
                yield from self._sql()
                return
        piece = self.piece(self.at, len(self.tokens))
        span = Span(piece.start, piece.tokens[0].end + 1)
        piece.failure = ParseFailure(f"nested deeper than {MAX_LEVELS} levels", span)
        yield piece

    def _step(self) -> Iterator[Piece]:
        """Take off one procedural word, if there is one here."""
        self._label()
        word = self.word()
        if word == "BEGIN":
            yield from self._begin()
        elif self.script.declaring:
            yield from self._declaration()
        elif word == "DECLARE":
            yield from self._declare()
        elif word == "END":
            yield from self._end()
        elif word in HEADS:
            yield from self._head(word)
        elif word == "ELSE":
            yield from self._mark()
        elif word in _OPENERS and not (word == "DO" and not self.script.inside):
            self.script.enter(conditional=True)
            yield from self._mark()
        elif word == "CREATE":
            yield from self._create()
        elif (
            word in {"SET", "LET", "UNLOAD"}
            or word in _OPAQUE
            or (word == "REPLACE" and self.using.name in _REPLACES)
            or assigns(self.rest(_NAME), equals=self.script.inside)
        ):
            yield from self._simple(word)

    def _mark(self, count: int = 1) -> Iterator[Piece]:
        """Pass words by; a chunk that holds nothing else is still a statement."""
        self.skip(count)
        if self.at >= len(self.tokens):
            yield self.piece(self.at - count, self.at, opaque=True)

    def _label(self) -> None:
        tokens = self.rest(3)
        if self.word() in {"<<", "<"}:  # <<name>>, in two tokens or in four
            ahead = 1 if self.word() == "<<" else 2
            self.skip(2 * ahead + 1 if self.word(ahead + 1).startswith(">") else 0)
        elif (
            len(tokens) > 2  # noqa: PLR2004 - name : word
            and tokens[1].token_type == TokenType.COLON
            and self.word(2) in {"BEGIN", "LOOP", "WHILE", "REPEAT", "FOR"}
        ):
            self.skip(2)

    def _begin(self) -> Iterator[Piece]:
        following = self.word(1)
        if not self.script.inside and (not following or following in _TRANSACTION):
            return
        self.script.enter()
        yield from self._mark(2 if following == "ATOMIC" else 1)

    def _declare(self) -> Iterator[Piece]:
        if self.using.name in _SECTIONS:
            if self.script.inside or self.using.name == "snowflake":
                self.script.declaring = True
                yield from self._mark()
            return
        if self.word(1) in {"CONTINUE", "EXIT"}:  # DECLARE EXIT HANDLER FOR ... BEGIN
            handler = self.find("BEGIN", "SET", "INSERT", "UPDATE", "DELETE")
            yield from self.opaque(handler)
            return
        variables = self.script.variables
        index = self.at + (2 if self.word(1) == "OR" else 1) + (self.word(2) == "REPLACE")
        index += word_of(self.tokens[index]) in {"VAR", "VARIABLE"} if index + 1 < len(self.tokens) else 0
        names = []
        while index < len(self.tokens):
            names.append(self.tokens[index].text)
            if index + 1 >= len(self.tokens) or self.tokens[index + 1].token_type != TokenType.COMMA:
                break
            index += 2
        yield Piece(self.rest(), self.tokens[self.at].start, self.tokens[-1].end + 1, variables, lenient=True)
        self.script.declare(*names)
        last = self.tokens[-1]
        given = len(self.tokens) > 1 and word_of(self.tokens[-2]) in {"DEFAULT", "="}
        self.script.assign(names, last.text if given and last.token_type == TokenType.STRING else None)
        self.at = len(self.tokens)

    def _declaration(self) -> Iterator[Piece]:
        name = self.tokens[self.at].text
        yield from self._assigned([name])
        self.script.declare(name)

    def _assigned(self, names: list[str]) -> Iterator[Piece]:
        """``x INT := value``, ``x INT DEFAULT value``, ``c CURSOR FOR query``, ``rows RESULTSET := (query)``."""
        start = self.find(":=", "DEFAULT", "=")
        rows = self.find("CURSOR", "RESULTSET") is not None
        if start is None and rows:
            start = self.find("FOR", "IS")
        value = self.tokens[start + 1 :] if start is not None else []
        yield from self.filling(list(self.opaque()), names, value, rows=rows)

    def _end(self) -> Iterator[Piece]:
        commits = self.using.name in _END_IS_COMMIT and self.word(1) in {"", "TRANSACTION", "WORK"}
        if commits and not self.script.inside:
            return
        self.script.leave()
        yield from self._until_end()

    def _until_end(self) -> Iterator[Piece]:
        yield self.piece(self.at, len(self.tokens), opaque=True)
        self.at = len(self.tokens)

    def _head(self, word: str) -> Iterator[Piece]:
        """``IF cond THEN``, ``WHILE cond DO``, ``FOR x IN query LOOP`` and their like."""
        closer = self._closer(word)
        if closer is None:
            if word == "EXCEPTION":
                yield from self._mark()
            elif self.script.inside:
                yield from self.opaque()
            return
        if word in {"FOR", "FOREACH"}:
            yield from self._loop(closer)
        else:
            yield from self.queries(self.at, closer)
        if word in {"IF", "WHILE", "FOR", "FOREACH", "CASE"}:
            self.script.enter(conditional=True)
        start = self.at
        self.at = closer + 1
        if self.at >= len(self.tokens):
            yield self.piece(start, self.at, opaque=True)

    def _closer(self, word: str) -> int | None:
        start = self.at + 1
        if word in {"WHILE", "FOR", "FOREACH"}:
            return self.find("DO", "LOOP", start=start)
        if word == "IF" and self.word(1) in {"EXISTS", "NOT"} and self.find("THEN", start=start) is None:
            return None
        closer = self.find("THEN", start=start)
        if word == "CASE" and closer is not None:
            end = self.find("END", start=start)  # a CASE expression ends in its own chunk
            return None if end is not None else closer
        return closer

    def _loop(self, closer: int) -> Iterator[Piece]:
        """``FOR r IN query DO``, over a cursor, or over the elements of an array."""
        stop = self.find("IN", "AS", start=self.at + 1)
        if stop is None or stop >= closer:
            yield from self.queries(self.at, closer)
            return
        names = [
            token.text for token in self.tokens[self.at + 1 : stop] if token.token_type != TokenType.COMMA
        ]
        self.script.declare(*names)
        value = self.tokens[stop + 1 : closer]
        array = bool(value) and word_of(value[0]) == "ARRAY" and self.word() == "FOREACH"
        pieces = self.queries(self.at, closer) or [self.piece(self.at, closer, opaque=True)]
        yield from self.filling(pieces, names, value[array:], rows=not array)

    def _create(self) -> Iterator[Piece]:
        """``CREATE PROCEDURE``, ``FUNCTION``, ``TASK`` and ``PIPE``: the header, and what of the body is SQL."""
        kind = next(
            (
                word
                for word in map(word_of, self.tokens[:6])
                if word in {"PROCEDURE", "FUNCTION", "TASK", "PIPE"}
            ),
            "",
        )
        if not kind:
            return
        arguments = self._arguments()
        body = self._body_start(kind)
        if body is not None:
            if word_of(self.tokens[body]) in {"BEGIN", "DECLARE"}:
                self.script.procedure(arguments)
            yield self.piece(self.at, body, opaque=True)
            self.at = body
            return
        inner = self._dollars()
        if inner is None:
            return
        header = self.piece(self.at, len(self.tokens))
        header.lenient = True
        yield header
        self.at = len(self.tokens)
        if self._language() in {"", "SQL", "PLPGSQL"} and (kind != "FUNCTION" or self._is_statement(inner)):
            yield from self.script.body(*inner, arguments)

    def _arguments(self) -> list[str]:
        opening = next((i for i, one in enumerate(self.tokens) if one.token_type == TokenType.L_PAREN), None)
        if opening is None:
            return []
        names = []
        depth = 0
        fresh = False
        for token in self.tokens[opening : self.closing(opening)]:
            kind = token.token_type
            depth += (kind in OPEN or kind == TokenType.LT) - (kind in CLOSE or kind == TokenType.GT)
            if depth == 1 and kind in {TokenType.L_PAREN, TokenType.COMMA}:
                fresh = True
            elif fresh and word_of(token) not in _MODES:
                names.append(token.text)
                fresh = False
        return names

    def _body_start(self, kind: str) -> int | None:
        """Where a body without quotes starts, or None."""
        begin = self.find("BEGIN", "DECLARE")
        if begin is not None or kind not in {"TASK", "PIPE"}:
            return begin
        start = self.find("AS")
        return start + 1 if start is not None and start + 1 < len(self.tokens) else None

    def _dollars(self) -> tuple[int, int] | None:
        """Return the extent of the text within the chunk's first pair of ``$$`` or ``$tag$``."""
        for token in self.rest():
            opened = _DOLLARS.match(self.text, token.start, token.end + 1)
            if opened is None:
                opened = (
                    _DOLLARS.search(self.text, token.start, token.end + 1)
                    if swallowed(token, self.text)
                    else None
                )
            if opened is not None:
                closed = self.text.find(opened.group(), opened.end(), token.end + 1)
                if closed >= 0:
                    return opened.end(), closed
        return None

    def _language(self) -> str:
        index = self.find("LANGUAGE", start=0)
        return (
            self.tokens[index + 1].text.upper() if index is not None and index + 1 < len(self.tokens) else ""
        )

    def _is_statement(self, inner: tuple[int, int]) -> bool:
        """Whether a function's body is statements; a plain expression isn't read as one."""
        first = next(chunks(self.text, self.using, *inner), None)
        if first is None or not first.tokens:
            return False
        return word_of(first.tokens[0]) in SQL | {"BEGIN", "DECLARE", "<<", "("}

    def _simple(self, word: str) -> Iterator[Piece]:
        """Take off assignments, RETURN, RAISE, CALL and other statements of the scripting languages."""
        if word == "SET" and not assigns(self.rest(_NAME)):
            yield from self._set()
        elif word in _STAND_INS:
            token = self.tokens[self.at]
            kind = _STAND_INS[word]
            self.tokens[self.at] = Token(kind, kind.name, token.line, token.col, token.start, token.end)
            yield from self._sql()
            self.at = len(self.tokens)
        elif word in {"EXECUTE", "CALL", "UNLOAD"}:
            yield from self._execute()
        else:
            if word == "UNTIL" and self.find("END") is not None:
                self.script.leave()
            if word == "FETCH":
                yield from self._fetch()
            elif word == "LET":
                self.script.declare(self.word_text(1))
                yield from self._assigned([self.word_text(1)])
            elif word not in _OPAQUE:
                self.script.declare(self.tokens[self.at].text)
                yield from self._assigned([self.tokens[self.at].text])
            else:
                yield from self.opaque()

    def _fetch(self) -> Iterator[Piece]:
        """``FETCH [NEXT FROM] cursor INTO a, b``."""
        into = self.find("INTO")
        if into is None or into == self.at:
            yield from self.opaque()
            return
        cursor = self.tokens[into - 1 : into]
        names = _names(self.tokens[into + 1 :])
        yield from self.filling(list(self.opaque()), names, cursor, rows=True)

    def word_text(self, ahead: int) -> str:
        """Return the text of the token some tokens ahead, as written."""
        index = self.at + ahead
        return self.tokens[index].text if index < len(self.tokens) else ""

    def _set(self) -> Iterator[Piece]:
        start = self.at + 1
        if self.word(1) in {"VAR", "VARIABLE"}:
            start += 1
        equals = self.find("=", ":=", "TO", start=start)
        tokens = self.tokens[start:equals] if equals is not None else []
        names = [token.text for token in tokens if token.token_type in {TokenType.VAR, TokenType.IDENTIFIER}]
        lone = len(tokens) == 1 or (bool(tokens) and tokens[0].token_type == TokenType.L_PAREN)
        piece = self.piece(self.at, len(self.tokens))
        if lone:
            piece.fills = Filling(tuple(names), sure=self.script.sure)
            self.script.declare(*names)
            value = self.tokens[equals + 1 :] if equals is not None else []
            string = value[0].text if len(value) == 1 and value[0].token_type == TokenType.STRING else None
            self.script.assign(names, string)
        yield piece
        self.at = len(self.tokens)

    def _execute(self) -> Iterator[Piece]:
        inner = self._dollars() if self.word() != "CALL" else None
        text = quoted(self.text, self.tokens[self.at].start, self.tokens[-1].end + 1)
        queries = self.queries(self.at, len(self.tokens))[:1] if self.word() == "UNLOAD" else []
        yield self.piece(self.at, len(self.tokens), opaque=not self._commanded())
        self.at = len(self.tokens)
        if inner is not None:
            yield from self.script.body(*inner, ())
        elif text is not None:
            for piece in self.script.body(*text[1:], (), text[0]):
                piece.quoted = True
                yield piece
        yield from queries

    def _commanded(self) -> bool:
        """Whether what is left is a command that sqlglot takes whole."""
        rest = self.rest(3)
        return len(rest) <= 2 and rest[0].token_type in self.using.commands  # noqa: PLR2004 - word and rest

    def _sql(self) -> Iterator[Piece]:
        """Yield what is left, which is SQL."""
        word = self.word()
        names = self._without_into() if self.script.inside else []
        inner = self._dollars() if word == "DO" else None
        piece = self.piece(self.at, len(self.tokens))
        if names:
            piece.fills = Filling(tuple(names), sure=self.script.sure)
        if word == "NULL" and self.script.inside and len(piece.tokens) == 1:
            piece.opaque = True
        if piece.tokens[0].token_type in self.using.commands and self.at and not self._commanded():
            piece.opaque = True
        yield piece
        if inner is not None and self._language() in {"", "PLPGSQL", "SQL"}:
            yield from self.script.body(*inner, ())

    def _without_into(self) -> list[str]:
        """Drop ``INTO [STRICT] variable, ...`` of a query in a block, which creates no table; return the variables."""
        if self.word() not in QUERY | {"UPDATE", "DELETE", "INSERT"}:
            return []
        into = self.find("INTO", start=self.at + 2)
        if into is None:
            return []
        stop = (
            into + 1 + (self.tokens[into + 1 : into + 2] != [] and word_of(self.tokens[into + 1]) == "STRICT")
        )
        wanted = True
        names = []
        while stop < len(self.tokens):
            kind = self.tokens[stop].token_type
            if kind in {TokenType.COMMA, TokenType.DOT}:
                wanted = True
            elif kind != TokenType.COLON:
                if not wanted:
                    break
                names.append(self.tokens[stop])
                wanted = False
            stop += 1
        if not names or wanted:
            return []
        filled = self.tokens[into + 1 : stop]
        self.tokens = self.tokens[:into] + self.tokens[stop:]
        return _names(filled)


def _names(tokens: list[Token]) -> list[str]:
    """Return the variables of a list, ``a, :b, c.d``: of dotted ones the first name."""
    found: list[str] = []
    fresh = True
    for token in tokens:
        if token.token_type == TokenType.COMMA:
            fresh = True
        elif (
            fresh and token.token_type in {TokenType.VAR, TokenType.IDENTIFIER} and word_of(token) != "STRICT"
        ):
            found.append(token.text)
            fresh = False
    return found
