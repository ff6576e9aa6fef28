"""How much one rendering may do: templates are programs, and those of strangers may never end."""

from __future__ import annotations

from time import perf_counter
from typing import Any

STEPS = 1_000_000
"""Loop steps and calls of one rendering."""
CHARACTERS = 16_000_000
"""Characters that one rendering may put out, those kept in variables included."""
SECONDS = 5.0
"""Wall time of one rendering."""
DEPTH = 60
"""Macros within macros."""
WIDTH = 100_000
"""The largest number that a filter or method may take as a width or count."""
ITEMS = 200_000
"""Items of one value, those of its items included."""
BITS = 4096
"""The largest whole number, in bits."""


class LimitError(Exception):
    """A rendering that does more than it may; its text says what of."""


class Budget:
    """What is left of one rendering's steps, characters and time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.steps = STEPS
        self.characters = CHARACTERS
        self.depth = 0
        self._end = perf_counter() + seconds
        self._seconds = seconds

    def step(self, count: int = 1) -> None:
        """Take ``count`` steps. Raises `LimitError` when there are none left, or no time."""
        self.steps -= count
        if self.steps < 0:
            raise LimitError(f"it takes more than {STEPS:,} steps")
        if perf_counter() > self._end:
            raise LimitError(f"it takes longer than {self._seconds:g} seconds")

    def put(self, count: int) -> None:
        """Put out ``count`` characters. Raises `LimitError` when that is too much."""
        self.characters -= count
        if self.characters < 0:
            raise LimitError(f"it puts out more than {CHARACTERS:,} characters")

    def enter(self) -> None:
        """Enter a macro. Raises `LimitError` when they are nested too deeply."""
        self.depth += 1
        if self.depth > DEPTH:
            raise LimitError(f"macros call each other more than {DEPTH} deep")
        self.step()

    def leave(self) -> None:
        """Leave a macro."""
        self.depth -= 1

    def power(self, left: Any, right: Any) -> Any:
        """Return ``left ** right``, if it is small enough."""
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > BITS:
            raise LimitError("a number grows too large")
        return left**right

    def times(self, left: Any, right: Any) -> Any:
        """Return ``left * right``, if it is small enough."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, str | list | tuple) and isinstance(other, int):
                self.put(len(one) * max(other, 0))
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > BITS:
            raise LimitError("a number grows too large")
        return left * right

    def plus(self, left: Any, right: Any) -> Any:
        """Return ``left + right``, if it is small enough."""
        if isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
            self.put(len(left) + len(right))
        return left + right
