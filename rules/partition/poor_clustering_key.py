"""A table is clustered by a nearly unique column, or by too many columns.

**Why** Clustering helps where many rows share a value, or a narrow range of values: their micro-partitions
are the only ones read. By a unique number or a time to the microsecond it only keeps the table sorted, which
is done over and over as rows come, and billed. From the fifth column on it costs more than it brings.

**Valid when** A time is clustered by its day instead, which keeps the order of the times and changes no
result. Whether that serves the queries on the table is for a person to say: the fix is never made unasked.

**Bad**
```sql
-- catalog: snowflake
CREATE TABLE EV2 CLUSTER BY (event_id) AS SELECT * FROM EVENTS
```
```sql
-- catalog: snowflake
ALTER TABLE EVENTS CLUSTER BY (event_ts, country)
```
```sql
-- catalog: snowflake
ALTER TABLE EVENTS CLUSTER BY (event_date, country, user_id, name, amount)
```
```sql
-- catalog: snowflake
CREATE OR REPLACE TABLE payments (payment_no NUMBER PRIMARY KEY, paid_on DATE) CLUSTER BY (payment_no)
```

**Good**
```sql
-- catalog: snowflake
ALTER TABLE EVENTS CLUSTER BY (TO_DATE(event_ts), country)
```
```sql
-- catalog: snowflake
CREATE TABLE EV2 CLUSTER BY (event_date, user_id) AS SELECT * FROM EVENTS WHERE event_date >= '2026-01-01'
```
```sql
-- catalog: snowflake
-- Truncated, even a number that counts up has few values.
ALTER TABLE ORDERS CLUSTER BY (TRUNC(order_id, -5))
```
```sql
-- catalog: snowflake
-- One user has many orders.
ALTER TABLE ORDERS CLUSTER BY (user_id)
```

**Sources** https://docs.snowflake.com/en/user-guide/tables-clustering-keys (checked 2026-11-23): a column of
very high cardinality, such as a unique id or a time in nanoseconds, is no good key as it is, an expression of
it may be; three or four columns or expressions at most. Where only the name tells that a column is unique,
it is reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.query import Source
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity

from ._tables import cluster_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.catalog import Table
    from sqlopt.query import Query

_NEARLY_UNIQUE = 0.5  # distinct values a row, from which on hardly two rows share one


class PoorClusteringKey(Rule):
    id = "PRN022"
    severity = Severity.WARNING
    dialects = frozenset({"snowflake"})
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"columns": 4}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        table, keys = cluster_keys(target)
        if table is None:
            return
        most = context.options["columns"]
        if len(keys) > most:
            span = target.span(keys[0]).hull(target.span(keys[-1]))
            message = (
                f"{table.name} has {len(keys)} clustering columns: over {most} cost more than they bring"
            )
            yield Hit(span, message)
        for key in keys:
            column = key.unnest()
            if not isinstance(column, exp.Column):
                continue
            why, sure = _unsuited(target, table, column, context)
            if why:
                yield Hit(
                    target.span(key),
                    f"{column.name} {why}: clustering {table.name} by it is costly and hardly skips anything",
                    severity=None if sure else Severity.INFO,
                    data=column if why == _TIME else None,
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        if hit.data is None:
            return None
        text = context.query.text(hit.data)
        return Fix("cluster by the day", (Edit(hit.span, f"TO_DATE({text})"),), Safety.NEEDS_FACTS)


_TIME = "is a time, nearly another one in each row"


def _unsuited(query: Query, table: exp.Table, column: exp.Column, context: Context) -> tuple[str, bool]:
    """Say what makes a column a poor key, or nothing; and whether facts tell so, not its name alone."""
    name = column.name.casefold()
    defined = next((one for one in query.nodes(exp.ColumnDef) if one.name.casefold() == name), None)
    if defined is not None:
        kinds = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint)
        if defined.find(*kinds) is not None:
            return "is unique", True
        kind = defined.args.get("kind")
        if isinstance(kind, exp.Expr) and _is_time(kind.sql("snowflake")):
            return _TIME, True
        return (_BY_NAME, False) if _named_as_key(name, table.name) else ("", False)
    known, origin = _origin(query, table, name, context)
    if known is None:
        return (_BY_NAME, False) if origin and _named_as_key(name, table.name) else ("", False)
    return _by_facts(known, origin)


_BY_NAME = "is unique, by its name"


def _by_facts(table: Table, name: str) -> tuple[str, bool]:
    keys = [tuple(one.casefold() for one in key) for key in (table.primary_key, *table.unique)]
    if (name,) in keys:
        return "is unique", True
    column = table.column(name)
    if column is not None and column.distinct is not None and table.rows:
        return ("is nearly unique", True) if column.distinct / table.rows >= _NEARLY_UNIQUE else ("", False)
    if column is not None and _is_time(column.type or ""):
        return _TIME, True
    return (_BY_NAME, False) if _named_as_key(name, table.name) else ("", False)


def _origin(query: Query, table: exp.Table, name: str, context: Context) -> tuple[Table | None, str]:
    """Return the catalog's table that the column comes from and its name there; ("" where computed)."""
    if isinstance(query.tree, exp.Alter):
        written = ".".join(part.name for part in table.parts)
        return context.catalog.table(written), name
    body = query.tree.args.get("expression")
    scope = query.scope_of(body.unnest()) if isinstance(body, exp.Expr) else None
    output = scope.output(name) if scope is not None and len(scope.sources) == 1 else None
    if output is None:
        return None, ""
    if output.expr is not None:
        found = query.origin(output.expr)
    elif output.source is not None:
        step = query.origin_of(output.source, output.column)
        found = query.origin(step) if isinstance(step, exp.Expr) else step
    else:
        found = None
    if found is None or not isinstance(found[0], Source):
        return None, ""
    return found[0].table, found[1]


def _is_time(type_name: str) -> bool:
    return type_name.casefold().startswith(("timestamp", "datetime"))


def _named_as_key(name: str, table: str) -> bool:
    """Whether a column is called as its table's own key is: ``id``, or ``event_id`` of EVENTS."""
    own = table.rsplit(".", 1)[-1].casefold()
    singular = own[:-3] + "y" if own.endswith("ies") else own.removesuffix("s")
    return name in {"id", "uuid", "guid", f"{singular}_id", f"{singular}_uuid", f"{own}_id"}
