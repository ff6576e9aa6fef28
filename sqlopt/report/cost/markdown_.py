"""A cost report as Markdown, for comments and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.cost.words import HEADS, cells, title, totals
from sqlopt.report.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.costing import CostReport


def render(report: CostReport, top: int | None = None) -> Iterator[str]:
    """Yield a table of statements, the sums, and what the prices rest on."""
    rows = [cells(one) for one in report.statements[:top]]
    shown = [place for place in range(len(HEADS)) if any(row[place] for row in rows)]
    yield "| statement | " + " | ".join(HEADS[place] for place in shown) + " |\n"
    yield "|---|" + "---:|" * len(shown) + "\n"
    for one, row in zip(report.statements, rows, strict=False):
        yield f"| {plain(title(one))} | " + " | ".join(row[place] for place in shown) + " |\n"
    yield "\n"
    yield from (f"**{line}**\n\n" for line in totals(report))
    unknown = dict.fromkeys(words for one in report.statements for words in one.cost.unknown)
    yield from (f"- unknown: {plain(words)}\n" for words in unknown)
    yield from (f"- {plain(words)}\n" for words in report.because)
