"""``sarif``: SARIF 2.1.0, as code scanning reads it.

Columns are in UTF-16 code units, which ``columnKind`` says. Fingerprints follow the statement's tokens, so
that a moved finding is the same finding. Costs are no security matter: there is no security severity.
The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlopt
from sqlopt.report.identity import identified, uri
from sqlopt.report.words import saves_words, sure
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.report.place import Lines
    from sqlopt.report.words import Item
    from sqlopt.rewrite.edits import Fix
    from sqlopt.rules.finding import Report
    from sqlopt.span import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/sqlopt/sqlopt"
_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def render(report: Report, view: View) -> Iterator[str]:
    """Yield one SARIF log of one run."""
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for item, identity in identified(report):
        finding = item.finding
        if finding.rule not in rules:
            rules[finding.rule] = _rule(finding.rule, finding.name, view)
        results.append(_result(item, identity, list(rules).index(finding.rule)))
    driver = {
        "name": "sqlopt",
        "version": sqlopt.__version__,
        "semanticVersion": sqlopt.__version__,
        "informationUri": HOME,
        "rules": list(rules.values()),
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "invocations": [_invocation(report)],
        "results": results,
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str, name: str, view: View) -> dict[str, Any]:
    title, page = view.describe(rule) or (name.replace("-", " "), "")
    found: dict[str, Any] = {"id": rule, "name": name, "shortDescription": {"text": title}}
    if page:
        found["help"] = {"text": page, "markdown": page}
    return found


def _invocation(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {"executionSuccessful": not report.crashed}
    if report.crashed:
        found["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": line}} for line in report.crashed
        ]
    return found


def _result(item: Item, identity: str, index: int) -> dict[str, Any]:
    file, finding, lines = item
    saves = f" (saves {saves_words(finding)})" if finding.saving else ""
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}{saves}"},
        "locations": [{"physicalLocation": _location(file.path, finding.span, lines)}],
        "partialFingerprints": {"sqlopt/v1": identity},
    }
    if finding.related:
        found["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": one.message},
                "physicalLocation": _location(file.path, one.span, lines),
            }
            for number, one in enumerate(finding.related, 1)
        ]
    if finding.fix and finding.fix.edits:
        found["fixes"] = [_fix(file.path, finding.fix, lines)]
    if finding.saving:
        found["properties"] = {"saving": finding.saving.to_dict()}
    return found


def _location(path: str, span: Span, lines: Lines) -> dict[str, Any]:
    return {"artifactLocation": _artifact(path), "region": _region(span, lines)}


def _artifact(path: str) -> dict[str, str]:
    where = uri(path)
    if where.startswith("/"):
        return {"uri": f"file://{quote(where, errors='replace')}"}
    return {"uri": quote(where, errors="replace")}


def _region(span: Span, lines: Lines) -> dict[str, int]:
    start, end = lines.utf16(span.start), lines.utf16(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(path: str, fix: Fix, lines: Lines) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit.span, lines), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(path), "replacements": replacements}
    return {"description": {"text": f"{fix.title} ({sure(fix)})"}, "artifactChanges": [change]}
