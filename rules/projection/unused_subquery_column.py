"""A CTE or derived table computes a column that nothing outside uses.

**Why** Engines leave out plain columns that a query does not need, so that costs little by itself. It costs
when the query becomes a table, when the column is a call of a function that can't be left out, and it
always costs the reader.

**Valid when**
1. The query is not DISTINCT and no branch of a set operation, where each column decides which rows stay; nothing
   reads it by the place of its columns, as a whole row, or in a way that is not understood.
2. The column is no grouping key, nothing inside the query refers to it by name, it is known to give one value for
   each row and to change nothing, and it is not the only aggregate.
3. No comment stands in the text that is removed, and another column remains.

**Bad**
```sql
-- catalog: bigquery
WITH e AS (SELECT user_id, payload, amount FROM p.d.events WHERE event_date = DATE '2026-01-01')
SELECT user_id, SUM(amount) FROM e GROUP BY user_id
```

**Fixed**
```sql
-- catalog: bigquery
WITH e AS (SELECT user_id, amount FROM p.d.events WHERE event_date = DATE '2026-01-01')
SELECT user_id, SUM(amount) FROM e GROUP BY user_id
```

**Good**
```sql
-- catalog: bigquery
WITH e AS (SELECT user_id, amount FROM p.d.events WHERE event_date = DATE '2026-01-01')
SELECT user_id, SUM(amount) FROM e GROUP BY user_id
```
```sql
-- catalog: bigquery
WITH e AS (SELECT DISTINCT user_id, country FROM p.d.events WHERE event_date = DATE '2026-01-01')
SELECT user_id FROM e
```
```sql
-- catalog: bigquery
WITH e AS (
  SELECT user_id, country FROM p.d.events WHERE event_date = DATE '2026-01-01'
  UNION DISTINCT SELECT user_id, country FROM p.d.users)
SELECT user_id FROM e
```
```sql
-- catalog: bigquery
SELECT user_id FROM (
  SELECT user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY event_ts) AS rn
  FROM p.d.events WHERE event_date = DATE '2026-01-01' QUALIFY rn = 1)
```

```sql
-- dialect: postgres
WITH part AS (SELECT part_no, weight FROM stock) SELECT m.day, part.weight FROM moves m JOIN part USING (part_no)
```
```sql
-- dialect: postgres
WITH part AS (SELECT part_no, weight FROM stock) SELECT part_no, to_jsonb(part) AS whole FROM part
```
```sql
-- dialect: duckdb
SELECT label FROM (SELECT MAX(weight) AS heaviest, 'all' AS label FROM stock) AS q
```
```sql
-- dialect: postgres
SELECT part_no FROM (SELECT part_no, jsonb_array_elements(tags) AS tag FROM stock) AS q
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-input (checked
2026-11-23): control projection, query only the columns that you need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import BoundTo, Query, Scope, ScopeKind
from sqlopt.query.values.effects import one_value
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


class UnusedSubqueryColumn(Rule):
    id = "SCN002"
    absence = True
    severity = Severity.INFO
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        named = {id(one.expr) for one in target.bindings.values() if one.to is BoundTo.ALIAS}
        for scope in target.scopes:
            # 1.
            if scope.kind not in (ScopeKind.CTE, ScopeKind.DERIVED) or not scope.users or scope.recursive:
                continue
            if not isinstance(scope.node, exp.Select) or scope.node.args.get("distinct") or scope.branches:
                continue
            live = target.reads.used(scope)
            if live is None or all(one.name in live for one in scope.outputs):
                continue
            items = [item for item in scope.node.expressions if _unused(item, scope, live, named)]
            if (
                not items
                or len(items) == len(scope.node.expressions)
                or _only_aggregates(items, scope, target)
            ):
                continue
            names = ", ".join(item.alias_or_name for item in items)
            spans = [target.span(item) for item in items]
            yield Hit(
                spans[0],
                f"nothing outside this query uses {names}",
                related=tuple(Related(span, "nor this") for span in spans[1:]),
                evidence=(("columns given", str(len(scope.outputs))), ("columns used", str(len(live)))),
                data=(scope.node, items),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        select, items = hit.data
        query = context.query
        unused = {id(item) for item in items}
        spans = [(query.span(item), id(item) in unused) for item in select.expressions]
        edits = []
        for place, (span, drop) in enumerate(spans):
            if not drop:
                continue
            later = next((s for s, gone in spans[place + 1 :]), None)
            before = next((s for s, gone in reversed(spans[:place]) if not gone), None)
            if later is not None:
                cut = Span(span.start, later.start)
            elif before is not None and not spans[place - 1][1]:
                cut = Span(before.end, span.end)
            else:
                return None
            # 3.
            removed = cut.of(query.source)
            if "--" in removed or "/*" in removed or "#" in removed:
                return None
            edits.append(Edit(cut, ""))
        return Fix("drop what is not used", tuple(edits), Safety.EXACT)


def _unused(item: exp.Expr, scope: Scope, live: frozenset[str], named: set[int]) -> bool:
    """Whether nothing needs an item; ``named`` are the expressions that their own SELECT names again, by id."""
    if item.is_star:
        return False
    output = next((one for one in scope.outputs if one.expr is item.unalias()), None)
    if output is None or output.name in live or not output.name:
        return False
    # 2.
    group = scope.node.args.get("group")
    if group is not None and (
        group.args.get("all")
        or any(key == output.expr or isinstance(key, exp.Literal) for key in group.expressions)
    ):
        return False
    order = scope.node.args.get("order")
    if order is not None and any(_by_place(one.this) for one in order.expressions):
        return False
    return id(output.expr) not in named and one_value(item)


def _by_place(key: exp.Expr) -> bool:
    """Whether ORDER BY names an item by its place, or all items (DuckDB's ORDER BY ALL)."""
    return isinstance(key, (exp.Literal, exp.Var)) or (
        isinstance(key, exp.Column) and key.name.upper() == "ALL"
    )


def _only_aggregates(items: list[exp.Expr], scope: Scope, query: Query) -> bool:
    """Whether a query gives one row only since these items add all rows up."""
    if scope.node.args.get("group") is not None or not query.flow.aggregates(scope):
        return False
    gone = {id(one) for one in items}
    kept = [one for one in scope.node.expressions if id(one) not in gone]
    having = scope.node.args.get("having")
    if isinstance(having, exp.Having):
        kept.append(having)
    return not any(
        query.scope_of(call) is scope and call.find_ancestor(exp.Window) is None
        for one in kept
        for call in one.find_all(exp.AggFunc)
    )
