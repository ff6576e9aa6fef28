"""What is chosen where a statement leaves a choice, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

_BLAME = 0.05
Choice = tuple[int | str, ...]
"""Where something is chosen: the ids of the nodes on the way to it, and a word."""


@dataclass(slots=True)
class Choices:
    """What was chosen where, and how it went: what made a contradiction is hardly chosen again.

    Within one sketch the same choice is made the same way.
    """

    chance: Random
    taken: dict[Choice, int] = field(default_factory=dict)
    blamed: dict[tuple[Choice, int], int] = field(default_factory=dict)

    def pick(self, key: Choice, weights: Sequence[float]) -> int:
        """Choose one of several."""
        if key not in self.taken:
            shares = [
                weight * _BLAME ** self.blamed.get((key, number), 0) for number, weight in enumerate(weights)
            ]
            self.taken[key] = self.chance.choices(range(len(shares)), shares)[0]
        return self.taken[key]

    def blame(self, keys: Iterable[Choice]) -> None:
        """Note which choices contradict each other."""
        for key in keys:
            one = (key, self.taken.get(key, 0))
            self.blamed[one] = self.blamed.get(one, 0) + 1
