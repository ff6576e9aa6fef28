"""The statement that makes a view, in the best form that the engine allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

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
        if known.rewrites:
            notes.append("statements may use it without being changed, where the engine sees that it fits")
        refresh = ""
        if dialect == "postgres":
            create += _statistics(view)
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


def _statistics(view: Written) -> str:
    """Return what tells PostgreSQL how many groups its keys make: it takes them for far fewer otherwise.

    Extended statistics hold up to 8 columns: https://www.postgresql.org/docs/current/sql-createstatistics.html and
    https://www.postgresql.org/docs/current/planner-stats.html (checked 2026-11-23, and run on a materialized view).
    """
    dialect = view.view.dialect
    keys = [identifier(view.columns[key], dialect).sql(dialect=dialect) for key in view.view.keys]
    analyze = f"\nANALYZE {view.full_name};"
    if len(keys) < 2:  # noqa: PLR2004 - of one column it knows
        return analyze
    name = ".".join([*(one.sql(dialect=dialect) for one in view.qualifier), f"{view.name}_k"])
    return f"\nCREATE STATISTICS {name} (ndistinct) ON {', '.join(keys[:8])} FROM {view.full_name};{analyze}"


def model(view: Written, form: str) -> str:
    """Return the view as a dbt model, incremental by its first day, month or year where it has one.

    Such a model is made anew from the last of these on: it is right as long as nothing older changes.
    """
    query = view.sql()
    if form == VIEW:
        return f"{{{{ config(materialized='materialized_view') }}}}\n{query}\n"
    if form == DYNAMIC:
        settings = "materialized='dynamic_table', target_lag='1 day', snowflake_warehouse='your_warehouse'"
        return f"{{{{ config({settings}) }}}}\n{query}\n"
    day = _day(view)
    if day is None:
        return f"{{{{ config(materialized='table') }}}}\n{query}\n"
    name, expression = day
    how = f"incremental_strategy='delete+insert', unique_key='{name}'"
    if view.view.dialect in _OVERWRITES:
        how = f"incremental_strategy='insert_overwrite', partition_by=['{name}']"
    word = "AND" if view.view.tests else "WHERE"
    newer = f"{word} {expression} >= (SELECT MAX({name}) FROM {{{{ this }}}})"  # noqa: S608 - text to be shown
    head, group, keys = query.rpartition("GROUP BY")
    lines = (
        f"{{{{ config(materialized='incremental', {how}) }}}}\n{head}{{% if is_incremental() %}}",
        newer,
        "{% endif %}",
        f"{group}{keys}\n",
    )
    return "\n".join(lines)


def _day(view: Written) -> tuple[str, str] | None:
    """Return the name of the first key that is a date, and its expression in the defining query."""
    dialect = view.view.dialect
    items = dict(zip(view.columns.values(), view.definition.expressions, strict=True))
    for key, one in view.view.keys.items():
        kind = view.view.types.get(next(iter(one.columns), ("", "")), "")
        dated = one.column is not None or one.tree.find(exp.TimestampTrunc, exp.DateTrunc) is not None
        if len(one.columns) == 1 and dated and kind.startswith(("date", "timestamp")):
            name = view.columns[key]
            return identifier(name, dialect).sql(dialect=dialect), items[name].unalias().sql(dialect=dialect)
    return None


_STALE = (
    "the rewritten statements read it as it was when it was last made: refresh it after its tables change"
)
_OVERWRITES = frozenset({"spark", "databricks", "hive"})
_REPLACES = frozenset({"duckdb", "snowflake", "bigquery", "databricks"})
