"""What must hold of a statement's rows: keys, NOT NULL, constants, intervals.

Every answer is what follows from declared facts and from the statement's own text, for every content of
the tables. What does not follow is None or empty, never guessed.
"""

from __future__ import annotations

from sqlopt.query.facts.keys import Key, Keys


class Facts(Keys):
    """The facts of one statement. Answers are remembered.

    ``trusting`` takes keys that are declared and not enforced for kept.
    """


__all__ = ["Facts", "Key"]
