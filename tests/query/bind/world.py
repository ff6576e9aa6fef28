"""Random tables for the fuzz of reads: names that meet in USING and NATURAL, quoted names, NULLs and duplicates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.catalog import Catalog

if TYPE_CHECKING:
    import random

NUMBER, TEXT, OTHER = "number", "text", "other"
"""Kinds of columns. What is `OTHER` (records, JSON, lists) is handed on and asked for NULL, no more."""

_NUMBERS = ("berth", "crew", "tide", "draft", "crane", "Net Weight")
_TEXTS = ("flag", "cargo", "pier", "Home Port")
_TABLES = ("ship", "quay", "voyage", "pilot", "manifest", "Dock Log")
_TYPES = {NUMBER: "INT", TEXT: "TEXT"}
_ROWS = 6


@dataclass(frozen=True)
class Column:
    """One column that can be named: its name as the database holds it, and its kind."""

    name: str
    kind: str


@dataclass(frozen=True)
class Table:
    """A base table; ``key`` is its primary key's column, if it has one."""

    name: str
    columns: tuple[Column, ...]
    key: str | None

    @property
    def names(self) -> frozenset[str]:
        """The case-folded names of its columns."""
        return frozenset(one.name.casefold() for one in self.columns)


def ident(name: str) -> str:
    """Write a name, in quotes where it needs them."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


class World:
    """Six tables whose columns are drawn from one small pool, so that names are shared."""

    def __init__(self, chance: random.Random) -> None:
        self.tables = tuple(self._table(name, chance) for name in _TABLES)
        self.rows = {one.name: self._values(one, chance) for one in self.tables}

    def _table(self, name: str, chance: random.Random) -> Table:
        columns = [Column(one, NUMBER) for one in chance.sample(_NUMBERS, chance.randint(1, 3))]
        columns += [Column(one, TEXT) for one in chance.sample(_TEXTS, chance.randint(1, 2))]
        key = columns[0].name if chance.random() < 0.5 else None
        chance.shuffle(columns)
        return Table(name, tuple(columns), key)

    def _values(self, table: Table, chance: random.Random) -> list[str]:
        rows = []
        for number in range(_ROWS):
            values = []
            for column in table.columns:
                if column.name == table.key:
                    values.append(str(number))
                elif chance.random() < 0.2:
                    values.append("NULL")
                else:
                    values.append(
                        chance.choice(("0", "1", "2", "3") if column.kind == NUMBER else ("'x'", "'y'", "''"))
                    )
            rows.append(f"({', '.join(values)})")
        return rows if table.key else [*rows, rows[0]]

    @property
    def ddl(self) -> str:
        """CREATE TABLE statements, for DuckDB and PostgreSQL alike."""
        made = []
        for table in self.tables:
            parts = [
                f"{ident(one.name)} {_TYPES[one.kind]}" + (" PRIMARY KEY" if one.name == table.key else "")
                for one in table.columns
            ]
            made.append(f"CREATE TABLE {ident(table.name)} ({', '.join(parts)});")
        return "\n".join(made)

    @property
    def inserts(self) -> str:
        """INSERT statements: few values, so that joins meet; NULLs; a row that stands twice where no key forbids."""
        return "\n".join(
            f"INSERT INTO {ident(name)} VALUES {', '.join(rows)};" for name, rows in self.rows.items()
        )

    def catalog(self, dialect: str) -> Catalog:
        """What sqlopt knows of the tables."""
        return Catalog.from_ddl(self.ddl, dialect)
