"""Several COUNT(DISTINCT) of different columns in one SELECT.

**Why** Each needs its own sets of values for each group; engines repeat the rows once for each, or sort once for each.
Sketches (HyperLogLog) are computed in one pass, and can be stored and merged.

**Valid when** The fix changes the result: the counts become estimates.

**Bad**
```sql
-- catalog: snowflake
SELECT COUNT(DISTINCT user_id), COUNT(DISTINCT session_id), COUNT(DISTINCT country)
FROM EVENTS WHERE event_date = '2026-01-01'
```

**Fixed**
```sql
-- catalog: snowflake
SELECT APPROX_COUNT_DISTINCT(user_id), APPROX_COUNT_DISTINCT(session_id), APPROX_COUNT_DISTINCT(country)
FROM EVENTS WHERE event_date = '2026-01-01'
```

**Good**
```sql
-- catalog: snowflake
SELECT COUNT(DISTINCT user_id), COUNT(*) FROM EVENTS WHERE event_date = '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT COUNT(DISTINCT user_id) AS users, SUM(amount) / COUNT(DISTINCT user_id) AS each
FROM EVENTS WHERE event_date = '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT COUNT(DISTINCT sku), COUNT(DISTINCT order_id) FROM ORDER_ITEMS WHERE sku LIKE 'x%'
```

**Sources** https://docs.snowflake.com/en/user-guide/querying-approximate-cardinality (checked 2026-11-23): the
relative error of HyperLogLog is 1.62338 % on average; the state can be stored and merged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity

from ._groups import counts_distinct, input_rows, selects
from ._sketches import counted_by_sketch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query


class SeveralCountDistinct(Rule):
    id = "AGG009"
    severity = Severity.INFO
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"rows": 100_000}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            calls = counts_distinct(scope, target)
            different = {call.this.sql() for call in calls}
            if len(different) <= 1:
                continue
            rows = input_rows(scope, target)
            if rows is None or rows < context.options["rows"]:
                continue
            yield Hit(
                target.span(calls[0]),
                f"{len(different)} columns are counted DISTINCT: each keeps, or sorts, the values of all rows again",
                related=tuple(Related(target.span(call), "and this") for call in calls[1:]),
                evidence=(("rows", f"about {rows:,.0f}"),),
                data=calls,
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        edits = [counted_by_sketch(call, context.query) for call in hit.data]
        if any(edit is None for edit in edits):
            return None
        kept: list[Edit] = [edit for edit in edits if edit is not None]
        return Fix("estimate the counts", tuple(kept), Safety.CHANGES_RESULTS)
