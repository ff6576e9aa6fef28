"""A lookup of single values in a huge table that is neither clustered by them nor search-optimized.

**Why** Values such as session ids are spread over all micro-partitions: their minima and maxima rule nothing
out, and the whole table is read to find a few rows.

**Valid when** No rewrite: `ALTER TABLE EVENTS ADD SEARCH OPTIMIZATION ON EQUALITY(session_id)` costs storage and
maintenance credits, and pays only if such lookups are frequent.

**Bad**
```sql
-- catalog: snowflake
SELECT name FROM EVENTS WHERE session_id = 'abc'
```

**Good**
```sql
-- catalog: snowflake
SELECT name FROM EVENTS WHERE event_date = '2026-01-01' AND session_id = 'abc'
```
```sql
-- catalog: snowflake
SELECT name FROM EVENTS WHERE user_id = 7
```

**Sources** https://docs.snowflake.com/en/user-guide/search-optimization/queries-that-benefit (checked
2026-11-23): it helps lookups on columns other than the primary cluster key with some 100,000 distinct values
or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.pruning.verdict import key_column
from sqlopt.rules import Context, Hit, Rule, Severity

from ._indexes import against_constant, bare_column, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Column
    from sqlopt.query import Scan

# Names of columns that tell rows apart; used where the catalog has no distinct count, as information only.
_IDENTIFYING = (
    "id",
    "key",
    "uuid",
    "guid",
    "email",
    "hash",
    "token",
    "phone",
    "number",
    "reference",
    "sku",
    "barcode",
)


class PointLookupWithoutSearch(Rule):
    id = "SCN018"
    severity = Severity.WARNING
    dialects = frozenset({"snowflake"})
    match = "scan"
    options = {"rows": 100_000_000, "distinct": 100_000}  # noqa: RUF012 - see Sources for the second

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or table.rows is None or table.rows < context.options["rows"] or not target.readings:
            return
        if any(one.touched for one in target.clustering) or target.target:
            return
        clustered = {key_column(key, tuple(table.columns)) for key in table.cluster_by}
        searched = table.search_optimization
        for one in target.filters():
            if not isinstance(one.node, (exp.EQ, exp.In)):
                continue
            compared = against_constant(one.node, target.query)
            column = bare_column(compared[0]) if compared is not None else None
            name = column_name(column, target) if column is not None else None
            facts = table.column(name) if name is not None else None
            if (
                name is None
                or facts is None
                or name in clustered
                or not _identifies(facts, context.options["distinct"])
            ):
                continue
            if searched is not None and (not searched or any(name in key.casefold() for key in searched)):
                continue  # optimized for the whole table, or for this column
            saving, evidence = context.price(target)
            distinct = f"{facts.distinct:,}" if facts.distinct is not None else "unknown"
            yield Hit(
                context.query.span(one.node),
                f"looking up {name} reads all of {table.name}: it is not clustered by it, nor search-optimized",
                saving,
                severity=None if facts.distinct is not None else Severity.INFO,
                evidence=(*evidence, ("distinct values", distinct)),
            )


def _identifies(column: Column, distinct: int) -> bool:
    if column.distinct is not None:
        return column.distinct >= distinct
    return column.name.casefold().endswith(_IDENTIFYING)
