"""From text to statements understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlopt.query.query import Query
from sqlopt.query.text.parse import ParseFailure, parse
from sqlopt.query.text.reuse import present

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog
    from sqlopt.query.text.parse import Statement


def understand(text: str, dialect: str, catalog: Catalog, today: date | None = None) -> tuple[Query, ...]:
    """Parse a text of many statements and bind each to the catalog.

    One `Query` a statement, in order; one that can't be parsed has an empty tree and its
    `Statement.error` set. ``today`` stands for CURRENT_DATE; by default the present day in UTC.
    """
    day = today or datetime.now(UTC).date()
    kept = present()
    if kept is None:
        return tuple(_query(text, dialect, statement, catalog, day) for statement in parse(text, dialect))
    key = (text, dialect, id(catalog))
    if key not in kept.queries:
        statements = parse(text, dialect, kept)
        kept.queries[key] = tuple(_query(text, dialect, one, catalog, day) for one in statements)
    return kept.queries[key]


def _query(text: str, dialect: str, statement: Statement, catalog: Catalog, day: date) -> Query:
    """Bind one statement; where that fails, the statement is one that can't be read, and the others stand."""
    try:
        return Query(text, dialect, statement, catalog, day)
    except Exception as error:  # noqa: BLE001 - one statement's failure costs that statement
        failure = ParseFailure(f"the statement can't be understood: {type(error).__name__}", statement.span)
        return Query(text, dialect, replace(statement, tree=None, error=failure, units=None), catalog, day)
