"""A large table is joined on a wrapped column, so a filtered dimension can't prune it.

`UPPER(e.user_key) = UPPER(u.user_key)` with a filter on `u`: the few keys that are left of `u` say nothing of
the minimum and maximum of `e.user_key`.

**Why** While it runs a join Snowflake takes the join keys of the smaller side and skips the micro-partitions
of the other that can't hold them. For that it needs the bare column. Join on clean columns, or store the
normalised key in a column of its own.

**Valid when** No rewrite: without UPPER other rows match, unless the data is normalised already.

**Bad**
```sql
-- catalog: snowflake
SELECT e.amount FROM EVENTS AS e JOIN USERS AS u ON UPPER(e.user_key) = UPPER(u.user_key)
WHERE u.country = 'NL'
```
```sql
-- catalog: snowflake
SELECT e.amount FROM USERS AS u, EVENTS AS e WHERE CAST(e.user_id AS VARCHAR) = u.user_key AND u.zip = '1012'
```
```sql
-- catalog: snowflake
WITH dutch AS (SELECT user_key FROM USERS WHERE country = 'NL')
SELECT SUM(e.amount) FROM EVENTS AS e JOIN dutch ON TRIM(e.user_key) = dutch.user_key
```

**Good**
```sql
-- catalog: snowflake
SELECT e.amount FROM EVENTS AS e JOIN USERS AS u ON e.user_id = u.user_id WHERE u.country = 'NL'
```
```sql
-- catalog: snowflake
-- The function is on the dimension's side.
SELECT e.amount FROM EVENTS AS e JOIN USERS AS u ON e.user_key = UPPER(u.user_key) WHERE u.country = 'NL'
```
```sql
-- catalog: snowflake
-- The large table's own filter prunes.
SELECT e.amount FROM EVENTS AS e JOIN USERS AS u ON UPPER(e.user_key) = UPPER(u.user_key)
WHERE u.country = 'NL' AND e.event_date = '2026-01-01'
```

**Sources** https://arxiv.org/abs/2504.11540 (checked 2026-11-23): join pruning skips micro-partitions of the
probe side by the values of the build side. Of wrapped keys it says nothing: this is reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.pruning.verdict import filtered
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Prunes

from ._partitions import shown
from ._reading import owners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan, Source

# Truncating a date keeps its order, so that ranges can be carried through.
_KEEP_ORDER = (exp.TimestampTrunc, exp.DateTrunc, exp.DatetimeTrunc, exp.Date, exp.TsOrDsToDate)


class WrappedJoinKey(Rule):
    id = "PRN015"
    severity = Severity.INFO
    dialects = frozenset({"snowflake"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        if not target.readings or any(
            one.verdict not in (Prunes.NO, Prunes.UNKNOWN) for one in target.clustering
        ):
            return
        joins = [(node, side, other) for node in _equalities(target) for side, other in _sides(target, node)]
        wrapped = [(node, side) for node, side, other in joins if _hides(side) and _smaller(other, target)]
        if not wrapped or any(isinstance(side, exp.Column) for _, side, _ in joins):
            return  # one bare key is enough to prune by
        node, side = wrapped[0]
        saving, evidence = context.price(target)
        yield Hit(
            context.query.span(node),
            f"{shown(context.query, side)} hides the join key, so the filtered side of the join may not "
            f"prune {target.name}: join on the bare column",
            saving,
            evidence=evidence,
        )


def _equalities(scan: Scan) -> Iterator[exp.EQ]:
    """Yield the equalities that drop rows of the scan in its own FROM clause."""
    for one in scan.query.flow.own(scan.scope, scan.source):
        for node in conjuncts(one.node):
            if not one.stopped and isinstance(node.unnest(), exp.EQ):
                yield node.unnest()  # type: ignore[misc]


def _sides(scan: Scan, node: exp.EQ) -> Iterator[tuple[exp.Expr, Source]]:
    """Yield (the scan's side, the other side's only source) if the two sides are of two sources."""
    left, right = node.this.unnest(), node.expression.unnest()
    for side, other in ((left, right), (right, left)):
        theirs = owners(scan.query, other)
        if owners(scan.query, side) == {scan.source} and len(theirs) == 1 and None not in theirs:
            source = next(iter(theirs))
            if source is not None and source is not scan.source:
                yield side, source


def _hides(side: exp.Expr) -> bool:
    dated = isinstance(side, exp.Cast) and side.is_type("date")
    return not isinstance(side, (exp.Column, *_KEEP_ORDER)) and not dated


def _smaller(source: Source, scan: Scan) -> bool:
    """Whether the other side is filtered, and is or may be smaller than the scan's table."""
    if not filtered(source, scan):
        return False
    rows = scan.table.rows if scan.table is not None else None
    clustered = scan.table is not None and bool(scan.table.cluster_by)
    other = source.table.rows if source.table is not None else None
    if rows is not None and other is not None:
        return rows > other
    return clustered
