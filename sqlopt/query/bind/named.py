"""Tables that a FROM clause names otherwise than by a plain name: in a string, through a variable, in a call.

Snowflake: https://docs.snowflake.com/en/sql-reference/identifier-literal and .../sql-reference/literals-table;
Databricks: https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-names-identifier-clause; DuckDB:
https://duckdb.org/docs/stable/guides/sql_features/query_and_query_table_functions; BigQuery's VECTOR_SEARCH gives the
structs ``query`` and ``base`` and a ``distance``:
https://cloud.google.com/bigquery/docs/reference/standard-sql/search_functions#vector_search (all as of 2026-12-01).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALLS = frozenset({"IDENTIFIER", "QUERY_TABLE"})
SUMMARY = (
    *("column_name", "column_type", "min", "max", "approx_unique", "avg", "std", "q25", "q50", "q75"),
    *("count", "null_percentage"),
)
"""The columns of SUMMARIZE, as DuckDB 1.5.5 gives them."""

_PARTITION = re.compile(r"\$(?:__[A-Z_]+__|\d{4}(?:\d\d){0,3})$")
_WRAPPERS = (exp.Stream, exp.Final)


def bare(node: exp.Expr) -> exp.Expr:
    """Return the item without ``STREAM`` before it or ``FINAL`` behind it: they change no column."""
    while isinstance(node, _WRAPPERS) and isinstance(node.this, exp.Expr):
        node = node.this
    return node


def naming(node: exp.Expr) -> exp.Expr | None:
    """Return the expression whose value is the name of the table; None for an item that needs none."""
    call = node.this
    if isinstance(node, exp.TableFromRows):
        return call if isinstance(call, (exp.Literal, exp.Parameter, exp.Placeholder)) else None
    if not isinstance(node, exp.Table):
        return None
    if isinstance(call, exp.DynamicIdentifier):
        return call.this if isinstance(call.this, exp.Expr) else None
    if isinstance(call, exp.Anonymous) and call.name.upper() in _CALLS and len(call.expressions) == 1:
        first: exp.Expr = call.expressions[0]
        return first
    return None


def text_of(node: exp.Expr, texts: Mapping[str, str]) -> str | None:
    """Return the value of strings put together, with variables from ``texts``; None where it is not known."""
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else None
    if isinstance(node, exp.Paren):
        return text_of(node.this, texts)
    if isinstance(node, (exp.Parameter, exp.Placeholder, exp.Column, exp.Var)):
        plain = not isinstance(node, exp.Column) or len(node.parts) == 1
        return texts.get(node.name.casefold()) if plain else None
    if isinstance(node, exp.Concat):
        parts = [text_of(one, texts) for one in node.expressions]
    elif isinstance(node, exp.DPipe):
        parts = [text_of(node.this, texts), text_of(node.expression, texts)]
    else:
        return None
    return None if None in parts else "".join(one for one in parts if one is not None)


def dotted(text: str) -> str:
    """Return a name as the text holds it, without quotes around its parts."""
    parts = text.strip().split(".")
    return ".".join(one.strip().strip('"`') for one in parts)


def undecorated(name: str) -> str:
    """Return a table's name without BigQuery's partition: ``t$20240131`` and ``t$__UNPARTITIONED__`` are t.

    https://cloud.google.com/bigquery/docs/managing-partitioned-table-data#partition_decorators (as of 2026-12-01).
    """
    return _PARTITION.sub("", name) if "$" in name else name


def searched(node: exp.Expr) -> list[tuple[str, exp.Expr]]:
    """Return what VECTOR_SEARCH joins, by the names of its structs; nothing for other items."""
    call = node.this if isinstance(node, exp.Table) else None
    if not isinstance(call, exp.VectorSearch):
        return []
    sides = (("base", call.this), ("query", call.args.get("query_table")))
    return [(name, side) for name, side in sides if isinstance(side, (exp.Table, exp.Subquery))]


def given(node: exp.Expr) -> tuple[str, ...]:
    """Return the columns that a call gives beside those of its tables."""
    return ("distance",) if searched(node) else ()
