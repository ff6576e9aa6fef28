"""A catalog that learns, statement by statement, how many rows the tables have that the statements make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.query.bind.model import ScopeKind

if TYPE_CHECKING:
    from sqlopt.cost.statement import StatementCost
    from sqlopt.query import Query

ESTIMATED: Final = "estimated from"
"""What the origin of such a table begins with."""


class Sized(Catalog):
    """``base``, with sizes of tables of which it knows none. What a warehouse or a person said is not touched."""

    def __init__(self, base: Catalog) -> None:
        super().__init__((), base.dialect, base.default_database, base.default_schema)
        self.base = base

    def table(self, name: str) -> Table | None:
        """Return the table of this dotted name, as `Catalog.table` does."""
        found = self.base.table(name)
        if found is not None and (found.rows is not None or found.bytes is not None):
            return found
        return super().table(name) or found

    def learn(self, name: str, query: Query, cost: StatementCost, path: str) -> None:
        """Take the rows that a query gives for those of the table that it fills, where nothing better is known."""
        known = self.base.table(name)
        if cost.rows is None or (known is not None and (known.rows is not None or known.bytes is not None)):
            return
        table = known if known is not None and known.columns else Table(name, _columns(query))
        rows = max(round(cost.rows.expected), 0)
        self._add(
            replace(
                table, name=known.name if known is not None else name, rows=rows, origin=f"{ESTIMATED} {path}"
            )
        )


def _columns(query: Query) -> dict[str, Column]:
    top = next((one for one in query.scopes if one.kind is ScopeKind.ROOT and one.branch_of is None), None)
    if top is None or top.open:
        return {}
    return {one.name: Column(one.name) for one in top.outputs}
