"""What sqlopt says that a statement reads of its base tables, for the judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.query import SourceKind, understand
from sqlopt.query.bind.reads import Use

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog
    from sqlopt.query.bind.model import Source
    from sqlopt.query.query import Query

UNKNOWN = "?"
_NONE: frozenset[Use] = frozenset()


class NotReadError(Exception):
    """sqlopt says that it can't parse a statement: no wrong answer, and no right one."""


def account(sql: str, dialect: str, catalog: Catalog, forget: frozenset[Use] = _NONE) -> dict[str, set[str]]:
    """The case-folded columns read of each base table, by its name; `UNKNOWN` where sqlopt does not know.

    ``forget`` leaves out uses, so that a test can see that a judge misses them. Raises `NotReadError`.
    """
    (query,) = understand(sql, dialect, catalog)
    if query.statement.error is not None:
        raise NotReadError(query.statement.error.message)
    found: dict[str, set[str]] = {}
    for source in {id(one): one for scope in query.scopes for one in scope.sources.values()}.values():
        if source.kind is SourceKind.TABLE and source.table is not None:
            found.setdefault(source.table.name, set()).update(_of(query, source, forget))
    return found


def _of(query: Query, source: Source, forget: frozenset[Use]) -> set[str]:
    reads = query.reads.of(source)
    if reads.unknown:
        return {UNKNOWN}
    if reads.all and Use.ROW not in forget:
        return {name.casefold() for name in source.table.columns}
    return {source.renames.get(name, name) for name, uses in reads.columns.items() if uses - forget}
