"""`DiffReport`: what a change does, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlopt.cost.estimate import Basis, Estimate

if TYPE_CHECKING:
    from sqlopt.project.costing import CostedStatement
    from sqlopt.rewrite.edits import Proof
    from sqlopt.rules.finding import Finding


@dataclass(frozen=True, slots=True)
class StatementChange:
    """A statement that was added, removed or changed; moved and newly laid out ones are none.

    ``proof`` says whether a changed query gives the same result as before; None where that was not asked.
    ``backfill`` is what rebuilding an incremental model costs, where the change asks for it.
    """

    path: str
    status: str  # added, removed, changed
    before: CostedStatement | None
    after: CostedStatement | None
    proof: Proof | None = None
    backfill: Estimate | None = None

    @property
    def name(self) -> str:
        """What the statement is called: its model, or its file and line."""
        one = self.after or self.before
        if one is None:
            return self.path
        if one.name:
            return one.name.removeprefix("model ")
        return f"{self.path}:{one.line}"

    def difference(self, unit: str, *, monthly: bool = False) -> Estimate | None:
        """Return after less before; None where one of them is not known. What is not there costs nothing."""
        sides: list[Estimate | None] = []
        for one in (self.before, self.after):
            if one is None:
                sides.append(None)
                continue
            found = one.monthly(unit) if monthly else getattr(one.cost, unit)
            if found is None:
                return None
            sides.append(found)
        return less(sides[1], sides[0])

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        differences = {
            key: {
                unit: _plain(self.difference(unit, monthly=key == "month"))
                for unit in ("bytes_scanned", "credits", "money")
            }
            for key in ("run", "month")
        }
        return {
            "path": self.path,
            "name": self.name,
            "status": self.status,
            "before": self.before.to_dict() if self.before else None,
            "after": self.after.to_dict() if self.after else None,
            "difference": differences,
            "proof": _proof(self.proof),
            "backfill": _plain(self.backfill),
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with its file. ``line`` is 1-based; ``lines`` are those of the file that the change added or edited."""

    path: str
    line: int
    finding: Finding
    text: str = ""
    end_line: int = 0
    inside: bool = False
    """Whether it lies wholly in lines that the change wrote."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {"path": self.path, "line": self.line, **self.finding.to_dict()}


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that was added, removed, retyped or made in another way, and what reads it, by (name, kind)."""

    table: str
    column: str
    change: str  # added, removed, retyped, changed
    detail: str = ""
    reaches: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        reaches = [{"name": name, "kind": kind} for name, kind in self.reaches]
        return {
            "table": self.table,
            "column": self.column,
            "change": self.change,
            "detail": self.detail,
            "reaches": reaches,
        }


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether the policy stops the change, and why; ``overridden`` names the label that lets it pass all the same."""

    failed: bool = False
    reasons: tuple[str, ...] = ()
    overridden: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {"failed": self.failed, "reasons": list(self.reasons), "overridden": self.overridden}


@dataclass(frozen=True, slots=True)
class DiffReport:
    """What lies between two states. ``unchanged`` counts the findings that both have, ``same`` the statements alike."""

    base: str
    head: str
    statements: tuple[StatementChange, ...] = ()
    new: tuple[Found, ...] = ()
    fixed: tuple[Found, ...] = ()
    unchanged: int = 0
    columns: tuple[ColumnChange, ...] = ()
    same: int = 0
    files: int = 0
    currency: str = "USD"
    because: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    gate: GateResult = GateResult()

    @property
    def changed(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.statements or self.new or self.fixed or self.columns)

    def total(self, unit: str, *, monthly: bool = False) -> tuple[Estimate | None, int]:
        """Return the sum of differences, and the number of statements of which it is not known."""
        parts = [one.difference(unit, monthly=monthly) for one in self.statements]
        known = [one for one in parts if one is not None]
        return _sum(known), len(parts) - len(known)

    @property
    def cost_delta(self) -> Estimate | None:
        """The difference in money a month; None where it is known of no statement."""
        return self.total("money", monthly=True)[0]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        totals = {
            f"{unit}_{span}": _plain(self.total(unit, monthly=span == "month")[0])
            for unit in ("bytes_scanned", "credits", "money")
            for span in ("run", "month")
        }
        return {
            "base": self.base,
            "head": self.head,
            "total": totals,
            "statements": [one.to_dict() for one in self.statements],
            "findings": {
                "new": [one.to_dict() for one in self.new],
                "fixed": [one.to_dict() for one in self.fixed],
                "unchanged": self.unchanged,
            },
            "columns": [one.to_dict() for one in self.columns],
            "same_statements": self.same,
            "changed_files": self.files,
            "because": list(self.because),
            "notes": list(self.notes),
            "problems": list(self.problems),
            "gate": self.gate.to_dict(),
        }


def less(after: Estimate | None, before: Estimate | None) -> Estimate | None:
    """Return ``after`` less ``before``, end by end: what both share is no difference."""
    if after is None and before is None:
        return None
    if before is None:
        return after
    if after is None:
        return before.times(-1.0) if before.low == before.high else _negated(before)
    ends = [after.low - before.low, after.expected - before.expected, after.high - before.high]
    order = list(Basis)
    basis = max((after.basis, before.basis), key=order.index)
    return Estimate(min(ends), ends[1], max(ends), after.unit, basis)


def _negated(one: Estimate) -> Estimate:
    return Estimate(-one.high, -one.expected, -one.low, one.unit, one.basis)


def _sum(parts: list[Estimate]) -> Estimate | None:
    from sqlopt.project.costing import added

    return added(parts)


def _plain(one: Estimate | None) -> dict[str, Any] | None:
    return one.to_dict() if one is not None else None


def _proof(one: Proof | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "verdict": str(one.verdict),
        "reason": one.reason,
        "premises": list(one.premises),
        "databases": one.databases,
        "counterexample": one.counterexample,
        "notes": list(one.notes),
    }
