"""A clustering column is compared with another column of the same row.

**Why** Blocks are skipped by comparing the column's smallest and largest value with constants. What another
column holds is known only once the row is read, so every block is.

**Valid when** No rewrite: a filter with a constant changes the answer.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.users_clustered WHERE email = backup_email
```
```sql
-- catalog: bigquery
SELECT name FROM p.d.users_clustered AS u WHERE u.name <= u.email AND u.user_id > 7
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.users_clustered WHERE email = @email
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.users_clustered WHERE email = 'a@example.com' AND email <> backup_email
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.users_clustered WHERE name = CAST(user_id AS STRING)
```
```sql
-- catalog: bigquery
-- A join, not a comparison within the row.
SELECT a.name FROM p.d.users_clustered AS a JOIN p.d.users AS b ON a.email = b.email WHERE b.country = 'NL'
```

**Sources** https://cloud.google.com/bigquery/docs/querying-clustered-tables (checked 2026-11-23): a filter
that compares a clustered column with another column is not optimized, as blocks can't be skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form, Prunes

from ._reading import of_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Scan


class ClusterColumnAgainstColumn(Rule):
    id = "PRN021"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or not target.readings:
            return
        said: set[int] = set()
        for key in target.clustering:
            if key.filters or key.verdict is Prunes.AT_RUN_TIME:
                return
            for blocker in key.blockers:
                if blocker.form is not Form.OTHER_COLUMN or id(blocker.node) in said:
                    continue
                if not _within_row(target, blocker):
                    continue
                said.add(id(blocker.node))
                saving, evidence = context.price(target)
                column = table.column(key.column or "")
                yield Hit(
                    context.query.span(blocker.node),
                    f"the clustering column {column.name if column else key.column} of {table.name} "
                    "is compared with another column: no block is skipped",
                    saving,
                    evidence=evidence,
                )


def _within_row(scan: Scan, blocker: Blocker) -> bool:
    """Whether two columns, both of this table, are compared."""
    names = set(of_table(scan, blocker.node, blocker.filter))
    return None not in names and len(names) > 1
