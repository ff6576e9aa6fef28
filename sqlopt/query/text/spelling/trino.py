"""Trino's inline routines, and tables as arguments of table functions.

After https://trino.io/docs/current/udf/introduction.html and https://trino.io/docs/current/functions/table.html
(as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft

_MAIN = ("SELECT", "TABLE", "VALUES", "INSERT", "CREATE", "DELETE", "UPDATE", "MERGE")


def routines(draft: Draft) -> None:
    """Leave ``WITH FUNCTION f(...) ... RETURN ...`` out: it reads no table, but it computes."""
    if not draft.says(0, "WITH FUNCTION"):
        return
    at = 1
    depth = 0
    for index in draft.level(1):
        word = draft.word(index)
        depth += opened(draft.word(index - 1), word, draft.word(index + 1))
        ended = word in _MAIN or (word == "WITH" and draft.word(index + 1) != "FUNCTION")
        if depth <= 0 and ended:
            at = index
            break
    if at > 1:
        draft.drop(0, at, "the bodies of inline functions")


_BLOCKS = frozenset({"BEGIN", "CASE", "IF", "LOOP", "WHILE", "REPEAT"})


def opened(before: str, word: str, after: str) -> int:
    """Return 1 for a word that opens a block, -1 for END, 0 for others; END IF ends one, IF( is a function."""
    if word == "END":
        return -1
    return int(word in _BLOCKS and before != "END" and after != "(")


def table_arguments(draft: Draft) -> None:
    """Spell ``f(TABLE(a.b) PARTITION BY k)`` as ``f((FROM a.b))``; what follows the table stays unread."""
    at = 1
    while at < len(draft):
        argument = draft.word(at) == "TABLE" and draft.kind(at + 1) == TokenType.L_PAREN
        if argument and draft.kind(at - 1) in {TokenType.L_PAREN, TokenType.COMMA, TokenType.FARROW}:
            stop = draft.stop(at + 2)
            query = draft.word(at + 2) in {"SELECT", "WITH", "VALUES", "TABLE"}
            if query or draft.name(at + 2) == stop:
                _behind(draft, stop + 1)
                end = stop + 1
                head = draft.made("(" if query else "( FROM", at)
                draft.put(at, end, [*head, *draft.tokens[at + 2 : stop], *draft.made(")", stop)])
        at += 1


def _behind(draft: Draft, start: int) -> None:
    end = next((i for i in draft.level(start) if draft.kind(i) == TokenType.COMMA), draft.stop(start))
    if end > start and draft.word(start) in {"PARTITION", "PARTITION BY", "ORDER BY", "PRUNE", "KEEP"}:
        draft.drop(start, end, "how the rows are handed over")
