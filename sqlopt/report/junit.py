"""``junit``: JUnit XML: a suite a file, a failed case a finding, a passed case for a clean file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from sqlopt.report.words import items, saves_words
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.report.words import Item
    from sqlopt.rules.finding import FileResult, Report

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> Iterator[str]:
    """Yield the document, a suite at a time. Information counts as a passed case with its text."""
    del view
    cases = sum(max(1, len(file.errors) + len(file.findings)) for file in report.files)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f'<testsuites name="sqlopt" tests="{cases}" failures="{sum(map(_failures, report.files))}">\n'
    found: dict[str, list[Item]] = {}
    for item in items(report):
        found.setdefault(item.file.path, []).append(item)
    for file in report.files:
        shown = found.get(file.path, [])
        name = _attribute(file.path)
        yield f'  <testsuite name={name} tests="{max(1, len(shown))}" failures="{_failures(file)}">\n'
        for item in shown:
            yield from _case(item)
        if not shown:
            yield f'    <testcase classname={name} name="sqlopt"/>\n'
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _failures(file: FileResult) -> int:
    return sum(1 for one in (*file.errors, *file.findings) if one.severity is not Severity.INFO)


def _case(item: Item) -> Iterator[str]:
    file, finding, lines = item
    line, column = lines.place(finding.span.start)
    name = _attribute(f"{finding.rule} {finding.name} {line}:{column}")
    saves = f"\nsaves {saves_words(finding)}" if finding.saving else ""
    text = escape(_legal(f"{file.path}:{line}:{column}: {finding.message}{saves}"))
    yield f'    <testcase classname={_attribute(file.path)} name={name} line="{line}">\n'
    if finding.severity is Severity.INFO:
        yield f"      <system-out>{text}</system-out>\n"
    else:
        message = _attribute(finding.message)
        yield f'      <failure type="{finding.severity}" message={message}>{text}</failure>\n'
    yield "    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    """Return text without the characters that XML can't hold at all."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
