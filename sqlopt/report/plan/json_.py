"""``json``: the operator tree, the totals and the findings in one document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlopt.report.records import head, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.plans import CheckedPlan


def render(plan: CheckedPlan) -> Iterator[str]:
    """Yield the document."""
    found = list(records(plan.report))
    yield json.dumps({**head(plan.report), "plan": plan.to_dict(), "findings": found}, indent=2)
    yield "\n"
