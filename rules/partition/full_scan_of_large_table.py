"""A very large table is read whole: no filter stands above its scan.

**Why** Engines skip micro-partitions, blocks and row groups by filters alone. Without one, every row of the
columns named is read, and every run costs what the table has grown to by then.

**Valid when** No rewrite: which rows are wanted is for a person to say. If all are, say so in a
suppression.

**Bad**
```sql
-- catalog: snowflake
SELECT user_id, amount FROM EVENTS
```
```sql
-- catalog: snowflake
-- HAVING comes after the groups are made: all of the table was read.
SELECT user_id, SUM(amount) AS total FROM EVENTS GROUP BY user_id HAVING SUM(amount) > 1000
```
```sql
-- catalog: snowflake
-- The only predicate joins: nothing limits either side.
WITH e AS (SELECT user_id, amount FROM EVENTS)
SELECT u.name, e.amount FROM e JOIN USERS AS u ON u.user_id = e.user_id
```
```sql
-- catalog: bigquery
SELECT user_id, SUM(amount) AS total FROM p.d.big_unpartitioned GROUP BY user_id
```

**Good**
```sql
-- catalog: snowflake
SELECT user_id, amount FROM EVENTS WHERE event_date >= '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS
```
```sql
-- catalog: snowflake
SELECT MIN(event_date), MAX(event_date) FROM EVENTS
```
```sql
-- catalog: snowflake
-- The dimension is filtered: the join limits the events.
SELECT e.amount FROM EVENTS AS e JOIN USERS AS u ON e.user_id = u.user_id WHERE u.country = 'NL'
```
```sql
-- catalog: snowflake
-- The filter stands outside and is pushed in.
WITH e AS (SELECT * FROM EVENTS)
SELECT user_id FROM e WHERE event_date = '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT user_id, amount FROM EVENTS LIMIT 100
```
```sql
-- catalog: snowflake
SELECT user_id, email FROM USERS
```

**Sources** https://docs.snowflake.com/en/user-guide/tables-clustering-micropartitions (checked 2026-11-23):
micro-partitions are skipped by the predicates of a query.
https://cloud.google.com/bigquery/docs/best-practices-costs (checked 2026-11-23): a query is charged for all
data in the columns it names. How large is too large is an opinion: set `gigabytes`. What
copies a table, and what runs elsewhere than in Snowflake, is reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.cost.bytes import table_bytes
from sqlopt.cost.units import human_bytes
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.rule import SPARK

from ._reading import big, defines_view, early_limit, from_metadata, sampled, unfiltered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Scan


class FullScanOfLargeTable(Rule):
    id = "PRN012"
    severity = Severity.WARNING
    dialects = frozenset({"snowflake", "bigquery", "duckdb"}) | SPARK
    match = "scan"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 100}

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        # Partitioned tables have PRN001, and dated shards PRN007.
        if table is None or table.partition_by is not None or target.target:
            return
        if target.columns == frozenset() or not big(table, context.options["gigabytes"]):
            return
        if not unfiltered(target) or any(one.stopped for one in target.clustering):
            return  # a filter that can't be pushed down is PRN030's
        # Snowflake prunes for the first rows in an order, too (arXiv 2504.11540).
        snowflake = context.dialect == "snowflake"
        if (
            early_limit(target, ordered=snowflake) is not None
            or sampled(target)
            or defines_view(context.query)
        ):
            return
        if from_metadata(context.query, target.scope):
            return
        copies = isinstance(context.query.tree, (exp.Create, exp.Insert))  # all rows may well be wanted
        saving, evidence = context.price(target)
        size = human_bytes(table_bytes(table) or 0.0)
        yield Hit(
            context.query.span(target.node),
            f"{table.name} ({size}) is read whole: no filter limits it",
            saving,
            None if snowflake and not copies else Severity.INFO,
            evidence=evidence,
        )
