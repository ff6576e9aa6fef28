"""From text to statements understood."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlopt.query.query import Query
from sqlopt.query.text.parse import parse
from sqlopt.query.text.reuse import present

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog


def understand(text: str, dialect: str, catalog: Catalog, today: date | None = None) -> tuple[Query, ...]:
    """Parse a text of many statements and bind each to the catalog.

    One `Query` a statement, in order; one that can't be parsed has an empty tree and its
    `Statement.error` set. ``today`` stands for CURRENT_DATE; by default the present day in UTC.
    """
    day = today or datetime.now(UTC).date()
    kept = present()
    if kept is None:
        return tuple(Query(text, dialect, statement, catalog, day) for statement in parse(text, dialect))
    key = (text, dialect, id(catalog))
    if key not in kept.queries:
        statements = parse(text, dialect, kept)
        kept.queries[key] = tuple(Query(text, dialect, one, catalog, day) for one in statements)
    return kept.queries[key]
