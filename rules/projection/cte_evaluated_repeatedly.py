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
from sqlopt.query import Query, Scan, Scope
from sqlopt.rules import Context, Hit, Related, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


class CteEvaluatedRepeatedly(Rule):
    id = "SCN004"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "statement"
    options = {"bytes": 100_000_000}  # noqa: RUF012 - less than that is not worth a table

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in target.scopes:
            users = [user for user in scope.users if user.is_cte and _alive(user.scope)]
            if scope.cte is None or scope.recursive or len(users) < 2:  # noqa: PLR2004 - several is two
                continue
            scans = _scans(scope, target)
            if not scans:
                continue
            read = [scan_bytes(scan) for scan in scans]
            known = [one.now for one in read if one is not None]
            if len(known) == len(read) and sum(one.high for one in known) < context.options["bytes"]:
                continue
            again = len(users) - 1
            saving = None
            if len(known) == len(read):
                low, expected, high = (sum(getattr(one, k) for one in known) * again for k in ("low", "expected", "high"))
                sure = all(one.basis is Basis.STATISTICS for one in known)
                saving = Estimate(low, expected, high, "bytes", Basis.STATISTICS if sure else Basis.ASSUMED)
            once = f"{human_bytes(sum(one.expected for one in known))}" if len(known) == len(read) else "unknown"
            yield Hit(
                target.span(scope.cte.args["alias"].this),
                f"the CTE {scope.cte.alias} is read {len(users)} times, and BigQuery computes it each time",
                saving,
                severity=None if saving is not None else Severity.INFO,
                related=tuple(Related(target.span(user.node), "read here") for user in users),
                evidence=(
                    ("times read", str(len(users))),
                    ("tables inside", ", ".join(sorted({scan.name for scan in scans}))),
                    ("bytes a time", once),
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
    return [scan for scan in query.scans if any(scan.scope is one for one in inside) and isinstance(scan.node, exp.Table)]
