"""``text``: the operator tree, a line an operator, the costliest path marked, and the findings beneath.

Plain text, as `sqlopt.report.full` writes it: rich would take longer to import than the plan to print.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.units import human_bytes, human_share
from sqlopt.plan import Kind
from sqlopt.report.terminal import Paint, clip, expand, width
from sqlopt.report.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.plan import Operator, Plan
    from sqlopt.project.plans import CheckedPlan
    from sqlopt.report import View

_BAD_GUESS = 10
"""The q-error from which an estimate is coloured; the number is always shown."""


def render(plan: CheckedPlan, view: View) -> Iterator[str]:
    """Yield the head, the tree and the findings."""
    paint = Paint(color=view.color)
    yield from (f"{line}\n" for line in _head(plan, paint))
    path = {id(one) for one in plan.costliest}
    for root in plan.roots:
        yield from (f"{line}\n" for line in _tree(root, path, paint, view.width))
    yield from (f"{paint('note', 'blue')}: {escape(one.message)}\n" for one in plan.notes)
    if plan.findings:
        from sqlopt.report.full import render as findings

        yield "\n"
        yield from findings(plan.report, view)


def _head(plan: Plan, paint: Paint) -> Iterator[str]:
    totals = plan.totals
    facts = [
        None if totals.seconds is None else f"{_time(totals.seconds)}",
        None if totals.queued is None else f"queued {_time(totals.queued)}",
        None if totals.slot_seconds is None else f"slot time {_time(totals.slot_seconds)}",
        None if totals.bytes is None else f"reads {human_bytes(totals.bytes)}",
        None if totals.bytes_billed is None else f"billed {human_bytes(totals.bytes_billed)}",
        _partitions(totals.partitions_scanned, totals.partitions_total),
        *_spills(totals.spilled_local, totals.spilled_remote),
        None if totals.cost is None else f"cost {totals.cost:,.2f}",
    ]
    basis = dict(plan.settings).get("basis")
    name = " ".join(
        filter(None, (plan.engine, plan.query_id and escape(plan.query_id), basis and f"({basis})"))
    )
    yield ", ".join([paint(name, "bold"), *(one for one in facts if one)])


def _tree(root: Operator, path: set[int], paint: Paint, room: int) -> Iterator[str]:
    waiting: list[tuple[Operator, str, str]] = [(root, "", "")]
    while waiting:
        one, lead, below = waiting.pop()
        yield _line(one, lead, paint, room, hot=id(one) in path)
        last = len(one.children) - 1
        for index in range(last, -1, -1):
            branch, more = ("└─ ", "   ") if index == last else ("├─ ", "│  ")
            waiting.append((one.children[index], below + branch, below + more))


def _line(one: Operator, lead: str, paint: Paint, room: int, *, hot: bool) -> str:
    share = "" if one.share is None else human_share(one.share)
    mark = paint("▶", "red", "bold") if hot else " "
    label = expand(one.name.replace("\n", " "))
    if str(one.kind).casefold() not in label.replace("_", "").casefold() and one.kind not in (
        Kind.OTHER,
        Kind.STAGE,
    ):
        label = f"{one.kind} ({label})"
    if one.table:
        label += f" {expand(one.table)}"
    facts = [one for one in _facts(one, paint) if one]
    start = f"{share:>6} {mark} {lead}"
    label = clip(label, 0, 0, max(room - len(lead) - 12, 20))[0]
    tail = f"  {', '.join(facts)}" if facts else ""
    gap = " " * max(0, min(44, room // 2) - width(lead + label))
    return f"{start}{paint(label, 'bold') if hot else label}{gap if tail else ''}{tail}".rstrip()


def _facts(one: Operator, paint: Paint) -> Iterator[str | None]:
    yield _rows(one, paint)
    yield _partitions(one.partitions_scanned, one.partitions_total)
    yield None if not one.bytes else human_bytes(one.bytes)
    for spill in _spills(one.spilled_local, one.spilled_remote):
        yield paint(spill, "red") if spill else None
    yield None if one.seconds is None else _time(one.seconds)


def _rows(one: Operator, paint: Paint) -> str | None:
    estimated, actual = one.estimated_rows, one.actual_rows
    if actual is None:
        return None if estimated is None else f"~{estimated:,.0f} rows"
    if estimated is None:
        return f"{actual:,.0f} rows"
    error = one.q_error or 1.0
    loops = one.loops if one.loops is not None and one.loops > 1 else None
    times = f" in {loops:,.0f} loops" if loops else ""
    guess = f"q {error:,.1f}"
    return f"{actual:,.0f} rows{times} (~{estimated:,.0f}, {paint(guess, 'yellow') if error >= _BAD_GUESS else guess})"


def _partitions(scanned: int | None, total: int | None) -> str | None:
    if scanned is None:
        return None
    return f"{scanned:,} partitions" if total is None else f"{scanned:,} of {total:,} partitions"


def _spills(local: float | None, remote: float | None) -> Iterator[str | None]:
    yield f"spilled {human_bytes(local)}" if local else None
    yield f"spilled {human_bytes(remote)} remotely" if remote else None


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    return f"{seconds * 1000:,.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:,.0f} µs"  # noqa: PLR2004 - a ms
