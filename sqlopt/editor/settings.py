"""What a person can switch in their editor, under ``sqlopt``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sqlopt.rewrite.prove.effort import Effort, Limits

_WHILE_WAITING = Limits(Effort.LOW, 2.0)
"""A person waits for the actions at their cursor."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The client's settings: which hints and lenses are shown, and what holds for a proof."""

    scans: bool = True
    joins: bool = True
    price: bool = True
    findings: bool = True
    downstream: bool = True
    proof: Limits = _WHILE_WAITING
    graph: bool = True

    @classmethod
    def read(cls, given: Any) -> Self:
        """Read ``{"inlayHints": {...}, "codeLens": {...}, ...}``; what is missing or makes no sense is the default."""
        hints, lenses = _table(given, "inlayHints"), _table(given, "codeLens")
        plain = cls()
        return cls(
            _flag(hints, "scans", plain.scans),
            _flag(hints, "joins", plain.joins),
            _flag(lenses, "price", plain.price),
            _flag(lenses, "findings", plain.findings),
            _flag(lenses, "downstream", plain.downstream),
            _limits(_table(given, "proof"), plain.proof),
            _flag(_table(given, "lineage"), "project", plain.graph),
        )


def _table(given: Any, key: str) -> dict[str, Any]:
    """Return a group of settings; one that is switched as a whole gives that to each of its keys."""
    value = given.get(key) if isinstance(given, dict) else None
    if isinstance(value, bool):
        return {"": value}
    return value if isinstance(value, dict) else {}


def _limits(table: dict[str, Any], plain: Limits) -> Limits:
    effort, seconds = table.get("effort"), table.get("seconds")
    return Limits(
        Effort(effort) if effort in list(Effort) else plain.effort,
        float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else plain.seconds,
    )


def _flag(table: dict[str, Any], key: str, default: bool) -> bool:
    value = table.get(key, table.get("", table.get("enabled")))
    return value if isinstance(value, bool) else default
