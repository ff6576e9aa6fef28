"""Prices: what each warehouse's ``pricing.toml`` says, with the source and date of every figure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIB = 2**40
_ROOMS = ("bigquery", "snowflake")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a price list.

    ``value`` is a number, or a mapping of sizes, editions or types to numbers; ``unit`` says of what.
    ``status`` is ``official``, ``secondary`` or ``measured``.
    """

    value: Any
    unit: str
    source: str
    date: str
    status: str

    @property
    def basis(self) -> str:
        """Where the figure comes from, as one sentence for a report."""
        return f"{self.value} {self.unit} ({self.status} source of {self.date}: {self.source})"


@cache
def prices(dialect: str) -> Mapping[str, Figure]:
    """Return the figures of a dialect's warehouse by name; none where no price list ships.

    Raises TypeError where a figure lacks its source, date or status: a fault of this package.
    """
    if dialect not in _ROOMS:
        return {}
    import tomllib
    from importlib.resources import files

    text = files(f"sqlopt.warehouses.{dialect}").joinpath("pricing.toml").read_text(encoding="utf-8")
    return {name: Figure(**entry) for name, entry in tomllib.loads(text).items() if isinstance(entry, dict)}


def on_demand_price(dialect: str) -> tuple[float, str] | None:
    """Return the price of scanning in USD per byte, and the sentence that says where it comes from.

    None for warehouses that don't charge by the bytes a query scans, or whose price isn't known.
    """
    figure = prices(dialect).get("on_demand")
    return None if figure is None else (figure.value / _TIB, figure.basis)
