"""``json``: one document with a head and all findings. Its shape is that of `sqlopt.report.records`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlopt.report.records import head, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.rules.finding import Report


def render(report: Report, view: View) -> Iterator[str]:
    """Yield the document, a finding at a time so that a large report is never held twice."""
    del view
    start = json.dumps(head(report), indent=2)
    yield start.removesuffix("\n}") + ',\n  "findings": ['
    comma = "\n"
    for record in records(report):
        yield comma + "    " + json.dumps(record, indent=2).replace("\n", "\n    ")
        comma = ",\n"
    yield "]\n}\n" if comma == "\n" else "\n  ]\n}\n"
