"""Suggestions as SQL that can be run: the DDL of each view, with what it is for as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.suggest.words import month, refusal, size
from sqlopt.report.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.workload.suggest import Suggested


def render(found: Suggested) -> Iterator[str]:
    """Yield the statements, each after its comments."""
    for one in found.suggestions:
        places = ", ".join(f"{each.path}:{each.line}" for each in one.profits)
        yield f"-- {size(one)}\n-- for {escape(places)}\n"
        yield from (f"-- {line}\n" for line in month(one))
        yield from (f"-- {escape(words)}\n" for words in (*map(refusal, one.made.refused), *one.made.notes))
        yield one.made.statement + "\n\n"
