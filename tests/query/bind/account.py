"""What sqlopt says that a statement reads of its base tables, for the judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.query import SourceKind, understand

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog
    from sqlopt.query.bind.model import Source
    from sqlopt.query.query import Query

UNKNOWN = "unknown"


def account(sql: str, dialect: str, catalog: Catalog) -> dict[str, set[str]]:
    """The case-folded columns read of each base table; the one name `UNKNOWN` where sqlopt does not know.

    Raises AssertionError for a statement that is not understood.
    """
    (query,) = understand(sql, dialect, catalog)
    assert query.statement.error is None, query.statement.error
    found: dict[str, set[str]] = {}
    for source in query.sources:
        if source.kind is SourceKind.TABLE and source.table is not None:
            found.setdefault(source.table.name, set()).update(_of(query, source))
    return found


def _of(query: Query, source: Source) -> set[str]:
    every = {name.casefold() for name in source.table.columns}
    if not hasattr(query, "reads"):  # until query/bind/reads.py is there
        names = every if source.star else source.reads
        return {source.renames.get(name, name) for name in names}
    reads = query.reads.of(source)
    return {UNKNOWN} if reads.unknown else every if reads.all else set(reads.columns)
