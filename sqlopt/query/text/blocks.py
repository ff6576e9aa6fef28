"""Procedural code into the SQL statements that it holds.

sqlglot parses statements, not scripts: ``IF x THEN UPDATE ...`` is one chunk between semicolons, and
the body of a procedure a string. Here the procedural words are taken off each chunk, so that the
SQL within is parsed, and pointed at, like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.query.text.batches import TRANSACT, joined, parted
from sqlopt.query.text.chunk import Piece, assigns, word_of
from sqlopt.query.text.lexer import Chunk, Reader, chunks
from sqlopt.query.text.procedural import WORDS, ChunkReader
from sqlopt.query.text.transact import holds_queries, is_control, is_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlglot.tokenizer_core import Token

_MAX_BODIES = 3  # levels of $$ bodies within bodies


class Script:
    """The pieces of one text, in order."""

    def __init__(self, text: str, using: Reader) -> None:
        self._text = text
        self._using = using
        self._variables: frozenset[str] = frozenset()
        self._texts: dict[str, str] = {}
        self._outer: frozenset[str] | None = None  # the variables outside the procedure being read
        self._blocks = 0  # blocks open here
        self._body = 0  # levels of $$ around here
        self._declaring = False
        self._conditional: list[bool] = []  # of each open block, whether it may run not at all, or often

    def pieces(self) -> Iterator[Piece]:
        """Yield every statement of the text."""
        return self._read(chunks(self._text, self._using), 0, len(self._text))

    def _read(self, parts: Iterable[Chunk], start: int, end: int) -> Iterator[Piece]:
        position = start
        for part in joined(parts, self._text, self._using):
            after = part.tokens[-1].end + 1 if part.tokens else position
            if part.failure is not None:
                after = max(after, part.failure.span.end)
                yield Piece(part.tokens, position, after, self._variables, failure=part.failure)
            else:
                self._mend(part.tokens)
                for tokens in parted(part.tokens, self._text, self._using):
                    end_of = after if tokens[-1] is part.tokens[-1] else tokens[-1].end + 1
                    for piece in self._chunk(tokens, position, max(position, end_of)):
                        piece.texts = piece.texts or self._texts
                        yield piece
                    position = max(position, end_of)
            position = max(position, after)
        if "\0" in self._text[position:end]:
            yield Piece([], position, end, self._variables)

    def _mend(self, tokens: list[Token]) -> None:
        """Place the string that the tokenizer makes of a command's rest; its position is off."""
        if len(tokens) < 2 or tokens[-2].token_type not in self._using.commands:  # noqa: PLR2004 - word and rest
            return
        rest = tokens[-1]
        start = tokens[-2].end + 1
        while self._text[start : start + 1].isspace():
            start += 1
        if self._text[start : start + len(rest.text)].replace("\0", " ") == rest.text:
            rest.start, rest.end = start, start + len(rest.text) - 1

    def _chunk(self, tokens: list[Token], start: int, end: int) -> Iterator[Piece]:
        """Yield the statements of one chunk; the first also stands for the text before the chunk."""
        word = word_of(tokens[0])
        if self._using.name in TRANSACT:
            yield from self._transact(word, tokens, start, end)
            return
        if not (word in WORDS or self._blocks or self._body or self._declaring or assigns(tokens)):
            yield Piece(tokens, start, end, self._variables)
            return
        inside = ChunkReader(self, self._text, self._using, tokens)
        for piece in inside.run():
            piece.start = min(start, piece.start)
            start = piece.end
            yield piece

    def _transact(self, word: str, tokens: list[Token], start: int, end: int) -> Iterator[Piece]:
        """Yield what one T-SQL statement holds; blocks need no account, as nothing in them reads otherwise."""
        if is_header(tokens) or (is_control(tokens) and not holds_queries(tokens)):
            yield Piece(tokens, start, end, self._variables, opaque=True)
        elif is_control(tokens):
            yield from ChunkReader(self, self._text, self._using, tokens).opaque()
        elif word in {"DECLARE", "SET", "EXEC", "EXECUTE"}:
            yield from ChunkReader(self, self._text, self._using, tokens).run()
        else:
            yield Piece(tokens, start, end, self._variables)

    # ---- what the reader of a chunk tells

    def declare(self, *names: str) -> None:
        """Note variables that later statements may name."""
        self._variables |= {name.casefold() for name in names}

    def assign(self, names: Iterable[str], text: str | None) -> None:
        """Note the string that variables now hold; None, or an assignment that may not be made, makes it unknown."""
        kept = {name: one for name, one in self._texts.items() if name not in {*map(str.casefold, names)}}
        if text is not None and not self.inside:
            kept |= {name.casefold(): text for name in names}
        self._texts = kept  # earlier statements keep theirs

    def enter(self, *, conditional: bool = False) -> None:
        """Open a block, which may be ``conditional``: it may run not at all, or more than once."""
        self._blocks += 1
        self._conditional.append(conditional)
        self._declaring = False

    def leave(self) -> None:
        """Close a block."""
        self._blocks = max(0, self._blocks - 1)
        del self._conditional[-1:]
        if not self._blocks and self._outer is not None:
            self._variables, self._outer = self._outer, None

    def procedure(self, arguments: Iterable[str]) -> None:
        """Start a procedure whose body follows without $$."""
        if not self._blocks:
            self._outer = self._variables
        self.declare(*arguments)

    def body(
        self, start: int, end: int, arguments: Iterable[str], text: str | None = None
    ) -> Iterator[Piece]:
        """Yield the statements of a $$ body at ``text[start:end]``, with variables of its own."""
        if self._body >= _MAX_BODIES or start >= end:
            return
        state = self._variables, self._outer, self._blocks, self._declaring, self._conditional
        self._outer, self._blocks, self._declaring, self._conditional = None, 0, False, []
        self._body += 1
        self.declare(*arguments)
        yield from self._read(chunks(text or self._text, self._using, start, end), start, end)
        self._body -= 1
        self._variables, self._outer, self._blocks, self._declaring, self._conditional = state

    @property
    def variables(self) -> frozenset[str]:
        """Names declared so far."""
        return self._variables

    @property
    def inside(self) -> bool:
        """Whether the statement stands in a block, a $$ body or a section of declarations."""
        return bool(self._blocks or self._body or self._declaring)

    @property
    def sure(self) -> bool:
        """Whether what stands here runs, and runs once."""
        return not any(self._conditional)

    @property
    def blocks(self) -> int:
        """How many blocks are open."""
        return self._blocks

    @property
    def declaring(self) -> bool:
        """Whether a DECLARE section is open."""
        return self._declaring

    @declaring.setter
    def declaring(self, value: bool) -> None:
        self._declaring = value
