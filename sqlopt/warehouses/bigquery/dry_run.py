"""BigQuery's dry run: the bytes that a statement would process, free of charge.

https://docs.cloud.google.com/bigquery/docs/running-queries#dry-run (checked 2026-11-23).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlopt.warehouses.bigquery.connection import Connection
from sqlopt.warehouses.explain import read

if TYPE_CHECKING:
    from sqlopt.plan import Plan
    from sqlopt.warehouses.address import Address


class BigQueryDryRun:
    """Asks for dry runs, with the dataset of the address for names that have none."""

    def __init__(self, address: Address) -> None:
        self._connection = Connection(address)
        self._dataset = address.part(0)

    def plan(self, statement: str) -> Plan:
        """Return the bytes to be processed, as a plan without operators. Raises `CatalogError`."""
        return read(json.dumps(self._connection.dry_run(statement, self._dataset)))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
