"""Suggestions as Markdown, for comments and pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlopt.report.markdown import plain
from sqlopt.report.suggest.words import month, refusal, saved, size, summary, verdict
from sqlopt.report.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.workload.suggest import Suggested, Suggestion


def render(found: Suggested) -> Iterator[str]:
    """Yield a section a view."""
    for one in found.suggestions:
        yield from _suggestion(one)
    if found.dropped:
        yield "### Repeated, but not worth a view\n\n"
        yield from (f"- {plain(line)}\n" for line in found.dropped)
        yield "\n"
    yield f"{summary(found)}\n"


def _suggestion(one: Suggestion) -> Iterator[str]:
    yield f"### {plain(size(one))}\n\n"
    yield from (f"{plain(line)}\n\n" for line in month(one))
    yield from _code(one.made.statement)
    if one.model:
        yield "Or as a dbt model:\n\n"
        yield from _code(one.model.rstrip())
    for words in (*map(refusal, one.made.refused), *one.made.notes, *one.left_out):
        yield f"- {plain(words)}\n"
    yield "\n"
    for profit in one.profits:
        yield f"#### {plain(f'{profit.path}:{profit.line}')}\n\n"
        yield f"Saves {plain(saved(profit))}. {plain(verdict(profit))}\n\n"
        yield from (f"- premise: {plain(line)}\n" for line in profit.proof.premises)
        yield from (f"- note: {plain(line)}\n" for line in profit.proof.notes)
        yield "\nBefore:\n\n"
        yield from _code(profit.original)
        yield "After:\n\n"
        yield from _code(profit.rewritten)


def _code(text: str) -> Iterator[str]:
    """Yield a block of code, fenced so that nothing in it ends it."""
    longest = max((len(found) for found in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    yield f"{fence}sql\n"
    yield from (f"{visible(line)}\n" for line in text.split("\n"))
    yield f"{fence}\n\n"
