"""Several subqueries of one statement each add up the same table.

**Why** Each of them reads the table by itself. One scan gives all of them: an aggregate counts only the rows that its
own condition keeps.

**Valid when** Each subquery's aggregates, with its condition inside them, give the same over the rows of all if
1. It gives one value of COUNT, SUM, MIN, MAX or AVG, and has no GROUP BY, HAVING, DISTINCT, ORDER BY, LIMIT or window:
   over no rows it gives a row, too. Aggregates skip the NULL that a CASE gives for the other rows.
2. It reads the same tables, joined by the same inner joins, and nothing of the row outside; no query stands in it, no
   sample of a table, and nothing random.
3. What it adds up, and what it makes of the totals, can always be computed: sums and products; a division or a cast
   could fail for a row that its own condition leaves out, or where nobody asks for the value.
4. The query outside has no FROM clause, and nothing but its SELECT list; or it does not group, names its columns (no
   `*`), joins with ON, and the subqueries stand in its SELECT list. Each is part of an expression or has an alias.
5. The catalog knows what the tables hold, and less is read than before.
6. Where their conditions differ, only PostgreSQL was measured to profit (DuckDB takes up to seven times as long, since
   it filters a column faster than it decides on an OR). There none of the conditions may ask for a column that leads
   an index, which finds few rows faster, and none of the aggregates may be DISTINCT, which sorts.

**Bad**
```sql
-- catalog: snowflake
SELECT u.user_id, (SELECT MAX(amount) FROM ORDERS) - (SELECT MIN(amount) FROM ORDERS) AS spread FROM USERS AS u
```
```sql
-- catalog: bigquery
SELECT (SELECT COUNT(*) FROM p.d.orders WHERE order_date = DATE '2026-01-01') AS placed,
       (SELECT SUM(amount) FROM p.d.orders WHERE order_date = DATE '2026-01-01') AS worth
```
```sql
-- catalog: postgres
SELECT (SELECT count(*) FROM orders WHERE discount > 0 AND amount > 5) AS reduced,
       (SELECT sum(amount) FROM orders WHERE amount > 5 AND discount = 0) AS full_price
```

**Fixed**
```sql
-- catalog: snowflake
SELECT u.user_id, totals.totals_1 - totals.totals_2 AS spread FROM USERS AS u
CROSS JOIN (SELECT MAX(amount) AS totals_1, MIN(amount) AS totals_2 FROM ORDERS) AS totals
```
```sql
-- catalog: bigquery
SELECT COUNT(*) AS placed,
       SUM(amount) AS worth
FROM p.d.orders WHERE order_date = DATE '2026-01-01'
```
```sql
-- catalog: postgres
SELECT count(CASE WHEN discount > 0 THEN 1 END) AS reduced,
       sum(CASE WHEN discount = 0 THEN amount END) AS full_price
FROM orders WHERE amount > 5 AND (discount > 0 OR discount = 0)
```

**Good**
```sql
-- catalog: snowflake
SELECT (SELECT COUNT(*) FROM ORDERS) AS order_count, (SELECT COUNT(*) FROM USERS) AS user_count
```
```sql
-- catalog: snowflake
SELECT u.user_id, (SELECT COUNT(*) FROM ORDERS AS o WHERE o.user_id = u.user_id) AS order_count,
       (SELECT MAX(o.amount) FROM ORDERS AS o WHERE o.user_id = u.user_id) AS most
FROM USERS AS u
```
```sql
-- catalog: snowflake
SELECT (SELECT COUNT(*) FROM ORDERS WHERE status = 'open') AS still_open,
       (SELECT SUM(amount) FROM ORDERS WHERE status = 'paid') AS paid
```

Spark merges such subqueries by itself (https://github.com/apache/spark/pull/37630, read 2026-11-24): nothing is said
there.

**Sources** own runs of DuckDB 1.5.5 and PostgreSQL 18 (docs/savings.md, 2026-11-24).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import SPARK, Context, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.rules.price import saved

from ._one_scan import merged, pays, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query


class TableAggregatedRepeatedly(Rule):
    id = "AGG021"
    severity = Severity.WARNING
    unprofitable = SPARK
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        # 1. to 3.
        for group in repeated(target):
            # 4.
            edits = merged(group, target)
            saving = saved(target, edits) if edits else None
            # 5. and 6.
            if (saving is not None and saving.expected <= 0) or not pays(group, target):
                continue
            tables = ", ".join(dict.fromkeys(one.table_name for one in group[0].scope.sources.values()))
            yield Hit(
                target.span(group[0].node),
                f"{len(group)} subqueries read {tables} one after another; one scan gives them all",
                saving,
                severity=None if saving is not None else Severity.INFO,
                related=tuple(Related(target.span(one.node), "read again here") for one in group[1:]),
                evidence=(("scans now", str(len(group))), ("scans after", "1")),
                data=edits if saving is not None else None,
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        del context
        return Fix("add them up in one scan", hit.data, Safety.EXACT) if hit.data else None
