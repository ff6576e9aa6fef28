"""``jsonl``: a finding a line. Their shape is that of `sqlopt.report.records`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlopt.report.records import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.rules.finding import Report


def render(report: Report, view: View) -> Iterator[str]:
    """Yield a JSON object and a line break for each finding."""
    del view
    for record in records(report):
        yield json.dumps(record, separators=(",", ":")) + "\n"
