"""Findings as plain data, the shape of ``json`` and ``jsonl``.

A record holds ``path``, ``rule``, ``name``, ``severity`` (info, warning, error), ``message``, ``error`` (true
for what could not be read, parsed or run), ``dialect``, ``start`` and ``end`` (each with 1-based ``line`` and
``column`` and 0-based ``offset``, all in code points; ``end`` is exclusive), ``saving`` (``low``, ``expected``,
``high``, ``unit``, ``basis``; or null), ``worth`` (the same in credits and money, a list), ``fix`` (``title``,
``safety``: what its rule claims, ``proof``: what is known of it, null until it is judged, as `sqlopt fix` does before
it makes one, ``edits`` with ``start``, ``end`` and ``text``; or null), ``related`` (``message``,
``start``, ``end``), ``evidence`` (``label``, ``value``) and ``statement``, which stays the same when the
statement moves.
The whole report's head holds ``unread``, too: ``path``, ``what``, ``start`` and ``end`` of each place that was not
read.
Keys may be added; none goes or changes without a new ``version``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlopt
from sqlopt.report import unread
from sqlopt.report.summary import statistics_rows
from sqlopt.report.words import counts, items, savings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.place import Lines
    from sqlopt.report.words import Item
    from sqlopt.rules.finding import Report
    from sqlopt.span import Span

VERSION = 1


def records(report: Report) -> Iterator[dict[str, Any]]:
    """Yield each error and finding as plain data."""
    return map(record, items(report))


def record(item: Item) -> dict[str, Any]:
    """Return one error or finding as plain data."""
    file, finding, lines = item
    fix = finding.fix and finding.fix.to_dict()
    if finding.fix and fix:
        fix["edits"] = [{**_range(edit.span, lines), "text": edit.text} for edit in finding.fix.edits]
    return {
        "path": file.path,
        "rule": finding.rule,
        "name": finding.name,
        "severity": str(finding.severity),
        "message": finding.message,
        "error": finding in file.errors,
        "dialect": file.dialect,
        **_range(finding.span, lines),
        "saving": finding.saving and finding.saving.to_dict(),
        "worth": [one.to_dict() for one in finding.worth],
        "fix": fix,
        "related": [{"message": one.message, **_range(one.span, lines)} for one in finding.related],
        "evidence": [{"label": label, "value": value} for label, value in finding.evidence],
        "statement": finding.statement,
    }


def _range(span: Span, lines: Lines) -> dict[str, Any]:
    start, end = lines.ends(span)
    return {
        "start": {"line": start.line, "column": start.column, "offset": span.start},
        "end": {"line": end.line, "column": end.column, "offset": span.end},
    }


def head(report: Report) -> dict[str, Any]:
    """Return what a report says as a whole."""
    return {
        "version": VERSION,
        "tool": {"name": "sqlopt", "version": sqlopt.__version__},
        "summary": {
            "files": len(report.files),
            "statements": sum(file.statements for file in report.files),
            **{str(severity): count for severity, count in counts(report).items()},
            "savings": savings(report),
            "rules": statistics_rows(report),
        },
        "crashed": list(report.crashed),
        "notes": list(report.notes),
        "unread": unread.records(report),
    }
