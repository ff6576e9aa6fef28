"""EXPLAIN of PostgreSQL, never with ANALYZE: it plans and does not run.

The transaction is read-only besides, and a prepared statement is one statement:
https://www.postgresql.org/docs/current/sql-explain.html (checked 2026-11-23).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.explain import read
from sqlopt.warehouses.postgres.connection import Connection

if TYPE_CHECKING:
    from sqlopt.plan import Plan
    from sqlopt.warehouses.address import Address

_EXPLAIN: Final = "EXPLAIN (FORMAT JSON) "


class PostgresDryRun:
    """Asks for plans, with the schema of the address first in the search path."""

    def __init__(self, address: Address) -> None:
        self._connection = Connection(address)
        schema = address.part(1)
        self._path = ", ".join(
            '"' + one.replace('"', '""') + '"' for one in (schema, "$user", "public") if one
        )

    def plan(self, statement: str) -> Plan:
        """Return the planner's plan. Raises `CatalogError`."""
        rows = self._connection.explain(_EXPLAIN + statement, self._path)
        return read(rows if isinstance(rows, str) else json.dumps(rows))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
