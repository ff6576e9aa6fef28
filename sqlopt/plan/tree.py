"""`Plan`, `Operator` and what hangs on them. Unknown is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlopt.errors import SqloptError
from sqlopt.span import Span, line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterator


class PlanError(SqloptError):
    """A document that can't be read as a plan; ``span`` is where, in code points."""

    def __init__(self, message: str, document: str = "", offset: int = 0) -> None:
        line, column = line_and_column(document, offset)
        super().__init__(f"line {line}, column {column}: {message}")
        self.span = Span(offset, offset)

    def named(self, path: str) -> PlanError:
        """Return this error with the document's name before its position."""
        error = PlanError("")
        error.args = (f"{path}: {self}",)
        error.span = self.span
        return error


class Kind(StrEnum):
    """What an operator does, in no engine's words."""

    SCAN = "Scan"
    FILTER = "Filter"
    PROJECT = "Project"
    JOIN = "Join"
    AGGREGATE = "Aggregate"
    WINDOW = "Window"
    SORT = "Sort"
    LIMIT = "Limit"
    UNION = "Union"
    EXCHANGE = "Exchange"
    WRITE = "Write"
    VALUES = "Values"
    RESULT = "Result"
    STAGE = "Stage"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Operator:
    """One node of a plan.

    ``name`` is the engine's own word; ``details`` are its further (label, value) pairs. ``table`` is what a
    scan reads, ``condition`` a join's or filter's. Rows are those that leave the operator, summed over
    ``loops`` executions where ``actual``; ``rows_removed`` were read and thrown away by a filter.
    ``rows_in`` is set where the engine says it rather than the children. ``bytes`` were read, or would be.
    ``spilled_local`` and ``spilled_remote`` are bytes. ``seconds`` is the operator's own time, ``total_seconds``
    with its children; ``average`` and ``slowest`` are seconds of its parallel workers; ``share`` (0 to 1) is
    its part of the plan's time, or of its cost where no time is known. ``cost`` is in the engine's own
    unit and includes the children. ``span`` is where it stands in the document.
    """

    kind: Kind
    name: str
    span: Span
    children: tuple[Operator, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    table: str | None = None
    condition: str | None = None
    estimated_rows: float | None = None
    actual_rows: float | None = None
    rows_in: float | None = None
    rows_removed: float | None = None
    loops: float | None = None
    bytes: float | None = None
    partitions_scanned: int | None = None
    partitions_total: int | None = None
    spilled_local: float | None = None
    spilled_remote: float | None = None
    seconds: float | None = None
    total_seconds: float | None = None
    average: float | None = None
    slowest: float | None = None
    share: float | None = None
    cost: float | None = None

    def walk(self) -> Iterator[Operator]:
        """Yield this operator and all beneath it, parents first."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(reversed(one.children))

    @property
    def q_error(self) -> float | None:
        """How far off the estimate was, as a factor of at least 1; zero rows count as one."""
        if self.estimated_rows is None or self.actual_rows is None:
            return None
        loops = self.loops if self.loops is not None and self.loops > 0 else 1
        estimated, actual = max(self.estimated_rows, 1.0), max(self.actual_rows / loops, 1.0)
        return max(estimated / actual, actual / estimated)

    def detail(self, label: str) -> str | None:
        """Return the detail of that label, without regard to case."""
        found = (value for key, value in self.details if key.casefold() == label.casefold())
        return next(found, None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; unknown values are left out."""
        values: dict[str, Any] = {"kind": str(self.kind), "name": self.name}
        values |= {key: value for key in _PLAIN if (value := getattr(self, key)) is not None}
        if self.q_error is not None:
            values["q_error"] = round(self.q_error, 3)
        values |= {"start": self.span.start, "end": self.span.end}
        if self.details:
            values["details"] = dict(self.details)
        values["children"] = [one.to_dict() for one in self.children]
        return values


_PLAIN = tuple(
    one.name for one in fields(Operator) if one.name not in {"kind", "name", "span", "children", "details"}
)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document says of the whole statement: bytes, seconds, rows and partitions.

    ``slot_seconds`` are BigQuery's; ``queued`` is seconds before it ran; ``cost`` is in the engine's unit.
    """

    seconds: float | None = None
    queued: float | None = None
    slot_seconds: float | None = None
    bytes: float | None = None
    bytes_billed: float | None = None
    partitions_scanned: int | None = None
    partitions_total: int | None = None
    spilled_local: float | None = None
    spilled_remote: float | None = None
    rows: float | None = None
    cost: float | None = None

    def to_dict(self) -> dict[str, float]:
        """Return the values that are known."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) is not None}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a reader could not read or thinks worth saying, and where it stands."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Insight:
    """What the engine itself found: its ``code``, its words if any, and where that stands."""

    code: str
    message: str
    span: Span


@dataclass(frozen=True)
class Plan:
    """A statement's plan as an engine or sqlopt made it. A statement of several steps has several roots."""

    engine: str
    roots: tuple[Operator, ...] = ()
    query_id: str | None = None
    statement: str | None = None
    totals: Totals = field(default_factory=Totals)
    settings: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    insights: tuple[Insight, ...] = ()
    span: Span = field(default_factory=lambda: Span(0, 0))

    def __post_init__(self) -> None:
        """Fill in each operator's own time and share, where the engine leaves them to be computed."""
        object.__setattr__(self, "roots", _shared(self.roots))

    def walk(self) -> Iterator[Operator]:
        """Yield every operator, parents first."""
        for root in self.roots:
            yield from root.walk()

    @property
    def costliest(self) -> tuple[Operator, ...]:
        """The path from a root down to the operator with the greatest share of time (or cost)."""
        best: tuple[float, tuple[Operator, ...]] = (0.0, ())
        waiting: list[tuple[Operator, tuple[Operator, ...]]] = [(one, (one,)) for one in self.roots]
        while waiting:
            one, path = waiting.pop()
            if (one.share or 0.0) > best[0]:
                best = (one.share or 0.0, path)
            waiting.extend((child, (*path, child)) for child in one.children)
        return best[1]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "engine": self.engine,
            "query_id": self.query_id,
            "statement": self.statement,
            "totals": self.totals.to_dict(),
            "settings": dict(self.settings),
            "operators": [one.to_dict() for one in self.roots],
            "insights": [{"code": one.code, "message": one.message} for one in self.insights],
            "notes": [
                {"message": one.message, "start": one.span.start, "end": one.span.end} for one in self.notes
            ],
        }


def _shared(roots: tuple[Operator, ...]) -> tuple[Operator, ...]:
    """Return the trees with their own seconds and shares; those that the engine gives stay."""
    given = any(one.share is not None for root in roots for one in root.walk())
    seconds = sum(_own_time(one) or 0.0 for root in roots for one in root.walk())
    costs = (
        0.0 if given or seconds > 0 else sum(_own_cost(one) or 0.0 for root in roots for one in root.walk())
    )

    def filled(one: Operator) -> Operator:
        own = _own_time(one)
        share = one.share
        if not given and seconds > 0:
            share = None if own is None else own / seconds
        elif costs > 0:
            cost = _own_cost(one)
            share = None if cost is None else cost / costs
        children = tuple(map(filled, one.children))
        same = own == one.seconds and share == one.share
        if same and all(new is old for new, old in zip(children, one.children, strict=True)):
            return one
        return replace(one, children=children, seconds=own, share=share)

    return tuple(map(filled, roots))


def _own_time(one: Operator) -> float | None:
    if one.seconds is not None or one.total_seconds is None:
        return one.seconds
    return max(one.total_seconds - sum(child.total_seconds or 0.0 for child in one.children), 0.0)


def _own_cost(one: Operator) -> float | None:
    if one.cost is None:
        return None
    return max(one.cost - sum(child.cost or 0.0 for child in one.children), 0.0)
