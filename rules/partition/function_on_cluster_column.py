"""A filter hides a clustering column in a function.

**Why** Blocks are skipped by comparing the column's smallest and largest value with constants. Of a
function's values nothing is stored, so every block is read.

**Valid when** No rewrite: `email = 'a@example.com'` finds fewer rows than `LOWER(email) = 'a@example.com'`,
unless the column is stored in lower case. Store it so, or cluster by what is asked for.

**Bad**
```sql
-- catalog: bigquery
SELECT name FROM p.d.users_clustered WHERE LOWER(email) = 'a@example.com'
```
```sql
-- catalog: bigquery
WITH u AS (SELECT name, UPPER(email) AS mail FROM p.d.users_clustered)
SELECT name FROM u WHERE mail = 'A@EXAMPLE.COM'
```
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date = DATE '2026-01-01' AND CAST(user_id AS STRING) = '7'
```

**Good**
```sql
-- catalog: bigquery
SELECT name FROM p.d.users_clustered WHERE email = 'a@example.com'
```
```sql
-- catalog: bigquery
SELECT LOWER(email) AS mail FROM p.d.users_clustered WHERE email = 'a@example.com'
```
```sql
-- catalog: bigquery
SELECT name FROM p.d.users_clustered WHERE email = LOWER('A@example.com')
```
```sql
-- catalog: bigquery
-- The plain comparison prunes already.
SELECT name FROM p.d.users_clustered WHERE email >= 'a' AND email < 'b' AND SUBSTR(email, 2, 1) = 'n'
```

**Sources** https://cloud.google.com/bigquery/docs/querying-clustered-tables (checked 2026-11-23): a
clustered column inside a complex filter expression keeps blocks from being skipped, as in
`CAST(customer_id AS STRING) = '10000'`. Functions that the page does not name are reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form, Prunes

from ._reading import of_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Scan

_FUNCTIONS = frozenset(
    {
        Form.CAST_DATE,
        Form.CAST_TIMESTAMP,
        Form.CAST_STRING,
        Form.CAST_NUMBER,
        Form.TRUNCATE,
        Form.YEAR,
        Form.DATE_PART,
        Form.FORMAT,
        Form.SHIFT,
        Form.ARITHMETIC,
        Form.MODULO,
        Form.TIME_ZONE,
        Form.COALESCE,
        Form.CASE_FOLD,
        Form.SUBSTRING,
        Form.CONCAT,
        Form.PARSE,
        Form.USER_FUNCTION,
        Form.OTHER_FUNCTION,
    }
)


class FunctionOnClusterColumn(Rule):
    id = "PRN020"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or not target.readings:
            return
        for key in target.clustering:
            if key.filters:
                return  # skipped by this one, or by one that is sorted before
            for blocker in key.blockers:
                if blocker.form not in _FUNCTIONS or not _alone(target, blocker):
                    continue
                share = key.possible if table.partition_by is None else None
                saving, evidence = context.price(target, share)
                sure = blocker.cell.prunes is Prunes.NO and blocker.cell.sure != "believed"
                call, column = context.query.text(blocker.at), table.column(key.column or "")
                name = column.name if column else key.column
                yield Hit(
                    context.query.span(blocker.node),
                    f"{call} hides the clustering column {name} of {table.name}"
                    + (": no block is skipped" if sure else ": confirm that blocks are skipped"),
                    saving,
                    None if sure else Severity.INFO,
                    evidence=evidence,
                )


def _alone(scan: Scan, blocker: Blocker) -> bool:
    """Whether the predicate is about one column of this table, and so with constants."""
    return len(set(of_table(scan, blocker.node, blocker.filter))) == 1
