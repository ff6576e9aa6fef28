"""What stands below the findings: how many there are, and what they cost together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlopt.report import unread
from sqlopt.report.terminal import SEVERITY_COLORS, Paint
from sqlopt.report.words import amount, counts, plural, savings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.rules.finding import Report


def summary(report: Report, paint: Paint, *, show_unread: bool = False) -> Iterator[str]:
    """Yield the lines of the summary; the last count what was not read, or with ``show_unread`` list it."""
    yield from _sums(report, paint)
    yield from unread.lines(unread.of_report(report), every=show_unread)


def _sums(report: Report, paint: Paint) -> Iterator[str]:
    found = counts(report)
    total = sum(found.values())
    files = plural(len(report.files), "file")
    if not total:
        yield f"{paint('No findings', 'green', 'bold')} in {files}."
        return
    marked = sum(1 for file in report.files if file.findings or file.errors)
    kinds = [
        paint(plural(count, str(severity)), SEVERITY_COLORS[severity], "bold")
        for severity, count in found.items()
        if count
    ]
    where = files if marked == len(report.files) else f"{marked:,} of {files}"
    yield f"Found {', '.join(kinds)} in {where}."
    saved = [amount(value, unit) for unit, value in savings(report).items() if value > 0]
    if saved:
        yield f"Fixing them could save {paint(' and '.join(saved), 'bold')} a run."


def statistics(report: Report, paint: Paint) -> Iterator[str]:
    """Yield a line for each rule: how often it fired, what that costs, and its name."""
    rows = statistics_rows(report)
    table = [(f"{row['count']:,}", str(row["rule"]), str(row["name"]), row["saves"]) for row in rows]
    widths = [max((len(row[column]) for row in table), default=0) for column in range(3)]
    for count, rule, name, saves in table:
        line = f"{count:>{widths[0]}}  {paint(f'{rule:<{widths[1]}}', 'bold')}  {name:<{widths[2]}}"
        yield f"{line}  {paint(f'saves {saves} a run', 'green')}" if saves else line.rstrip()


def statistics_rows(report: Report) -> list[dict[str, Any]]:
    """Return (count, rule, name, saves) of each rule that fired, the most frequent first."""
    found = Counter(
        (finding.rule, finding.name) for file in report.files for finding in (*file.errors, *file.findings)
    )
    rows: list[dict[str, Any]] = []
    for (rule, name), count in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        saves = savings(report, rule)
        words = " and ".join(amount(value, unit) for unit, value in saves.items() if value > 0)
        rows.append({"count": count, "rule": rule, "name": name, "saves": words})
    return rows
