"""CREATE, ALTER, COMMENT and DROP statements read into a catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlopt.catalog.ddl.alter import alter
from sqlopt.catalog.ddl.create import create
from sqlopt.catalog.ddl.state import Tables, with_column
from sqlopt.catalog.ddl.words import statements

if TYPE_CHECKING:
    from sqlopt.catalog.ddl.words import Phrase
    from sqlopt.catalog.model import Catalog

__all__ = ["from_ddl"]


def from_ddl(text: str, dialect: str) -> Catalog:
    """Read DDL: CREATE TABLE, VIEW and INDEX, ALTER TABLE, COMMENT ON and DROP, in their order.

    Other statements are passed over; DDL that can't be understood is passed over with a warning in the
    catalog's ``warnings``, which names its line. Raises `CatalogError` for a dialect that does not exist.
    """
    phrases, warnings = statements(text, dialect)
    name = dialect.lower()
    tables = Tables({"postgresql": "postgres", "sparksql": "spark"}.get(name, name))
    tables.warnings += warnings
    for phrase in phrases:
        try:
            _read(phrase, tables)
        except (ValueError, IndexError, TypeError) as error:
            line = phrase.source.count("\n", 0, phrase.words[0].start) + 1
            tables.warnings.append(f"line {line}: passed over, {error}")
    return tables.catalog()


def _read(phrase: Phrase, tables: Tables) -> None:
    if phrase.take("CREATE"):
        create(phrase, tables)
    elif phrase.take("ALTER"):
        alter(phrase, tables)
    elif phrase.take("COMMENT"):
        _comment(phrase, tables)
    elif phrase.take("DROP"):
        _drop(phrase, tables)


def _comment(phrase: Phrase, tables: Tables) -> None:
    phrase.take("IF", "EXISTS")
    if not phrase.take("ON"):
        return
    phrase.take("MATERIALIZED")
    kind = phrase.take_any(("TABLE", "VIEW", "COLUMN"))
    name = phrase.name()
    text = phrase.string() if phrase.take("IS") else None
    if kind == "COLUMN" and name and "." in name:
        owner, _, column_name = name.rpartition(".")
        table = tables.get(owner)
        column = table.column(column_name) if table else None
        if table and column:
            tables.put(with_column(table, replace(column, comment=text)))
    elif kind:
        table = tables.get(name)
        if table:
            tables.put(replace(table, comment=text))


def _drop(phrase: Phrase, tables: Tables) -> None:
    phrase.take_any(("MATERIALIZED", "EXTERNAL", "FOREIGN", "DYNAMIC"))
    if not phrase.take_any(("TABLE", "VIEW")):
        return
    phrase.take("IF", "EXISTS")
    for item in phrase.items():
        table = tables.get(item.name())
        if table:
            tables.drop(table)
