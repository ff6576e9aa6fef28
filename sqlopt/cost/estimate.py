"""`Estimate`: a number that says how sure it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Basis(StrEnum):
    """What an estimate rests on, best first."""

    DRY_RUN = "dry run"
    PLAN = "plan"
    STATISTICS = "statistics"
    HISTORY = "history"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity as low, expected and high, in ``unit``, with what it rests on.

    ``low`` and ``high`` bound what the known facts allow; ``expected`` lies between them.
    Units: ``bytes``, ``rows``, ``seconds``, ``credits``, or a currency code such as ``USD``.
    """

    low: float
    expected: float
    high: float
    unit: str
    basis: Basis = Basis.STATISTICS

    @classmethod
    def exactly(cls, value: float, unit: str, basis: Basis = Basis.STATISTICS) -> Estimate:
        """Return an estimate whose three figures are one."""
        return cls(value, value, value, unit, basis)

    def times(self, factor: float, unit: str | None = None) -> Estimate:
        """Return this estimate scaled, as when a price is put on bytes."""
        return Estimate(
            self.low * factor, self.expected * factor, self.high * factor, unit or self.unit, self.basis
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON and the cache."""
        return {**asdict(self), "basis": str(self.basis)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Estimate:
        """Read what `to_dict` wrote."""
        return cls(**{**data, "basis": Basis(data["basis"])})
