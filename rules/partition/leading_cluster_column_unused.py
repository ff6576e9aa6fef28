"""A filter uses a later clustering column, and none uses the first.

**Why** The rows are sorted by the first clustering column, and within its values by the next. A filter on a
later one alone finds its values in nearly every block.

**Valid when** No rewrite: another filter changes the answer, and another order of CLUSTER BY is worth it
only if most queries are like this one.

**Bad**
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date = DATE '2026-01-01' AND country = 'NL'
```
```sql
-- catalog: bigquery
SELECT name FROM p.d.users_clustered WHERE backup_email IN ('a@example.com', 'b@example.com')
```

**Good**
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date = DATE '2026-01-01' AND user_id = 7
```
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events
WHERE event_date = DATE '2026-01-01' AND country = 'NL' AND user_id BETWEEN 7 AND 70
```
```sql
-- catalog: bigquery
SELECT country, SUM(amount) AS total FROM p.d.events WHERE event_date = DATE '2026-01-01' GROUP BY country
```

**Sources** https://cloud.google.com/bigquery/docs/querying-clustered-tables (checked 2026-11-23): filter on
the clustered columns in the order that they were given in, starting with the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Prunes

from ._reading import of_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Filter, Scan


_USES = (Prunes.YES, Prunes.PARTIALLY, Prunes.UNKNOWN)


class LeadingClusterColumnUnused(Rule):
    id = "PRN019"
    severity = Severity.INFO
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or not target.readings or len(target.clustering) < 2:  # noqa: PLR2004 - first and later
            return
        if table.partition_by is not None and target.pruning.verdict is Prunes.NO:
            return  # all partitions are read: that is what to mend first
        leading, *later = target.clustering
        # A wrapped or otherwise unusable filter on the first one is PRN020's and PRN021's.
        if leading.verdict is not Prunes.NO or leading.blockers or leading.stopped:
            return
        used = next((one for one in later if one.verdict in _USES and not one.blockers), None)
        one = None if used is None else _filter_on(target, used.column or "")
        if used is None or one is None:
            return
        saving, evidence = context.price(target)
        column = table.column(used.column or "")
        first = table.column(leading.column or "")
        yield Hit(
            context.query.span(one.node),
            f"{column.name if column else used.column} is not the first clustering column of {table.name}, "
            f"and no filter limits {first.name if first else leading.column}: few blocks are skipped",
            saving,
            evidence=evidence,
        )


def _filter_on(scan: Scan, name: str) -> Filter | None:
    """Return the first filter that is about this column and no other."""
    return next((one for one in scan.filters() if set(of_table(scan, one.node, one)) == {name}), None)
