"""JSON_TABLE and its kin: what happens on empty values and on errors, wrappers, quotes and formats.

After https://www.postgresql.org/docs/18/functions-json.html, https://dev.mysql.com/doc/refman/9.0/en/json-table-functions.html,
https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/JSON_TABLE.html and
https://trino.io/docs/current/functions/json.html (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft

_WHEN = frozenset({"EMPTY", "ERROR", "MISMATCH"})
_ALONE = frozenset({"ERROR", "NULL", "EMPTY", "TRUE", "FALSE", "UNKNOWN"})
_FAR = 40  # tokens of the longest DEFAULT expression
_HANDLED = "what this does with empty, wrong or wrapped JSON"
_PHRASES = (
    *("FORMAT JSON", "WITH WRAPPER", "WITHOUT WRAPPER", "WITH ARRAY WRAPPER", "WITHOUT ARRAY WRAPPER"),
    *("WITH CONDITIONAL WRAPPER", "WITH UNCONDITIONAL WRAPPER", "WITH CONDITIONAL ARRAY WRAPPER"),
    *("WITH UNCONDITIONAL ARRAY WRAPPER", "KEEP QUOTES ON SCALAR STRING", "OMIT QUOTES ON SCALAR STRING"),
    *("KEEP QUOTES", "OMIT QUOTES"),
)  # fmt: skip


def tables(draft: Draft) -> None:
    """Leave the options of JSON_TABLE's columns out."""
    _calls(draft, frozenset({"JSON_TABLE"}))


def conditions(draft: Draft) -> None:
    """Leave the same options out of PostgreSQL's JSON_QUERY and JSON_EXISTS."""
    _calls(draft, frozenset({"JSON_QUERY", "JSON_EXISTS"}))


def _calls(draft: Draft, names: frozenset[str]) -> None:
    at = 0
    while at < len(draft):
        if draft.word(at) in names and draft.kind(at + 1) == TokenType.L_PAREN:
            _call(draft, at + 2)
        at += 1


def _call(draft: Draft, start: int) -> None:
    index = draft.stop(start) - 1
    while index > start:
        _option(draft, index, start)
        index -= 1
    passing = draft.find("PASSING", start=start)
    if passing is not None:
        end = draft.find("COLUMNS", start=passing)
        draft.drop(passing, draft.stop(start) if end is None else end, "what PASSING hands over")
    columns = draft.find("COLUMNS", start=start)
    named = draft.find("AS", start=start, end=columns)
    if columns is not None and named is not None:
        draft.drop(named, columns)  # the name of the path


def _option(draft: Draft, index: int, start: int) -> None:
    """Leave out the option whose last or first word is at ``index``."""
    word = draft.word(index)
    if word in _WHEN and draft.word(index - 1) == "ON":
        first = _behaviour(draft, index - 2, start)
        if first is not None:
            draft.drop(first, index + 1, _HANDLED)
    elif word == "EXISTS" and draft.word(index + 1) == "PATH":
        draft.drop(index, index + 1, "EXISTS of a path")
    elif word == "NESTED" and draft.kind(index + 1) == TokenType.STRING:
        draft.put(index + 1, index + 1, draft.made("PATH", index))
    elif word in {"FORMAT", "WITH", "WITHOUT", "KEEP", "OMIT"}:
        length = next(filter(None, (draft.length(index, one) for one in _PHRASES)), 0)
        if length and draft.word(index + length) == "ENCODING":
            length += 2
        if length:
            draft.drop(index, index + length, _HANDLED)


def _behaviour(draft: Draft, last: int, start: int) -> int | None:
    """Return where ``NULL``, ``EMPTY ARRAY`` or ``DEFAULT expression`` before ON starts."""
    if draft.word(last) in {"ARRAY", "OBJECT"} and draft.word(last - 1) == "EMPTY":
        return last - 1
    for index in range(last, max(start, last - _FAR), -1):
        if draft.word(index) == "DEFAULT":
            return index
        if draft.kind(index) == TokenType.COMMA or draft.word(index) in {"ON", "PATH"}:
            break
    return last if draft.word(last) in _ALONE else None
