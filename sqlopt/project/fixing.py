"""Fixes made: judged first, put together, and each looked at again once it stands in the text.

A pass makes all fixes that lie apart; what they make possible, or what touched another, comes in the next one.
Exact fixes of one statement are judged together, since two that are right may be wrong as one; where that fails, each
alone. After a pass the text is read, bound and checked again. If a statement no longer parses, a finding that was to
go is still there, or an error has come, the pass is taken back and made in halves, and a fix that fails alone is
withdrawn. So a second run finds nothing left to do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.project.gate import Ruling, fault, judged, ruling
from sqlopt.rewrite.edits import Safety, Verdict, edited
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.project.gate.gate import Gate
    from sqlopt.rewrite.edits import Edit
    from sqlopt.rules.finding import FileResult, Finding

PASSES = 20
"""Passes over one text: more than any real one needs, so that fixes which undo each other end."""

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text with its fixes made.

    ``applied`` are the findings fixed, in order of passes, each with its verdict and its place in the text of that
    pass; ``withdrawn`` those whose fix did not hold; ``left`` those whose fix its rule calls exact and nobody could
    prove or test. ``faults`` are findings on rules whose fixes are refuted.
    """

    text: str
    applied: tuple[Finding, ...] = ()
    withdrawn: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()
    faults: tuple[Finding, ...] = ()


def fix_text(
    gate: Gate,
    text: str,
    path: str,
    *,
    unsafe: bool = False,
    ask: Callable[[Finding, str], bool] | None = None,
) -> Fixed:
    """Make the fixes in ``text``, the file ``path``, that `Ruling.MADE` holds for. Raises nothing.

    ``unsafe`` makes those that are to be asked about, too. With ``ask`` (finding with its verdict, text of now) each
    is asked about that is not refuted, and only those are made.
    """
    work = _Work(gate, path, ask, unsafe=unsafe)
    for _ in range(PASSES if ask is None else 50 * PASSES):
        made = work.one_pass(text)
        if made == text:
            break
        text = made
    return Fixed(
        text,
        tuple(work.applied),
        tuple(work.withdrawn.values()),
        tuple(work.left.values()),
        tuple(work.faults.values()),
    )


class _Work:
    def __init__(
        self, gate: Gate, path: str, ask: Callable[[Finding, str], bool] | None, *, unsafe: bool
    ) -> None:
        self._gate = gate
        self._path = path
        self._ask = ask
        self._unsafe = unsafe
        self._refused: set[Key] = set()
        self.applied: list[Finding] = []
        self.withdrawn: dict[Key, Finding] = {}
        self.left: dict[Key, Finding] = {}
        self.faults: dict[Key, Finding] = {}

    def one_pass(self, text: str) -> str:
        before = self._checked(text)
        done = self.withdrawn.keys() | self.faults.keys() | self._refused
        open_ = [one for one in before.findings if one.fix is not None and _key(one, text) not in done]
        if self._ask is not None:
            return self._made(text, before, self._asked(text, open_))
        chosen = self._sure(text, [one for one in open_ if _key(one, text) not in self.left])
        if not chosen and self._unsafe:
            chosen = self._alone(text, _apart(open_))
        return self._made(text, before, chosen)

    # ---- which are made

    def _sure(self, text: str, found: list[Finding]) -> list[Finding]:
        """Return the exact fixes that are made by themselves; those that are not are noted."""
        groups: dict[str, list[Finding]] = {}
        for one in _apart([one for one in found if one.fix is not None and one.fix.safety is Safety.EXACT]):
            groups.setdefault(one.statement, []).append(one)
        proofs = self._gate.judge(text, self._path, [_edits(several) for several in groups.values()])
        chosen: list[Finding] = []
        for several, proof in zip(groups.values(), proofs, strict=True):
            group = [judged(one, proof) for one in several]
            if all(_is_made(one) for one in group):
                chosen += group
            elif len(group) == 1:
                self._note(group[0], text)
            else:
                chosen += self._of_statement(text, several)
        return chosen

    def _of_statement(self, text: str, found: list[Finding]) -> list[Finding]:
        """Return the fixes of one statement that may be made, when all of them together may not."""
        right = [one for one in self._alone(text, found) if _is_made(one)]
        if 1 < len(right) < len(found):
            (proof,) = self._gate.judge(text, self._path, [_edits(right)])
            together = [judged(one, proof) for one in right]
            if all(_is_made(one) for one in together):
                return together
        return right[:1]  # the others are judged anew once it stands

    def _alone(self, text: str, found: list[Finding]) -> list[Finding]:
        """Return the findings with a verdict on each fix alone; what is not made by itself is noted."""
        proofs = self._gate.judge(text, self._path, [_edits([one]) for one in found])
        known = [judged(one, proof) for one, proof in zip(found, proofs, strict=True)]
        for one in known:
            if not _is_made(one):
                self._note(one, text)
        return [one for one in known if one.fix is not None and ruling(one.fix) is not Ruling.NEVER]

    def _note(self, finding: Finding, text: str) -> None:
        key = _key(finding, text)
        if finding.fix is not None and ruling(finding.fix) is Ruling.NEVER:
            self.faults[key] = fault(finding)
            self.left.pop(key, None)
        elif finding.fix is not None and finding.fix.safety is Safety.EXACT:
            self.left[key] = finding

    def _asked(self, text: str, found: list[Finding]) -> list[Finding]:
        """Return the next fix that is wanted, if any: what is asked about must be what is made."""
        for finding in found:
            for one in self._alone(text, [finding]):
                if self._ask is not None and self._ask(one, text):
                    return [one]
                self._refused.add(_key(one, text))
        return []

    # ---- how they are made

    def _made(self, text: str, before: FileResult, chosen: list[Finding]) -> str:
        """Make ``chosen`` together if that holds, else in halves."""
        if not chosen:
            return text
        after = edited(text, _edits(chosen))
        if after != text and self._holds(text, before, self._checked(after), chosen):
            self.applied += chosen
            for one in chosen:
                self.left.pop(_key(one, text), None)
            return after
        if len(chosen) == 1:
            key = _key(chosen[0], text)
            self.withdrawn[key] = chosen[0]
            self.left.pop(key, None)
            return text
        half = len(chosen) // 2
        first = self._made(text, before, chosen[:half])
        if first != text:
            return first  # places have moved: the other half comes in the next pass
        return self._made(text, before, chosen[half:])

    def _checked(self, text: str) -> FileResult:
        return self._gate.project.check(text, self._path).files[0]

    def _holds(self, text: str, before: FileResult, after: FileResult, made: list[Finding]) -> bool:
        """Whether the fixes made did what they should, and no harm that can be seen."""
        if len(after.errors) > len(before.errors) or after.statements < before.statements:
            return False
        was, now = _count(before), _count(after)
        if any(now[rule] >= was[rule] for rule in {one.rule for one in made}):
            return False
        if _grave(after) > _grave(before):
            return False
        asked = [one for one in made if not _is_made(one)]
        return not asked or not self._gate.breaks(text, self._path, _edits(made))


def _is_made(finding: Finding) -> bool:
    return finding.fix is not None and ruling(finding.fix) is Ruling.MADE


def verdicts(found: tuple[Finding, ...]) -> dict[Verdict, list[Finding]]:
    """Return findings whose fixes are judged by their verdict, the surest first."""
    sorted_: dict[Verdict, list[Finding]] = {one: [] for one in Verdict}
    for one in found:
        if one.fix is not None and one.fix.proof is not None:
            sorted_[one.fix.proof.verdict].append(one)
    return {one: several for one, several in sorted_.items() if several}


def _count(result: FileResult) -> Counter[str]:
    return Counter(one.rule for one in result.findings)


def _grave(result: FileResult) -> int:
    return sum(one.severity is Severity.ERROR for one in result.findings)


def _key(finding: Finding, text: str) -> Key:
    """Return what a finding is known by in later passes, when places have moved."""
    return finding.rule, finding.message, text[finding.span.start : finding.span.end]


def _apart(found: list[Finding]) -> list[Finding]:
    """Return the findings whose fixes touch none before them."""
    chosen: list[Finding] = []
    for one in found:
        if not any(_touch(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _touch(one: Finding, other: Finding) -> bool:
    return any(
        a.span.start <= b.span.end and b.span.start <= a.span.end
        for a in (one.fix.edits if one.fix else ())
        for b in (other.fix.edits if other.fix else ())
    )


def _edits(findings: list[Finding]) -> tuple[Edit, ...]:
    return tuple(edit for one in findings if one.fix for edit in one.fix.edits)
