"""Suggestions for a terminal: each view with its DDL, and each statement as it was and as it would be, side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sqlopt.report.suggest.words import month, refusal, saved, size, summary, verdict
from sqlopt.report.words import escape, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.workload.suggest import Profit, Suggested, Suggestion

_NARROW = 100
"""Below this width, the statements stand one below the other."""


def render(found: Suggested) -> Iterator[str]:
    """Yield the text."""
    wide = _width()
    for one in found.suggestions:
        yield from _suggestion(one, wide)
    if found.dropped:
        yield "Repeated, but not worth a view:\n"
        yield from (f"  {escape(line)}\n" for line in found.dropped)
        yield "\n"
    yield summary(found) + "\n"


def _width() -> int:
    if not sys.stdout.isatty():
        return 110
    import shutil

    return min(shutil.get_terminal_size().columns, 200)


def _suggestion(one: Suggestion, wide: int) -> Iterator[str]:
    yield f"{escape(size(one))}\n"
    yield from (f"  {line}\n" for line in month(one))
    yield "\n"
    yield from (f"    {visible(line)}\n" for line in one.made.statement.split("\n"))
    yield "\n"
    if one.model:
        yield "  or as a dbt model:\n\n"
        yield from (f"    {visible(line)}\n" for line in one.model.rstrip().split("\n"))
        yield "\n"
    yield from (f"  {escape(refusal(each))}\n" for each in one.made.refused)
    yield from (f"  note: {escape(note)}\n" for note in one.made.notes)
    yield from (f"  left out: {escape(line)}\n" for line in one.left_out)
    for profit in one.profits:
        yield from _profit(profit, wide)
    yield "\n"


def _profit(one: Profit, wide: int) -> Iterator[str]:
    name = f" {one.name}" if one.name else ""
    yield f"\n  {escape(one.path)}:{one.line}{escape(name)}: saves {saved(one)}\n"
    yield f"    {escape(verdict(one))}\n"
    yield from (f"    premise: {escape(line)}\n" for line in one.proof.premises)
    yield from (f"    note: {escape(line)}\n" for line in one.proof.notes)
    left, right = (
        list(map(visible, text.expandtabs(4).split("\n"))) for text in (one.original, one.rewritten)
    )
    half = (wide - 7) // 2
    if wide < _NARROW or max(map(len, (*left, *right))) > half:
        for mark, lines in (("-", left), ("+", right)):
            yield from (f"    {mark} {line}\n" for line in lines)
        return
    for place in range(max(len(left), len(right))):
        before, after = (lines[place] if place < len(lines) else "" for lines in (left, right))
        yield f"    {before:<{half}} | {after}".rstrip() + "\n"
