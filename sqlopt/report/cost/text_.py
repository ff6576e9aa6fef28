"""A cost report for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report import unread
from sqlopt.report.cost.words import HEADS, cells, title, totals
from sqlopt.report.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.costing import CostReport


def render(report: CostReport, top: int | None = None, *, show_unread: bool = False) -> Iterator[str]:
    """Yield a line a statement, the sums, what is unknown, what the prices rest on, and what was not read."""
    yield from _priced(report, top)
    places = [(f"{path}:{line}", what) for path, line, what in report.unread]
    lines = list(unread.lines(places, every=show_unread))
    yield from (f"{line}\n" for line in (["", *lines] if lines else []))


def _priced(report: CostReport, top: int | None) -> Iterator[str]:
    if not report.statements:
        yield "no statement to price\n"
        return
    rows = [cells(one) for one in report.statements[:top]]
    shown = [place for place in range(len(HEADS)) if any(row[place] for row in rows)]
    widths = [max(len(HEADS[place]), *(len(row[place]) for row in rows)) for place in shown]
    yield _line([HEADS[place] for place in shown], widths, "statement")
    for one, row in zip(report.statements, rows, strict=False):
        yield _line([row[place] for place in shown], widths, escape(title(one)))
    if len(report.statements) > len(rows):
        yield f"and {len(report.statements) - len(rows):,} more\n"
    yield "\n"
    yield from (f"{line}\n" for line in totals(report))
    unknown = dict.fromkeys(words for one in report.statements for words in one.cost.unknown)
    if unknown:
        yield "\nunknown, and so not in the sums:\n"
        yield from (f"  {escape(words)}\n" for words in unknown)
    refused = [one for one in report.statements if one.refusal]
    if refused:
        yield "\nrefused by the warehouse:\n"
        yield from (f"  {escape(f'{one.path}:{one.line}: {one.refusal}')}\n" for one in refused)
    if report.because:
        yield "\nprices and assumptions (~ marks what is assumed):\n"
        yield from (f"  {escape(words)}\n" for words in report.because)


def _line(row: list[str], widths: list[int], last: str) -> str:
    padded = [text.rjust(width) for text, width in zip(row, widths, strict=True)]
    return "  ".join([*padded, last]).rstrip() + "\n"
