"""The partition column is compared with the result of a subquery.

`d = (SELECT MAX(d) FROM t)` and `d IN (SELECT ...)` are known only while the query runs; by then BigQuery
has decided which partitions to read: all of them.

**Why** Only constant filters limit the partitions that BigQuery scans. Run the subquery first, into a script
variable (`DECLARE day DATE DEFAULT (SELECT ...)`): a variable is a constant when the second statement is
planned.

**Valid when**
1. The statement is a query, alone in its text (a view can't have a variable, and DECLARE comes first in a script),
   and the comparison is a condition of its own.
2. The subquery depends on nothing around it: no column of the outer query, no CTE.
3. The variable is filled by a statement of its own, which sees the tables at another moment: that nothing changes
   in between is a fact that the fix needs.

**Bad**
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date = (SELECT MAX(event_date) FROM p.d.events)
```
```sql
-- catalog: bigquery
SELECT e.user_id FROM p.d.events AS e WHERE e.event_date IN (SELECT d FROM p.d.days)
```
```sql
-- catalog: bigquery
-- A CTE of one row is a subquery by another name.
WITH latest AS (SELECT MAX(d) AS day FROM p.d.days)
SELECT SUM(amount) FROM p.d.events CROSS JOIN latest WHERE event_date >= latest.day
```

**Fixed**
```sql
-- catalog: bigquery
DECLARE wanted_event_date DEFAULT (SELECT MAX(event_date) FROM p.d.events);
SELECT SUM(amount) FROM p.d.events WHERE event_date = wanted_event_date
```

**Good**
```sql
-- catalog: bigquery
DECLARE m DATE DEFAULT (SELECT MAX(event_date) FROM p.d.events);
SELECT SUM(amount) FROM p.d.events WHERE event_date = m
```
```sql
-- catalog: bigquery
-- The constant range prunes; the subquery only picks among those days.
SELECT SUM(amount) FROM p.d.events
WHERE event_date >= DATE '2026-01-01' AND event_date IN (SELECT d FROM p.d.days)
```
```sql
-- catalog: bigquery
-- The subquery is about another column.
SELECT SUM(amount) FROM p.d.events
WHERE event_date = DATE '2026-01-01' AND user_id IN (SELECT user_id FROM p.d.users)
```
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date IN UNNEST([DATE '2026-01-01', DATE '2026-01-03'])
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23): with
a dynamic expression in the filter all partitions are scanned; the example is a scalar subquery. Of IN with a
subquery it says nothing: that is reported as information.
https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language (checked 2026-12-01): a variable
declared without a type has that of its DEFAULT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.span import Span
from sqlopt.warehouses.pruning import Form

from ._partitions import blocked, by_integers, column_name, hit, time_partitioned, unpruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Query, Scan


class PartitionComparedWithSubquery(Rule):
    id = "PRN003"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        pruning = unpruned(target)
        if pruning is None or target.table is None:
            return
        if not (time_partitioned(target.table) or by_integers(target.table)):
            return
        found = [one for one in blocked(pruning, (Form.SUBQUERY, Form.IN_SUBQUERY)) if not _negated(one)]
        if not found:
            return
        column = column_name(target, pruning)
        compared = f"{column} of {target.name} is compared with a subquery"
        known = (
            f"{compared}, whose result is not known when BigQuery picks the partitions: every one is read; "
            "put it into a script variable first"
        )
        unknown = (
            f"{compared}, and BigQuery documents pruning by constants only: confirm with a dry run, or put "
            "the values into a script variable first"
        )
        yield hit(context, target, found, (known, unknown), pruning)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scan, blocker, name = hit.data
        query, node = context.query, blocker.filter.node
        # 1.
        if not isinstance(node, (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)) or context.script[0] is not query:
            return None
        if not isinstance(query.tree, exp.Query) or blocker.filter.path or len(context.script) > 1:
            return None
        # 2.
        subquery = next((one for one in (node.this, node.expression) if isinstance(one, exp.Subquery)), None)
        if subquery is None or _reads_outside(subquery, query):
            return None
        # 3.
        column = scan.source.column(name or "")
        start = query.statement.span.start
        if column is None:
            return None
        span = query.span(subquery)
        variable = f"wanted_{column.name}"
        if variable.casefold() in query.source.casefold():
            return None
        declared = f"DECLARE {variable} DEFAULT {span.of(query.source)};\n"
        edits = (Edit(Span(start, start), declared), Edit(span, variable))
        return Fix("put the value into a variable", edits, Safety.NEEDS_FACTS)


def _reads_outside(subquery: exp.Subquery, query: Query) -> bool:
    """Whether a subquery depends on the rows around it, or on a CTE of the statement."""
    if any((found := query.binding(one)) is None or found.outer for one in subquery.find_all(exp.Column)):
        return True
    nodes = {id(one) for one in subquery.find_all(exp.Table)}
    return any(id(source.node) in nodes and source.inner is not None for source in query.sources)


def _negated(blocker: Blocker) -> bool:
    """Whether it is NOT IN or NOT EXISTS, which would keep nearly all partitions anyway."""
    node: exp.Expr | None = blocker.at
    while node is not None:
        if isinstance(node, exp.Not):
            return True
        if node is blocker.node:
            return False
        node = node.parent
    return False
