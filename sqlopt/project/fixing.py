"""Fixes made: chosen, put together, and each looked at again once it stands in the text.

A pass makes all fixes that lie apart; what they make possible, or what touched another, comes in the next one.
After a pass the text is read, bound and checked again. If a statement no longer parses, a finding that was to go
is still there, or an error has come, the pass is taken back and made in halves, and a fix that fails alone is
withdrawn. So a second run finds nothing left to do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Safety, Verdict
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.project.project import Project
    from sqlopt.rewrite.edits import Fix
    from sqlopt.rules.finding import FileResult, Finding

PASSES = 20
"""Passes over one text: more than any real one needs, so that fixes which undo each other end."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text with its fixes made.

    ``applied`` are the findings fixed, in order of passes, each with its place in the text of that pass;
    ``withdrawn`` those whose fix did not hold.
    """

    text: str
    applied: tuple[Finding, ...] = ()
    withdrawn: tuple[Finding, ...] = ()


def is_safe(fix: Fix) -> bool:
    """Whether a fix may be made without being asked for: exact, and not known to be less than that."""
    return fix.safety is Safety.EXACT and (fix.proof is None or fix.proof.verdict is Verdict.PROVED)


def fix_text(project: Project, text: str, path: str, wanted: Callable[[Finding, str], bool]) -> Fixed:
    """Make the fixes in ``text``, the file ``path``, that ``wanted`` (finding, text) wants. Raises nothing."""
    work = _Work(project, path, wanted)
    for _ in range(PASSES):
        made = work.one_pass(text)
        if made == text:
            break
        text = made
    return Fixed(text, tuple(work.applied), tuple(work.withdrawn.values()))


class _Work:
    def __init__(self, project: Project, path: str, wanted: Callable[[Finding, str], bool]) -> None:
        self._project = project
        self._path = path
        self._wanted = wanted
        self._refused: set[tuple[str, str, str]] = set()
        self.applied: list[Finding] = []
        self.withdrawn: dict[tuple[str, str, str], Finding] = {}

    def one_pass(self, text: str) -> str:
        before = self._checked(text)
        chosen: list[Finding] = []
        for finding in before.findings:
            key = _key(finding, text)
            if finding.fix is None or key in self.withdrawn or key in self._refused:
                continue
            if any(_touch(finding, other) for other in chosen):
                continue
            if self._wanted(finding, text):
                chosen.append(finding)
            else:
                self._refused.add(key)
        return self._made(text, before, chosen)

    def _made(self, text: str, before: FileResult, chosen: list[Finding]) -> str:
        """Make ``chosen`` together if that holds, else in halves."""
        if not chosen:
            return text
        edited = _applied(text, chosen)
        if edited != text and _holds(before, self._checked(edited), chosen):
            self.applied += chosen
            return edited
        if len(chosen) == 1:
            self.withdrawn[_key(chosen[0], text)] = chosen[0]
            return text
        half = len(chosen) // 2
        first = self._made(text, before, chosen[:half])
        if first != text:
            return first  # places have moved: the other half comes in the next pass
        return self._made(text, before, chosen[half:])

    def _checked(self, text: str) -> FileResult:
        return self._project.check(text, self._path).files[0]


def _holds(before: FileResult, after: FileResult, made: list[Finding]) -> bool:
    """Whether the fixes made did what they should, and no harm that can be seen."""
    if len(after.errors) > len(before.errors) or after.statements < before.statements:
        return False
    was, now = _count(before), _count(after)
    if any(now[rule] >= was[rule] for rule in {one.rule for one in made}):
        return False
    return _grave(after) <= _grave(before)


def _count(result: FileResult) -> Counter[str]:
    return Counter(one.rule for one in result.findings)


def _grave(result: FileResult) -> int:
    return sum(one.severity is Severity.ERROR for one in result.findings)


def _key(finding: Finding, text: str) -> tuple[str, str, str]:
    """Return what a finding is known by in later passes, when places have moved."""
    return finding.rule, finding.message, text[finding.span.start : finding.span.end]


def _touch(one: Finding, other: Finding) -> bool:
    return any(
        a.span.start <= b.span.end and b.span.start <= a.span.end
        for a in (one.fix.edits if one.fix else ())
        for b in (other.fix.edits if other.fix else ())
    )


def _applied(text: str, findings: list[Finding]) -> str:
    edits = [edit for one in findings if one.fix for edit in one.fix.edits]
    for edit in sorted(edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
