"""The schema in which bare names are looked up, as a statement sets it.

PostgreSQL: https://www.postgresql.org/docs/18/ddl-schemas.html#DDL-SCHEMAS-PATH; DuckDB:
https://duckdb.org/docs/stable/sql/statements/set; Oracle: ALTER SESSION SET CURRENT_SCHEMA (all as of 2026-12-01).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from sqlopt.query import Query

_FLAGS = re.IGNORECASE | re.DOTALL
_SETS = {
    "postgres": r"SET\s+(?:LOCAL\s+|SESSION\s+)?(?:search_path\s*(?:=|\bTO\b)|SCHEMA\s)\s*(.+)",
    "duckdb": r"SET\s+(?:GLOBAL\s+|SESSION\s+)?(?:search_path|schema)\s*=\s*(.+)",
    "oracle": r"ALTER\s+SESSION\s+SET\s+CURRENT_SCHEMA\s*=\s*(.+)",
}
_LIKE = {"redshift": "postgres", "materialize": "postgres", "risingwave": "postgres"}
_BUILT_IN = frozenset({"pg_catalog", "$user", "pg_temp", "default"})


def search_path(query: Query) -> str | None:
    """Return the one schema that a statement sets; empty where it names several, none, or none that is known.

    None for a statement that sets no path.
    """
    if not isinstance(query.tree, (exp.Set, exp.Command, exp.Alter)):
        return None
    sets = _SETS.get(_LIKE.get(query.dialect, query.dialect))
    found = re.match(sets, query.statement.span.of(query.source), _FLAGS) if sets is not None else None
    if found is None:
        return None
    value = found.group(1).strip()
    if query.dialect == "duckdb":
        value = value.strip("'")  # the list is one string
    names = [one.strip().strip("\"'").strip() for one in value.split(",")]
    schemas = [one for one in names if one.casefold() not in _BUILT_IN]
    return schemas[0] if len(schemas) == 1 and re.fullmatch(r"[\w$]+", schemas[0]) else ""
