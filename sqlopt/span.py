"""Positions in a source text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points, ``text[start:end]``, in one source text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the text that this span covers."""
        return text[self.start : self.end]

    def covers(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def hull(self, other: Span) -> Span:
        """Return the smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class UnreadPlace:
    """A place of a text that was not read, and what stands there in words; answers about it are incomplete."""

    span: Span
    what: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON and the cache."""
        return {"start": self.span.start, "end": self.span.end, "what": self.what}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        return cls(Span(data["start"], data["end"]), data["what"])


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column (in code points) of ``offset`` in ``text``."""
    offset = min(max(offset, 0), len(text))
    line = text.count("\n", 0, offset) + 1
    return line, offset - text.rfind("\n", 0, offset)


def changed_middle(before: str, after: str) -> tuple[int, int]:
    """Return how many characters two texts have in common at their start and, beyond those, at their end."""
    limit = min(len(before), len(after))
    start = _common(before, after, limit)
    limit -= start
    end = 0
    step = limit
    while step:
        size = end + step
        if size <= limit and before[len(before) - size :] == after[len(after) - size :]:
            end = size
        else:
            step //= 2
    return start, end


def _common(before: str, after: str, limit: int) -> int:
    start = 0
    step = limit
    while step:
        if start + step <= limit and before.startswith(after[start : start + step], start):
            start += step
        else:
            step //= 2
    return start
