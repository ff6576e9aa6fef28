"""How much a proof may try, in work and not in seconds: the same verdict on any machine, however busy it is.

An `Effort` stands for a `Budget`: steps of the rules, databases, rows. `Work` counts what one proof has spent.
Seconds are only a ceiling: where it is reached there is no verdict, whatever was found up to then.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CEILING = 60.0
"""Seconds that a proof may take at most, unless told otherwise; nearly all take less than two."""
_LOOKS = 500  # steps between two looks at the clock, well below a millisecond's


class Effort(StrEnum):
    """How much is tried before a proof is given up."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def budget(self) -> Budget:
        """What may be spent."""
        return _BUDGETS[self]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one proof may spend.

    ``steps`` are nodes of formulas that the rules look at, ``nodes`` the size of a statement (its syntax tree's) up
    to which they are tried at all. ``databases`` are compared, of at most ``attempts`` made; ``combinations`` is how
    many choices of one row of each FROM item a database allows at most, ``rows`` how many a result may have;
    ``planning`` is the sum of the weights of the statements that the engine plans, one run after another.
    ``shrinks`` is how often a counterexample that gets smaller is tried, ``shuffles`` in how many orders of its
    tables it must show before it counts.
    """

    steps: int
    nodes: int
    databases: int
    attempts: int
    combinations: int
    rows: int
    planning: int
    shrinks: int
    shuffles: int = 4


_BUDGETS = {
    Effort.LOW: Budget(300_000, 4_000, 60, 100, 1 << 16, 20_000, 3_000_000, 200),
    Effort.NORMAL: Budget(2_000_000, 8_000, 200, 400, 1 << 17, 20_000, 10_000_000, 400),
    Effort.HIGH: Budget(10_000_000, 16_000, 1_000, 2_000, 1 << 19, 100_000, 40_000_000, 800),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one proof: how much it may try, and how many seconds it may take at most (0: it is not made)."""

    effort: Effort = Effort.NORMAL
    seconds: float = CEILING


class Exhausted(Exception):  # noqa: N818 - no error: the rules give up
    """The steps that the rules may take are spent."""


class CeilingReached(Exception):  # noqa: N818 - no error: the verdict will be `unknown`
    """A proof took as many seconds as it may at most; the text says how many."""


class Work:
    """What one proof spends: steps by `spend`, time by the clock."""

    def __init__(self, limits: Limits) -> None:
        self.budget = limits.effort.budget
        self.seconds = limits.seconds
        self.deadline = time.monotonic() + limits.seconds
        self._left = inf
        self._unseen = 0

    @property
    def left(self) -> float:
        """The seconds until the ceiling. Raises `CeilingReached` if none are left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self.late()
        return left

    def late(self) -> CeilingReached:
        """Return what is raised when the ceiling is reached."""
        plural = "" if self.seconds == 1 else "s"
        return CeilingReached(f"it was not done within the ceiling of {self.seconds:g} second{plural}")

    @contextmanager
    def steps(self, most: float = inf) -> Iterator[None]:
        """Count the steps of a block: `Exhausted` beyond ``most``, `CeilingReached` when the time is over."""
        outside, self._left = self._left, most
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)
            self._left = outside

    def spend(self, steps: int) -> None:
        """Take steps from those that are left."""
        self._left -= steps
        if self._left < 0:
            raise Exhausted
        self._unseen += steps
        if self._unseen > _LOOKS:
            self._unseen = 0
            _ = self.left


# Formulas are taken apart and put together by plain functions, which have no reasoner at hand.
_CURRENT: ContextVar[Work | None] = ContextVar("sqlopt_work", default=None)


def spend(steps: int = 1) -> None:
    """Count steps of the proof at work, if there is one."""
    work = _CURRENT.get()
    if work is not None:
        work.spend(steps)
