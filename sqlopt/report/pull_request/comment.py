"""The comment: a headline, a table, then the details; shortened step by step until it fits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.report.pull_request.safe import code, fenced, label, plain
from sqlopt.report.pull_request.words import amount, count, difference, headline, side, verdict
from sqlopt.report.words import saves_words, sure
from sqlopt.rewrite.edits import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.project.diff import ColumnChange, DiffReport, Found, StatementChange

LIMIT = 65_000
"""Characters: GitHub takes 65,536, and a marker is to be added."""


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is shown. ``left_out`` says it in the comment."""

    rows: int = 200
    findings: int = 100
    fixes: bool = True
    examples: bool = True
    graph: bool = True
    columns: int = 200
    left_out: str = ""


_COMMIT = re.compile(r"^([0-9a-f]{10})[0-9a-f]{30}$")
_LADDER = (
    _Room(),
    _Room(graph=False, left_out="the graph of columns"),
    _Room(graph=False, examples=False, left_out="the graph of columns and the counterexamples"),
    _Room(graph=False, examples=False, fixes=False, left_out="the graph, the counterexamples and the fixes"),
    _Room(
        30,
        30,
        graph=False,
        examples=False,
        fixes=False,
        columns=30,
        left_out="all but the first 30 of each list",
    ),
    _Room(10, 5, graph=False, examples=False, fixes=False, columns=5, left_out="most details"),
    _Room(3, 0, graph=False, examples=False, fixes=False, columns=0, left_out="nearly all details"),
)


def comment(report: DiffReport, limit: int = LIMIT) -> str:
    """Return a change as Markdown of at most ``limit`` characters; what is left out is said."""
    text = ""
    for room in _LADDER:
        text = "\n\n".join(_sections(report, room)) + "\n"
        if len(text) <= limit:
            return text
    return text[: limit - 2].rsplit("\n", 1)[0] + "\n"


def _sections(report: DiffReport, room: _Room) -> Iterator[str]:
    yield f"### sqlopt\n\n**{plain(headline(report))}**"
    if report.gate.failed:
        yield "**Stopped by the policy:** " + plain("; ".join(report.gate.reasons))
    elif report.gate.overridden:
        yield (
            f"The policy would stop it ({plain('; '.join(report.gate.reasons))}); "
            f"the label {code(report.gate.overridden)} lets it pass."
        )
    if report.statements:
        yield _table(report, room)
    if report.new and room.findings:
        yield _details(f"{count(len(report.new), 'new finding')}", _findings(report.new, room))
    if report.fixed and room.findings:
        lines = [
            f"- {code(f'{one.path}:{one.line}')} {code(one.finding.rule)} {plain(one.finding.message)}"
            for one in report.fixed
        ]
        yield _details(
            f"{count(len(report.fixed), 'finding')} fixed", "\n".join(_first(lines, room.findings))
        )
    judged = [one for one in report.statements if one.proof is not None]
    if judged:
        yield _details(
            "Do the changed queries keep their results?",
            "\n\n".join(_first(list(_results(judged, room)), room.rows)),
        )
    if report.columns and room.columns:
        yield _details(f"{count(len(report.columns), 'column')} changed", _columns(report.columns, room))
    yield _details("What this rests on", _grounds(report, room))


def _details(title: str, body: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def _table(report: DiffReport, room: _Room) -> str:
    lines = ["| Model | Before, a run | After, a run | Difference |", "| --- | ---: | ---: | ---: |"]
    ordered = sorted(report.statements, key=_size, reverse=True)
    for one in ordered[: room.rows]:
        mark = "" if one.status == "changed" else f" ({one.status})"
        cells = (side(one.before), side(one.after), difference(one))
        lines.append(f"| {code(one.name)}{mark} | {' | '.join(map(plain, cells))} |")
    if len(ordered) > room.rows:
        lines.append(f"| and {count(len(ordered) - room.rows, 'more statement')} | | | |")
    totals = [
        amount(report.total(unit)[0], sign=True)
        for unit in ("bytes_scanned", "money")
        if report.total(unit)[0] is not None
    ]
    month = report.cost_delta
    if month is not None:
        totals.append(f"{amount(month, sign=True)} a month")
    lines.append(f"| **Total** | | | **{plain(', '.join(totals) or 'unknown')}** |")
    return "\n".join(lines)


def _size(one: StatementChange) -> tuple[float, float]:
    parts = [
        one.difference("money", monthly=True) or one.difference("money"),
        one.difference("bytes_scanned"),
    ]
    money, size = (abs(part.expected) if part is not None else 0.0 for part in parts)
    return money, size


def _findings(new: Sequence[Found], room: _Room) -> str:
    ordered = sorted(
        new, key=lambda one: (-list(_ORDER).index(str(one.finding.severity)), -one.finding.saves("bytes"))
    )
    parts = []
    for one in ordered[: room.findings]:
        saves = saves_words(one.finding)
        text = (
            f"- **{one.finding.severity}** {code(f'{one.path}:{one.line}')} {code(one.finding.rule)} "
            f"{plain(one.finding.message)}{f' (saves {plain(saves)})' if saves else ''}"
        )
        fix = one.finding.fix
        if fix is not None and room.fixes and one.text:
            text += f"\n\n  Fix: {plain(fix.title)} ({plain(sure(fix))})\n\n" + _indented(
                fenced(_edited(one), "diff")
            )
        parts.append(text)
    if len(ordered) > room.findings:
        parts.append(f"- and {count(len(ordered) - room.findings, 'more finding')}")
    return "\n".join(parts)


_ORDER = ("info", "warning", "error")


def _edited(one: Found) -> str:
    """Return the lines that a fix changes, before and after."""
    from difflib import unified_diff

    fix = one.finding.fix
    if fix is None:
        return ""
    lines = unified_diff(one.text.splitlines(), fix.apply(one.text).splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _results(judged: Sequence[StatementChange], room: _Room) -> Iterator[str]:
    for one in judged:
        proof = one.proof
        if proof is None:
            continue
        text = f"{code(one.name)}: **{plain(verdict(proof))}**"
        if proof.reason and proof.verdict is not Verdict.TESTED:  # how many were tried depends on the machine
            text += f" ({plain(proof.reason)})"
        if proof.premises:
            text += "\n" + "\n".join(f"- {plain(premise)}" for premise in proof.premises[:20])
        if proof.counterexample and room.examples:
            text += "\n\n" + fenced(proof.counterexample, "sql", 2_000)
        yield text


def _columns(columns: Sequence[ColumnChange], room: _Room) -> str:
    lines = []
    for one in columns[: room.columns]:
        reach = ", ".join(
            code(name) + (f" ({kind})" if kind in ("exposure", "task") else "")
            for name, kind in one.reaches[:10]
        )
        more = f" and {len(one.reaches) - 10} more" if len(one.reaches) > 10 else ""  # noqa: PLR2004
        text = f"- {code(f'{one.table}.{one.column}')} {one.change}"
        if one.detail:
            text += f": {plain(one.detail)}"
        lines.append(text + (f"; reaches {reach}{more}" if reach else ""))
    if len(columns) > room.columns:
        lines.append(f"- and {count(len(columns) - room.columns, 'more column')}")
    graph = _graph(columns) if room.graph else ""
    return "\n".join(lines) + (f"\n\n{graph}" if graph else "")


def _graph(columns: Sequence[ColumnChange], most: int = 40) -> str:
    """Return what the columns reach as a Mermaid graph; nothing if they reach nothing."""
    names: dict[str, str] = {}

    def node(text: str) -> str:
        return names.setdefault(text, f"n{len(names)}")

    edges = [(f"{one.table}.{one.column}", name) for one in columns for name, _ in one.reaches][:most]
    if not edges:
        return ""
    lines = [f"  {node(source)} --> {node(target)}" for source, target in edges]
    lines += [f'  {short}["{label(text)}"]' for text, short in names.items()]
    return "```mermaid\ngraph LR\n" + "\n".join(lines) + "\n```"


def _grounds(report: DiffReport, room: _Room) -> str:
    ends = [_COMMIT.sub(r"\1", name) for name in (report.base, report.head)]
    lines = [f"- {plain(ends[0])} compared with {plain(ends[1])}: {count(report.files, 'file')} changed"]
    costs = [side.cost for one in report.statements for side in (one.before, one.after) if side is not None]
    lacks = dict.fromkeys(words for cost in costs for words in cost.unknown)
    lines += [f"- unknown, and so not in the sums: {plain(one)}" for one in list(lacks)[: room.rows][:10]]
    if lacks:
        lines.append("- `sqlopt catalog sync` reads what is known of tables from the warehouse")
    if report.same:
        lines.append(
            f"- {count(report.same, 'statement')} in them moved or laid out anew, or as before: not judged"
        )
    if report.unchanged:
        lines.append(f"- {count(report.unchanged, 'finding')} there before: not shown")
    backfills = [one for one in report.statements if one.backfill is not None]
    lines += [
        f"- rebuilding {code(one.name)} whole would cost {plain(amount(one.backfill))}"
        for one in backfills[:10]
    ]
    lines += [f"- {plain(one)}" for one in (*report.because, *report.notes)[:30]]
    lines += [f"- not read: {plain(one)}" for one in report.problems[:10]]
    if room.left_out:
        lines.append(f"- left out for length: {room.left_out}")
    return "\n".join(lines)


def _first(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most:,} more"]
