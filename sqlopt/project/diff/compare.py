"""Two states of some SQL, statement by statement: cost, findings, columns, results."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.project.diff.changes import FileChange, changed_files
from sqlopt.project.diff.columns import column_changes
from sqlopt.project.diff.report import DiffReport, Found, StatementChange
from sqlopt.project.diff.results import proof_of
from sqlopt.project.diff.revisions import Revisions, revisions
from sqlopt.project.gate import Ruling, fault, judged, ruling
from sqlopt.project.gate.gate import Gate
from sqlopt.project.policy import judge
from sqlopt.rewrite.edits import Safety
from sqlopt.span import line_and_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from os import PathLike

    from sqlopt.project.costing import CostedStatement, CostReport
    from sqlopt.project.project import Project
    from sqlopt.rewrite.prove.effort import Limits
    from sqlopt.rules.finding import Finding, Report

_FIXES = 20
"""New findings whose fixes are proved: each takes a second or so."""
Key = tuple[str, str, str]
"""(path now, rule, fingerprint now) of a finding."""
Pairs = dict[tuple[str, str], str]
"""(path now, fingerprint before) of a changed statement to its fingerprint now."""


def compare(  # noqa: PLR0913 - what can be said of one comparison
    project: Project,
    base: str,
    head: str | None = None,
    *,
    folder: str | PathLike[str] = ".",
    paths: Iterable[str] = (),
    labels: Iterable[str] = (),
    limits: Limits,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> DiffReport:
    """Return what lies between two commits, folders or files; ``head`` is by default what stands in ``folder``.

    ``paths`` limit it to files and folders below ``folder``; ``labels`` are the change's, for the
    gate. ``limits`` are those of each proof. Raises `SqloptError` for states that can't be had.
    """
    with revisions(base, head, Path(folder)) as found:
        report = _Comparison(project, found, limits, progress).report(tuple(paths))
        config = project.at(found.before / found.within).config
        gate = config.run("gate") if config is not None else {}
        return replace(report, gate=judge(report, gate, labels, found.owners))


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in a file, whose path is relative, with the file's text."""

    path: str
    text: str
    finding: Finding

    def found(self, written: set[int]) -> Found:
        """Return it with its lines, and whether the change wrote all of them."""
        first, last = (
            line_and_column(self.text, offset)[0]
            for offset in (self.finding.span.start, max(self.finding.span.end - 1, self.finding.span.start))
        )
        inside = all(line in written for line in range(first, last + 1))
        return Found(self.path, first, self.finding, self.text, last, inside)


class _Comparison:
    """One comparison, whose two sides are projects of their own."""

    def __init__(
        self, project: Project, found: Revisions, limits: Limits, progress: Callable[[int, int], None]
    ) -> None:
        self.found = found
        self.roots = (found.before, found.after)
        self.projects = tuple(project.at(root / found.within) for root in self.roots)
        self.limits = limits
        self.progress = progress
        self.faults: list[str] = []
        """A line on each new finding whose fix is refuted: a fault of its rule."""

    def report(self, paths: Sequence[str]) -> DiffReport:
        found, (before, after) = self.found, self.projects
        changes = changed_files(found, (before, after), paths)
        costs = [self._costs(side, changes) for side in (0, 1)]
        checks = [self._checks(side, changes) for side in (0, 1)]
        statements, pairs, same = self._statements(changes, costs)
        new, fixed, unchanged = self._findings(changes, checks, pairs)
        columns = column_changes(found, (before, after), changes) if changes else ()
        terms = costs[1].terms
        return DiffReport(
            found.base,
            found.head,
            tuple(statements),
            new,
            fixed,
            unchanged,
            columns,
            same,
            len(changes),
            terms.currency,
            tuple(dict.fromkeys(words for one in costs for words in one.because)),
            (*found.notes, *self._plain_notes(checks), *self.faults),
            tuple(self._plain(words) for one in costs for words in one.problems),
        )

    # ---- each side

    def _files(self, side: int, changes: Sequence[FileChange]) -> list[str]:
        names = ((one.before, one.after)[side] for one in changes)
        return [str(self.roots[side] / name) for name in names if name is not None]

    def _costs(self, side: int, changes: Sequence[FileChange]) -> CostReport:
        from sqlopt.project.costing import CostReport, terms_of

        files = self._files(side, changes)
        project = self.projects[side]
        if not files:
            return CostReport((), terms_of(project.settings(str(self.roots[side] / "x.sql"))))
        return project.cost_paths(files)

    def _checks(self, side: int, changes: Sequence[FileChange]) -> Report:
        from sqlopt.rules.finding import Report

        files = self._files(side, changes)
        few = len(files) < 8  # noqa: PLR2004 - processes cost more than they bring
        return (
            self.projects[side].check_paths(files, jobs=1 if few else None, cache=False)
            if files
            else Report()
        )

    # ---- statements

    def _statements(
        self, changes: Sequence[FileChange], costs: Sequence[CostReport]
    ) -> tuple[list[StatementChange], Pairs, int]:
        of: list[dict[tuple[str, str], list[CostedStatement]]] = [defaultdict(list), defaultdict(list)]
        for side, report in enumerate(costs):
            for one in report.statements:
                path = self._relative(side, one.path)
                of[side][path, one.variant].append(replace(one, path=path))
        found: list[StatementChange] = []
        pairs: Pairs = {}
        same = 0
        for number, change in enumerate(changes):
            variants = dict.fromkeys(
                variant
                for side, path in ((0, change.before), (1, change.after))
                for name, variant in of[side]
                if name == path
            )
            for variant in variants:
                olds = of[0].get((change.before or "", variant), [])
                news = of[1].get((change.after or "", variant), [])
                for old, new in _aligned(olds, news):
                    if old is not None and new is not None:
                        pairs[change.path, old.fingerprint] = new.fingerprint
                        if old.fingerprint == new.fingerprint:
                            same += 1
                            continue
                    if (new or old).counted:  # type: ignore[union-attr]
                        found.append(self._statement(change, old, new, of))
            self.progress(number + 1, len(changes))
        return found, pairs, same

    def _statement(
        self,
        change: FileChange,
        old: CostedStatement | None,
        new: CostedStatement | None,
        of: list[dict[tuple[str, str], list[CostedStatement]]],
    ) -> StatementChange:
        status = "added" if old is None else "removed" if new is None else "changed"
        proof = backfill = None
        if old is not None and new is not None and self.limits.seconds > 0:
            path = str(self.roots[1] / change.path)
            proof = proof_of(old, new, self.projects[1], path, self.limits)
        if new is not None and new.variant:
            whole = [
                one
                for (path, _), several in of[1].items()
                if path == change.after
                for one in several
                if not one.counted
            ]
            backfill = whole[0].cost.money if whole else None
        return StatementChange(change.path, status, old, new, proof, backfill)

    # ---- findings

    def _findings(
        self, changes: Sequence[FileChange], checks: Sequence[Report], pairs: Pairs
    ) -> tuple[tuple[Found, ...], tuple[Found, ...], int]:
        renamed = {one.before: one.path for one in changes if one.before is not None}
        old, new = (self._told(side, checks[side]) for side in (0, 1))

        def before(one: Told) -> Key:
            now = renamed.get(one.path, one.path)
            return now, one.finding.rule, pairs.get((now, one.finding.statement), one.finding.statement)

        def after(one: Told) -> Key:
            return one.path, one.finding.rule, one.finding.statement

        come = _beyond(new, Counter(map(before, old)), after)
        gone = _beyond(old, Counter(map(after, new)), before)
        written = _written_lines(self.found, changes)
        return (
            tuple(self._judged([one.found(written.get(one.path, set())) for one in come])),
            tuple(one.found(set()) for one in gone),
            len(new) - len(come),
        )

    def _judged(self, come: Sequence[Found]) -> list[Found]:
        """Return new findings with what is known of their exact fixes; one that is refuted is offered no more."""
        gate = Gate(self.projects[1], self.limits)
        left = _FIXES if self.limits.seconds else 0
        found = []
        for one in come:
            finding = one.finding
            if finding.fix is not None and finding.fix.safety is Safety.EXACT and left:
                left -= 1
                path = str(self.roots[1] / one.path)
                finding = judged(finding, gate.judge(one.text, path, [finding.fix.edits])[0])
                if finding.fix is not None and ruling(finding.fix) is Ruling.NEVER:
                    self.faults.append(f"{one.path}:{one.line}: {fault(finding).message}")
                    finding = replace(finding, fix=None)
            found.append(replace(one, finding=finding))
        return found

    def _told(self, side: int, report: Report) -> list[Told]:
        return [
            Told(self._relative(side, file.path), file.text, one)
            for file in report.files
            for one in (*file.errors, *file.findings)
        ]

    # ---- words

    def _relative(self, side: int, path: str) -> str:
        return Path(path).resolve().relative_to(self.roots[side]).as_posix()

    def _plain(self, words: str) -> str:
        for root in self.roots:
            words = words.replace(f"{root}/", "")
        return words

    def _plain_notes(self, checks: Sequence[Report]) -> list[str]:
        return [self._plain(note) for note in dict.fromkeys((*checks[1].crashed, *checks[1].notes))]


def _aligned(
    olds: Sequence[CostedStatement], news: Sequence[CostedStatement]
) -> list[tuple[CostedStatement | None, CostedStatement | None]]:
    """Pair statements: the same ones, moved ones too, then those that stand in one place, in their order."""
    keys = [[one.fingerprint for one in side] for side in (olds, news)]
    pairs: list[tuple[CostedStatement | None, CostedStatement | None]] = []
    gone: list[CostedStatement] = []
    come: list[CostedStatement] = []
    blocks: list[tuple[list[CostedStatement], list[CostedStatement]]] = []
    for tag, a, b, c, d in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += zip(olds[a:b], news[c:d], strict=True)
        else:
            blocks.append((list(olds[a:b]), list(news[c:d])))
    moved = Counter(one.fingerprint for left, _ in blocks for one in left) & Counter(
        one.fingerprint for _, right in blocks for one in right
    )
    taken: dict[str, list[CostedStatement]] = defaultdict(list)
    for left, _ in blocks:
        for one in list(left):
            if len(taken[one.fingerprint]) < moved[one.fingerprint]:
                taken[one.fingerprint].append(one)
                left.remove(one)
    for left, right in blocks:
        for one in list(right):
            if taken.get(one.fingerprint):
                pairs.append((taken[one.fingerprint].pop(), one))
                right.remove(one)
        both = min(len(left), len(right))
        pairs += zip(left[:both], right[:both], strict=True)
        gone += left[both:]
        come += right[both:]
    return [*pairs, *((one, None) for one in gone), *((None, one) for one in come)]


def _beyond(items: Sequence[Told], known: Counter[Key], key: Callable[[Told], Key]) -> list[Told]:
    """Return the items beyond the number that is known of each key."""
    left = Counter(known)
    found = []
    for one in items:
        if left[key(one)] > 0:
            left[key(one)] -= 1
        else:
            found.append(one)
    return found


def _written_lines(found: Revisions, changes: Sequence[FileChange]) -> dict[str, set[int]]:
    """Return the lines, 1-based, of each file that the change wrote."""
    written: dict[str, set[int]] = {}
    for change in changes:
        if change.after is None:
            continue
        texts = [
            (root / path).read_text("utf-8", "replace").splitlines() if path is not None else []
            for root, path in ((found.before, change.before), (found.after, change.after))
        ]
        codes = SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes()
        written[change.after] = {
            line + 1 for tag, _, _, c, d in codes if tag != "equal" for line in range(c, d)
        }
    return written
