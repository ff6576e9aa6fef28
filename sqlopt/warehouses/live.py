"""Where catalogs are filled from: live warehouses by their URL's scheme, and what lies on disk."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlopt.catalog.sync import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.catalog import Catalog
    from sqlopt.catalog.sync import Progress
    from sqlopt.warehouses.address import Address

ENGINES: Final[Mapping[str, str]] = {
    "postgresql": "sqlopt.warehouses.postgres.catalog:PostgresReader",
    "postgres": "sqlopt.warehouses.postgres.catalog:PostgresReader",
    "snowflake": "sqlopt.warehouses.snowflake.catalog:SnowflakeReader",
    "bigquery": "sqlopt.warehouses.bigquery.catalog:BigQueryReader",
}
"""A reader by URL scheme; it is made from an `Address`."""

FILES: Final[Mapping[str, str]] = {
    "duckdb": "sqlopt.warehouses.duckdb.catalog:read_database",
    "parquet": "sqlopt.warehouses.duckdb.catalog:read_parquet",
    "spark": "sqlopt.warehouses.spark.catalog:read_described",
}
"""A function of a path and a `Progress` by the word before the colon; it returns a catalog."""


DATA: Final = ("duckdb", "parquet")
"""The kinds that hold data, not only what is known of it."""


class LiveReader(Reader, Protocol):
    """A reader that holds a connection."""

    def close(self) -> None:
        """Close the connection."""


def open_reader(address: Address) -> LiveReader:
    """Return the reader of a live warehouse. Raises `CatalogError`, also where its client is not installed."""
    reader: LiveReader = _named(ENGINES[address.engine])(address)
    return reader


def read_files(kind: str, path: str, progress: Progress, *, values: bool = False) -> Catalog:
    """Return the catalog of what lies at ``path``; with ``values`` frequent values too, where there is data.

    Raises `CatalogError`.
    """
    given = {"values": True} if values and kind in DATA else {}
    found: Catalog = _named(FILES[kind])(path, progress, **given)
    return found


def _named(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
