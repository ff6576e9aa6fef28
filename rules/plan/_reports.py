"""What engines report of themselves, and pieces that plan rules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.plan import Kind
from sqlopt.rules import Hit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlopt.plan import Operator, Plan


def reported(plan: Plan, codes: Collection[str], message: str) -> Iterator[Hit]:
    """Yield a hit for each insight of one of ``codes``."""
    for one in plan.insights:
        if one.code in codes:
            words = f": {one.message}" if one.message else ""
            yield Hit(one.span, f"{message}{words}", evidence=(("reported as", one.code),))


def rows_of(operator: Operator) -> float | None:
    """Return the rows that leave an operator, as measured, else as estimated."""
    return operator.estimated_rows if operator.actual_rows is None else operator.actual_rows


def rows_each_time(operator: Operator) -> float | None:
    """Return the rows of one execution of an operator, as measured, else as estimated."""
    rows = rows_of(operator)
    many = operator.actual_rows is not None and operator.loops is not None and operator.loops > 1
    return rows / operator.loops if many and rows is not None and operator.loops else rows


def rows_into(operator: Operator) -> float | None:
    """Return the measured rows that enter an operator; None where one input does not say."""
    if operator.rows_in is not None:
        return operator.rows_in
    rows = [one.actual_rows for one in operator.children]
    known = [one for one in rows if one is not None]
    return sum(known) if rows and len(known) == len(rows) else None


def limited(plan: Plan) -> set[int]:
    """Return the identities of operators that a LIMIT above may have stopped early."""
    found: set[int] = set()
    waiting = [(one, False) for one in plan.roots]
    while waiting:
        one, stopped = waiting.pop()
        if stopped:
            found.add(id(one))
        blocking = one.kind in (Kind.SORT, Kind.AGGREGATE) and not one.name.startswith("Incremental")
        # The sort itself hands over no more than is asked for; what feeds it runs to its end.
        waiting.extend(
            (child, one.kind == Kind.LIMIT or (stopped and not blocking)) for child in one.children
        )
    return found
