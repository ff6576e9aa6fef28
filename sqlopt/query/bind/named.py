"""Tables that a FROM clause names otherwise than by a plain name: in a string, through a variable, in a call.

Snowflake: https://docs.snowflake.com/en/sql-reference/identifier-literal and .../sql-reference/literals-table;
Databricks: https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-names-identifier-clause; DuckDB:
https://duckdb.org/docs/stable/guides/sql_features/query_and_query_table_functions; BigQuery's VECTOR_SEARCH gives the
structs ``query`` and ``base`` and a ``distance``:
https://cloud.google.com/bigquery/docs/reference/standard-sql/search_functions#vector_search (all as of 2026-12-01).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.query.bind.model import Output, Scope, ScopeKind, Source, SourceKind, StarItem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.catalog import Catalog

_CALLS = frozenset({"IDENTIFIER", "QUERY_TABLE"})
SUMMARY = (
    *("column_name", "column_type", "min", "max", "approx_unique", "avg", "std", "q25", "q50", "q75"),
    *("count", "null_percentage"),
)
"""The columns of SUMMARIZE, as DuckDB 1.5.5 gives them."""

_PARTITION = re.compile(r"\$(?:__[A-Za-z_]+__|\d{4}(?:\d\d){0,3})$")
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


class NamedItems:
    """The part of `ScopeBuilder` that adds such items to a scope.

    ``texts`` are the values of script variables.
    """

    catalog: Catalog
    scopes: dict[int, Scope]
    texts: Mapping[str, str]

    def special(self, scope: Scope, node: exp.Expr, join: exp.Join | None) -> bool:
        """Add an item that is named otherwise than by a plain name; return whether it was one."""
        naming_ = naming(node)
        if naming_ is not None:
            text = text_of(naming_, self.texts)
            if text is None:
                scope.unread.append((node, "a table whose name is a value"))
                self._function(scope, node, join)
            else:
                self._by_text(scope, node, join, undecorated(dotted(text)))
        elif isinstance(node.this, exp.VectorSearch):
            self._query_source(scope, node, self._searched(scope, node.this), join)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Summarize):
            self._query_source(scope, node, self.summary(node.this, scope.parent, ScopeKind.DERIVED), join)
        else:
            return False
        return True

    def _by_text(self, scope: Scope, node: exp.Expr, join: exp.Join | None, name: str) -> None:
        table = self.catalog.table(name)
        columns = tuple(key.casefold() for key in table.columns) if table else ()
        last = name.rsplit(".", 1)[-1].casefold()
        source = self._add(
            scope, node, SourceKind.TABLE, join, columns=columns, closed=bool(columns), default=last
        )
        source.table, source.table_name = table, name

    def array_join(self, scope: Scope, join: exp.Join) -> bool:
        """ClickHouse's ``ARRAY JOIN xs AS x``: x is a column of its own; without a name, xs stands for its elements.

        Return whether it was such a join.
        """
        if (join.kind or "").upper() != "ARRAY":
            return False
        for item in (join.this, *join.expressions):
            if isinstance(item, exp.Alias):
                name = item.alias.casefold()
                self._add(scope, item, SourceKind.FUNCTION, join, columns=(name,), closed=True, default=name)
        return True

    def summary(self, node: exp.Summarize, parent: Scope | None, kind: ScopeKind) -> Scope:
        """Return the scope of DuckDB's ``SUMMARIZE t``: it reads all columns, and its own are about them."""
        scope = Scope(node, kind, parent, outputs=[Output(name) for name in SUMMARY])
        self.scopes[id(node)] = scope
        if isinstance(node.this, exp.Table):
            self._read_whole(scope, node.this)
        return scope

    def _searched(self, outer: Scope, call: exp.VectorSearch) -> Scope:
        """Return the scope within VECTOR_SEARCH: both tables are read whole, and come out as structs."""
        scope = Scope(call, ScopeKind.DERIVED, outer.parent, dict(outer.ctes))
        self.scopes[id(call)] = scope
        for name, side in (("base", call.this), ("query", call.args.get("query_table"))):
            if isinstance(side, (exp.Table, exp.Subquery)):
                scope.outputs.append(Output(name, None, self._read_whole(scope, side)))
        scope.outputs.append(Output("distance"))
        return scope

    def _read_whole(self, scope: Scope, node: exp.Expr) -> Source | None:
        """Add an item of which every column is read."""
        before = len(scope.sources)
        self._item(scope, node, None)
        source = next(iter([*scope.sources.values()][before:]), None)
        if source is not None:
            source.star = True
            scope.stars.append(StarItem(node, source, source.columns, whole=True))
        return source

    # ---- what `ScopeBuilder` does

    def _item(self, scope: Scope, node: exp.Expr, join: exp.Join | None) -> None:
        raise NotImplementedError

    def _function(self, scope: Scope, node: exp.Expr, join: exp.Join | None) -> None:
        raise NotImplementedError

    def _query_source(self, scope: Scope, node: exp.Expr, inner: Scope, join: exp.Join | None) -> Any:
        raise NotImplementedError

    def _add(
        self, scope: Scope, node: exp.Expr, kind: SourceKind, join: exp.Join | None, **more: Any
    ) -> Source:
        raise NotImplementedError
