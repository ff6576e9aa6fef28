"""A PostgreSQL database read into a catalog: pg_class, pg_stats, partitions, indexes, constraints, grants."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog import Column, ForeignKey, Index, Table
from sqlopt.catalog.sync import Listed
from sqlopt.warehouses.postgres.connection import open_door
from sqlopt.warehouses.postgres.partitions import partitioning
from sqlopt.warehouses.postgres.statements import Postgres
from sqlopt.warehouses.postgres.values import bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlopt.warehouses.address import Address

_KINDS: Final = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}
_HOW: Final = "rows, distinct, nulls, min and max as ANALYZE estimated them from a sample"


class PostgresReader:
    """Reads a database; ``/db/schema`` of its address limits it to one schema. Raises `CatalogError`.

    Names are ``schema.table``. Partitions are part of their table and no tables themselves. Text columns have
    no min and max: their order is that of a collation.
    """

    dialect = "postgres"
    default_schema: str | None = "public"

    def __init__(self, address: Address) -> None:
        self.warnings: list[str] = []
        self.default_database = None
        self._schemas = list(address.path[1:2])
        self._door, self._connection = open_door(address)
        self._database, self._user, _ = self._door.rows(Postgres.ABOUT)[0]
        self.source = f"postgresql://{self._connection.place}/{self._database}"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def rights(self) -> str:
        """The statement that grants what is needed; names alone need none."""
        return f'GRANT pg_read_all_data TO "{self._user}"'

    def tables(self) -> Iterator[Listed]:
        """Yield tables and views of the database, without the system's."""
        closed: dict[str, int] = defaultdict(int)
        for oid, schema, name, state, readable in self._door.rows(
            Postgres.TABLES, (self._schemas, self._schemas)
        ):
            closed[schema] += not readable
            yield Listed(f"{schema}.{name}", state, oid)
        for schema, number in sorted(closed.items()):
            if number:
                self.warnings.append(
                    f"{schema}: no statistics of {number:,} tables: the right to read them is missing; "
                    f'GRANT USAGE ON SCHEMA "{schema}" TO "{self._user}"; '
                    f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO "{self._user}"'
                )

    def read(self, batch: Sequence[Listed]) -> Iterator[Table]:
        """Yield the tables of a batch."""
        ids = [one.key for one in batch]
        columns = _grouped(self._door.rows(Postgres.COLUMNS, (ids,)))
        constraints = _grouped(self._door.rows(Postgres.CONSTRAINTS, (ids,)))
        indexes = _grouped(self._door.rows(Postgres.INDEXES, (ids,)))
        grants = _grouped(self._door.rows(Postgres.GRANTS, (ids,)))
        about = {row[0]: row[1:] for row in self._door.rows(Postgres.ABOUT_TABLES, (ids,))}
        for one in batch:
            if one.key in about:
                yield _table(
                    one.name,
                    about[one.key],
                    columns[one.key],
                    (constraints[one.key], indexes[one.key], grants[one.key]),
                    self.source,
                )


def _grouped(rows: Iterable[tuple[Any, ...]]) -> defaultdict[int, list[tuple[Any, ...]]]:
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for oid, *row in rows:
        found[oid].append(tuple(row))
    return found


def _table(
    name: str, about: tuple[Any, ...], columns: list[Any], more: tuple[list[Any], ...], source: str
) -> Table:
    kind, comment, definition, key, rows, unsure, size, count, partition_bounds, analyzed, parent = about
    rows = None if unsure or rows is None else round(rows)
    constraints, indexes, grants = more
    primary, unique, foreign = _keys(constraints, indexes)
    if parent:  # its rows stand in inheriting tables, too, which keep none of its keys
        foreign = tuple(replace(one, enforced=False) for one in foreign)
    holders: dict[str, tuple[str, ...]] = {}
    for privilege, holder in grants:
        holders[privilege] = (*holders.get(privilege, ()), holder)
    stored = kind in "rpm"
    return Table(
        name,
        {row[0]: _column(row, rows, kind) for row in columns},
        primary_key=primary,
        unique=unique,
        foreign_keys=foreign,
        partition_by=partitioning(key, partition_bounds or (), count) if key else None,
        indexes=tuple(
            Index(tuple(keys), name=index, unique=is_unique, method=method, where=where)
            for index, is_unique, method, where, keys, *_ in indexes
        ),
        rows=rows if stored else None,
        bytes=int(size) if stored and size is not None else None,
        updated=analyzed,
        enforced=not parent if primary or unique else None,
        kind=_KINDS.get(kind, "table"),
        comment=comment,
        grants=holders,
        definition=definition.strip().rstrip(";") if definition else None,
        origin=f"{source}; {_HOW}" if stored else source,
    )


def _keys(
    constraints: list[Any], indexes: list[Any]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[ForeignKey, ...]]:
    """Return the primary key, other keys and foreign keys. A unique index is a key as well as a constraint is."""
    primary: tuple[str, ...] = ()
    unique: dict[tuple[str, ...], None] = {}
    foreign = []
    for kind, enforced, names, schema, table, to in constraints:
        if kind == "p":
            primary = tuple(names)
        elif kind == "u":
            unique[tuple(names)] = None
        else:
            foreign.append(ForeignKey(tuple(names), f"{schema}.{table}", tuple(to), enforced=enforced))
    for _, is_unique, _, where, keys, plain, is_primary in indexes:
        if is_unique and plain and where is None and not is_primary:
            unique[tuple(key.strip('"').replace('""', '"') for key in keys)] = None
    return primary, tuple(unique), tuple(foreign)


def _column(row: tuple[Any, ...], rows: int | None, kind: str) -> Column:
    name, type_, required, comment, nulls, distinct, width, histogram, common = row
    if distinct is not None and distinct < 0:  # a share of the rows
        distinct = None if rows is None else -distinct * rows
    low, high = bounds(type_, histogram or (), common or ())
    return Column(
        name,
        type_,
        nullable=not required if kind in "rp" else None,
        distinct=None if not distinct else round(distinct),
        min=low,
        max=high,
        nulls=None if nulls is None else round(float(nulls), 6),
        average_bytes=None if width is None else float(width),
        comment=comment,
    )
