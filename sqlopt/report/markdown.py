"""``markdown``: a table for a pull request's comment or a wiki page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlopt.report.summary import summary
from sqlopt.report.terminal import Paint
from sqlopt.report.words import escape, items, saves_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.rules.finding import Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~^$-])")


def render(report: Report, view: View) -> Iterator[str]:
    """Yield a table, a row a finding, below a summary. The text of others stays mere text."""
    yield "".join(
        f"{plain(line)}\n" for line in summary(report, Paint(color=False), show_unread=view.show_unread)
    )
    head = "\n| Where | Severity | Rule | Finding | Saves |\n| --- | --- | --- | --- | --- |\n"
    for file, finding, lines in items(report):
        line, column = lines.place(finding.span.start)
        saves = saves_words(finding) if finding.saving else ""
        cells = (
            plain(f"{file.path}:{line}:{column}"),
            str(finding.severity),
            f"`{finding.rule}` {plain(finding.name)}",
            plain(finding.message),
            plain(saves),
        )
        yield f"{head}| {' | '.join(cells)} |\n"
        head = ""


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no HTML, no link, nobody called by name."""
    safe = escape(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _SPECIAL.sub(r"\\\1", safe)
    return safe.replace("@", "@&#8203;").replace("://", ":&#8203;//")
