"""A partitioned table is created without require_partition_filter.

A house policy, off unless it is selected.

**Why** With the option, a query without a filter on the partition column is an error, and not a bill.

**Valid when** Whoever reads the table without such a filter has to be changed first: their queries fail
from then on. The fix is never made unasked.

**Bad**
```sql
-- catalog: bigquery
CREATE TABLE p.d.x (d DATE, v INT64) PARTITION BY d
```
```sql
-- catalog: bigquery
CREATE OR REPLACE TABLE p.d.x PARTITION BY event_date CLUSTER BY user_id
OPTIONS (description = 'all') AS
SELECT user_id, event_date FROM p.d.events
```

**Fixed**
```sql
-- catalog: bigquery
CREATE TABLE p.d.x (d DATE, v INT64) PARTITION BY d OPTIONS (require_partition_filter = TRUE)
```
```sql
-- catalog: bigquery
CREATE OR REPLACE TABLE p.d.x PARTITION BY event_date CLUSTER BY user_id
OPTIONS (require_partition_filter = TRUE, description = 'all') AS
SELECT user_id, event_date FROM p.d.events
```

**Good**
```sql
-- catalog: bigquery
CREATE TABLE p.d.x (d DATE, v INT64) PARTITION BY d OPTIONS (require_partition_filter = TRUE)
```
```sql
-- catalog: bigquery
CREATE TABLE p.d.x (d DATE, v INT64)
```
```sql
-- catalog: bigquery
CREATE TABLE p.d.x (d DATE, v INT64) PARTITION BY d;
ALTER TABLE p.d.x SET OPTIONS (require_partition_filter = TRUE)
```
```sql
-- catalog: bigquery
-- What comes in is small.
CREATE TABLE p.d.x PARTITION BY created_date AS SELECT created_date, amount FROM p.d.small_unpartitioned
```

**Sources** https://cloud.google.com/bigquery/docs/managing-partitioned-tables (checked 2026-11-23): with
require_partition_filter a query without a filter that can eliminate partitions fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.span import Span

from ._reading import big
from ._tables import created_table, option_nodes, options, partitioned_by, set_later

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query

_OPTION = "require_partition_filter"


class PartitionFilterNotRequired(Rule):
    id = "PRN024"
    severity = Severity.INFO
    dialects = frozenset({"bigquery"})
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 1}
    policy = True

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        table, by = created_table(target), partitioned_by(target)
        if table is None or by is None or _small(target, context.options["gigabytes"]):
            return
        value = options(target).get(_OPTION)
        if value is not None and not (isinstance(value, exp.Boolean) and not value.this):
            return
        if value is None and set_later(context.script, target, table, (_OPTION,)):
            return
        yield Hit(
            target.span(table), f"{table.name} is partitioned, and may be read without a filter on that"
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        del hit
        query = context.query
        given = option_nodes(query)
        value = options(query).get(_OPTION)
        if value is not None:
            edit = Edit(query.span(value), "TRUE")
        elif given:
            start = query.span(given[0][2].this).start
            edit = Edit(Span(start, start), f"{_OPTION} = TRUE, ")
        else:
            held = query.nodes(exp.PartitionedByProperty, exp.ClusterProperty)
            end = max(query.span(one).end for one in held)
            edit = Edit(Span(end, end), f" OPTIONS ({_OPTION} = TRUE)")
        return Fix("require a filter on the partition column", (edit,), Safety.CHANGES_RESULTS)


def _small(query: Query, gigabytes: float) -> bool:
    """Whether everything that a CREATE TABLE AS reads is known to be small."""
    read = [one for one in query.scans if one.readings]
    return bool(read) and all(one.table is not None and big(one.table, gigabytes) is False for one in read)
