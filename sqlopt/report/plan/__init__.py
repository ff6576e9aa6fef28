"""A plan as people and machines read it; its findings are reported in the formats of every report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report import FORMATS as REPORTS
from sqlopt.report import View
from sqlopt.report import render as render_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.plans import CheckedPlan

FORMATS = ("text", *(one for one in REPORTS if one != "full"))


def render(plan: CheckedPlan, form: str, view: View | None = None) -> Iterator[str]:
    """Yield a plan in one of `FORMATS`; those but text and json hold its findings alone."""
    view = view or View()
    if form == "text":
        from sqlopt.report.plan import text_

        yield from text_.render(plan, view)
    elif form == "json":
        from sqlopt.report.plan import json_

        yield from json_.render(plan)
    else:
        yield from render_report(plan.report, form, view)
