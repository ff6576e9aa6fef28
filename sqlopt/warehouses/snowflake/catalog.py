"""A Snowflake database read into a catalog: INFORMATION_SCHEMA, SHOW, clustering, tags, policies, grants."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog import Column, Table
from sqlopt.catalog.fields import split_at_commas
from sqlopt.catalog.sync import Listed
from sqlopt.errors import CatalogError
from sqlopt.warehouses.door import MissingRightError
from sqlopt.warehouses.snowflake.connection import open_door, quoted
from sqlopt.warehouses.snowflake.keys import Keys, read_keys
from sqlopt.warehouses.snowflake.statements import Snowflake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.warehouses.address import Address

_FEW: Final = 5
"""So many tables are asked for one by one; of more, all between the first and the last."""

_KINDS: Final = {"BASE TABLE": "table", "TEMPORARY TABLE": "table"}
_VIEWS: Final = ("view", "materialized view")
_LONGEST_TEXT: Final = 16_777_216
_SHOWN: Final = 10_000
"""Rows that SHOW gives at most."""


class SnowflakeReader:
    """Reads a database; ``/DATABASE/SCHEMA`` of its address limits it to one schema. Raises `CatalogError`.

    Names are ``DATABASE.SCHEMA.TABLE``. Tags and policies come from ACCOUNT_USAGE, which lags up to two hours.
    """

    dialect = "snowflake"
    default_schema = None

    def __init__(self, address: Address) -> None:
        self.warnings: list[str] = []
        self._door, self._connection = open_door(address)
        about = self._door.rows(Snowflake.ABOUT)[0]
        self._role = about["role_name"] or "PUBLIC"
        found = address.part(0) or about["database_name"]
        if not found:
            raise CatalogError("snowflake: name a database: snowflake://ACCOUNT/DATABASE")
        self._database = found if found.startswith('"') else found.upper()
        self._database = self._database.strip('"')
        self.default_database: str | None = self._database
        schema = address.part(1)
        self._schema = schema.upper() if schema else None
        self._connection.role, self._connection.database = self._role, self._database
        self.source = f"snowflake://{self._connection.place}/{self._database}"
        self._keys: tuple[str, Keys] | None = None
        self._searched: tuple[str, frozenset[str]] | None = None
        self._tags: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._policies: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def rights(self) -> str:
        """The statements that grant what is needed."""
        database, role = quoted(self._database), quoted(self._role)
        return (
            f"GRANT USAGE ON DATABASE {database} TO ROLE {role}; "
            f"GRANT USAGE ON ALL SCHEMAS IN DATABASE {database} TO ROLE {role}; "
            f"GRANT REFERENCES ON ALL TABLES IN DATABASE {database} TO ROLE {role}; "
            f"GRANT REFERENCES ON ALL VIEWS IN DATABASE {database} TO ROLE {role}"
        )

    def tables(self) -> Iterator[Listed]:
        """Yield tables and views of the database, without INFORMATION_SCHEMA."""
        self._tags = self._governance(Snowflake.TAGS, "object_schema", "object_name", "tags")
        self._policies = self._governance(
            Snowflake.POLICIES, "ref_schema_name", "ref_entity_name", "masking and row access policies"
        )
        states = {
            (row["table_schema"], row["table_name"]): row["state"]
            for row in self._optional(Snowflake.GRANT_STATES, (), (self._database,), "grants", self.rights)
        }
        rows = self._door.rows(Snowflake.TABLES, names=(self._database,))
        seen = {(row["table_schema"], row["table_name"]) for row in rows}
        for row in self._door.rows(Snowflake.VIEWS, names=(self._database,)):
            if (row["table_schema"], row["table_name"]) not in seen:
                rows.append({**row, "table_type": "VIEW"})
        for row in rows:
            key = (row["table_schema"], row["table_name"])
            if self._schema in (None, key[0]):
                state = json.dumps(
                    [row, states.get(key), self._tags.get(key), self._policies.get(key)],
                    sort_keys=True,
                    default=str,
                )
                yield Listed(f"{self._database}.{key[0]}.{key[1]}", _digest(state), row)

    def read(self, batch: Sequence[Listed]) -> Iterator[Table]:
        """Yield the tables of a batch."""
        ordered = sorted(batch, key=lambda one: (one.key["table_schema"], one.key["table_name"]))
        for schema, group in groupby(ordered, key=lambda one: str(one.key["table_schema"])):
            yield from self._read(schema, list(group))

    def _read(self, schema: str, listed: list[Listed]) -> Iterator[Table]:
        keys = self._keys_of(schema)
        searched = self._searched_of(schema)
        columns = self._between(Snowflake.COLUMNS, schema, listed)
        definitions = self._between(
            Snowflake.DEFINITIONS, schema, [one for one in listed if "VIEW" in one.key["table_type"]]
        )
        grants = self._between(Snowflake.GRANTS, schema, listed, optional=True)
        for one in listed:
            row, name = one.key, one.key["table_name"]
            kind = _KINDS.get(row["table_type"], row["table_type"].lower())
            policies = self._policies.get((schema, name), [])
            tags = self._tags.get((schema, name), [])
            masks = {
                p["ref_column_name"]: _policy(p) for p in policies if p["policy_kind"] == "MASKING_POLICY"
            }
            holders: dict[str, tuple[str, ...]] = {}
            for grant in grants[name]:
                privilege = grant["privilege_type"]
                holders[privilege] = (*holders.get(privilege, ()), grant["grantee"])
            partitions, depth = self._clustering(schema, name) if row.get("clustering_key") else (None, None)
            primary, unique, foreign = keys.of(name)
            yield Table(
                one.name,
                {
                    c["column_name"]: _column(
                        c, kind, _tags(tags, c["column_name"]), masks.get(c["column_name"])
                    )
                    for c in columns[name]
                },
                primary_key=primary,
                unique=unique,
                foreign_keys=foreign,
                cluster_by=_clustering_key(row.get("clustering_key")),
                micro_partitions=partitions,
                clustering_depth=depth,
                rows=None if kind in _VIEWS else row.get("row_count"),
                bytes=None if kind == "view" else row.get("bytes"),
                updated=row["last_altered"].astimezone(UTC) if row["last_altered"] else None,
                enforced=(row.get("is_hybrid") == "YES") if primary or unique else None,
                kind=kind,
                comment=row.get("comment") or None,
                tags=_tags(tags, None),
                row_access_policy=next(
                    (_policy(p) for p in policies if p["policy_kind"] == "ROW_ACCESS_POLICY"), None
                ),
                search_optimization=self._search_optimization(schema, name) if name in searched else None,
                grants=holders,
                definition=next((d["view_definition"] for d in definitions[name]), None) or None,
                origin=self.source,
            )

    def _between(
        self, statement: Snowflake, schema: str, listed: list[Listed], *, optional: bool = False
    ) -> defaultdict[str, list[Any]]:
        """Return a statement's rows by table, for these tables of one schema."""
        names = sorted(one.key["table_name"] for one in listed)
        found: defaultdict[str, list[Any]] = defaultdict(list)
        spans = [(name, name) for name in names] if len(names) <= _FEW else [(names[0], names[-1])]
        for first, last in spans:
            try:
                rows = self._door.rows(statement, (schema, first, last), (self._database,))
            except MissingRightError:
                if optional:
                    break
                raise
            for row in rows:
                found[row["table_name"]].append(row)
        return found

    def _optional(
        self, statement: Snowflake, values: tuple[Any, ...], names: tuple[str, ...], what: str, grant: str
    ) -> list[Any]:
        """Return rows that a catalog can do without; a missing right is a warning that says what grants it."""
        try:
            return self._door.rows(statement, values, names)
        except MissingRightError:
            self.warnings.append(f"{what} are unknown: the right to read them is missing; {grant}")
            return []

    def _governance(
        self, statement: Snowflake, schema: str, table: str, what: str
    ) -> dict[tuple[str, str], list[dict[str, Any]]]:
        grant = f"GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE {quoted(self._role)}"
        rows = self._optional(statement, (self._database,), (), what, grant)
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in rows:
            found.setdefault((row[schema], row[table]), []).append(row)
        return found

    def _keys_of(self, schema: str) -> Keys:
        if self._keys is None or self._keys[0] != schema:
            self._keys = schema, read_keys(self._door, self._database, schema)
        return self._keys[1]

    def _searched_of(self, schema: str) -> frozenset[str]:
        """Return the tables of a schema that have search optimization."""
        if self._searched is None or self._searched[0] != schema:
            rows = self._door.rows(Snowflake.SEARCHED, names=(self._database, schema))
            if len(rows) >= _SHOWN:
                self.warnings.append(f"{schema}: search optimization is known of its first {_SHOWN:,} tables")
            names = frozenset(row["name"] for row in rows if row.get("search_optimization") == "ON")
            self._searched = schema, names
        return self._searched[1]

    def _search_optimization(self, schema: str, name: str) -> tuple[str, ...] | None:
        """Return what is covered, as METHOD(target); None where that can't be read."""
        try:
            rows = self._door.rows(Snowflake.SEARCH_OPTIMIZATION, names=(self._database, schema, name))
        except MissingRightError:
            return None
        return tuple(f"{row['method']}({row['target']})" for row in rows)

    def _clustering(self, schema: str, name: str) -> tuple[int | None, float | None]:
        """Return the number of micro-partitions and their average depth, where they can be read."""
        try:
            rows = self._door.rows(
                Snowflake.CLUSTERING, (".".join(map(quoted, (self._database, schema, name))),)
            )
            found = json.loads(rows[0]["clustering"])
            return int(found["total_partition_count"]), float(found["average_depth"])
        except (MissingRightError, KeyError, TypeError, ValueError):
            return None, None


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def _policy(row: dict[str, Any]) -> str:
    return ".".join(itemgetter("policy_db", "policy_schema", "policy_name")(row))


def _tags(rows: list[dict[str, Any]], column: str | None) -> tuple[str, ...]:
    """Return the tags of a column or, for None, of the table: each name, and name=value where it has one."""
    found = []
    for row in rows:
        if row["column_name"] == column:
            name = row["tag_name"].lower()
            found += [name, f"{name}={row['tag_value']}"] if row["tag_value"] else [name]
    return tuple(found)


def _clustering_key(text: str | None) -> tuple[str, ...]:
    """Return the parts of ``LINEAR(a, f(b))``."""
    key = (text or "").strip()
    if key.upper().startswith("LINEAR(") and key.endswith(")"):
        key = key[len("LINEAR(") : -1]
    elif key.startswith("(") and key.endswith(")"):
        key = key[1:-1]
    return split_at_commas(key) if key else ()


def _column(row: dict[str, Any], kind: str, tags: tuple[str, ...], mask: str | None) -> Column:
    return Column(
        row["column_name"],
        _type(row),
        nullable=None if kind in _VIEWS else row["is_nullable"] == "YES",
        tags=tags,
        comment=row["comment"] or None,
        masking_policy=mask,
    )


def _type(row: dict[str, Any]) -> str:
    name, length = row["data_type"], row["character_maximum_length"]
    if name == "NUMBER" and row["numeric_precision"] is not None:
        return f"NUMBER({row['numeric_precision']},{row['numeric_scale'] or 0})"
    if name == "TEXT":
        return f"VARCHAR({length})" if length and length != _LONGEST_TEXT else "VARCHAR"
    return str(name)
