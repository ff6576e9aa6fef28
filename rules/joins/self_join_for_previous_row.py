"""A table is joined with itself for the previous row, or for a value of its group.

**Why** The table is read twice and its rows are shuffled by the key twice. A window function reads it once:
`LAG(x) OVER (PARTITION BY key ORDER BY seq)`, or `SUM(x) OVER (PARTITION BY key)`.

**Valid when**
1. The table is joined with groups of all of itself, in an inner or left join whose condition is nothing but equalities
   of all keys of the groups with the same columns, none of which can be NULL.
2. The SELECT reads nothing else and has no WHERE, GROUP BY, HAVING, QUALIFY or DISTINCT: a window would see other rows.
3. Of the groups it reads keys, SUM, MIN, MAX, COUNT or AVG of plain columns that are no floating point numbers.
4. The engine bills what it reads (BigQuery, Snowflake): elsewhere the join may well be faster than the window.

Of a join with the row before there is no rewrite: LAG is the same only if the key and the sequence are unique together,
and the sequence has no gaps.

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

from sqlopt.query.bind import conjuncts
from sqlopt.query.values import family
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import conditions, equalities, equality, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope, Source

_STEPS = (exp.Add, exp.Sub, exp.DateAdd, exp.DateSub, exp.TimestampAdd, exp.TimestampSub, exp.TsOrDsAdd)
_WINDOWED = (exp.Sum, exp.Min, exp.Max, exp.Count, exp.Avg)
_BILLED = frozenset({"bigquery", "snowflake"})
"""Where what is read is billed, or reading takes the time: a table read once instead of twice."""
_BARRED = ("where", "having", "joins", "limit", "distinct", "qualify", "laterals")


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
                    data=(scope, first, second) if node is second.node else None,
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        # 4.
        if hit.data is None or context.dialect not in _BILLED:
            return None
        scope, table, groups = hit.data
        edits = _as_window(scope, table, groups, context.query)
        return Fix("read it once, with a window", edits, Safety.EXACT) if edits else None


def _as_window(scope: Scope, table: Source, groups: Source, query: Query) -> tuple[Edit, ...] | None:
    """Return the edits that put windows over ``table`` in the place of a join with groups of it."""
    join, inner = groups.join, groups.inner
    if join is None or inner is None or not _nothing_else(scope, table, groups, join):
        return None
    keys = _group_keys(inner, query)
    # 1.
    if keys is None or not _by_all_keys(join, keys, scope, query):
        return None
    if any(query.facts.source_not_null(table, key) is not True for key in keys):
        return None
    edits = []
    within = {id(one) for one in join.find_all(exp.Column)}
    for column in scope.node.find_all(exp.Column):
        binding = query.binding(column)
        if binding is None or binding.source is not groups or id(column) in within:
            continue
        # 3.
        text = _computed(binding.name, table, inner, keys, query)
        if text is None:
            return None
        edits.append(Edit(query.span(column), text))
    span = query.span(join)
    start = len(query.source[: span.start].rstrip())
    if any(mark in query.source[start : span.end] for mark in ("--", "/*", "#")):
        return None
    return (*edits, Edit(Span(start, span.end), ""))


def _nothing_else(scope: Scope, table: Source, groups: Source, join: exp.Join) -> bool:
    """Whether the SELECT reads the two and does nothing before windows would be computed."""
    # 2.
    node = scope.node
    if any(node.args.get(one) for one in ("where", "group", "having", "qualify", "distinct")) or scope.merged:
        return False
    if table.table is None or len(scope.sources) > len((table, groups)) or groups.star:
        return False
    if any(one.is_star for one in node.expressions):
        return False
    kinds = (join.side or "") in ("", "LEFT"), (join.kind or "") in ("", "INNER", "OUTER"), not join.method
    return all(kinds)


def _by_all_keys(join: exp.Join, keys: dict[str, str], scope: Scope, query: Query) -> bool:
    """Whether a join's condition is nothing but the equality of each key with the same column."""
    edges = [equality(one, scope, query) for one in conjuncts(join.args.get("on"))]
    same = {one.name for one in edges if one is not None and one.name == one.other}
    return None not in edges and same == set(keys) and len(edges) == len(keys)


def _group_keys(inner: Scope, query: Query) -> dict[str, str] | None:
    """Return the columns that a subquery groups by, by the names under which it gives them; None if it is more."""
    node = inner.node
    group = node.args.get("group")
    if (
        group is None
        or any(node.args.get(one) for one in _BARRED)
        or any(value for key, value in group.args.items() if key != "expressions")
    ):
        return None
    found = {}
    for key in group.expressions:
        binding = query.binding(key)
        output = next((one for one in inner.outputs if one.expr == key), None)
        if binding is None or binding.path or output is None or output.name != binding.name:
            return None
        found[output.name] = binding.name
    return found


def _computed(name: str, table: Source, inner: Scope, keys: dict[str, str], query: Query) -> str | None:
    """Return what a column of the groups is for a row of the table."""
    if name in keys:
        return f"{table.name}.{keys[name]}"
    output = inner.output(name)
    call = output.expr if output is not None else None
    if not isinstance(call, _WINDOWED):
        return None
    argument = "*"
    if not isinstance(call.this, exp.Star):
        binding = query.binding(call.this)
        column = table.column(binding.name) if binding is not None and not binding.path else None
        if binding is None or column is None or family(column.type or "", query.dialect) in ("float", ""):
            return None
        argument = f"{table.name}.{binding.name}"
    over = ", ".join(f"{table.name}.{key}" for key in keys.values())
    return f"({type(call).__name__.upper()}({argument}) OVER (PARTITION BY {over}))"


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
    if inner is None or not source.table_name or any(inner.node.args.get(one) for one in _BARRED):
        return False
    return inner.node.args.get("group") is not None
