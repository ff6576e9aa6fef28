"""What predicates say of a column, one or several together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.query.values.intervals import Ranges, Truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from sqlopt.warehouses.pruning import Cell, Form

ANYTHING = Truth(Ranges.ALL, Ranges.ALL, exact=False)
NEVER_NULL = Truth(Ranges.NOT_NULL, Ranges.NOT_NULL, exact=False)


@dataclass(frozen=True, slots=True)
class Block:
    """Something that keeps the engine from using a predicate: ``at`` is the part to blame."""

    form: Form
    at: exp.Expr
    cell: Cell


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one predicate, or several together, say of the column.

    ``touches``: the column occurs. ``restricts``: the planner sees a limit, be it of unknown size
    (``opaque``: a parameter). ``idle``: it sees the predicate, which keeps everything.
    ``through`` are the functions around the column that it sees through.
    """

    seen: Truth = ANYTHING
    logical: Truth = ANYTHING
    touches: bool = False
    restricts: bool = False
    opaque: bool = False
    at_run_time: bool = False
    partial: bool = False
    unknown: bool = False
    idle: bool = False
    blocked: tuple[Block, ...] = ()
    through: tuple[Block, ...] = ()

    def and_(self, other: Outcome) -> Outcome:
        """Both predicates hold."""
        return Outcome(
            self.seen.and_(other.seen),
            self.logical.and_(other.logical),
            self.touches or other.touches,
            self.restricts or other.restricts,
            self.opaque or other.opaque,
            self.at_run_time or other.at_run_time,
            self.partial or other.partial,
            self.unknown or other.unknown,
            self.idle or other.idle,
            self.blocked + other.blocked,
            self.through + other.through,
        )

    def or_(self, other: Outcome) -> Outcome:
        """Either holds: the weaker arm decides."""
        helps = (self.restricts or self.at_run_time or self.unknown) and (
            other.restricts or other.at_run_time or other.unknown
        )
        return Outcome(
            self.seen.or_(other.seen),
            self.logical.or_(other.logical),
            self.touches or other.touches,
            self.restricts and other.restricts,
            self.opaque or other.opaque,
            helps and (self.at_run_time or other.at_run_time),
            helps and (self.partial or other.partial),
            helps and (self.unknown or other.unknown),
            self.idle and other.idle,
            self.blocked + other.blocked,
            self.through + other.through,
        )

    def not_(self) -> Outcome:
        """The negation, under three-valued logic."""
        return Outcome(
            self.seen.not_(),
            self.logical.not_(),
            self.touches,
            self.restricts,
            self.opaque,
            self.at_run_time,
            self.partial,
            self.unknown,
            self.idle,
            self.blocked,
            self.through,
        )


def combine(outcomes: list[Outcome], join: Callable[[Outcome, Outcome], Outcome]) -> Outcome:
    """Combine pairwise, as a tree: a chain of 10,000 arms stays quick."""
    while len(outcomes) > 1:
        outcomes = [
            join(outcomes[i], outcomes[i + 1]) if i + 1 < len(outcomes) else outcomes[i]
            for i in range(0, len(outcomes), 2)
        ]
    return outcomes[0] if outcomes else Outcome()
