"""Fixes as suggestions that a click accepts: exact ones, proved or tested, wholly in lines that the change wrote."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from sqlopt.project.gate import Ruling, ruling
from sqlopt.report.pull_request.safe import code, plain
from sqlopt.report.words import plural
from sqlopt.rewrite.edits import Verdict
from sqlopt.span import line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlopt.project.diff import Found

MOST: Final = 10
_MARK = re.compile(r"<!-- sqlopt:suggestion ([0-9a-f]{16}) -->")
_TICKS = re.compile(r"`+")


def known(bodies: Iterable[str]) -> set[str]:
    """Return which suggestions are there already, by their marks."""
    return {one for body in bodies for one in _MARK.findall(body or "")}


def suggestions(new: Sequence[Found], written: dict[str, set[int]], there: set[str]) -> list[dict[str, Any]]:
    """Return a review's comments, at most ten; ``written`` are the lines of each file that the change wrote."""
    found = []
    for one in sorted(new, key=lambda each: -each.finding.saves("bytes")):
        made = _suggestion(one, written.get(one.path, set()))
        if made is not None and _MARK.search(made["body"])[1] not in there:  # type: ignore[index]
            found.append(made)
    return found[:MOST]


def _suggestion(one: Found, written: set[int]) -> dict[str, Any] | None:
    fix = one.finding.fix
    if fix is None or ruling(fix) is not Ruling.MADE or fix.proof is None or not one.text:
        return None
    first = min(line_and_column(one.text, edit.span.start)[0] for edit in fix.edits)
    last = max(line_and_column(one.text, max(edit.span.end, edit.span.start))[0] for edit in fix.edits)
    if not all(line in written for line in range(first, last + 1)):
        return None
    before, after = one.text.split("\n"), fix.apply(one.text).split("\n")
    tail = len(before) - last
    lines = after[first - 1 : len(after) - tail]
    if any("\r" in line for line in lines):
        return None
    ticks = "`" * max(3, max((len(each) for line in lines for each in _TICKS.findall(line)), default=0) + 1)
    mark = hashlib.sha256(f"{one.path}\0{one.finding.rule}\0{one.finding.statement}".encode()).hexdigest()[
        :16
    ]
    body = "\n".join(lines)
    known = "is proved to stay the same"
    if fix.proof.verdict is Verdict.TESTED:
        known = f"stayed the same on {plural(fix.proof.databases, 'generated database')}"
    text = (
        f"{code(one.finding.rule)} {plain(one.finding.message)}. {plain(fix.title)}: the result {known}."
        f"\n\n{ticks}suggestion\n{body}\n{ticks}\n\n<!-- sqlopt:suggestion {mark} -->"
    )
    place: dict[str, Any] = {"path": one.path, "line": last, "side": "RIGHT", "body": text}
    return place | ({"start_line": first, "start_side": "RIGHT"} if first < last else {})
