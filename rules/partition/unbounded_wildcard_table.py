"""A wildcard over dated tables (`logs_*`) is read without a constant filter on `_TABLE_SUFFIX`.

Every table whose name fits is scanned, the oldest too.

**Why** BigQuery leaves out the tables that a constant filter on `_TABLE_SUFFIX` rules out, and a longer
prefix (`logs_202601*`) does the same. A suffix compared with a subquery or with another column rules out
none.
**Valid when** No rewrite: which dates are wanted is for a person to say.

**Bad**
```sql
-- catalog: bigquery
SELECT msg FROM `p.d.logs_*`
```
```sql
-- catalog: bigquery
SELECT msg FROM `p.d.logs_*` WHERE _TABLE_SUFFIX = (SELECT MAX(sfx) FROM p.d.runs)
```
```sql
SELECT event_name FROM `shop.analytics_1.events_*` WHERE event_name = 'purchase'
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM `p.d.logs_*` WHERE _TABLE_SUFFIX BETWEEN '20260101' AND '20260107'
```
```sql
-- catalog: bigquery
-- The prefix itself is a filter.
SELECT msg FROM `p.d.logs_202601*`
```
```sql
-- catalog: bigquery
-- What is computed from the suffix alone can be decided on the list of tables.
SELECT msg FROM `p.d.logs_*` WHERE PARSE_DATE('%Y%m%d', _TABLE_SUFFIX) >= DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT msg FROM (SELECT msg, _TABLE_SUFFIX AS day FROM `p.d.logs_*`) WHERE day >= '20260101'
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-wildcard-tables (checked 2026-11-23): filters
on `_TABLE_SUFFIX` limit the tables; REGEXP_CONTAINS and JavaScript functions do not. Other functions of the
suffix alone are left alone. That a subquery does not limit them is inferred from partitioned tables, and
reported as information.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.catalog import PartitionKind
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form, Prunes

from ._partitions import FUNCTIONS, PATTERNS, blocked
from ._reading import defines_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Pruning, Scan

_YEAR = re.compile(r"\d{4,}\*$")  # a prefix that names a year at least


class UnboundedWildcardTable(Rule):
    id = "PRN007"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        name = target.source.table_name
        if not target.readings or not name.endswith("*") or _YEAR.search(name) or not _dated(target):
            return
        pruning = target.pruning
        if pruning.verdict not in (Prunes.NO, Prunes.UNKNOWN) or _on_names(pruning):
            return
        if not pruning.touched and defines_view(context.query):
            return  # whoever reads the view may filter
        saving, evidence = context.price(target)
        yield Hit(
            context.query.span(target.node),
            f"no constant filter on _TABLE_SUFFIX limits {name}: every table that fits the name is read",
            saving,
            Severity.INFO if pruning.verdict is Prunes.UNKNOWN or _dynamic(pruning) else Severity.WARNING,
            evidence=evidence,
        )


def _dated(scan: Scan) -> bool:
    """Whether the wildcard stands for shards: the catalog's, or unknown tables."""
    by = scan.table.partition_by if scan.table is not None else None
    return scan.table is None or (by is not None and by.kind is PartitionKind.SHARDED)


def _on_names(pruning: Pruning) -> bool:
    """Whether a function of the suffix alone decides, which may be computed on the list of tables."""
    return any(_of_suffix(one) for one in blocked(pruning, FUNCTIONS | PATTERNS | {Form.NOT_EQUAL}))


def _of_suffix(blocker: Blocker) -> bool:
    regular = blocker.node.find(exp.RegexpLike, exp.RegexpExtract) is not None
    return not regular and blocker.node.find(exp.Query, exp.Or) is None


def _dynamic(pruning: Pruning) -> bool:
    """Whether the suffix is compared with a subquery."""
    return any(one.form is Form.SUBQUERY for one in pruning.blockers)
