"""The smaller table stands first in a join, and the larger one after it.

**Why** BigQuery's advice is to put the largest table first and then the smallest: the second is the one that is sent
to all workers. Where it knows the sizes it changes the order by itself, so that this is information only.

**Valid when** No rewrite: exchanging the tables is exact for inner joins, but changes the order of `SELECT *`.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.users AS u JOIN p.d.events AS e ON e.user_id = u.user_id
WHERE e.event_date >= DATE '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events AS e JOIN p.d.users AS u ON e.user_id = u.user_id
WHERE e.event_date >= DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.users AS u LEFT JOIN p.d.events AS e ON e.user_id = u.user_id
  AND e.event_date = DATE '2026-01-01'
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (optimize your join
patterns; checked 2026-11-23): place the table with the most rows first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.planner import Planner
from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import INNER, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query


class JoinOrderBySize(Rule):
    id = "JON011"
    severity = Severity.INFO
    dialects = frozenset({"bigquery"})
    match = "statement"
    options = {"times": 2.0}  # noqa: RUF012 - less of a difference is not worth a remark

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            sources = list(scope.sources.values())
            if any(one.table is None or one.table.rows is None for one in sources):
                continue
            joins = [one.join for one in sources[1:]]
            if any(one is None or one.side or (one.kind or "").upper() not in INNER for one in joins):
                continue
            sizes = Planner(target).filtered_rows(scope)
            first, second = sizes[0], max(sizes[1:])
            if second > first * context.options["times"]:
                larger = sources[1 + sizes[1:].index(second)]
                yield Hit(
                    target.span(larger.node),
                    f"{larger.name} is the larger one of the joined tables; BigQuery wants it first",
                    related=(Related(target.span(sources[0].node), "the first table"),),
                    evidence=(
                        (f"rows of {sources[0].name} after filters", f"{first:,.0f}"),
                        (f"rows of {larger.name} after filters", f"{second:,.0f}"),
                    ),
                )
