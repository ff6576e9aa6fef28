"""Flink's watermarks, metadata columns and window functions over tables.

After https://nightlies.apache.org/flink/flink-docs-release-2.1/docs/dev/table/sql/create/ and
.../queries/window-tvf/ (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

    from sqlopt.query.text.spelling.draft import Draft

_WINDOWS = frozenset({"TUMBLE", "HOP", "CUMULATE", "SESSION"})


def respell(draft: Draft) -> None:
    """Leave WATERMARK, METADATA and NOT ENFORCED out; spell ``TABLE(TUMBLE(...))`` as a query."""
    if draft.word(0) == "CREATE":
        _columns(draft)
    for at in range(len(draft) - 4, -1, -1):
        windowed = draft.word(at) == "TABLE" and draft.word(at + 2) in _WINDOWS
        if windowed and draft.kind(at + 1) == draft.kind(at + 3) == TokenType.L_PAREN:
            _window(draft, at)


def _columns(draft: Draft) -> None:
    opening = next((i for i in draft.level(0) if draft.kind(i) == TokenType.L_PAREN), None)
    if opening is None:
        return
    for start, end in reversed(draft.commas(opening + 1, draft.stop(opening + 1))):
        if draft.says(start, "WATERMARK FOR"):
            draft.drop_item(start, end)
            continue
        metadata = draft.find("METADATA", start=start + 1, end=end)
        if metadata is not None:
            draft.drop(metadata, end)
        elif draft.says(end - 2, "NOT ENFORCED"):
            draft.drop(end - 2, end)


def _window(draft: Draft, at: int) -> None:
    """Spell a window over a table as the table with the window's three columns."""
    start, stop = at + 4, draft.stop(at + 4)
    table = next((i for i in draft.level(start, stop) if draft.word(i) == "TABLE"), None)
    time = next((i for i in draft.level(start, stop) if draft.word(i) == "DESCRIPTOR"), None)
    if table is None or time is None or draft.kind(stop + 1) != TokenType.R_PAREN:
        return
    name = draft.tokens[table + 1 : draft.name(table + 1)]
    column = draft.tokens[time + 2 : draft.stop(time + 2)]
    if not name or not column:
        return
    kind = draft.word(at + 2)
    if kind != "TUMBLE":
        draft.say(f"how {kind} repeats or joins rows", at, stop + 2)
    made: list[Token] = draft.made("( SELECT *", at)
    for one in ("start", "end", "time"):
        made += [*draft.made(f", {kind}_{one.upper()} (", at), *column, *draft.made(f") AS window_{one}", at)]
    draft.put(at, stop + 2, [*made, *draft.made("FROM", table), *name, *draft.made(")", stop + 1)])
