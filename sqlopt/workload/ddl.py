"""The statement that makes a view, in the best form that the engine allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.warehouses.limits import Refusal, limits, refusals
from sqlopt.workload.views import identifier

if TYPE_CHECKING:
    from sqlopt.workload.views import Written

VIEW, DYNAMIC, TABLE = "materialized view", "dynamic table", "table"


@dataclass(frozen=True)
class Made:
    """How a view is made.

    ``form`` is ``materialized view``, ``dynamic table`` or ``table``; ``statement`` the DDL; ``refresh`` the
    statement that brings it up to date, or an empty text where the engine does. ``refused`` says why it is no
    materialized view; ``notes`` are conditions to know of.
    """

    form: str
    statement: str
    refresh: str
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]


def made(view: Written) -> Made:
    """Return how a view is made in its dialect."""
    dialect = view.view.dialect
    refused = tuple(refusals(view.definition, dialect))
    known = limits(dialect)
    name, query = view.full_name, view.sql()
    if not refused and known is not None:
        create = f"CREATE MATERIALIZED VIEW {name} AS\n{query};"
        notes = [*known.notes]
        refresh = ""
        if dialect == "postgres":
            refresh = f"REFRESH MATERIALIZED VIEW {name};"
            notes.append(_STALE)
        elif not known.automatic:
            refresh = f"REFRESH MATERIALIZED VIEW {name};"
        return Made(VIEW, create, refresh, (), tuple(notes))
    if known is not None and DYNAMIC in known.instead:
        create = (
            f"CREATE DYNAMIC TABLE {name}\n  TARGET_LAG = '1 day'\n  WAREHOUSE = your_warehouse\nAS\n{query};"
        )
        notes = ["queries do not use a dynamic table by themselves, and it is as fresh as its target lag"]
        return Made(DYNAMIC, create, "", refused, tuple(notes))
    again = "CREATE OR REPLACE TABLE" if dialect in _REPLACES else "CREATE TABLE"
    create = f"{again} {name} AS\n{query};"
    return Made(TABLE, create, create, refused, (_STALE,))


_STALE = (
    "the rewritten statements read it as it was when it was last made: refresh it after its tables change"
)
_REPLACES = frozenset({"duckdb", "snowflake", "bigquery", "databricks"})


def key_columns(view: Written) -> list[str]:
    """Return the names of the columns that a view is grouped by, as SQL."""
    dialect = view.view.dialect
    return [identifier(view.columns[key], dialect).sql(dialect=dialect) for key in view.view.keys]
