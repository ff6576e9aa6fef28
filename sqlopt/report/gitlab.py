"""``gitlab``: GitLab's code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format (checked 2026-11-23)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlopt.report.identity import identified, uri
from sqlopt.report.words import saves_words
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.rules.finding import Report

_SEVERITIES = {Severity.INFO: "info", Severity.WARNING: "minor", Severity.ERROR: "critical"}


def render(report: Report, view: View) -> Iterator[str]:
    """Yield one JSON list."""
    del view
    issues = []
    for (file, finding, lines), identity in identified(report):
        start, end = lines.ends(finding.span)
        saves = f" (saves {saves_words(finding)})" if finding.saving else ""
        issues.append(
            {
                "description": f"{finding.rule} {finding.name}: {finding.message}{saves}",
                "check_name": finding.rule,
                "fingerprint": identity,
                "severity": _SEVERITIES[finding.severity],
                "location": {
                    "path": uri(file.path),
                    "lines": {"begin": start.line, "end": end.line},
                },
            }
        )
    yield json.dumps(issues, indent=2) + "\n"
