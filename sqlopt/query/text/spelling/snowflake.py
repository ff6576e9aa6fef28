"""Snowflake's order of words: IF NOT EXISTS behind the name, PRIOR with an alias, columns of external tables.

After https://docs.snowflake.com/en/sql-reference/sql/create-table (which takes IF NOT EXISTS on both sides of the
name), .../constructs/connect-by and .../sql/create-external-table (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft

_KINDS = frozenset({"TABLE", "VIEW", "SCHEMA", "DATABASE", "SEQUENCE", "STAGE", "STREAM"})
_CONSTRAINTS = ("NOT", "CONSTRAINT", "UNIQUE", "PRIMARY", "PRIMARY KEY", "COMMENT")


def existence(draft: Draft) -> None:
    """Put IF NOT EXISTS before the name that it follows."""
    if draft.word(0) != "CREATE":
        return
    at = draft.find("IF")
    if at is None or not draft.says(at, "IF NOT EXISTS"):
        return
    start = at - 1
    while draft.kind(start - 1) == TokenType.DOT:
        start -= 2
    if start > 1 and draft.word(start - 1) in _KINDS:
        draft.put(start, at + 3, [*draft.tokens[at : at + 3], *draft.tokens[start:at]])


def prior(draft: Draft) -> None:
    """Spell ``PRIOR x`` of a SELECT list as a call, as sqlglot knows the word in CONNECT BY only."""
    lists = [False]
    at = 0
    while at < len(draft):
        word, kind = draft.word(at), draft.kind(at)
        if kind == TokenType.L_PAREN:
            lists.append(lists[-1])
        elif kind == TokenType.R_PAREN and len(lists) > 1:
            lists.pop()
        elif word in {"SELECT", "FROM"}:
            lists[-1] = word == "SELECT"
        elif word == "PRIOR" and lists[-1] and draft.kind(at + 1) in {TokenType.VAR, TokenType.IDENTIFIER}:
            end = draft.name(at + 1)
            operand = draft.tokens[at + 1 : end]
            draft.put(at + 1, end, [*draft.made("(", at + 1), *operand, *draft.made(")", end - 1)])
        at += 1


def external_columns(draft: Draft) -> None:
    """Put parentheses around ``AS expression`` of an external table's columns."""
    external = draft.find("EXTERNAL")
    opening = next((i for i in draft.level(0) if draft.kind(i) == TokenType.L_PAREN), None)
    if draft.word(0) != "CREATE" or external is None or opening is None or opening < external:
        return
    for start, end in reversed(draft.commas(opening + 1, draft.stop(opening + 1))):
        as_ = draft.find("AS", start=start, end=end)
        if as_ is None or as_ + 1 >= end:
            continue
        stop = draft.find(*_CONSTRAINTS, start=as_ + 1, end=end)
        stop = end if stop is None else stop
        whole = draft.kind(as_ + 1) == TokenType.L_PAREN and draft.after(as_ + 1) == stop
        if stop > as_ + 1 and not whole:
            draft.put(stop, stop, draft.made(")", stop - 1))
            draft.put(as_ + 1, as_ + 1, draft.made("(", as_ + 1))
