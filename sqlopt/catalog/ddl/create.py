"""CREATE TABLE, CREATE VIEW and CREATE INDEX."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlopt.catalog.ddl.clauses import clauses
from sqlopt.catalog.ddl.columns import element
from sqlopt.catalog.ddl.state import written
from sqlopt.catalog.model import Column, Index, Table

if TYPE_CHECKING:
    from sqlopt.catalog.ddl.state import Tables
    from sqlopt.catalog.ddl.words import Phrase

_MODIFIERS: Final = frozenset(
    "TEMPORARY TEMP LOCAL GLOBAL TRANSIENT VOLATILE EXTERNAL FOREIGN UNLOGGED DYNAMIC ICEBERG "  # noqa: SIM905 - words read well
    "HYBRID EVENT STREAMING LIVE PRIVATE SNAPSHOT SECURE RECURSIVE MATERIALIZED MANAGED".split()
)


def create(phrase: Phrase, tables: Tables) -> None:
    """Read what follows CREATE; other things than tables, views and indexes are passed over."""
    replaces = phrase.take("OR", "REPLACE") or phrase.take("OR", "REFRESH")
    modifiers = set()
    while modifier := phrase.take_any(_MODIFIERS):
        modifiers.add(modifier)
    if phrase.take("TABLE"):
        _table(phrase, tables, "table", replaces)
    elif phrase.take("VIEW"):
        _table(phrase, tables, "materialized view" if "MATERIALIZED" in modifiers else "view", replaces)
    elif phrase.take("INDEX"):
        _index(phrase, tables, unique=False)
    elif phrase.take("UNIQUE", "INDEX"):
        _index(phrase, tables, unique=True)


def _table(phrase: Phrase, tables: Tables, kind: str, replaces: bool) -> None:
    if_missing = phrase.take("IF", "NOT", "EXISTS")
    name = phrase.name()
    if name is None:
        raise ValueError(f"CREATE {kind.upper()} has no name")
    if_missing = phrase.take("IF", "NOT", "EXISTS") or if_missing  # Snowflake takes it behind the name, too
    if if_missing and not replaces and name.casefold() in tables.found:
        return
    table = Table(name, kind=kind)
    inside = phrase.group()
    if inside is not None:
        for item in inside.items():
            table = element(table, item, tables)
        if kind != "table":
            unknown = {key: replace(column, nullable=None) for key, column in table.columns.items()}
            table = replace(table, columns=unknown)
    table = clauses(table, phrase, tables)
    if not table.columns and phrase.take("AS"):
        table = replace(table, columns=_selected(phrase.rest(), tables.dialect))
    tables.put(table)


def _selected(query: str, dialect: str) -> dict[str, Column]:
    """Return the columns that a query names, without types; none where a star hides some."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(query, dialect=dialect)
    except (SqlglotError, RecursionError):
        return {}
    if not isinstance(tree, exp.Query):
        return {}
    names = [item.alias_or_name for item in tree.selects if isinstance(item, exp.Alias | exp.Column)]
    if len(names) < len(tree.selects) or "*" in names or len(set(names)) < len(names):
        return {}
    return {name: Column(name) for name in names}


def _index(phrase: Phrase, tables: Tables, unique: bool) -> None:
    phrase.take("CONCURRENTLY")
    phrase.take("IF", "NOT", "EXISTS")
    name = None if phrase.sees("ON") else phrase.name()
    if not phrase.take("ON"):
        raise ValueError("CREATE INDEX has no ON")
    phrase.take("ONLY")
    table = tables.get(phrase.name())
    method = (phrase.part() or "btree").lower() if phrase.take("USING") else _default_method(tables.dialect)
    keys = phrase.texts()
    where = None
    while not phrase.done and where is None:
        if phrase.take("WHERE"):
            where = phrase.rest()
        phrase.skip()
    if table is None or not keys:
        raise ValueError(f"the index {name or ''} stands on a table that is not created here")
    table = replace(table, indexes=(*table.indexes, Index(keys, name, unique, method, where)))
    is_key = unique and where is None and all(table.column(key) for key in keys)
    if is_key and written(table, keys) not in (*table.unique, table.primary_key):
        table = replace(table, unique=(*table.unique, written(table, keys)))
    tables.put(table)


def _default_method(dialect: str) -> str:
    return "art" if dialect == "duckdb" else "btree"
