"""The tables that DDL has made so far."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog.model import Catalog, Column, ForeignKey, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

ENFORCED: Final[Mapping[str, bool]] = {
    "postgres": True,
    "duckdb": True,
    "snowflake": False,
    "bigquery": False,
    "redshift": False,
    "databricks": False,
    "spark": False,
    "hive": False,
}
"""Whether an engine enforces primary, unique and foreign keys; one that is not here is unknown."""

NOT_NULL_KEYS: Final = frozenset({"postgres", "duckdb"})
"""Where the columns of a primary key are NOT NULL without saying so."""


class Tables:
    """Tables by folded name, with the warnings that reading them gave.

    ``parents`` are the folded names, as written, of those that others inherit from. PostgreSQL keeps a parent's
    keys in its own rows only, while a query of it reads the heirs' rows, too:
    https://www.postgresql.org/docs/current/ddl-inherit.html (checked 2026-12-01).
    """

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.enforced = ENFORCED.get(dialect)
        self.found: dict[str, Table] = {}
        self.parents: set[str] = set()
        self.constraints: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
        self.warnings: list[str] = []

    def put(self, table: Table) -> None:
        """Add a table, or put it in the place of the one that has its name."""
        self.found[table.name.casefold()] = table

    def get(self, name: str | None) -> Table | None:
        """Return the table of this name, or the only one that the name is the tail of."""
        if not name:
            return None
        key = name.casefold()
        if key in self.found:
            return self.found[key]
        tails = [table for other, table in self.found.items() if other.endswith("." + key)]
        return tails[0] if len(tails) == 1 else None

    def drop(self, table: Table) -> None:
        """Forget a table."""
        self.found.pop(table.name.casefold(), None)

    def catalog(self) -> Catalog:
        """Return what was read, foreign keys without columns pointing at their table's primary key."""
        return Catalog(map(self._settled, self.found.values()), dialect=self.dialect, warnings=self.warnings)

    def _settled(self, table: Table) -> Table:
        keys = []
        for key in table.foreign_keys:
            target = self.get(key.references)
            to = key.to or (target.primary_key if target else ())
            if len(to) == len(key.columns):
                name = target.name if target else key.references
                keys.append(replace(key, to=to, references=name))
        enforced = self.enforced
        if self._is_parent(table):
            enforced = False
            keys = [replace(key, enforced=False) for key in keys]
        has_key = bool(table.primary_key or table.unique)
        return replace(table, foreign_keys=tuple(keys), enforced=enforced if has_key else None)

    def _is_parent(self, table: Table) -> bool:
        """Whether others may inherit from a table: the name of one, perhaps without its schema, is the table's."""
        own = f".{table.name.casefold()}"
        return any(own.endswith(f".{one}") or f".{one}".endswith(own) for one in self.parents)

    def with_primary_key(self, table: Table, columns: tuple[str, ...]) -> Table:
        """Give a table its primary key; whether its columns may then be NULL depends on the engine."""
        columns = written(table, columns)
        table = replace(table, primary_key=columns)
        for name in columns:
            column = table.column(name)
            if column is not None and column.nullable is not False:
                nullable = False if self.dialect in NOT_NULL_KEYS else None
                table = with_column(table, replace(column, nullable=nullable))
        return table

    def with_constraint(self, table: Table, kind: str, columns: tuple[str, ...], name: str | None) -> Table:
        """Give a table a primary or unique key, and remember its name for a later DROP CONSTRAINT."""
        if name:
            self.constraints[table.name.casefold(), name.casefold()] = (kind, columns)
        if kind == "primary":
            return self.with_primary_key(table, columns)
        columns = written(table, columns)
        return table if columns in table.unique else replace(table, unique=(*table.unique, columns))


def with_column(table: Table, column: Column) -> Table:
    """Add a column, or put it in the place of the one that has its name."""
    known = table.column(column.name)
    name = known.name if known else column.name
    return replace(table, columns={**table.columns, name: replace(column, name=name)})


def with_foreign_key(table: Table, key: ForeignKey) -> Table:
    """Add a foreign key."""
    key = replace(key, columns=written(table, key.columns))
    return replace(table, foreign_keys=tuple(dict.fromkeys((*table.foreign_keys, key))))


def written(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names as the table's own column list writes them."""
    known = (table.column(name) for name in names)
    return tuple(column.name if column else name for column, name in zip(known, names, strict=True))


def without_column(table: Table, name: str) -> Table:
    """Drop a column, and every key that it was part of."""
    folded = name.casefold()

    def free(columns: tuple[str, ...]) -> bool:
        return folded not in (column.casefold() for column in columns)

    changes: dict[str, Any] = {
        "columns": {key: column for key, column in table.columns.items() if key.casefold() != folded},
        "primary_key": table.primary_key if free(table.primary_key) else (),
        "unique": tuple(filter(free, table.unique)),
        "foreign_keys": tuple(key for key in table.foreign_keys if free(key.columns)),
        "indexes": tuple(index for index in table.indexes if free(index.keys)),
    }
    return replace(table, **changes)
