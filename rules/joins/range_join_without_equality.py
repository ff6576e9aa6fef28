"""Two tables are joined by a comparison alone: BETWEEN, less than, greater than.

**Why** Without an equality there is nothing to hash or to merge by, so that engines compare every pair of rows.

**Valid when** No rewrite: an equality that both sides share (a day, a bucket, a customer) has to be known; an ASOF
join gives the same only where each row has at most one partner.

**Bad**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS AS e JOIN SESSIONS AS s ON e.event_ts BETWEEN s.start_ts AND s.end_ts
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS e, SESSIONS s WHERE e.event_ts >= s.start_ts AND e.event_ts < s.end_ts
```

**Good**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS AS e JOIN SESSIONS AS s
  ON e.user_id = s.user_id AND e.event_ts BETWEEN s.start_ts AND s.end_ts
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM EVENTS AS e JOIN SESSIONS AS s ON DATE_TRUNC('day', e.event_ts) = DATE_TRUNC('day', s.start_ts)
  AND e.event_ts >= s.start_ts
```
```sql
-- catalog: snowflake
SELECT o.order_id FROM ORDERS o JOIN (SELECT AVG(amount) AS mean FROM ORDERS) m ON o.amount > m.mean
```

**Sources** https://docs.snowflake.com/en/user-guide/querying-joins and
https://docs.databricks.com/en/optimizations/range-join.html (checked 2026-11-23): joins by ranges alone compare
many pairs, unless an optimization for them is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import Condition, asof, conditions, made_up, one_row, rows, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_RANGES = (exp.Between, exp.LT, exp.LTE, exp.GT, exp.GTE)


class RangeJoinWithoutEquality(Rule):
    id = "JON003"
    severity = Severity.WARNING
    match = "statement"
    options = {"rows": 1000}  # noqa: RUF012 - a source of fewer rows may be compared with every row

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            found = conditions(scope, target)
            told: set[frozenset[int]] = set()
            for one in found:
                pair = frozenset(map(id, one.owners))
                if not isinstance(one.node, _RANGES) or len(pair) != 2 or pair in told:  # noqa: PLR2004 - two tables
                    continue
                told.add(pair)
                if _equated(pair, found, scope) or any(
                    self._small(each, target, context) for each in one.owners
                ):
                    continue
                if any(isinstance(each.join, exp.Join) and asof(each.join) for each in one.owners):
                    continue
                yield Hit(
                    target.span(one.node),
                    "only a comparison joins these tables: every pair of their rows is compared",
                    related=tuple(
                        Related(target.span(each.node), "a table joined by it") for each in one.owners
                    ),
                )

    @staticmethod
    def _small(source: Source, query: Query, context: Context) -> bool:
        size = rows(source)
        return (
            made_up(source)
            or one_row(source, query)
            or (size is not None and size <= context.options["rows"])
        )


def _equated(pair: frozenset[int], found: list[Condition], scope: Scope) -> bool:
    """Whether something other than ranges connects the pair, perhaps through other tables."""
    groups = [{id(one) for one in merged} for merged in scope.merged.values()]
    groups += [set(map(id, one.owners)) for one in found if not isinstance(one.node, _RANGES)]
    reached = {next(iter(pair))}
    while more := {key for group in groups if group & reached for key in group} - reached:
        reached |= more
    return pair <= reached
