"""``concise``: one line a finding, as compilers print them and editors jump to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.summary import summary
from sqlopt.report.terminal import Paint
from sqlopt.report.words import escape, items, saves_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.rules.finding import Report


def render(report: Report, view: View) -> Iterator[str]:
    """Yield ``path:line:col: severity RULE name: message`` lines and a summary."""
    paint = Paint(color=view.color)
    for file, finding, lines in items(report):
        line, column = lines.place(finding.span.start)
        place = f"{paint(escape(file.path), 'bold')}:{line}:{column}"
        rule = f"{paint(finding.rule, 'bold')} {escape(finding.name)}"
        saves = f" {paint(f'[saves {saves_words(finding)}]', 'green')}" if finding.saving else ""
        yield f"{place}: {paint.severity(finding.severity)} {rule}: {escape(finding.message)}{saves}\n"
    if view.summary:
        yield from (f"{line}\n" for line in summary(report, paint, show_unread=view.show_unread))
