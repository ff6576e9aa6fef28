"""A join by columns that repeat on both sides: each row meets several, and they multiply.

**Why** Where a value stands in ten rows here and in a hundred there, the join makes a thousand rows of it. What is
summed over them is counted many times.

**Valid when** No rewrite: group one side by the join's columns first, where only sums of it are needed.

**Bad**
```sql
-- catalog: snowflake
SELECT SUM(o.amount) FROM ORDERS AS o JOIN EVENTS AS e ON o.user_id = e.user_id
```
```sql
-- catalog: snowflake
WITH o AS (SELECT * FROM ORDERS), e AS (SELECT user_id AS buyer, event_date FROM EVENTS)
SELECT SUM(o.amount) FROM o JOIN e ON o.user_id = e.buyer
```
```sql
-- catalog: snowflake
SELECT a.order_id, b.amount FROM ORDERS AS a JOIN ORDERS AS b ON a.user_id = b.user_id
```

**Good**
```sql
-- catalog: snowflake
SELECT SUM(o.amount) FROM ORDERS AS o JOIN USERS AS u ON o.user_id = u.user_id
```
```sql
-- catalog: snowflake
SELECT SUM(o.amount) FROM ORDERS AS o JOIN (SELECT user_id, COUNT(*) AS n FROM EVENTS GROUP BY user_id) AS e
  ON o.user_id = e.user_id
```
```sql
-- catalog: snowflake
SELECT o.user_id FROM ORDERS AS o WHERE o.user_id IN (SELECT user_id FROM EVENTS)
```
```sql
-- catalog: snowflake
WITH o AS (SELECT * FROM ORDERS), u AS (SELECT user_id AS buyer, country FROM USERS WHERE country = 'NL')
SELECT SUM(o.amount) FROM o JOIN u ON o.user_id = u.buyer
```
```sql
-- catalog: snowflake
WITH newest AS (SELECT * FROM EVENTS QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY event_date DESC) = 1)
SELECT SUM(o.amount) FROM ORDERS AS o JOIN newest AS e ON o.user_id = e.user_id
```
```sql
-- catalog: snowflake
-- Which pairs are meant is said by more than the equality.
SELECT a.order_id, b.amount FROM ORDERS AS a JOIN ORDERS AS b ON a.user_id = b.user_id AND a.order_id < b.order_id
```

**Sources** https://docs.snowflake.com/en/user-guide/ui-query-profile ("Exploding" joins; checked 2026-11-23): a join
that gives far more rows than it takes in is among the most common problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import base, conditions, counted, equalities, equality, made_up, repeats, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_TWICE = 2.0


class ManyToManyJoin(Rule):
    id = "JON004"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            sides: dict[tuple[int, int], list[tuple[Source, str, Source, str]]] = {}
            for one in equalities(scope, target):
                pair = sorted(
                    ((one.left, one.name), (one.right, one.other)),
                    key=lambda each: list(scope.sources.values()).index(each[0]),
                )
                (first, name), (second, other) = pair
                sides.setdefault((id(first), id(second)), []).append((first, name, second, other))
            for parts in sides.values():
                first, second = parts[0][0], parts[0][2]
                if not (_read(first) and _read(second)) or _semi(second):
                    continue
                ours, theirs = {part[1] for part in parts}, {part[3] for part in parts}
                left = repeats(first, ours, target)
                right = repeats(second, theirs, target) if _many(left) else 1.0
                if not _many(left) or not _many(right) or (left is None and right is None):
                    continue
                unknown = [(first, ours)] * (left is None) + [(second, theirs)] * (right is None)
                if any(base(*side, target) is None for side in unknown):
                    continue  # what a query makes is known by its text, or not at all
                if _same(first, ours, second, theirs, target) and _limited(first, second, scope, target):
                    continue
                sure = counted(first, ours, target) and counted(second, theirs, target)
                join = second.join if second.join is not None else second.node
                yield Hit(
                    target.span(second.node),
                    f"{first.name} and {second.name} both repeat what they are joined by: their rows multiply"
                    if sure
                    else f"as far as is known, {first.name} and {second.name} both repeat what they are joined by; "
                    "a key of either, or a test that says so, would settle it",
                    severity=None if sure else Severity.INFO,
                    related=(Related(target.span(join), "the join"),) if join is not second.node else (),
                    evidence=(
                        (f"rows of {first.name} a value", _words(left)),
                        (f"rows of {second.name} a value", _words(right)),
                    ),
                )


def _read(source: Source) -> bool:
    """Whether a source reads tables, or a query over them."""
    return source.table is not None or (source.inner is not None and not made_up(source))


def _same(first: Source, ours: set[str], second: Source, theirs: set[str], query: Query) -> bool:
    """Whether both sides are rows of one table."""
    left, right = base(first, ours, query), base(second, theirs, query)
    return left is not None and right is not None and left.source.table is right.source.table


def _limited(first: Source, second: Source, scope: Scope, query: Query) -> bool:
    """Whether more than plain equalities says which rows of a table meet each other: pairs, roles, a key."""
    ends = {id(first), id(second)}
    return any(
        (ends & {id(owner) for owner in one.owners}) and equality(one.node, scope, query) is None
        for one in conditions(scope, query)
    ) or any(
        one.inner is not None and one.inner.node.args.get("where") is not None for one in (first, second)
    )


def _many(found: float | None) -> bool:
    return found is None or found >= _TWICE


def _words(found: float | None) -> str:
    return "unknown: no key and no distinct count is known" if found is None else f"{found:,.0f} or more"


def _semi(source: Source) -> bool:
    join = source.join
    return isinstance(join, exp.Join) and (join.kind or "").upper() in ("SEMI", "ANTI")
