"""ClickHouse's dictionaries and Join tables: their names are arguments of functions.

After https://clickhouse.com/docs/sql-reference/functions/ext-dict-functions (the name is an identifier or a string)
and https://clickhouse.com/docs/engines/table-engines/special/join (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft

_STARTS = ("DICTGET", "DICTHAS", "DICTISIN", "JOINGET")


def dictionaries(draft: Draft) -> None:
    """Spell a dictionary's name as a string, so that it is no column."""
    for at in range(len(draft) - 2, -1, -1):
        named = draft.word(at).startswith(_STARTS) and draft.kind(at + 1) == TokenType.L_PAREN
        if not named or draft.kind(at + 2) not in {TokenType.VAR, TokenType.IDENTIFIER}:
            continue
        end = draft.name(at + 2)
        if draft.kind(end) == TokenType.COMMA:
            first, last = draft.tokens[at + 2], draft.tokens[end - 1]
            name = ".".join(one.text for one in draft.tokens[at + 2 : end : 2])
            string = Token(TokenType.STRING, name, first.line, first.col, first.start, last.end)
            draft.put(at + 2, end, [string])
