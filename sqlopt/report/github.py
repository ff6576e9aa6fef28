"""``github``: workflow commands, which GitHub shows as annotations beside the changed lines.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions (checked 2026-11-23)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.identity import uri
from sqlopt.report.words import items, saves_words, visible
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.rules.finding import Report

_COMMANDS = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


def render(report: Report, view: View) -> Iterator[str]:
    """Yield a command a finding. Text of the user's can neither end a command nor begin one."""
    del view
    for file, finding, lines in items(report):
        start, end = lines.ends(finding.span)
        saves = f" (saves {saves_words(finding)})" if finding.saving else ""
        fields = {
            "file": uri(file.path),
            "line": str(start.line),
            "endLine": str(end.line),
            "title": f"{finding.rule} {finding.name}",
        }
        if start.line == end.line:  # columns of several lines mean nothing to it
            fields |= {"col": str(start.column), "endColumn": str(end.column)}
        shown = ",".join(f"{key}={_property(value)}" for key, value in fields.items())
        yield f"::{_COMMANDS[finding.severity]} {shown}::{_data(finding.message + saves)}\n"


def _data(text: str) -> str:
    safe = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return visible(safe)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
