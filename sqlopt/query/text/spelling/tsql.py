"""T-SQL's OUTPUT clause, rows that a procedure gives to INSERT, and ``+=``.

After https://learn.microsoft.com/en-us/sql/t-sql/queries/output-clause-transact-sql and
.../t-sql/statements/insert-transact-sql (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft


def output(draft: Draft) -> None:
    """Make one name of a dotted target, and put the clause of DELETE behind its WHERE, where sqlglot looks for it."""
    delete = draft.find("DELETE")
    clause = draft.find("OUTPUT")
    if clause is None:
        return
    end = draft.find("FROM", "WHERE", "OPTION", "SELECT", "VALUES", "EXEC", "DEFAULT", start=clause + 1)
    end = len(draft) if end is None else end
    into = draft.find("INTO", start=clause + 1, end=end)
    if into is not None and into + 1 < end:
        variable = draft.kind(into + 1) == TokenType.PARAMETER
        after = into + 3 if variable else draft.name(into + 1)
        parts = draft.tokens[into + 1 : after]
        if len(parts) > 1:
            first, last = parts[0], parts[-1]
            name = "".join(one.text for one in parts)
            one = Token(TokenType.IDENTIFIER, name, first.line, first.col, first.start, last.end)
            draft.put(into + 1, after, [one])
            end -= len(parts) - 1
    if delete is not None and delete < clause and end < len(draft):
        option = draft.find("OPTION", start=end)
        behind = len(draft) if option is None else option
        draft.put(behind, behind, draft.tokens[clause:end])
        draft.put(clause, end, [])


def executed(draft: Draft) -> None:
    """``INSERT INTO t EXEC p``: what the procedure gives is not known."""
    insert, run = draft.find("INSERT"), draft.find("EXEC", "EXECUTE")
    if insert is None or run is None or run < insert or draft.word(run - 1) == "WITH":
        return
    values = draft.made("DEFAULT VALUES", run)
    draft.drop(run, len(draft), "the rows that this procedure gives")
    draft.put(run, run, values)


_OPERATORS = frozenset({TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.SLASH, TokenType.MOD})
_ENDS = ("FROM", "WHERE", "OUTPUT", "OPTION")


def compound(draft: Draft) -> None:
    """Spell ``x += e`` as ``x = x + (e)``."""
    for at in range(len(draft) - 2, 1, -1):
        written = draft.kind(at) in _OPERATORS and draft.kind(at + 1) == TokenType.EQ
        if not written or draft.tokens[at].end + 1 != draft.tokens[at + 1].start:
            continue
        start = at - 1
        while draft.kind(start - 1) == TokenType.DOT and start > 1:
            start -= 2
        if draft.kind(start - 1) == TokenType.PARAMETER:
            start -= 1
        end = next(
            (i for i in draft.level(at + 2) if draft.kind(i) == TokenType.COMMA or draft.word(i) in _ENDS),
            draft.stop(at + 2),
        )
        target, sign, equals = draft.tokens[start:at], draft.tokens[at], draft.tokens[at + 1]
        value = [*draft.made("(", at + 1), *draft.tokens[at + 2 : end], *draft.made(")", end - 1)]
        draft.put(at, end, [equals, *target, sign, *value])


def hints(draft: Draft) -> None:
    """Leave hints of targets, names of XML and the kinds of indexes out: they change no row."""
    verb = draft.find("DELETE", "UPDATE", "MERGE", "INSERT")
    if verb is not None:
        _without_option(draft, draft.word(verb))
        target = verb + 1 + (draft.word(verb + 1) in {"INTO", "FROM"})
        while draft.kind(target) == TokenType.HASH:
            target += 1
        end = draft.name(target)
        if draft.word(end) == "WITH" and draft.kind(end + 1) == TokenType.L_PAREN:
            draft.drop(end, draft.after(end + 1))
    if draft.says(0, "WITH XMLNAMESPACES") and draft.kind(2) == TokenType.L_PAREN:
        end = draft.after(2)
        more = draft.kind(end) == TokenType.COMMA
        draft.drop(1 if more else 0, end + more)
    for at in range(len(draft) - 2, 1, -1):
        kind = draft.word(at) in {"CLUSTERED", "NONCLUSTERED"} and draft.kind(at + 1) != TokenType.L_PAREN
        if kind and draft.word(at - 1) in {"PRIMARY KEY", "UNIQUE"}:
            draft.drop(at, at + 1)


def _without_option(draft: Draft, verb: str) -> None:
    option = draft.find("OPTION")
    if verb != "INSERT" and option is not None and draft.kind(option + 1) == TokenType.L_PAREN:
        draft.drop(option, draft.after(option + 1))
