"""PostgreSQL's keys over periods, generated columns, ``ONLY (t)``, COPY with WHERE, and names of OLD and NEW.

After https://www.postgresql.org/docs/18/sql-createtable.html, .../sql-select.html, .../sql-copy.html and
.../dml-returning.html (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft


def respell(draft: Draft) -> None:
    """Spell keys over periods without the period.

    ``PRIMARY KEY (k, p WITHOUT OVERLAPS)`` is a key of (k, p) as well: equal ranges overlap, and empty ones are
    not let in. A foreign key to a period says nothing of equal values: it is left out.
    """
    if draft.word(0) not in {"CREATE", "ALTER"}:
        return
    for index in range(len(draft) - 1, 0, -1):
        word = draft.word(index)
        if word == "WITHOUT" and draft.word(index + 1) == "OVERLAPS":
            draft.drop(index, index + 2)
        elif word == "VIRTUAL" and draft.kind(index - 1) == TokenType.R_PAREN:
            draft.put(index, index + 1, draft.made("STORED", index))
    if draft.word(0) == "CREATE":
        _without_period_references(draft)
    elif (key := next((i for i in range(len(draft)) if _refers(draft, i, len(draft))), None)) is not None:
        check = draft.made("CHECK ( TRUE )", key)
        draft.drop(key, len(draft), "a reference to a period")
        draft.put(key, key, check)


def _without_period_references(draft: Draft) -> None:
    opening = next((i for i in draft.level(0) if draft.kind(i) == TokenType.L_PAREN), None)
    if opening is None:
        return
    for start, end in reversed(draft.commas(opening + 1, draft.stop(opening + 1))):
        if any(_refers(draft, i, end) for i in range(start, end)):
            draft.drop_item(start, end)


def _refers(draft: Draft, key: int, end: int) -> bool:
    """Whether a foreign key to a period starts here."""
    return draft.says(key, "FOREIGN KEY") and any(
        draft.word(i) == "PERIOD" and draft.kind(i + 1) in {TokenType.VAR, TokenType.IDENTIFIER}
        for i in range(key, end)
    )


def only(draft: Draft) -> None:
    """``ONLY (t)`` is ``ONLY t``."""
    for index in range(len(draft) - 2, 0, -1):
        if draft.word(index) == "ONLY" and draft.kind(index + 1) == TokenType.L_PAREN:
            end = draft.name(index + 2)
            if draft.kind(end) == TokenType.R_PAREN:
                draft.drop(end, end + 1)
                draft.drop(index + 1, index + 2)


def copy(draft: Draft) -> None:
    """Leave out which rows COPY FROM keeps."""
    where = draft.find("WHERE")
    if draft.word(0) == "COPY" and where is not None:
        draft.drop(where, len(draft), "which rows COPY keeps")


def returning(draft: Draft) -> None:
    """``RETURNING WITH (OLD AS o, NEW AS n) ...``: the names stay unbound."""
    for index in range(len(draft) - 2, 0, -1):
        if draft.says(index, "RETURNING WITH") and draft.kind(index + 2) == TokenType.L_PAREN:
            draft.drop(index + 1, draft.after(index + 2), "names of the old and the new row")
