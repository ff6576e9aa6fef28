"""Two tables that repeat a parent's key are joined to it together, and sums count each row several times.

**Why** A customer with 3 orders and 5 events has 15 rows after both joins: the sum of the orders comes out five times
too high, the count of events three times. The result is wrong, and the rows that make it so cost time.

**Valid when** No rewrite: each child has to be grouped by itself before it is joined, which changes the (wrong)
result; COUNT(DISTINCT key), MIN and MAX are right as they stand.

**Bad**
```sql
-- catalog: bigquery
SELECT u.user_id, SUM(o.amount) AS o, COUNT(e.event_id) AS e FROM p.d.users AS u
JOIN p.d.orders AS o ON o.user_id = u.user_id JOIN p.d.events AS e ON e.user_id = u.user_id
WHERE e.event_date = DATE '2026-01-01' GROUP BY u.user_id
```

**Good**
```sql
-- catalog: bigquery
SELECT u.user_id, SUM(o.amount) AS o FROM p.d.users AS u JOIN p.d.orders AS o ON o.user_id = u.user_id
GROUP BY u.user_id
```
```sql
-- catalog: bigquery
SELECT u.user_id, COUNT(DISTINCT o.order_id) AS o, MAX(e.event_ts) AS e FROM p.d.users AS u
JOIN p.d.orders AS o ON o.user_id = u.user_id JOIN p.d.events AS e ON e.user_id = u.user_id
WHERE e.event_date = DATE '2026-01-01' GROUP BY u.user_id
```
```sql
-- catalog: bigquery
SELECT u.user_id, SUM(o.amount) AS o, MAX(e.n) AS e FROM p.d.users AS u
JOIN p.d.orders AS o ON o.user_id = u.user_id
JOIN (SELECT user_id, COUNT(*) AS n FROM p.d.events WHERE event_date = DATE '2026-01-01' GROUP BY user_id) AS e
  ON e.user_id = u.user_id GROUP BY u.user_id
```

**Sources** It follows from what a join is; no engine's documentation is needed for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import Equality, equalities, repeats, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_TWICE = 2.0


class FanOutDoubleCounting(Rule):
    id = "JON005"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            if not target.flow.aggregates(scope):
                continue
            counted = list(_counted(scope, target))
            if not counted:
                continue
            children = _children(scope, target)
            for place, (child, key) in enumerate(children):
                others = [one for one, other_key in children[place + 1 :] if other_key == key]
                if not others:
                    continue
                multiplied = [
                    node for node, source in counted if source is None or source in (child, *others)
                ]
                if multiplied:
                    yield Hit(
                        target.span(multiplied[0]),
                        f"{child.name} and {others[0].name} multiply each other's rows: they are counted several times",
                        related=tuple(
                            Related(target.span(one.node), "repeats the key") for one in (child, *others)
                        ),
                    )
                    break


def _children(scope: Scope, query: Query) -> list[tuple[Source, tuple[int, str]]]:
    """Return the tables that repeat the column of another which they are joined to, with that column."""
    found: list[tuple[Source, tuple[int, str]]] = []
    edges = equalities(scope, query)
    for source in scope.sources.values():
        own: list[Equality] = [one for one in edges if source in (one.left, one.right)]
        ends = [
            (one.other, one.left, one.name) if one.right is source else (one.name, one.right, one.other)
            for one in own
        ]
        partners = {id(partner) for _, partner, _ in ends}
        if len(partners) != 1 or source.table is None:
            continue  # tied to several: which rows meet is more than one key's doing
        columns = {name for name, _, _ in ends}
        _, parent, name = ends[0]
        many = repeats(source, columns, query)
        few = repeats(parent, {each for _, _, each in ends}, query)
        if many is not None and many >= _TWICE and few == 1.0:
            found.append((source, (id(parent), name)))
    return found


def _counted(scope: Scope, query: Query) -> Iterator[tuple[exp.Expr, Source | None]]:
    """Yield the sums and counts of the scope, with the one table that each is about; None for several."""
    for node in query.nodes(exp.Sum, exp.Count, exp.Avg):
        if query.scope_of(node) is not scope or node.find(exp.Distinct) is not None:
            continue
        if isinstance(node.parent, exp.Window):
            continue
        owners = {
            binding.source
            for column in node.find_all(exp.Column)
            if (binding := query.binding(column)) is not None and binding.source is not None
        }
        if isinstance(node, exp.Count) and not owners:
            continue  # COUNT(*) counts the rows, which may be what is asked
        yield node, next(iter(owners)) if len(owners) == 1 else None
