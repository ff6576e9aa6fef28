"""Reports as pages of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.mcp.answers import Finding, Findings
from sqlopt.report.records import head, records

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.mcp.call import Call
    from sqlopt.rules.finding import Report

    Made = tuple[dict[str, Any], list[dict[str, Any]]]


def made(call: Call, report: Report, notes: list[str]) -> Made:
    """Return a report's head and its findings as plain data, and remember it as the last one."""
    top = head(report)
    top["notes"] = [*top["notes"], *notes]
    found = list(records(report))
    call.work.report = {**top, "findings": found}
    return top, found


def findings(call: Call, paging: tuple[str | None, int], make: Callable[[], Made]) -> Findings:
    """Return a page of findings."""
    page = call.page(paging, make, Finding.of, "findings")
    top = page.head
    return Findings(
        summary=top["summary"],
        crashed=top["crashed"],
        notes=top["notes"],
        findings=page.items,
        next_cursor=page.next_cursor,
        left_out=page.left_out,
    )
