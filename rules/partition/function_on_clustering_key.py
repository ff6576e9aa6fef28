"""A Snowflake clustering key is filtered through a function that has no known order.

`MONTH(event_date) = 1` is true in every year, `UPPER(name) = 'X'` anywhere in the alphabet: the minimum and
maximum of a micro-partition don't tell whether it holds such rows.

**Why** Snowflake skips micro-partitions by the minimum and maximum that it keeps of each column. It can carry
these through some functions; through one that does not keep the order it can't. Which ones it knows is not
documented, so this is information: look at "partitions scanned" of the query profile.

**Valid when**
1. The predicate is one comparison or BETWEEN with constants, a condition of its own joined by AND only.
2. The function can be turned round exactly: the year, a cast to a date, a truncation to a day, month, quarter or
   year, a shift by days or hours, a format of digits from the year down; and no time zone decides.
3. The values for which it is true are one range. What the clock says is no such value: there only a shift is turned
   round, by moving it to the clock's side as it is written.

`MONTH(d) = 1` over all years is no range. With the year fixed, write the range.

**Bad**
```sql
-- catalog: snowflake
SELECT amount FROM EVENTS AS e WHERE TO_CHAR(e.event_date, 'YYYY-MM') = '2026-01'
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS WHERE MONTH(event_date) = 1
```
```sql
-- catalog: snowflake
WITH e AS (SELECT user_id, amount FROM EVENTS) SELECT SUM(amount) FROM e WHERE MOD(user_id, 10) = 3
```

**Fixed**
```sql
-- catalog: snowflake
SELECT amount FROM EVENTS AS e WHERE e.event_date >= '2026-01-01' AND e.event_date < '2026-02-01'
```

**Good**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS WHERE DATE_TRUNC('MONTH', event_date) = '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS WHERE TO_DATE(event_date) = '2026-01-01'
```
```sql
-- catalog: snowflake
-- The range prunes; the function only picks among the rows that are left.
SELECT COUNT(*) FROM EVENTS WHERE event_date >= '2026-01-01' AND DAYOFWEEK(event_date) = 1
```
```sql
-- catalog: snowflake
-- No clustering key.
SELECT COUNT(*) FROM EVENTS WHERE event_date = '2026-01-01' AND UPPER(country) = 'NL'
```

**Sources** https://docs.snowflake.com/en/user-guide/tables-clustering-micropartitions (checked 2026-11-23):
micro-partitions are skipped by the range of values of each column.
https://arxiv.org/abs/2504.11540 (checked 2026-11-23): how ranges are carried through expressions. No list of
functions was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.ranges import as_range
from sqlopt.warehouses.pruning import Form, Prunes

from ._partitions import FUNCTIONS, blocked, hit, shown
from ._reading import owners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Pruning, Scan

_KEEP_ORDER = frozenset({Form.CAST_DATE, Form.TRUNCATE, Form.SHIFT})


class FunctionOnClusteringKey(Rule):
    id = "PRN011"
    severity = Severity.WARNING
    dialects = frozenset({"snowflake"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        keys = target.clustering
        if not target.readings or any(one.verdict not in (Prunes.NO, Prunes.UNKNOWN) for one in keys):
            return
        for pruning in keys:
            found = [one for one in blocked(pruning, FUNCTIONS - _KEEP_ORDER) if _hides(target, one, pruning)]
            if not found:
                continue
            at = shown(context.query, found[0].at)
            key = (pruning.column or "").upper()
            known = (
                f"Snowflake can't skip micro-partitions of {target.name} through {at}: compare {key} itself"
            )
            unknown = (
                f"Snowflake may not skip micro-partitions of {target.name} through {at}: look at the query "
                f"profile, or compare {key} itself"
            )
            yield hit(context, target, found, (known, unknown), pruning)
            return

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scan, blocker, name = hit.data
        text = as_range(scan, name, blocker.filter)
        edit = Edit(context.query.span(blocker.filter.node), text or "")
        return Fix("compare with a range", (edit,), Safety.EXACT) if text else None


def _hides(scan: Scan, blocker: Blocker, pruning: Pruning) -> bool:
    """Whether it is a comparison with constants, and the table is not clustered by this very expression."""
    if owners(scan.query, blocker.node) - {scan.source} and not blocker.filter.path:
        return False  # a join is another rule's
    text = "".join(blocker.at.sql("snowflake").split()).casefold()
    written = {"".join(key.split()).casefold() for key in (scan.table.cluster_by if scan.table else ())}
    return text not in written and pruning.column is not None
