"""GoogleSQL's private queries, graphs, row patterns and tables as arguments.

After https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax, .../graph-query-statements and
.../match_recognize (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft

_PRIVATE = frozenset({"DIFFERENTIAL_PRIVACY", "AGGREGATION_THRESHOLD"})


def respell(draft: Draft) -> None:
    """Leave privacy clauses and graph patterns out, and call MATCH_RECOGNIZE what sqlglot calls it elsewhere."""
    at = 0
    while at < len(draft):
        word = draft.word(at)
        if word == "WITH" and draft.word(at - 1) == "SELECT" and draft.word(at + 1) in _PRIVATE:
            options = draft.word(at + 2) == "OPTIONS" and draft.kind(at + 3) == TokenType.L_PAREN
            end = draft.after(at + 3) if options else at + 2
            draft.drop(at, end, f"WITH {draft.word(at + 1)} and its options")
        elif word == "GRAPH_TABLE" and draft.kind(at + 1) == TokenType.L_PAREN:
            graph(draft, at + 2)
        elif word == "MATCH_RECOGNIZE" and draft.kind(at + 1) == TokenType.L_PAREN:
            one = draft.tokens[at]
            draft.tokens[at] = Token(
                TokenType.MATCH_RECOGNIZE, one.text, one.line, one.col, one.start, one.end
            )
            _without_options(draft, at + 1)
        at += 1


def graph(draft: Draft, start: int) -> None:
    """Spell the graph within ``GRAPH_TABLE(`` as a string: it is no table, and no column."""
    stop = draft.stop(start)
    named = draft.name(start)
    if named >= stop:
        return
    draft.drop(named, stop, "the pattern of a graph query")
    first, last = draft.tokens[start], draft.tokens[named - 1]
    name = draft.text[first.start : last.end + 1]
    draft.put(start, named, [Token(TokenType.STRING, name, first.line, first.col, first.start, last.end)])


def _without_options(draft: Draft, opening: int) -> None:
    at = draft.find("OPTIONS", start=opening + 1)
    if at is not None and draft.kind(at + 1) == TokenType.L_PAREN:
        draft.drop(at, draft.after(at + 1))


def table_arguments(draft: Draft) -> None:
    """Spell ``f(TABLE a.b, 1)`` as ``f((FROM a.b), 1)``: all rows of the table, in any function's arguments."""
    at = 1
    while at < len(draft):
        before = draft.kind(at - 1) in {TokenType.L_PAREN, TokenType.COMMA, TokenType.FARROW}
        if before and draft.word(at) == "TABLE" and draft.kind(at + 1) in _NAMES:
            end = draft.name(at + 1)
            if draft.word(_callee(draft, at)) == "VECTOR_SEARCH":
                at += 1  # its tables are bound one by one
                continue
            if draft.kind(end) in {TokenType.COMMA, TokenType.R_PAREN}:
                name = draft.tokens[at + 1 : end]
                draft.put(at, end, [*draft.made("( FROM", at), *name, *draft.made(")", end - 1)])
        at += 1


_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


def _callee(draft: Draft, at: int) -> int:
    """Return the name of the function that the argument at ``at`` is of."""
    depth = 0
    for index in range(at - 1, 0, -1):
        kind = draft.kind(index)
        depth += (kind == TokenType.R_PAREN) - (kind == TokenType.L_PAREN)
        if depth < 0:
            return index - 1
    return 0
