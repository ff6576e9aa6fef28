"""Typed tables for the fuzz of fixes: keys, references, indexes, inheritance and partitions; and databases of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlopt.catalog import Catalog
from tests.query.bind.world import NUMBER, OTHER, TEXT, Column, Table, ident

if TYPE_CHECKING:
    import random

    from sqlopt.catalog.model import Table as Known

DAY, MOMENT, REAL, TRUTH = "day", "moment", "real", "truth"
"""Kinds of columns beside those of `tests.query.bind.world`."""

POOL = {
    NUMBER: ("0", "1", "2", "3"),
    TEXT: ("x", "y", "", "X"),
    DAY: ("2024-02-28", "2024-03-01", "2024-03-31", "2025-01-01"),
    MOMENT: (
        "2024-03-01 00:00:00",
        "2024-03-01 12:30:00.25",
        "2024-03-31 23:59:59.999",
        "2025-01-01 00:00:00",
    ),
    REAL: ("0.5", "1.5", "2", "NaN", "Infinity"),
    TRUTH: ("true", "false"),
    OTHER: (),
}
_KINDS = (
    (r"(big|small|huge|tiny)?int(eger)?\d?|numeric|decimal|serial", NUMBER),
    (r"double|float|real", REAL),
    (r"text|varchar|char|string", TEXT),
    (r"timestamp|datetime", MOMENT),
    (r"date", DAY),
    (r"bool", TRUTH),
)


def kind_of(type_: str) -> str:
    """Return the kind of a column of this type, in PostgreSQL's or DuckDB's words."""
    word = type_.lower()
    return (
        next((kind for shape, kind in _KINDS if re.match(shape, word)), OTHER) if "[" not in word else OTHER
    )


@dataclass(frozen=True)
class Field:
    """A column: its name as the database holds it, its type, whether it may be NULL."""

    name: str
    type: str
    nullable: bool = True


@dataclass(frozen=True)
class Spec:
    """A table. ``references``: (columns, table, its columns); ``partition``: the column of its ranges.

    ``parent`` is the table that it inherits from, all its columns being that one's.
    """

    name: str
    fields: tuple[Field, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    references: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    partition: str | None = None
    parent: str | None = None

    def place(self, name: str) -> int:
        """Where a column stands."""
        names = [one.name for one in self.fields]
        return (
            names.index(name) if name in names else [one.casefold() for one in names].index(name.casefold())
        )

    def ddl(self) -> str:
        """CREATE TABLE and CREATE INDEX."""
        if self.parent is not None:
            return f"CREATE TABLE {_name(self.name)} () INHERITS ({_name(self.parent)});"
        parts = [f"{ident(one.name)} {one.type}{'' if one.nullable else ' NOT NULL'}" for one in self.fields]
        parts += [
            f"{'UNIQUE' if place else 'PRIMARY KEY'} ({_names(key)})"
            for place, key in enumerate(self.keys)
            if key
        ]
        parts += [
            f"FOREIGN KEY ({_names(columns)}) REFERENCES {_name(to)} ({_names(keys)})"
            for columns, to, keys in self.references
        ]
        by = f" PARTITION BY RANGE ({ident(self.partition)})" if self.partition else ""
        made = [f"CREATE TABLE {_name(self.name)} ({', '.join(parts)}){by};"]
        if self.partition:
            made.append(f"CREATE TABLE {_name(self.name + '_rest')} PARTITION OF {_name(self.name)} DEFAULT;")
        made += [
            f'CREATE INDEX "{self.name} {place}" ON {_name(self.name)} ({_names(keys)});'
            for place, keys in enumerate(self.indexes)
        ]
        return "\n".join(made)


@dataclass(frozen=True)
class Filled:
    """A database: the statements that make it."""

    ddl: str
    inserts: str


@dataclass(frozen=True)
class Profile:
    """How to fill tables: how many rows at most, the shares of NULLs and of rows that stand twice."""

    rows: int
    nulls: float
    copies: float


PROFILES = (Profile(0, 0, 0), Profile(3, 0.35, 0.3), Profile(5, 0, 0.4), Profile(9, 0.15, 0.2))


@dataclass
class Store:
    """Tables, and the values that their columns draw from, by kind. The first of ``specs`` need no later ones."""

    specs: tuple[Spec, ...]
    pool: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(POOL))

    @property
    def ddl(self) -> str:
        """CREATE statements."""
        schemas = dict.fromkeys(one.name.rpartition(".")[0] for one in self.specs)
        return "\n".join(
            [f"CREATE SCHEMA {one};" for one in schemas if one] + [one.ddl() for one in self.specs]
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables as the writer of statements knows them."""
        return tuple(
            Table(
                one.name,
                tuple(Column(each.name, kind_of(each.type)) for each in one.fields),
                one.keys[0][0] if one.keys and len(one.keys[0]) == 1 else None,
            )
            for one in self.specs
        )

    def catalog(self, dialect: str, rows: int | None = None) -> Catalog:
        """What sqlopt reads from the DDL, each table with so many ``rows``."""
        read = Catalog.from_ddl(self.ddl, dialect)
        assert not read.warnings, read.warnings
        sized = [replace(one, rows=rows, bytes=rows and 100 * rows) for one in read.tables.values()]
        return Catalog(sized, dialect)

    def filled(self, profile: Profile, chance: random.Random) -> Filled:
        """Fill all tables; what a key or a reference forbids is left out."""
        data: dict[str, list[tuple[str | None, ...]]] = {}
        made = []
        for spec in self.specs:
            rows = data[spec.name.casefold()] = self._rows(spec, profile, chance, data)
            if rows:
                values = ", ".join(
                    f"({', '.join('NULL' if one is None else one for one in row)})" for row in rows
                )
                made.append(f"INSERT INTO {_name(spec.name)} VALUES {values};")
        return Filled(self.ddl, "\n".join(made))

    def _rows(
        self,
        spec: Spec,
        profile: Profile,
        chance: random.Random,
        data: dict[str, list[tuple[str | None, ...]]],
    ) -> list[tuple[str | None, ...]]:
        rows: list[tuple[str | None, ...]] = []
        taken: list[set[tuple]] = [set() for _ in spec.keys]
        needed = {name for key in spec.keys[:1] for name in key} | {spec.partition}
        for _ in range(chance.randint(min(profile.rows, 1), profile.rows)):
            row = [
                None
                if one.nullable and one.name not in needed and chance.random() < profile.nulls
                else self._value(one, chance)
                for one in spec.fields
            ]
            for columns, to, keys in spec.references:
                parent, places = self._spec(to), [spec.place(one) for one in columns]
                theirs = [tuple(one[parent.place(key)] for key in keys) for one in data[to.casefold()]]
                if None not in [row[place] for place in places]:
                    _refer(row, places, [one for one in theirs if None not in one], chance)
            if any(
                one is None and (not f.nullable or f.name in needed)
                for one, f in zip(row, spec.fields, strict=True)
            ):
                continue
            for copy in [row, row] if chance.random() < profile.copies else [row]:
                found = [tuple(copy[spec.place(one)] for one in key) for key in spec.keys]
                if any(one in seen and None not in one for one, seen in zip(found, taken, strict=True)):
                    continue
                for one, seen in zip(found, taken, strict=True):
                    seen.add(one)
                rows.append(tuple(copy))
        return rows

    def _spec(self, name: str) -> Spec:
        return next(one for one in self.specs if one.name.casefold() == name.casefold())

    def _value(self, column: Field, chance: random.Random) -> str | None:
        kind, word = kind_of(column.type), column.type.lower()
        pool = self.pool[kind]
        if not pool:
            return "'{\"x\": 1}'" if word.startswith("json") else None
        value = chance.choice(pool)
        if kind == NUMBER:
            return str(int(float(value))) if "int" in word else value
        size = re.fullmatch(r"\w+\((\d+)\)", word)
        return f"'{value[: int(size[1])] if size and kind == TEXT else value}'"


def _refer(row: list[str | None], places: list[int], parents: list[tuple], chance: random.Random) -> None:
    """Let the columns at ``places`` hold a parent's key, or NULL where there is none."""
    picked = chance.choice(parents) if parents else (None,) * len(places)
    for place, value in zip(places, picked, strict=True):
        row[place] = value


def _name(name: str) -> str:
    return ".".join(ident(one) for one in name.split("."))


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(ident(one) for one in names)


# ---- random tables

_NAMES = ("ship", "quay", "voyage", "pilot", "manifest", "Dock Log")
_NUMBERS = ("berth", "crew", "tide", "draft", "crane", "Net Weight", "Berth")
_TEXTS = ("flag", "cargo", "pier", "Home Port")
_WHOLE = ("INT", "INT", "INT", "BIGINT", "SMALLINT", "NUMERIC(8, 2)")
_MORE = (("sailed", "DATE"), ("landed", "DATE"), ("logged", "TIMESTAMP"), ("depth", "DOUBLE PRECISION"))


def random_store(dialect: str, chance: random.Random) -> Store:
    """Draw six tables whose columns share names; PostgreSQL's may inherit, or be partitioned."""
    specs: list[Spec] = []
    for name in _NAMES:
        if dialect == "postgres" and specs and chance.random() < 0.12:
            parent = chance.choice(
                [one for one in specs if one.partition is None and one.parent is None] or [None]
            )
            if parent is not None:
                keys = {one for key in parent.keys[:1] for one in key}
                fields = tuple(
                    replace(one, nullable=one.nullable and one.name not in keys) for one in parent.fields
                )
                specs.append(Spec(name, fields, parent=parent.name))
                continue
        specs.append(_random_spec(name, specs, dialect, chance))
    return Store(tuple(specs))


def _random_spec(name: str, before: list[Spec], dialect: str, chance: random.Random) -> Spec:
    numbers = chance.sample(_NUMBERS, chance.randint(1, 3))
    drawn = [(one, chance.choice(_WHOLE)) for one in numbers]
    drawn += [
        (one, chance.choice(("TEXT", "TEXT", "VARCHAR(5)")))
        for one in chance.sample(_TEXTS, chance.randint(1, 2))
    ]
    drawn += chance.sample(_MORE, chance.randint(0, 2))
    if dialect == "duckdb":  # its names compare without case
        drawn = list({one.casefold(): (one, type_) for one, type_ in drawn}.values())
    chance.shuffle(drawn)
    fields = tuple(Field(one, type_, chance.random() < 0.7) for one, type_ in drawn)
    whole = [one.name for one in fields if kind_of(one.type) == NUMBER]
    keys: list[tuple[str, ...]] = []
    days = [one.name for one in fields if one.type == "DATE"]
    partition = days[0] if dialect == "postgres" and days and chance.random() < 0.3 else None
    if partition is None and chance.random() < 0.6:
        keys.append((whole[0],) if len(whole) == 1 or chance.random() < 0.7 else tuple(whole[:2]))
        if chance.random() < 0.2:
            keys.append((chance.choice([one.name for one in fields if one.name != whole[0]]),))
    types = {one.name: one.type for one in fields}
    references = []
    for parent in before:
        if parent.keys and len(parent.keys[0]) == 1 and parent.parent is None and chance.random() < 0.4:
            key = parent.fields[parent.place(parent.keys[0][0])]
            free = [one for one in whole if types[one] == key.type and not any(one in key for key in keys)]
            if free and not partition:
                references.append(((chance.choice(free),), parent.name, (key.name,)))
                break
    indexes = tuple((one.name,) for one in fields if chance.random() < 0.3)
    return Spec(name, fields, tuple(keys), tuple(references), indexes, partition)


# ---- tables that a catalog knows


def store_of(catalog: Catalog, names: set[str], pool: dict[str, tuple[str, ...]]) -> Store:
    """The tables of ``catalog`` of these dotted names, with those that they refer to, in this order."""
    specs: dict[str, Spec] = {}

    def add(table: Known) -> None:
        if table.name.casefold() in specs:
            return
        for key in table.foreign_keys:
            parent = catalog.table(key.references)
            if parent is not None and parent is not table:
                add(parent)
        specs[table.name.casefold()] = _known_spec(table, catalog)

    for name in sorted(names):
        table = catalog.table(name)
        if table is not None and table.columns:
            add(table)
    return Store(tuple(specs.values()), pool)


def _known_spec(table: Known, catalog: Catalog) -> Spec:
    fields = tuple(
        Field(name, one.type or "TEXT", one.nullable is not False) for name, one in table.columns.items()
    )
    references = tuple(
        (key.columns, parent.name, key.to)
        for key in table.foreign_keys
        if (parent := catalog.table(key.references)) is not None
        and parent is not table
        and key.enforced is not False
    )
    keys = (table.primary_key, *table.unique) if table.primary_key or table.unique else ()
    by = table.partition_by
    partition = by.column if by is not None and catalog.dialect == "postgres" and not keys else None
    return Spec(table.name, fields, keys, references, (), partition)
