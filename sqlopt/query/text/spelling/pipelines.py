"""Databricks' pipelines: streaming and live tables, flows, AUTO CDC, expectations, masks and row filters.

After https://docs.databricks.com/aws/en/ldp/developer/ldp-sql-ref-create-streaming-table,
.../ldp-sql-ref-create-flow, .../ldp-sql-ref-apply-changes-into and
https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-create-table-using (all as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

    from sqlopt.query.text.spelling.draft import Draft

_MODIFIERS = frozenset({"PRIVATE", "LIVE", "STREAMING", "TEMPORARY", "TEMP", "GLOBAL", "MATERIALIZED"})
_UNKNOWN = frozenset({"PRIVATE", "LIVE"})
_CLAUSES = (
    *("COMMENT", "TBLPROPERTIES", "PARTITIONED BY", "PARTITIONED", "CLUSTER BY", "WITH", "AS", "LOCATION", "USING"),
    *("TRIGGER", "SCHEDULE", "DEFAULT", "FLOW", "OPTIONS"),
)  # fmt: skip
_REST = (
    *("KEYS", "WHERE", "IGNORE", "APPLY", "SEQUENCE", "SEQUENCE BY", "COLUMNS", "STORED", "STORED BY", "TRACK"),
)  # fmt: skip


def respell(draft: Draft) -> None:
    """Spell what a pipeline makes as a table, a view or an INSERT."""
    if draft.word(0) == "CREATE":
        _create(draft)
    elif head := draft.length(0, "APPLY CHANGES INTO") or draft.length(0, "AUTO CDC INTO"):
        _changes(draft, head)


def _create(draft: Draft) -> None:
    at = 3 if draft.word(1) == "OR" else 1
    while draft.word(at) in _MODIFIERS:
        at += 1
    modifiers = {draft.word(index) for index in range(1, at)}
    made = draft.word(at)
    if made == "FLOW":
        _flow(draft, at + 1)
    elif made in {"TABLE", "VIEW"} and modifiers & (_UNKNOWN | {"STREAMING", "MATERIALIZED"}):
        _drop_words(draft, 1, at)
        at = next(i for i in range(1, at + 1) if draft.word(i) == made) + 1
        at += 3 if draft.says(at, "IF NOT EXISTS") else 0
        _table(draft, draft.name(at))
    else:
        return
    _without_schema(draft)


def _drop_words(draft: Draft, start: int, end: int) -> None:
    for index in range(end - 1, start - 1, -1):
        if draft.word(index) in _UNKNOWN:
            draft.drop(index, index + 1)


def _flow(draft: Draft, name: int) -> None:
    """``CREATE FLOW f AS INSERT INTO [ONCE] t BY NAME query`` or ``... AS AUTO CDC INTO t ...``."""
    as_ = draft.find("AS", start=draft.name(name))
    if as_ is None:
        return
    draft.drop(0, as_ + 1)
    if head := draft.length(0, "AUTO CDC INTO"):
        _changes(draft, head)
    elif draft.word(0) == "INSERT" and draft.word(2) == "ONCE":
        draft.drop(2, 3)


def _table(draft: Draft, at: int) -> None:
    """Go over the column list at ``at``, if there is one, and the clauses up to the query."""
    if draft.kind(at) == TokenType.L_PAREN:
        items = draft.commas(at + 1, draft.stop(at + 1))
        for start, end in reversed(items):
            if draft.word(start) == "CONSTRAINT" and draft.word(start + 2) == "EXPECT":
                if draft.find("DROP", start=start, end=end) is not None:
                    draft.say("which rows this expectation drops", start, end)
                draft.drop_item(start, end)
        if draft.kind(at + 1) == TokenType.R_PAREN:
            draft.drop(at, at + 2)
        else:
            at = draft.after(at)
    while at < len(draft) and draft.word(at) != "AS":
        found = draft.find(*_CLAUSES, start=at + 1)
        end = len(draft) if found is None else found
        if draft.word(at) in {"SCHEDULE", "TRIGGER", "DEFAULT"}:
            draft.drop(at, end)
        elif head := draft.length(at, "FLOW INSERT BY NAME"):
            draft.put(at, at + head, draft.made("AS", at))
        elif head := draft.length(at, "FLOW AUTO CDC"):
            _selected(draft, at, at + head, draft.made("AS", at))
            return
        else:
            at = end


def _without_schema(draft: Draft) -> None:
    """LIVE is no schema: it says that the table is of the same pipeline."""
    for index in range(len(draft) - 2, -1, -1):
        if (
            draft.word(index) == "LIVE"
            and draft.kind(index + 1) == TokenType.DOT
            and draft.kind(index - 1) != TokenType.DOT
        ):
            draft.drop(index, index + 2)


def _changes(draft: Draft, target: int) -> None:
    """``INTO t FROM s KEYS (...) ...``, with the name of the target at ``target``, as INSERT INTO t SELECT."""
    from_ = draft.name(target)
    if draft.word(from_) != "FROM":
        return
    _selected(draft, from_, from_, [])
    draft.put(0, target, draft.made("INSERT INTO", 0))
    _without_schema(draft)


def _selected(draft: Draft, start: int, from_: int, head: list[Token]) -> None:
    """Spell the changes read by ``FROM`` at ``from_`` as a query, in place of all from ``start``."""
    found = draft.find(*_REST, start=from_ + 1)
    end = len(draft) if found is None else found
    source = draft.tokens[from_:end]
    columns = draft.find("COLUMNS", start=end)
    wanted = draft.made("*", from_)
    if columns is not None:
        last = draft.find("STORED", "STORED BY", "TRACK", start=columns)
        first, stop = columns + 1, len(draft) if last is None else last
        if draft.kind(first) == TokenType.L_PAREN and draft.after(first) == stop:
            first, stop = first + 1, stop - 1
        wanted = draft.tokens[first:stop] or wanted
    where = draft.find("WHERE", start=end)
    condition: list[Token] = []
    if where is not None:
        until = draft.find("IGNORE", "APPLY", "SEQUENCE", "SEQUENCE BY", "COLUMNS", "STORED", start=where)
        condition = draft.tokens[where:until]
    if end < len(draft):
        draft.say("the keys and the order of these changes", end, len(draft))
    select = draft.made("SELECT", from_)
    draft.put(start, len(draft), [*head, *select, *wanted, *source, *condition])


def masks(draft: Draft) -> None:
    """Leave column masks and row filters out: they are laid over the table where others read it."""
    if draft.word(0) != "CREATE":
        return
    for index in range(len(draft) - 1, 0, -1):
        if draft.says(index, "WITH ROW FILTER") or draft.says(index, "ROW FILTER"):
            end = draft.name(index + draft.length(index, "ROW FILTER") + (draft.word(index) == "WITH"))
            if draft.word(end) == "ON" and draft.kind(end + 1) == TokenType.L_PAREN:
                end = draft.after(end + 1)
            start = index - (draft.word(index - 1) == "WITH")
            draft.drop(start, end)
        elif (
            draft.word(index) == "MASK"
            and draft.kind(index - 1) not in {*(TokenType.COMMA, TokenType.L_PAREN, TokenType.DOT)}
            and draft.kind(index + 1) in {TokenType.VAR, TokenType.IDENTIFIER}
        ):
            end = draft.name(index + 1)
            if draft.says(end, "USING COLUMNS") and draft.kind(end + 2) == TokenType.L_PAREN:
                end = draft.after(end + 2)
            draft.drop(index, end)


def streams(draft: Draft) -> None:
    """``STREAM(t)`` is ``STREAM t``."""
    for index in range(len(draft) - 3, 0, -1):
        if draft.word(index) == "STREAM" and draft.kind(index + 1) == TokenType.L_PAREN:
            end = draft.name(index + 2)
            if draft.kind(end) == TokenType.R_PAREN:
                draft.drop(end, end + 1)
                draft.drop(index + 1, index + 2)


def watermarks(draft: Draft) -> None:
    """``FROM STREAM t WATERMARK c DELAY OF INTERVAL 5 MINUTES``: rows that come later are left out."""
    for index in range(len(draft) - 4, 0, -1):
        if draft.word(index) == "WATERMARK" and draft.says(index + 2, "DELAY OF INTERVAL"):
            end = min(index + 7, len(draft))
            draft.drop(index, end, "which rows come too late")
