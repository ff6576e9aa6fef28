"""A join repeats the rows of a table whose values are summed.

Two tables that repeat a parent's key are joined to it together; or one is, and what is summed is the parent's.

**Why** A customer with 3 orders and 5 events has 15 rows after both joins: the sum of the orders comes out five times
too high, the count of events three times. An order with 4 items has 4 rows, and its price is summed four times. The
result is wrong, and the rows that make it so cost time.

**Valid when** No rewrite: each child has to be grouped by itself before it is joined, which changes the (wrong)
result; COUNT(DISTINCT key), MIN and MAX are right as they stand.

**Bad**
```sql
-- catalog: bigquery
SELECT u.user_id, SUM(o.amount) AS o, COUNT(e.event_id) AS e FROM p.d.users AS u
JOIN p.d.orders AS o ON o.user_id = u.user_id JOIN p.d.events AS e ON e.user_id = u.user_id
WHERE e.event_date = DATE '2026-01-01' GROUP BY u.user_id
```
```sql
-- catalog: bigquery
SELECT u.country, SUM(DATE_DIFF(CURRENT_DATE(), u.signup_date, DAY)) AS days
FROM p.d.users AS u JOIN p.d.orders AS o ON o.user_id = u.user_id
GROUP BY u.country
```
```sql
-- catalog: bigquery
WITH o AS (SELECT * FROM p.d.orders), e AS (SELECT user_id AS visitor, event_id FROM p.d.events),
joined AS (
  SELECT u.user_id, o.amount, e.event_id FROM p.d.users AS u JOIN o ON o.user_id = u.user_id
  JOIN e ON e.visitor = u.user_id
)
SELECT user_id, SUM(amount) AS o, COUNT(event_id) AS e FROM joined GROUP BY user_id
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
```sql
-- catalog: bigquery
-- Per order, or so it seems, there is one row of its customer.
SELECT o.order_id, SUM(DATE_DIFF(CURRENT_DATE(), u.signup_date, DAY)) AS days
FROM p.d.users AS u JOIN p.d.orders AS o ON o.user_id = u.user_id
GROUP BY o.order_id
```
```sql
-- catalog: bigquery
WITH joined AS (
  SELECT u.user_id, DATE_DIFF(CURRENT_DATE(), u.signup_date, DAY) AS days FROM p.d.users AS u
  JOIN p.d.orders AS o ON o.user_id = u.user_id GROUP BY u.user_id, u.signup_date
)
SELECT SUM(days) AS days FROM joined
```
```sql
-- catalog: bigquery
-- The average order's customer, not the average customer.
SELECT AVG(DATE_DIFF(CURRENT_DATE(), u.signup_date, DAY)) AS days
FROM p.d.users AS u JOIN p.d.orders AS o ON o.user_id = u.user_id
```

**Sources** It follows from what a join is; no engine's documentation is needed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._children import Child, children, chosen
from ._links import hands_on, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source


@dataclass(frozen=True, slots=True)
class _Aggregate:
    """A sum or count, the joined sources that it adds up, and those that its groups are told apart by."""

    node: exp.Expr
    about: frozenset[int]
    groups: frozenset[int]


class FanOutDoubleCounting(Rule):
    id = "JON005"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        read: dict[int, list[_Aggregate]] = {}
        for one in target.nodes(exp.Sum, exp.Count, exp.Avg):
            found = _aggregate(one, target)
            if found is not None:
                read.setdefault(found[0], []).append(found[1])
        for scope in selects(target):
            aggregates = read.get(id(scope), [])
            if aggregates:
                known = children(scope, target)
                hit = _two(known, aggregates, target) or _one(known, aggregates, target)
                if hit is not None:
                    yield hit


def _two(known: list[Child], aggregates: list[_Aggregate], query: Query) -> Hit | None:
    """Two children of one parent, tied to each other by nothing else."""
    parents: dict[int, set[int]] = {}
    for one in known:
        parents.setdefault(id(one.source), set()).add(id(one.parent))
    for place, child in enumerate(known):
        for other in known[place + 1 :]:
            shared = parents[id(child.source)] & parents[id(other.source)]
            if child.source is other.source or child.place != other.place or len(shared) != 1:
                continue
            pair = {id(child.source), id(other.source)}
            counted = [one for one in aggregates if len(one.about) > 1 or one.about <= pair]
            if counted:
                first, second = child.source.name, other.source.name
                return Hit(
                    query.span(counted[0].node),
                    f"{first} and {second} multiply each other's rows: they are counted several times"
                    if child.likely and other.likely
                    else f"as far as is known, {first} and {second} multiply each other's rows; a key of either, or a "
                    "test that says so, would settle it",
                    severity=None if child.likely and other.likely else Severity.INFO,
                    related=tuple(
                        Related(query.span(one.source.node), "repeats the key") for one in (child, other)
                    ),
                )
    return None


def _one(known: list[Child], aggregates: list[_Aggregate], query: Query) -> Hit | None:
    """A sum of the parent, whose rows a child repeats; groups by the child may have one row of each parent.

    An average may be meant to weigh each parent by its children, and a count to count those.
    """
    sums = [one for one in aggregates if isinstance(one.node, exp.Sum) and len(one.about) == 1]
    for child in known:
        for one in sums:
            if one.about != {id(child.parent)} or id(child.source) in one.groups:
                continue
            if not chosen(child.source, query):
                return Hit(
                    query.span(one.node),
                    f"each row of {child.parent.name} is added once for every row of {child.source.name}"
                    if child.sure
                    else f"as far as is known, each row of {child.parent.name} is added once for every row of "
                    f"{child.source.name}; a key of {child.source.name}, or a test that says so, would settle it",
                    severity=None if child.sure else Severity.INFO,
                    related=(Related(query.span(child.source.node), "repeats the key"),),
                )
    return None


def _aggregate(node: exp.Expr, query: Query) -> tuple[int, _Aggregate] | None:
    """Return what a sum or count is about, by the id of the scope whose joined rows it adds up."""
    scope = query.scope_of(node)
    if scope is None or node.find(exp.Distinct) is not None or isinstance(node.parent, exp.Window):
        return None
    at = _joined(scope, query)
    about = _owners([node], at, query)
    if not about:
        return None  # COUNT(*) counts the rows, which may be what is asked
    return id(at), _Aggregate(node, about, _owners(_keys(scope), at, query))


def _joined(scope: Scope, query: Query) -> Scope:
    """Follow a SELECT from one CTE or derived table down to the joins whose rows it reads."""
    while len(scope.sources) == 1:
        (source,) = scope.sources.values()
        if source.inner is None or source.pivoted or not hands_on(source.inner, query):
            break
        scope = source.inner
    return scope


def _keys(scope: Scope) -> list[exp.Expr]:
    """Return what a scope groups by, places of the SELECT list as what stands there."""
    group = scope.node.args.get("group")
    if group is None:
        return []
    if group.args.get("all"):
        return [one.expr for one in scope.outputs if one.expr is not None and not one.expr.find(exp.AggFunc)]
    found = []
    for item in group.expressions:
        place = int(item.this) - 1 if isinstance(item, exp.Literal) and item.is_int else -1
        inside = scope.outputs[place].expr if 0 <= place < len(scope.outputs) else item
        found.append(inside if inside is not None else item)
    return found


def _owners(nodes: list[exp.Expr], at: Scope, query: Query) -> frozenset[int]:
    """Return the sources of ``at`` that the columns of ``nodes`` come from, through the queries above it."""
    found: set[int] = set()
    left: list[exp.Expr | tuple[Source, str]] = [
        column for one in nodes for column in one.find_all(exp.Column)
    ]
    while left:
        one = left.pop()
        if isinstance(one, exp.Expr):
            binding = query.binding(one)
            if binding is not None and binding.source is not None:
                left.append((binding.source, binding.name))
            elif binding is not None and binding.expr is not None:
                left.extend(binding.expr.find_all(exp.Column))
            continue
        source, name = one
        if source.scope is at:
            found.add(id(source))
        elif source.inner is not None:
            output = source.inner.output(source.renames.get(name, name))
            if output is not None and output.expr is not None:
                left.extend(output.expr.find_all(exp.Column))
            elif output is not None and output.source is not None:
                left.append((output.source, output.column))
    return frozenset(found)
