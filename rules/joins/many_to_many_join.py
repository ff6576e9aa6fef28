"""A join by columns that repeat on both sides: each row meets several, and they multiply.

**Why** Where a value stands in ten rows here and in a hundred there, the join makes a thousand rows of it. What is
summed over them is counted many times.

**Valid when** No rewrite: group one side by the join's columns first, where only sums of it are needed.

**Bad**
```sql
-- catalog: snowflake
SELECT SUM(o.amount) FROM ORDERS AS o JOIN EVENTS AS e ON o.user_id = e.user_id
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

**Sources** https://docs.snowflake.com/en/user-guide/ui-query-profile ("Exploding" joins; checked 2026-11-23): a join
that gives far more rows than it takes in is among the most common problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import counted, equalities, repeats, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Source

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
                if (
                    first.table is None
                    or second.table is None
                    or _semi(second)
                    or first.table is second.table
                ):
                    continue
                left = repeats(first, {part[1] for part in parts}, target)
                right = repeats(second, {part[3] for part in parts}, target)
                if not _many(left) or not _many(right) or (left is None and right is None):
                    continue
                sure = counted(first, {part[1] for part in parts}) and counted(
                    second, {part[3] for part in parts}
                )
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


def _many(found: float | None) -> bool:
    return found is None or found >= _TWICE


def _words(found: float | None) -> str:
    return "unknown: no key and no distinct count is known" if found is None else f"{found:,.0f} or more"


def _semi(source: Source) -> bool:
    join = source.join
    return isinstance(join, exp.Join) and (join.kind or "").upper() in ("SEMI", "ANTI")
