"""T-SQL's OUTPUT clause, and rows that a procedure gives to INSERT.

After https://learn.microsoft.com/en-us/sql/t-sql/queries/output-clause-transact-sql and
.../t-sql/statements/insert-transact-sql (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft


def output(draft: Draft) -> None:
    """Put the OUTPUT clause of DELETE behind its WHERE, where sqlglot looks for it."""
    delete = draft.find("DELETE")
    clause = draft.find("OUTPUT")
    if delete is None or clause is None or clause < delete:
        return
    end = draft.find("FROM", "WHERE", "OPTION", start=clause + 1)
    if end is None:
        return
    into = draft.find("INTO", start=clause + 1, end=end)
    option = draft.find("OPTION", start=end)
    behind = len(draft) if option is None else option
    moved = draft.tokens[clause:end]
    if into is not None:
        named = draft.name(into + 1)
        if draft.kind(named) == TokenType.L_PAREN:
            draft.say("the columns that OUTPUT fills are not read", named, draft.after(named))
            moved = draft.tokens[clause:named]
    draft.put(behind, behind, moved)
    draft.put(clause, end, [])


def executed(draft: Draft) -> None:
    """``INSERT INTO t EXEC p``: what the procedure gives is not known."""
    insert, run = draft.find("INSERT"), draft.find("EXEC", "EXECUTE")
    if insert is None or run is None or run < insert or draft.word(run - 1) == "WITH":
        return
    values = draft.made("DEFAULT VALUES", run)
    draft.drop(run, len(draft), "the rows that this procedure gives are not read")
    draft.put(run, run, values)
