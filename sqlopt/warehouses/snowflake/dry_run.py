"""EXPLAIN of Snowflake: https://docs.snowflake.com/en/sql-reference/sql/explain (checked 2026-11-23).

It compiles and does not run, and needs no warehouse; the client takes one statement at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.explain import read
from sqlopt.warehouses.snowflake.connection import Connection

if TYPE_CHECKING:
    from sqlopt.plan import Plan
    from sqlopt.warehouses.address import Address

_EXPLAIN: Final = "EXPLAIN USING JSON "


class SnowflakeDryRun:
    """Asks for plans."""

    def __init__(self, address: Address) -> None:
        self._connection = Connection(address)

    def plan(self, statement: str) -> Plan:
        """Return the compiler's plan, with the partitions and bytes that it assigned. Raises `CatalogError`."""
        (row,) = self._connection.run(_EXPLAIN + statement, ())
        return read(str(next(iter(row.values()))))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
