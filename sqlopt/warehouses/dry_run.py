"""What a warehouse itself expects of a statement, asked without running it: EXPLAIN, or a dry run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.plan import Plan
    from sqlopt.warehouses.address import Address

ENGINES: Final[Mapping[str, str]] = {
    "postgresql": "sqlopt.warehouses.postgres.dry_run:PostgresDryRun",
    "postgres": "sqlopt.warehouses.postgres.dry_run:PostgresDryRun",
    "snowflake": "sqlopt.warehouses.snowflake.dry_run:SnowflakeDryRun",
    "bigquery": "sqlopt.warehouses.bigquery.dry_run:BigQueryDryRun",
}
"""By URL scheme what asks; it is made from an `Address`."""


class DryRun(Protocol):
    """A connection that can ask for plans and do nothing else."""

    def plan(self, statement: str) -> Plan:
        """Return the warehouse's plan of one statement. Raises `CatalogError` with what it says."""

    def close(self) -> None:
        """Close the connection."""


def open_dry_run(address: Address) -> DryRun:
    """Return what asks the warehouse at ``address``. Raises `CatalogError`."""
    name = ENGINES.get(address.engine)
    if name is None:
        raise CatalogError(f"{address.engine}: no dry run; it is one of {', '.join(sorted(ENGINES))}")
    module, _, attribute = name.partition(":")
    found: DryRun = getattr(import_module(module), attribute)(address)
    return found
