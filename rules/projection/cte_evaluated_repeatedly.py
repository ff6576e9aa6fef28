"""A CTE over a large table is named several times, and each time it is computed again.

**Why** BigQuery does not keep the result of a non-recursive CTE: each reference is planned as if its text
stood there, and reads and bills its tables anew.

**Valid when**
1. The statement is a query, alone in its text: a temporary table needs a script, and can't stand in a view.
2. The CTE asks neither for the time nor for chance, reads no other CTE and names its columns nowhere but in itself.
3. The two statements see the tables at two moments: that nothing changes in between is a fact that the fix needs.

**Bad**
```sql
-- catalog: bigquery
WITH a AS (
  SELECT user_id, COUNT(*) AS c FROM p.d.events WHERE event_date >= DATE '2026-01-01' GROUP BY user_id)
SELECT a1.user_id FROM a AS a1 JOIN a AS a2 ON a1.user_id = a2.user_id AND a1.c > a2.c
```

**Fixed**
```sql
-- catalog: bigquery
CREATE TEMP TABLE a AS
SELECT user_id, COUNT(*) AS c FROM p.d.events WHERE event_date >= DATE '2026-01-01' GROUP BY user_id;
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
from sqlopt.query.values.volatility import CLOCKS, chance
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._ctes import cut_of

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

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        if len(context.script) > 1:
            return None
        edits = _temporary(hit.data, context.query)
        # 3.
        return Fix("compute it once, into a table", edits, Safety.NEEDS_FACTS) if edits else None

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
            data=scope,
            evidence=(
                ("times computed", str(times)),
                ("tables inside", ", ".join(sorted({scan.name for scan in scans}))),
                (
                    "bytes a time",
                    human_bytes(sum(now.expected for now, _ in known)) if complete else "unknown",
                ),
            ),
        )


def _temporary(scope: Scope, query: Query) -> tuple[Edit, ...] | None:
    """Return the edits that compute a CTE into a temporary table first."""
    cte, start = scope.cte, query.statement.span.start
    # 1.
    if cte is None or not isinstance(query.tree, exp.Query):
        return None
    # 2.
    body = cte.this
    if chance(body) or body.find(*CLOCKS) is not None or cte.args["alias"].args.get("columns"):
        return None
    inside = {id(one) for one in body.find_all(exp.Table)}
    if any(id(source.node) in inside and source.inner is not None for source in query.sources):
        return None
    cut = cut_of(cte, query)
    if cut is None or (cte.parent is not None and cte.parent.args.get("recursive")):
        return None
    text = f"CREATE TEMP TABLE {query.text(cte.args['alias'].this)} AS\n{query.text(body)};\n"
    if cut.start == start:
        return (Edit(cut, text),)
    return Edit(Span(start, start), text), Edit(cut, "")


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
