"""Pipe operators that sqlglot does not have, by those that it has: RENAME, SET, DROP, WITH, CALL and others.

Meanings after https://cloud.google.com/bigquery/docs/reference/standard-sql/pipe-syntax and
https://docs.databricks.com/en/sql/language-manual/sql-ref-syntax-qry-pipeline.html (both as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft

_STARTS = frozenset({"SELECT", "FROM", "WITH", "TABLE"})
_KEEPS_NAMES = frozenset(
    {"EXTEND", "WINDOW", "SET", "RENAME", "DROP", "LIMIT", "DISTINCT", "WHERE", "ORDER BY"}
)
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


def respell(draft: Draft) -> None:
    """Spell each pipe operator, from the last to the first: what is changed stands behind what is yet to come."""
    index = len(draft)
    while index > 0:
        index -= 1
        if draft.kind(index) == TokenType.PIPE_GT:
            operator = _OPERATORS.get(draft.word(index + 1))
            apart = _apart(draft, index)
            if operator is not None:
                operator(draft, index, _end(draft, index + 1))
            draft.put(index, index, apart)
    draft.mend = mend
    at = 0
    while at < len(draft):  # from the front: a call takes in all that stands before it
        if draft.kind(at) == TokenType.PIPE_GT and draft.word(at + 1) in {"WITH", "CALL"}:
            (_with if draft.word(at + 1) == "WITH" else _call)(draft, at, _end(draft, at + 1))
        at += 1


def mend(tree: exp.Expr) -> None:
    """Make a table of what sqlglot puts into FROM for ``|> AS x``: the alias itself, which is the CTE's, too."""
    for from_ in tree.find_all(exp.From):
        alias = from_.this
        if isinstance(alias, exp.TableAlias) and isinstance(alias.this, exp.Identifier):
            cte = alias.parent
            from_.set("this", exp.Table(this=alias.this.copy()))
            if isinstance(cte, exp.CTE):
                cte.set("alias", alias)


def _apart(draft: Draft, pipe: int) -> list[Token]:
    """Return what closes the query so far where sqlglot would mix what is before and behind a pipe into one SELECT.

    It does so behind a SELECT in the usual order of words, LIMIT and DISTINCT. It also forgets the name of the
    table behind an operator that adds or changes columns, though GoogleSQL does not: the rows get that name again.
    """
    start = _start(draft, pipe)
    before = [i for i in draft.level(start, pipe) if draft.kind(i) == TokenType.PIPE_GT]
    last = before[-1] if before else start - 1
    operator = draft.word(last + 1)
    if before and draft.says(last + 1, "SELECT DISTINCT"):
        operator = "DISTINCT"
    if operator not in {"SELECT", "WITH", "LIMIT", "DISTINCT", "EXTEND", "WINDOW", "SET", "RENAME", "DROP"}:
        return []
    if last >= start and operator in {"SELECT", "WITH"}:
        return []
    name = _only_name(draft, start, pipe)
    if last < start:
        if operator == "WITH":
            body = draft.find("SELECT", "FROM", "TABLE", start=start + 1, end=pipe)
            if body is None or draft.word(body) != "SELECT":
                return []
        name = None
    elif operator in {"LIMIT", "DISTINCT"}:
        if draft.word(pipe + 1) in {"LIMIT", "ORDER BY"}:
            return []
    elif name is None or not _names(draft, pipe + 1, name):
        return []
    alias = name or Token(TokenType.VAR, "__rows", 1, 1, draft.tokens[pipe].start, draft.tokens[pipe].end)
    return [draft.tokens[pipe], *draft.made("AS", pipe), alias]


def _only_name(draft: Draft, start: int, pipe: int) -> Token | None:
    """Return the name by which operators up to ``pipe`` know the one table that the rows are of."""
    if draft.word(start) != "FROM" or draft.kind(start + 1) not in _NAMES:
        return None
    end = draft.name(start + 1)
    name = draft.tokens[end - 1]
    if draft.word(end) == "AS" and draft.kind(end + 1) in _NAMES:
        name, end = draft.tokens[end + 1], end + 2
    elif draft.kind(end) in _NAMES:
        name, end = draft.tokens[end], end + 1
    if draft.kind(end) != TokenType.PIPE_GT:
        return None
    pipes = [i for i in draft.level(start, pipe) if draft.kind(i) == TokenType.PIPE_GT]
    if any(draft.word(one + 1) not in _KEEPS_NAMES | {"AS"} for one in pipes):
        return None
    return name


def _names(draft: Draft, start: int, name: Token) -> bool:
    """Whether columns are named by their table from here on."""
    wanted = name.text.casefold()
    return any(
        draft.tokens[i].text.casefold() == wanted and draft.kind(i + 1) == TokenType.DOT
        for i in range(start, draft.stop(start))
    )


def _end(draft: Draft, start: int) -> int:
    """Return where the operator that starts at ``start`` ends."""
    at = next((i for i in draft.level(start) if draft.kind(i) == TokenType.PIPE_GT), None)
    return draft.stop(start) if at is None else at


def _over_star(draft: Draft, pipe: int, end: int, word: str, items: list[Token]) -> None:
    """``SELECT * <word> (items)``."""
    head = draft.made(f"SELECT * {word} (", pipe + 1)
    draft.put(pipe + 1, end, [*head, *items, *draft.made(")", end - 1)])


def _rename(draft: Draft, pipe: int, end: int) -> None:
    items: list[Token] = []
    for start, stop in draft.commas(pipe + 2, end):
        if items:
            items += draft.made(",", start)
        words = [draft.word(i) for i in range(start + 1, stop - 1)]
        if (
            stop == start + 1
            or {draft.kind(start), draft.kind(stop - 1)} - _NAMES
            or words not in ([], ["AS"])
        ):
            return  # sqlglot says where it stops
        items += [draft.tokens[start], *draft.made("AS", start), draft.tokens[stop - 1]]
    _over_star(draft, pipe, end, "RENAME", items)


def _set(draft: Draft, pipe: int, end: int) -> None:
    items: list[Token] = []
    for start, stop in draft.commas(pipe + 2, end):
        if draft.kind(start + 1) != TokenType.EQ:
            return  # a field of a struct, or no assignment: sqlglot says where it stops
        if items:
            items += draft.made(",", start)
        items += [*draft.tokens[start + 2 : stop], *draft.made("AS", start), draft.tokens[start]]
    _over_star(draft, pipe, end, "REPLACE", items)


def _drop(draft: Draft, pipe: int, end: int) -> None:
    _over_star(draft, pipe, end, "EXCEPT", draft.tokens[pipe + 2 : end])


def _select(draft: Draft, pipe: int, end: int) -> None:
    """``SELECT DISTINCT`` in two operators: sqlglot takes the list only."""
    if draft.word(pipe + 2) == "DISTINCT":
        draft.put(end, end, [draft.tokens[pipe], *draft.made("DISTINCT", pipe + 2)])
        draft.drop(pipe + 2, pipe + 3)


def _extend(draft: Draft, pipe: int, end: int) -> None:
    """Over several tables, ``EXTEND e AS x`` as a join with an array of one, so that their names are kept."""
    start = _start(draft, pipe)
    if _only_name(draft, start, pipe) is not None or draft.word(start) != "FROM":
        return
    tables = [i - 1 for i in draft.level(start + 1, pipe) if draft.kind(i - 1) in _NAMES]
    if not any(_names(draft, end, draft.tokens[i]) for i in tables):
        return
    joins: list[Token] = []
    for first, last in draft.commas(pipe + 2, end):
        alias = draft.tokens[last - 1]
        if draft.word(last - 2) != "AS" or any(draft.word(i) == "OVER" for i in range(first, last)):
            return
        value = draft.tokens[first : last - 2]
        joins += [draft.tokens[pipe], *draft.made("CROSS JOIN UNNEST ( [", first), *value]
        joins += [*draft.made("] ) AS", last - 1), alias]
    draft.put(pipe, end, joins)


def _window(draft: Draft, pipe: int, _end: int) -> None:
    draft.put(pipe + 1, pipe + 2, draft.made("EXTEND", pipe + 1))


def _assert(draft: Draft, pipe: int, end: int) -> None:
    draft.drop(pipe, end, "the condition of ASSERT")


def _match(draft: Draft, pipe: int, end: int) -> None:
    """``|> MATCH_RECOGNIZE (...)`` by a table of its own, which it follows."""
    if draft.kind(pipe + 2) != TokenType.L_PAREN:
        return
    start = _start(draft, pipe)
    head = draft.made("SELECT * FROM (", start)
    close = draft.made(")", pipe)
    recognize = draft.tokens[pipe + 1 : end]
    draft.put(start, end, [*head, *draft.tokens[start:pipe], *close, *recognize])


def _with(draft: Draft, pipe: int, end: int) -> None:
    """CTEs between pipes go to the front; one whose name was in use before is left for sqlglot to complain of."""
    start = _start(draft, pipe)
    before = {one.text.casefold() for one in draft.tokens[start:pipe]}
    items = draft.commas(pipe + 2, end)
    if not items or any(draft.tokens[first].text.casefold() in before for first, _ in items):
        return
    ctes = draft.tokens[pipe + 2 : items[-1][1]]
    if draft.word(start) == "WITH":
        body = draft.find("SELECT", "FROM", "TABLE", start=start + 1, end=pipe)
        if body is None:
            return
        draft.drop(pipe, end)
        draft.put(body, body, [*draft.made(",", body), *ctes])
        return
    draft.drop(pipe, end)
    draft.put(start, start, [*draft.made("WITH", start), *ctes])


def _call(draft: Draft, pipe: int, end: int) -> None:
    """``|> CALL f(a) AS x``: the rows so far are the function's first argument."""
    opening = draft.name(pipe + 2)
    if draft.kind(opening) != TokenType.L_PAREN or opening >= end:
        return
    start = _start(draft, pipe)
    name, arguments = draft.tokens[pipe + 2 : opening + 1], draft.tokens[opening + 1 : end]
    comma = draft.made(",", opening) if draft.kind(opening + 1) != TokenType.R_PAREN else []
    head, close = draft.made("FROM", start), draft.made(")", pipe)
    inner = [*draft.made("(", start), *draft.tokens[start:pipe], *close]
    draft.put(start, end, [*head, *name, *inner, *comma, *arguments])


def _start(draft: Draft, pipe: int) -> int:
    """Return where the query before a pipe starts: behind its bracket, or at the statement's own query."""
    depth, opening = 0, -1
    for index in range(pipe - 1, -1, -1):
        kind = draft.kind(index)
        depth += (kind == TokenType.R_PAREN) - (kind == TokenType.L_PAREN)
        if depth < 0:
            opening = index
            break
    found = next((i for i in draft.level(opening + 1, pipe) if draft.word(i) in _STARTS), None)
    if draft.word(0) == "CREATE" and opening < 0:  # CREATE TABLE ... AS query
        as_ = draft.find("AS")
        if as_ is not None:
            found = next((i for i in draft.level(as_ + 1, pipe) if draft.word(i) in _STARTS), as_ + 1)
    return opening + 1 if found is None else found


_OPERATORS = {
    "SELECT": _select,
    "EXTEND": _extend,
    "RENAME": _rename,
    "SET": _set,
    "DROP": _drop,
    "WINDOW": _window,
    "ASSERT": _assert,
    "MATCH_RECOGNIZE": _match,
}
