"""TPC-DS and TPC-H over key columns of common names, each query with its joins written by ON, USING and NATURAL.

TPC's columns carry a prefix for their table, so nothing can be joined by name. Here a table's key columns lose it
(``o_custkey`` and ``c_custkey`` become ``custkey``), in the database and in the queries. A SELECT over tables with
commas becomes a chain of JOINs; two spellings of one query differ in nothing but the words of its joins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

if TYPE_CHECKING:
    import duckdb

# What joins them has another name on one side: the day, time and demographics of a sale.
_SAME = {
    "sold_date_sk": "date_sk", "returned_date_sk": "date_sk", "inv_date_sk": "date_sk", "sold_time_sk": "time_sk",
    "return_time_sk": "time_sk", "bill_customer_sk": "customer_sk", "current_addr_sk": "address_sk",
    "current_cdemo_sk": "cdemo_sk", "current_hdemo_sk": "hdemo_sk",
}  # fmt: skip
_FULL = {"cd_demo_sk": "cdemo_sk", "hd_demo_sk": "hdemo_sk"}

Tables = dict[str, dict[str, str]]
"""By table, by its column's old name, the new one."""


def rename(connection: duckdb.DuckDBPyConnection) -> Tables:
    """Rename the keys of every table of the database."""
    found: Tables = {}
    rows = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns ORDER BY table_name, ordinal_position"
    ).fetchall()
    for table, column in rows:
        names = found.setdefault(table, {})
        new = _new_name(column)
        names[column] = column if new in names.values() else new
        if names[column] != column:
            connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {names[column]}")
    return found


def _new_name(column: str) -> str:
    bare = column.split("_", 1)[-1]
    if not bare.endswith(("_sk", "key")):
        return column
    return _FULL.get(column) or _SAME.get(bare, bare)


@dataclass
class Spellings:
    """One query three times. ``joins`` counts those that USING writes, ``natural`` those that NATURAL does."""

    on: str
    using: str
    natural: str
    joins: int
    naturals: int


def spellings(sql: str, tables: Tables) -> Spellings:
    """Rewrite a query of TPC over the tables' new names."""
    counts = {"on": [0, 0], "using": [0, 0], "natural": [0, 0]}
    texts = {}
    for spelling, count in counts.items():
        tree = sqlglot.parse_one(sql, dialect="duckdb")
        visible = _visible(tree, tables)
        _renamed(tree, visible)
        for select in tree.find_all(exp.Select):
            _joined(select, visible, spelling, count)
        texts[spelling] = tree.sql("duckdb", pretty=True)
    return Spellings(**texts, joins=counts["using"][0], naturals=counts["natural"][1])


# ---- names


def _visible(tree: exp.Expr, tables: Tables) -> Tables:
    """The tables without those whose names the query gives to its CTEs."""
    hidden = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {name: columns for name, columns in tables.items() if name not in hidden}


def _bases(select: exp.Select, tables: Tables) -> dict[str, str]:
    """The base tables that a SELECT's FROM names: alias to table."""
    holders = [select.args.get("from_"), *(select.args.get("joins") or ())]
    found = {}
    for holder in holders:
        table = holder.this if holder is not None else None
        if isinstance(table, exp.Table) and table.name in tables:
            found[table.alias_or_name] = table.name
    return found


def _renamed(tree: exp.Expr, tables: Tables) -> None:
    """Give each column of a base table its table and its new name; a result keeps the old one."""
    places = []
    known = {id(select): _bases(select, tables) for select in tree.find_all(exp.Select)}
    for column in tree.find_all(exp.Column):
        select = column.find_ancestor(exp.Select)
        while select is not None:
            bases = known[id(select)]
            alias = next((one for one, table in bases.items() if _has(column, one, tables[table])), None)
            if alias is not None:
                places.append((column, alias, tables[bases[alias]][column.name]))
                break
            select = select.find_ancestor(exp.Select)
    for column, alias, new in places:
        old, named = column.name, exp.column(new, alias)
        if isinstance(column.parent, exp.Select) and column.arg_key == "expressions":
            column.replace(exp.alias_(named, old))
        else:
            column.replace(named)


def _has(column: exp.Column, alias: str, names: dict[str, str]) -> bool:
    return column.name in names and column.table in ("", alias)


# ---- joins


@dataclass
class _Chain:
    """What is joined so far: aliases, and how often a star over it gives each name."""

    aliases: list[str]
    names: dict[str, int] = field(default_factory=dict)

    def add(self, alias: str, columns: list[str], keys: set[str]) -> None:
        self.aliases.append(alias)
        for name in columns:
            if name not in keys:
                self.names[name] = self.names.get(name, 0) + 1


def _joined(select: exp.Select, tables: Tables, spelling: str, count: list[int]) -> None:
    bases = _bases(select, tables)
    from_, joins, where = select.args.get("from_"), select.args.get("joins") or [], select.args.get("where")
    plain = all(not one.args.get("on") and not one.side and not one.kind for one in joins)
    if where is None or not joins or not plain or len(bases) != len(joins) + 1:
        return
    if any(isinstance(one, exp.Star) for one in select.expressions):
        return  # what a star gives differs
    conditions = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    waiting = {one.this.alias_or_name: one.this for one in joins}
    first = from_.this.alias_or_name
    chain = _Chain([])
    chain.add(first, list(tables[bases[first]].values()), set())
    made = []
    while waiting:
        alias = next((one for one in waiting if _links(conditions, chain.aliases, one)), next(iter(waiting)))
        links = _links(conditions, chain.aliases, alias)
        columns = list(tables[bases[alias]].values())
        keys = {one.this.name for one in links if one.this.name == one.expression.name}
        exact = len(keys) == len(links) and all(chain.names.get(one) == 1 for one in keys)
        natural = exact and keys == {one for one in columns if one in chain.names}
        conditions = [one for one in conditions if not any(one is link for link in links)]
        made.append(
            _join(waiting.pop(alias), links, sorted(keys) if exact else [], spelling, natural=natural)
        )
        count[0] += bool(keys) and exact
        count[1] += bool(keys) and natural
        chain.add(alias, columns, keys if exact else set())
    select.set("joins", made)
    select.set("where", exp.Where(this=exp.and_(*conditions, copy=False)) if conditions else None)


def _links(conditions: list[exp.Expr], before: list[str], alias: str) -> list[exp.EQ]:
    """The equalities between a column of the tables before and one of this table."""
    return [
        one
        for one in conditions
        if isinstance(one, exp.EQ)
        and isinstance(one.this, exp.Column)
        and isinstance(one.expression, exp.Column)
        and (
            (one.this.table in before and one.expression.table == alias)
            or (one.expression.table in before and one.this.table == alias)
        )
    ]


def _join(table: exp.Expr, links: list[exp.EQ], keys: list[str], spelling: str, *, natural: bool) -> exp.Join:
    if not links:
        return exp.Join(this=table, kind="CROSS")
    if spelling == "natural" and natural and keys:
        return exp.Join(this=table, method="NATURAL")
    if spelling != "on" and keys:
        return exp.Join(this=table, using=[exp.to_identifier(one) for one in keys])
    return exp.Join(this=table, on=exp.and_(*links, copy=False))
