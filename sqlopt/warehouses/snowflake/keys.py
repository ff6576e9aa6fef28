"""Snowflake's keys, as SHOW PRIMARY, UNIQUE and IMPORTED KEYS list them: a row a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlopt.catalog import ForeignKey
from sqlopt.warehouses.snowflake.statements import Snowflake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlopt.warehouses.door import Door


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a schema's tables, by the table's name."""

    primary: Mapping[str, tuple[str, ...]]
    unique: Mapping[str, tuple[tuple[str, ...], ...]]
    foreign: Mapping[str, tuple[ForeignKey, ...]]

    def of(self, table: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[ForeignKey, ...]]:
        """Return the primary key, the unique keys and the foreign keys of a table."""
        return self.primary.get(table, ()), self.unique.get(table, ()), self.foreign.get(table, ())


def read_keys(door: Door, database: str, schema: str) -> Keys:
    """Read the keys of a schema. None is enforced but on hybrid tables; NOT NULL always is."""
    names = (database, schema)
    primary = _columns(door.rows(Snowflake.PRIMARY_KEYS, names=names), "table_name", "constraint_name")
    unique = _columns(door.rows(Snowflake.UNIQUE_KEYS, names=names), "table_name", "constraint_name")
    every: dict[str, tuple[tuple[str, ...], ...]] = {}
    for table, rows in unique:
        every[table] = (*every.get(table, ()), tuple(row["column_name"] for row in rows))
    foreign: dict[str, tuple[ForeignKey, ...]] = {}
    imported = [
        row
        for row in door.rows(Snowflake.FOREIGN_KEYS, names=names)
        if (row["fk_database_name"], row["fk_schema_name"]) == names
    ]
    for table, rows in _columns(imported, "fk_table_name", "fk_name"):
        first = rows[0]
        key = ForeignKey(
            tuple(row["fk_column_name"] for row in rows),
            ".".join((first["pk_database_name"], first["pk_schema_name"], first["pk_table_name"])),
            tuple(row["pk_column_name"] for row in rows),
            enforced=False,
        )
        foreign[table] = (*foreign.get(table, ()), key)
    return Keys({table: tuple(row["column_name"] for row in rows) for table, rows in primary}, every, foreign)


def _columns(
    rows: Iterable[dict[str, Any]], table: str, constraint: str
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return each constraint's table and rows, in the order of its columns."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row[table], row[constraint]), []).append(row)
    ordered = sorted(found.items())
    return [(name, sorted(group, key=lambda row: int(row["key_sequence"]))) for (name, _), group in ordered]
