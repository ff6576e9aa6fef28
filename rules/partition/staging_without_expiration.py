"""A partitioned table of staging data is created without an expiration.

A house policy, off unless it is selected.

**Why** What is loaded to be worked on, and never read again, is stored and paid for until someone deletes
it. An expiration does, day by day.

**Valid when** No rewrite: an expiration deletes data. How long it is wanted is for a person to say, and the
dataset may have a default for its tables, which is not seen here.

**Bad**
```sql
-- catalog: bigquery
CREATE TABLE p.staging.raw_events (d DATE, v INT64) PARTITION BY d
```
```sql
-- catalog: bigquery
CREATE OR REPLACE TABLE `p.d.tmp_orders` PARTITION BY order_date AS
SELECT order_id, order_date FROM p.d.orders WHERE order_date >= DATE '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
CREATE TABLE p.staging.raw_events (d DATE, v INT64) PARTITION BY d OPTIONS (partition_expiration_days = 30)
```
```sql
-- catalog: bigquery
CREATE TABLE p.d.tmp_orders (d DATE) PARTITION BY d
OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 2 DAY))
```
```sql
-- catalog: bigquery
-- Drawings, and a template: the words only look alike.
CREATE TABLE p.d.draws (d DATE) PARTITION BY d; CREATE TABLE p.d.template (d DATE) PARTITION BY d
```
```sql
-- catalog: bigquery
CREATE TEMP TABLE raw_events (d DATE) PARTITION BY d
```

**Sources** https://cloud.google.com/bigquery/docs/managing-partitioned-tables (checked 2026-11-23):
partition_expiration_days deletes each partition that many days after its date.
https://cloud.google.com/bigquery/docs/best-practices-storage (checked 2026-11-23): expirations keep storage
from growing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

from ._tables import created_table, options, partitioned_by, set_later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

_PASSING = re.compile(
    r"(?:^|[_\W\d])(?:raw|stage|staging|stg|tmp|temp|temporary|scratch|landing)(?:$|[_\W\d])"
)
_EXPIRES = ("partition_expiration_days", "expiration_timestamp")


class StagingWithoutExpiration(Rule):
    id = "PRN025"
    severity = Severity.INFO
    dialects = frozenset({"bigquery"})
    match = "statement"
    policy = True

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        table = created_table(target)
        if table is None or partitioned_by(target) is None:
            return
        # The dataset and the table; a project's name says nothing of one table.
        names = [part.name.casefold() for part in table.parts][-2:]
        if not any(_PASSING.search(name) for name in names):
            return
        given = options(target)
        if any(not isinstance(given.get(one, exp.Null()), exp.Null) for one in _EXPIRES):
            return
        if set_later(context.script, target, table, _EXPIRES):
            return
        yield Hit(target.span(table), f"the partitions of {table.name} are kept, and paid for, for ever")
