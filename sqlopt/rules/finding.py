"""What a check answers: findings, per file, in a report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlopt.cost.estimate import Estimate
from sqlopt.rewrite.edits import Fix
from sqlopt.span import Span, UnreadPlace

if TYPE_CHECKING:
    from pathlib import Path


class Severity(StrEnum):
    """How much a finding matters; `at_least` compares."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    def at_least(self, other: Severity) -> bool:
        """Whether this severity is ``other`` or graver."""
        order = list(Severity)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that helps to understand a finding."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found, priced and placed.

    ``rule`` is the id (``PRN002``), ``name`` its readable name. ``span`` is in the checked text.
    ``saving`` is what the fix would save a run, or None when the facts do not say; ``worth`` is the same in
    credits and money, as far as those have a price.
    ``evidence`` are the (label, value) pairs that the judgement and the price were computed from,
    as `sqlopt explain FILE:LINE` prints them. ``statement`` identifies the statement by its tokens,
    not its line, for the baseline and for fingerprints.
    """

    rule: str
    name: str
    severity: Severity
    message: str
    span: Span
    fix: Fix | None = None
    saving: Estimate | None = None
    related: tuple[Related, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    statement: str = ""
    worth: tuple[Estimate, ...] = ()

    def saves(self, unit: str) -> float:
        """Return the expected saving a run in bytes, credits or a currency; 0 where it has no such price."""
        parts = (self.saving, *self.worth)
        return max((one.expected for one in parts if one is not None and one.unit == unit), default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON and the cache."""
        return {
            "rule": self.rule,
            "name": self.name,
            "severity": str(self.severity),
            "message": self.message,
            "start": self.span.start,
            "end": self.span.end,
            "fix": self.fix and self.fix.to_dict(),
            "saving": self.saving and self.saving.to_dict(),
            "worth": [one.to_dict() for one in self.worth],
            "related": [
                {"start": r.span.start, "end": r.span.end, "message": r.message} for r in self.related
            ],
            "evidence": [list(pair) for pair in self.evidence],
            "statement": self.statement,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """Read what `to_dict` wrote."""
        return cls(
            data["rule"],
            data["name"],
            Severity(data["severity"]),
            data["message"],
            Span(data["start"], data["end"]),
            data["fix"] and Fix.from_dict(data["fix"]),
            data["saving"] and Estimate.from_dict(data["saving"]),
            tuple(Related(Span(r["start"], r["end"]), r["message"]) for r in data["related"]),
            tuple((label, value) for label, value in data["evidence"]),
            data["statement"],
            tuple(Estimate.from_dict(one) for one in data["worth"]),
        )


class _Text:
    """A text, or the file that it is read from each time it is asked for.

    A run over ten thousand files must not hold all their texts.
    """

    def __set__(self, result: FileResult, value: str | Path) -> None:
        result.__dict__["_text"] = value

    def __get__(self, result: FileResult | None, owner: type[FileResult]) -> str:
        if result is None:
            raise AttributeError  # there is no default
        value = result.__dict__["_text"]
        if isinstance(value, str):
            return value
        from sqlopt.source.files import read_text

        return read_text(value)


@dataclass(frozen=True)
class FileResult:
    """What was found in one text. ``errors`` are what could not be read, parsed or run.

    ``text`` may be given as a path: it is then read from there when it is asked for. ``notes`` are what its
    reader could not know, such as macros that stand nowhere. ``unread`` are the places that no rule could judge.
    """

    path: str
    text: _Text = _Text()  # a descriptor, no default, whatever mypy thinks
    dialect: str  # type: ignore[misc]
    findings: tuple[Finding, ...] = ()
    errors: tuple[Finding, ...] = ()
    statements: int = 0
    cached: bool = False
    notes: tuple[str, ...] = ()
    unread: tuple[UnreadPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of a check over one or many files, the one thing every format prints.

    ``crashed`` holds a line for each thing that broke, a rule that raised or a catalog that can't be
    read (the run went on without it). ``notes`` are for the user's information. ``order`` is ``place`` or
    ``saving``: in which order formats show the findings.
    """

    files: tuple[FileResult, ...] = ()
    crashed: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = ()
    order: str = "place"

    @property
    def findings(self) -> list[Finding]:
        """All rules' findings, in order of file and position."""
        return [finding for file in self.files for finding in file.findings]

    @property
    def errors(self) -> list[Finding]:
        """What could not be read or parsed, in order of file and position."""
        return [error for file in self.files for error in file.errors]

    @property
    def unread(self) -> list[UnreadPlace]:
        """The places that were not read, in order of file and position."""
        return [place for file in self.files for place in file.unread]

    def saving_at_least(self, value: float, unit: str) -> Report:
        """Return the report with the findings alone that are expected to save so much a run; errors stay."""
        files = tuple(
            replace(
                one, text=_text_of(one), findings=tuple(f for f in one.findings if f.saves(unit) >= value)
            )
            for one in self.files
        )
        return replace(self, files=files)


def _text_of(result: FileResult) -> str | Path:
    """Return a result's text as it is kept: what is read from a file stays unread."""
    kept: str | Path = result.__dict__["_text"]
    return kept
