"""Text edits and the fix that groups them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlopt.span import Span


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


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at ``span`` of the source with ``text``."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that together make one rewrite; ``title`` says in a few words what it does."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety
    proof: Proof | None = None

    def apply(self, text: str) -> str:
        """Return ``text`` with the edits made, last first so that offsets stay true."""
        for edit in sorted(self.edits, key=lambda one: one.span, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON and the cache."""
        proof = self.proof
        return {
            "title": self.title,
            "edits": [{"start": e.span.start, "end": e.span.end, "text": e.text} for e in self.edits],
            "safety": str(self.safety),
            "proof": proof
            and {
                "verdict": str(proof.verdict),
                "premises": list(proof.premises),
                "databases": proof.databases,
                "counterexample": proof.counterexample,
            },
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Fix:
        """Read what `to_dict` wrote."""
        proof = data["proof"]
        return cls(
            data["title"],
            tuple(Edit(Span(e["start"], e["end"]), e["text"]) for e in data["edits"]),
            Safety(data["safety"]),
            proof
            and Proof(
                Verdict(proof["verdict"]),
                tuple(proof["premises"]),
                proof["databases"],
                proof["counterexample"],
            ),
        )
