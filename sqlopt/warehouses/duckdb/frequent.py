"""Frequent values and quantiles of columns: what tells skewed columns from even ones.

They are values of the data, so that they are read on request only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlopt.warehouses.duckdb.statistics import is_bounded, parsed, quoted

if TYPE_CHECKING:
    from sqlopt.catalog import Column, Table

_MOST_DISTINCT: Final = 2_000
"""Distinct values up to which each is counted."""
_COUNTED: Final = 20_000_000
"""Rows up to which distinct values are counted one by one."""
_KEPT: Final = 20
_PARTS: Final = 20
_LONGEST: Final = 64


def with_values(connection: Any, relation: str, table: Table) -> Table:
    """Return a table whose columns know their 20 most frequent values, if they have few, and else quantiles.

    Distinct values are counted exactly, up to 20 million rows.
    """
    columns = {
        name: _column(connection, relation, one, table.rows or 0) for name, one in table.columns.items()
    }
    return replace(table, columns=columns)


def _column(connection: Any, relation: str, column: Column, rows: int) -> Column:
    kind = column.type or ""
    if not rows or not column.distinct or not is_bounded(kind):
        return column
    name = quoted(column.name)
    if rows <= _COUNTED:
        (exact,) = connection.execute(f"SELECT count(DISTINCT {name}) FROM {relation}").fetchone()  # noqa: S608
        column = replace(column, distinct=exact)
    if (column.distinct or 0) <= _MOST_DISTINCT:
        counted = connection.execute(
            f"SELECT CAST({name} AS VARCHAR), count(*) FROM {relation} WHERE {name} IS NOT NULL "  # noqa: S608
            f"GROUP BY {name} ORDER BY count(*) DESC, {name} LIMIT {_KEPT}"
        ).fetchall()
        pairs = [
            (parsed(text, kind), round(count / rows, 6)) for text, count in counted if len(text) <= _LONGEST
        ]
        return replace(column, common=tuple((value, share) for value, share in pairs if value is not None))
    if kind.upper().startswith("VARCHAR"):
        return column
    points = ", ".join(f"{place / _PARTS:g}" for place in range(_PARTS + 1))
    (found,) = connection.execute(
        f"SELECT CAST(quantile_disc({name}, [{points}]) AS VARCHAR[]) FROM {relation}"  # noqa: S608
    ).fetchone()
    values = [parsed(text, kind) for text in found or []]
    if any(value is None for value in values):
        return column
    return replace(column, quantiles=tuple(value for value in values if value is not None))
