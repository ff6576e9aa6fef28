"""Text edits and the fix that groups them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable


class Safety(StrEnum):
    """Whether a fix keeps the result."""

    EXACT = "exact"
    NEEDS_FACTS = "needs facts"
    CHANGES_RESULTS = "changes results"


class Verdict(StrEnum):
    """What is known of two statements' equality."""

    PROVED = "proved"
    TESTED = "tested"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Proof:
    """A verdict and what it rests on.

    ``premises`` are sentences naming each declared fact used and where it came from;
    ``databases`` counts the generated databases compared; ``counterexample`` is SQL that shows the
    difference, or None. ``reason`` says in a sentence why the verdict is what it is, ``notes`` what
    else is worth knowing: names that differ, what is left to the engine's choice.
    """

    verdict: Verdict
    premises: tuple[str, ...] = ()
    databases: int = 0
    counterexample: str | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON and the cache."""
        return {
            "verdict": str(self.verdict),
            "premises": list(self.premises),
            "databases": self.databases,
            "counterexample": self.counterexample,
            "reason": self.reason,
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Proof:
        """Read what `to_dict` wrote."""
        return cls(
            Verdict(data["verdict"]),
            tuple(data["premises"]),
            data["databases"],
            data["counterexample"],
            data["reason"],
            tuple(data["notes"]),
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at ``span`` of the source with ``text``."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that together make one rewrite; ``title`` says in a few words what it does.

    ``safety`` is what the rule claims, ``proof`` what is known of this very rewrite: None until it is judged.
    """

    title: str
    edits: tuple[Edit, ...]
    safety: Safety
    proof: Proof | None = None

    def apply(self, text: str) -> str:
        """Return ``text`` with the edits made."""
        return edited(text, self.edits)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON and the cache."""
        return {
            "title": self.title,
            "edits": [{"start": e.span.start, "end": e.span.end, "text": e.text} for e in self.edits],
            "safety": str(self.safety),
            "proof": self.proof and self.proof.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Fix:
        """Read what `to_dict` wrote."""
        return cls(
            data["title"],
            tuple(Edit(Span(e["start"], e["end"]), e["text"]) for e in data["edits"]),
            Safety(data["safety"]),
            data["proof"] and Proof.from_dict(data["proof"]),
        )


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with edits made that lie apart; last first, so that offsets stay true."""
    for edit in sorted(edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
