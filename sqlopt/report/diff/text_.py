"""``text``: a headline, a line a statement, then findings, columns and grounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.pull_request.words import amount, count, difference, headline, side, verdict
from sqlopt.report.words import escape, saves_words, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.diff import DiffReport, StatementChange


def render(report: DiffReport) -> Iterator[str]:
    """Yield the report for a terminal. Text of others is shown with its control characters as escapes."""
    yield f"{headline(report)}\n"
    for one in report.statements:
        yield from _statement(one)
    for title, several, mark in (("New findings", report.new, "+"), ("Fixed", report.fixed, "-")):
        if several:
            yield f"\n{title}\n"
        for found in several:
            saves = saves_words(found.finding)
            yield (
                f"  {mark} {escape(found.path)}:{found.line}  {found.finding.severity}  {found.finding.rule} "
                f"{escape(found.finding.message)}{f' (saves {saves})' if saves else ''}\n"
            )
    if report.columns:
        yield "\nColumns\n"
    for column in report.columns:
        detail = f": {escape(column.detail)}" if column.detail else ""
        yield f"  {escape(column.table)}.{escape(column.column)}  {column.change}{detail}\n"
        if column.reaches:
            yield f"      reaches {escape(', '.join(name for name, _ in column.reaches))}\n"
    yield from _grounds(report)


def _statement(one: StatementChange) -> Iterator[str]:
    yield f"\n{escape(one.name)}  {one.status}\n"
    yield f"  before      {side(one.before)}\n" if one.before is not None else ""
    yield f"  after       {side(one.after)}\n" if one.after is not None else ""
    yield f"  difference  {difference(one)}\n"
    if one.proof is not None:
        yield f"  {verdict(one.proof)}" + (f": {escape(one.proof.reason)}\n" if one.proof.reason else "\n")
        if one.proof.counterexample:
            for line in one.proof.counterexample.split("\n"):
                yield f"      {visible(line)}\n"
    if one.backfill is not None:
        yield f"  rebuilding it whole costs {amount(one.backfill)}\n"


def _grounds(report: DiffReport) -> Iterator[str]:
    yield "\n"
    if report.gate.failed:
        yield f"Stopped by the policy: {escape('; '.join(report.gate.reasons))}\n"
    elif report.gate.overridden:
        yield f"The label {escape(report.gate.overridden)} lets pass: {escape('; '.join(report.gate.reasons))}\n"
    yield (
        f"{escape(report.base)} compared with {escape(report.head)}: {count(report.files, 'file')} changed, "
        f"{count(report.same, 'statement')} in them as before, {count(report.unchanged, 'finding')} there before\n"
    )
