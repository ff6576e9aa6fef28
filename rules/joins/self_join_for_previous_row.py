"""A table is joined with itself for the previous row, or for a value of its group.

**Why** The table is read twice and its rows are shuffled by the key twice. A window function reads it once:
`LAG(x) OVER (PARTITION BY key ORDER BY seq)`, or `SUM(x) OVER (PARTITION BY key)`.

**Valid when**
1. The table is joined with groups of all of itself, in an inner or left join whose condition is nothing but equalities
   of all keys of the groups with the same columns, none of which can be NULL.
2. The SELECT reads nothing else and has no WHERE, GROUP BY, HAVING, QUALIFY or DISTINCT: a window would see other rows.
3. Of the groups it reads keys, SUM, MIN, MAX, COUNT or AVG of plain columns that are no floating point numbers.
4. The engine bills what it reads (BigQuery, Snowflake): elsewhere the join may well be faster than the window.

5. Of a left join with the row before, or after, in a sequence of whole numbers: the sequence and the keys are unique
   together, and nothing else is asked for. LAG looks at the row before, whatever its number, so that a gap in the
   sequence is asked about; and at that without a key, where the key of both is NULL.

**Bad**
```sql
-- catalog: bigquery
SELECT o.order_id, o.amount / s.total AS share FROM p.d.billing AS o
JOIN (SELECT account_id, SUM(amount) AS total FROM p.d.billing GROUP BY account_id) AS s ON s.account_id = o.account_id
```
```sql
-- catalog: bigquery
SELECT a.order_id, b.amount AS prev FROM p.d.orders AS a
LEFT JOIN p.d.orders AS b ON b.user_id = a.user_id AND b.seq = a.seq - 1
```
```sql
-- catalog: bigquery
SELECT a.order_id, b.amount FROM p.d.orders AS a, p.d.orders AS b WHERE a.user_id = b.user_id AND a.seq + 1 = b.seq
```
```sql
-- catalog: bigquery
SELECT o.order_id, o.amount / s.total FROM p.d.orders AS o
JOIN (SELECT user_id, SUM(amount) AS total FROM p.d.orders GROUP BY user_id) AS s ON s.user_id = o.user_id
```

**Fixed**
```sql
-- catalog: bigquery
SELECT o.order_id, o.amount / (SUM(o.amount) OVER (PARTITION BY o.account_id)) AS share FROM p.d.billing AS o
```
```sql
-- catalog: bigquery
SELECT a.order_id, (CASE WHEN LAG(a.seq) OVER (PARTITION BY a.user_id ORDER BY a.seq) = a.seq - 1
  AND a.user_id IS NOT NULL THEN LAG(a.amount) OVER (PARTITION BY a.user_id ORDER BY a.seq) END) AS prev
FROM p.d.orders AS a
```

**Good**
```sql
-- catalog: bigquery
SELECT order_id, LAG(amount) OVER (PARTITION BY user_id ORDER BY seq) AS prev FROM p.d.orders
```
```sql
-- catalog: bigquery
-- A hierarchy: another row's key.
SELECT e.name, m.name AS manager FROM p.d.users AS e JOIN p.d.users AS m ON m.user_id = e.manager_id
```
```sql
-- catalog: bigquery
-- The groups are of other rows.
SELECT o.order_id, s.total FROM p.d.orders AS o
JOIN (SELECT user_id, SUM(amount) AS total FROM p.d.orders WHERE status = 'paid' GROUP BY user_id) AS s
  ON s.user_id = o.user_id
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): avoid
self-joins, use a window function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Fix, Hit, Related, Rule, Safety, Severity

from ._links import conditions, equalities, selects
from ._windows import BARRED, as_neighbour, as_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope, Source

_STEPS = (exp.Add, exp.Sub, exp.DateAdd, exp.DateSub, exp.TimestampAdd, exp.TimestampSub, exp.TsOrDsAdd)
_BILLED = frozenset({"bigquery", "snowflake"})
"""Where what is read is billed, or reading takes the time: a table read once instead of twice."""


class SelfJoinForPreviousRow(Rule):
    id = "JON015"
    severity = Severity.INFO
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            keys = _same_columns(scope, target)
            for first, second in keys:
                node, what = _shifted(first, second, scope, target), "LAG or LEAD"
                if node is None:
                    if not _groups(first, second) and not _groups(second, first):
                        continue
                    node, what = second.node, "an aggregate"
                scan = next((x for x in target.scans if x.source is first or x.source is second), None)
                saving, evidence = context.price(scan) if scan is not None else (None, ())
                yield Hit(
                    target.span(second.node),
                    f"{_table(first)} is joined with itself: {what} OVER (PARTITION BY "
                    f"{', '.join(sorted(keys[first, second]))}) may read it once",
                    saving,
                    related=(Related(target.span(node), "by this"),) if node is not second.node else (),
                    evidence=evidence,
                    data=(scope, first, second, keys[first, second], None if node is second.node else node),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        # 4.
        if context.dialect not in _BILLED:
            return None
        scope, table, other, keys, step = hit.data
        if step is None:
            edits = as_window(scope, table, other, context.query)
            return Fix("read it once, with a window", edits, Safety.EXACT) if edits else None
        edits = as_neighbour(scope, table, other, step, context.query)
        if not edits:
            return None
        # 5.
        unique = {*keys, *(one.name.casefold() for one in step.find_all(exp.Column))}
        held = any(key <= unique for key in context.query.facts.source_keys(other))
        named = ", ".join(sorted(unique))
        title = "look at the neighbouring row"
        return Fix(
            title if held else f"{title}, if ({named}) is unique",
            edits,
            Safety.EXACT if held else Safety.NEEDS_FACTS,
        )


def _same_columns(scope: Scope, query: Query) -> dict[tuple[Source, Source], set[str]]:
    """Return the pairs of sources of one table that are equal in a column, with those columns."""
    order = {id(one): place for place, one in enumerate(scope.sources.values())}
    found: dict[tuple[Source, Source], set[str]] = {}
    for one in equalities(scope, query):
        left, right = sorted((one.left, one.right), key=lambda each: order[id(each)])
        if one.name == one.other and _table(left) and _table(left) == _table(right):
            found.setdefault((left, right), set()).add(one.name)
    return found


def _table(source: Source) -> str:
    """Return the name of the one table that a source reads, or of that which its groups are made of."""
    if source.table_name:
        return source.table.name if source.table is not None else source.table_name.casefold()
    inner = source.inner
    if inner is None or source.is_cte or len(inner.sources) != 1 or inner.node.args.get("group") is None:
        return ""
    only = next(iter(inner.sources.values()))
    return _table(only) if only.inner is None else ""


def _shifted(first: Source, second: Source, scope: Scope, query: Query) -> exp.Expr | None:
    """Return the equality of a column of one with the same column of the other, a step away."""
    if not first.table_name or not second.table_name:
        return None
    for one in conditions(scope, query):
        if not isinstance(one.node, exp.EQ) or {id(x) for x in one.owners} != {id(first), id(second)}:
            continue
        for side, other in ((one.node.this, one.node.expression), (one.node.expression, one.node.this)):
            step, bare = side.unnest(), other.unnest()
            if not isinstance(step, _STEPS) or not isinstance(bare, exp.Column):
                continue
            columns = list(step.find_all(exp.Column))
            if len(columns) == 1 and columns[0].name.casefold() == bare.name.casefold():
                return one.node
    return None


def _groups(source: Source, other: Source) -> bool:
    """Whether ``other`` only groups the table of ``source``, all of it."""
    inner = other.inner
    if inner is None or not source.table_name or any(inner.node.args.get(one) for one in BARRED):
        return False
    return inner.node.args.get("group") is not None
