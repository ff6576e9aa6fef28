"""COUNT(DISTINCT) over very many rows, exactly.

**Why** Every different value has to be kept until the end, and moved between workers. An estimate needs some
kilobytes a group and one pass.

**Valid when** The fix changes the result by one or two percent: it is for trends, never for money.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(DISTINCT user_id) FROM p.d.events WHERE event_date >= DATE '2026-01-01'
```

**Fixed**
```sql
-- catalog: bigquery
SELECT APPROX_COUNT_DISTINCT(user_id) FROM p.d.events WHERE event_date >= DATE '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
SELECT APPROX_COUNT_DISTINCT(user_id) FROM p.d.events WHERE event_date >= DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT COUNT(DISTINCT name) FROM p.d.small_unpartitioned
```

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-functions (checked 2026-11-23): use
APPROX_COUNT_DISTINCT instead of COUNT(DISTINCT) if the use case supports it.
https://docs.snowflake.com/en/user-guide/querying-approximate-cardinality (checked 2026-11-23): an average relative
error of 1.62338 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlopt.rules import Context, Fix, Hit, Rule, Safety, Severity

from ._groups import counts_distinct, input_rows, selects
from ._sketches import DISTINCT, counted_by_sketch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query


class ExactCountDistinct(Rule):
    id = "AGG002"
    severity = Severity.INFO
    dialects = frozenset(DISTINCT)
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"rows": 10_000_000}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            calls = counts_distinct(scope, target)
            if len(calls) != 1:
                continue  # several are told of together
            rows = input_rows(scope, target)
            if rows is None or rows < context.options["rows"]:
                continue
            yield Hit(
                target.span(calls[0]),
                f"the different values of about {rows:,.0f} rows are kept to be counted; "
                f"{DISTINCT[target.dialect]} estimates them",
                evidence=(("rows", f"about {rows:,.0f}"),),
                data=calls[0],
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        edit = counted_by_sketch(hit.data, context.query)
        return Fix("estimate the count", (edit,), Safety.CHANGES_RESULTS) if edit is not None else None
