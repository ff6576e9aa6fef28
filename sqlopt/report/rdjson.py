"""``rdjson``: the Reviewdog Diagnostic Format. Its columns count bytes of UTF-8, its ends are exclusive.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf (checked 2026-11-23)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlopt.project.gate import Ruling, ruling
from sqlopt.report.identity import uri
from sqlopt.report.words import items, saves_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.report.place import Lines
    from sqlopt.report.words import Item
    from sqlopt.rules.finding import Report
    from sqlopt.span import Span


def render(report: Report, view: View) -> Iterator[str]:
    """Yield one ``DiagnosticResult``."""
    del view
    diagnostics = [_diagnostic(item) for item in items(report)]
    yield json.dumps({"source": {"name": "sqlopt"}, "diagnostics": diagnostics}, indent=2) + "\n"


def _diagnostic(item: Item) -> dict[str, Any]:
    file, finding, lines = item
    saves = f" (saves {saves_words(finding)})" if finding.saving else ""
    found: dict[str, Any] = {
        "message": f"{finding.name}: {finding.message}{saves}",
        "location": {"path": uri(file.path), "range": _range(finding.span, lines)},
        "severity": str(finding.severity).upper(),
        "code": {"value": finding.rule},
    }
    # A click makes a suggestion, so its verdict must be known; several would be alternatives.
    if finding.fix and len(finding.fix.edits) == 1 and ruling(finding.fix) is Ruling.MADE:
        edit = finding.fix.edits[0]
        found["suggestions"] = [{"range": _range(edit.span, lines), "text": edit.text}]
    if finding.related:
        found["relatedLocations"] = [
            {
                "message": one.message,
                "location": {"path": uri(file.path), "range": _range(one.span, lines)},
            }
            for one in finding.related
        ]
    return found


def _range(span: Span, lines: Lines) -> dict[str, Any]:
    return {
        "start": lines.utf8(span.start)._asdict(),
        "end": lines.utf8(span.end)._asdict(),
    }
