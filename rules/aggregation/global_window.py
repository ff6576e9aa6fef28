"""A window without PARTITION BY puts all rows in one place.

**Why** The rows of one partition are sorted and numbered by one worker. Without PARTITION BY that is all of them: the
rest of the cluster waits, and beyond its memory the query fails. For ids, GENERATE_UUID or a hash needs no order.

**Valid when** No rewrite: what a total order is for can't be told.

**Bad**
```sql
-- catalog: bigquery
SELECT user_id, ROW_NUMBER() OVER (ORDER BY event_ts) AS rn FROM p.d.events WHERE event_date >= DATE '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
SELECT user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY event_ts) AS rn
FROM p.d.events WHERE event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT country, RANK() OVER (ORDER BY n DESC) AS place
FROM (SELECT country, COUNT(*) AS n FROM p.d.users GROUP BY country)
```
```sql
-- catalog: bigquery
SELECT name, ROW_NUMBER() OVER (ORDER BY name) AS rn FROM p.d.small_unpartitioned
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): a
sort of very many values, as for an analytic function over all rows, may exceed the resources of one worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.rules import SPARK, Context, Hit, Rule, Severity

from ._groups import grouped_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


class GlobalWindow(Rule):
    id = "AGG010"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"}) | SPARK
    match = (exp.Window,)
    options: ClassVar[Mapping[str, Any]] = {"rows": 10_000_000}

    def guard(self, target: exp.Window, context: Context) -> Iterator[Hit]:
        if target.args.get("partition_by") or target.args.get("alias") or target.args.get("order") is None:
            return
        scope = context.query.scope_of(target)
        rows = grouped_rows(scope, context.query) if scope is not None else None
        if rows is None or rows < context.options["rows"]:
            return
        yield Hit(
            context.query.span(target),
            f"without PARTITION BY one worker sorts all of about {rows:,.0f} rows",
            evidence=(("rows", f"about {rows:,.0f}"),),
        )
