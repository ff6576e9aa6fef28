"""A CTE over a large table is named several times, and each time it is computed again.

**Why** BigQuery does not keep the result of a non-recursive CTE: each reference is planned as if its text
stood there, and reads and bills its tables anew.

**Valid when** No rewrite: a temporary table needs a script, can't stand in a view, and changes the meaning of
a CTE that asks for the time or for chance. Write `CREATE TEMP TABLE a AS ...` and read that.

**Bad**
```sql
-- catalog: bigquery
WITH a AS (
  SELECT user_id, COUNT(*) AS c FROM p.d.events WHERE event_date >= DATE '2026-01-01' GROUP BY user_id)
SELECT a1.user_id FROM a AS a1 JOIN a AS a2 ON a1.user_id = a2.user_id AND a1.c > a2.c
```

**Good**
```sql
-- catalog: bigquery
WITH a AS (
  SELECT user_id, COUNT(*) AS c FROM p.d.events WHERE event_date = DATE '2026-01-01' GROUP BY user_id)
SELECT user_id FROM a
```
```sql
-- catalog: bigquery
WITH days AS (SELECT d FROM UNNEST(GENERATE_DATE_ARRAY('2026-01-01', '2026-01-31')) AS d)
SELECT a.d, b.d FROM days AS a JOIN days AS b ON a.d < b.d
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-input (checked
2026-11-23): CTEs that a query names several times may be evaluated each time; materialize them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.cost.bytes import scan_bytes
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.units import human_bytes
from sqlopt.rules import Context, Hit, Related, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scan, Scope, Source


class CteEvaluatedRepeatedly(Rule):
    id = "SCN004"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "statement"
    options = {"bytes": 100_000_000}  # noqa: RUF012 - less than that is not worth a table

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        told: set[int] = set()
        for scope in target.scopes:
            users = [user for user in scope.users if user.is_cte and _alive(user.scope)]
            if scope.cte is None or scope.recursive or len(users) < 2:  # noqa: PLR2004 - several is two
                continue
            scans = _scans(scope, target)
            # A table for an inner CTE mends the outer ones that only read it.
            if not scans or all(id(scan) in told for scan in scans):
                continue
            told.update(id(scan) for scan in scans)
            yield from self._hit(scope, users, scans, context)

    def _hit(self, scope: Scope, users: list[Source], scans: list[Scan], context: Context) -> Iterator[Hit]:
        query = context.query
        parts = [(scan_bytes(scan), max(len(scan.readings), len(users))) for scan in scans]
        known = [(read.now, times - 1) for read, times in parts if read is not None]
        complete = len(known) == len(parts)
        if complete and sum(now.high for now, _ in known) < context.options["bytes"]:
            return
        saving = None
        if complete:
            low, expected, high = (
                sum(getattr(now, figure) * again for now, again in known)
                for figure in ("low", "expected", "high")
            )
            sure = all(now.basis is Basis.STATISTICS for now, _ in known)
            saving = Estimate(low, expected, high, "bytes", Basis.STATISTICS if sure else Basis.ASSUMED)
        times = max(times for _, times in parts)
        yield Hit(
            query.span(scope.cte.args["alias"].this if scope.cte is not None else scope.node),
            f"BigQuery computes the CTE {scope.cte.alias if scope.cte is not None else ''} {times} times, "
            "once for each place that reads it",
            saving,
            severity=None if saving is not None else Severity.INFO,
            related=tuple(Related(query.span(user.node), "read here") for user in users),
            evidence=(
                ("times computed", str(times)),
                ("tables inside", ", ".join(sorted({scan.name for scan in scans}))),
                (
                    "bytes a time",
                    human_bytes(sum(now.expected for now, _ in known)) if complete else "unknown",
                ),
            ),
        )


def _alive(scope: Scope) -> bool:
    """Whether somebody reads ``scope`` in the end."""
    top = scope
    while top.branch_of is not None:
        top = top.branch_of
    return top.cte is None or bool(top.users)


def _scans(scope: Scope, query: Query) -> list[Scan]:
    """The base tables read inside a CTE, also through other CTEs and subqueries."""
    inside: list[Scope] = []
    waiting = [scope]
    while waiting:
        one = waiting.pop()
        if any(one is other for other in inside):
            continue
        inside.append(one)
        waiting += one.branches
        waiting += [source.inner for source in one.sources.values() if source.inner is not None]
        waiting += [other for other in query.scopes if other.parent is one]
    return [
        scan
        for scan in query.scans
        if any(scan.scope is one for one in inside) and isinstance(scan.node, exp.Table)
    ]
