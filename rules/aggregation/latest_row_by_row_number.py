"""The first row of each group, by ROW_NUMBER in a subquery and a filter outside.

**Why** The window numbers and sorts all rows of each group, though one is wanted. QUALIFY says the same in one query,
and lets the engine see that only the first is needed; BigQuery's documentation prefers an aggregate, which keeps one
row a group instead of sorting.

**Valid when**
1. The outer query reads nothing but the subquery, asks nothing but `rn = 1`, and gives the subquery's columns without
   the number, all of them, in their order, under their names.
2. The subquery is a SELECT without DISTINCT, QUALIFY, ORDER BY and LIMIT, and nothing in it names the number.
3. The dialect has QUALIFY, and no comment stands in what is replaced.

**Bad**
```sql
-- catalog: bigquery
SELECT user_id, amount FROM (
  SELECT user_id, amount, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY order_date DESC) AS rn
  FROM p.d.orders WHERE status = 'paid') WHERE rn = 1
```
```sql
-- catalog: bigquery
WITH ranked AS (
  SELECT user_id, amount, status, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY order_date DESC) AS rn
  FROM p.d.orders)
SELECT user_id, amount FROM ranked WHERE rn = 1 AND status = 'paid'
```

**Fixed**
```sql
-- catalog: bigquery
SELECT user_id, amount
  FROM p.d.orders WHERE status = 'paid' QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY order_date DESC) = 1
```

**Good**
```sql
-- catalog: bigquery
SELECT user_id, ARRAY_AGG(amount ORDER BY order_date DESC LIMIT 1)[OFFSET(0)] AS amount FROM p.d.orders GROUP BY user_id
```
```sql
-- catalog: bigquery
SELECT user_id, amount FROM p.d.orders WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY order_date DESC) = 1
```
```sql
-- catalog: bigquery
SELECT user_id, amount FROM (
  SELECT user_id, amount, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY order_date DESC) AS rn FROM p.d.orders)
WHERE rn <= 3
```

DuckDB keeps the first row of each group as fast in both forms (docs/savings.md): nothing is said there.

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-functions (checked 2026-11-23): use an
aggregate function to obtain the latest record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import BoundTo, ScopeKind
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment

from ._groups import bare, selects, where_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope
    from sqlopt.query.bind.model import Output

# https://docs.snowflake.com/en/sql-reference/constructs/qualify,
# https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#qualify_clause,
# https://docs.databricks.com/sql/language-manual/sql-ref-syntax-qry-select-qualify.html,
# https://duckdb.org/docs/stable/sql/query_syntax/qualify (checked 2026-11-23).
QUALIFY = frozenset({"snowflake", "bigquery", "databricks", "duckdb"})
_MORE = ("distinct", "qualify", "order", "limit", "offset", "group", "having", "with_", "windows")


class LatestRowByRowNumber(Rule):
    id = "AGG006"
    severity = Severity.INFO
    dialects = QUALIFY
    unprofitable = frozenset({"duckdb"})
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            for one in where_of(scope):
                found = _first(one, target)
                if found is None:
                    continue
                inner, output = found
                number = output.expr
                if number is None:
                    continue
                yield Hit(
                    target.span(number),
                    "all rows of each group are numbered and one is kept: QUALIFY says so in one query"
                    + (", an aggregate keeps one without a sort" if target.dialect == "bigquery" else ""),
                    related=(Related(target.span(one), "keeps one"),),
                    data=(scope, inner, output),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        outer, inner, output = hit.data
        query = context.query
        # 1.
        if len(outer.sources) != 1 or inner.kind is not ScopeKind.DERIVED or len(where_of(outer)) != 1:
            return None
        if any(outer.node.args.get(one) for one in _MORE) or outer.kind is not ScopeKind.ROOT:
            return None
        given = [_plain(item, query) for item in outer.node.expressions]
        if given != [one.name for one in inner.outputs if one is not output]:
            return None
        # 2.
        if any(inner.node.args.get(one) for one in _MORE) or query.flow.aggregates(inner) or inner.open:
            return None
        if any(b.to is BoundTo.ALIAS and b.expr is output.expr for b in query.bindings.values()):
            return None
        items = inner.node.expressions
        if items[-1].unalias() is not output.expr or len(items) == 1:
            return None
        # 3.
        whole, body, number = query.span(outer.node), query.span(inner.node), query.span(output.expr)
        if has_comment(whole.of(query.source)):
            return None
        last = query.span(items[-2]).end
        text = query.source[body.start : last] + query.source[query.span(items[-1]).end : body.end].rstrip()
        where = (
            "" if inner.node.args.get("where") is not None or context.dialect != "bigquery" else " WHERE TRUE"
        )
        end = f"{where} QUALIFY {number.of(query.source)} = 1"
        return Fix("write it with QUALIFY", (Edit(whole, text + end),), Safety.EXACT)


def _first(node: exp.Expr, query: Query) -> tuple[Scope, Output] | None:
    """Return the inner scope and its ROW_NUMBER that a condition keeps at 1."""
    node = bare(node)
    if isinstance(node, exp.EQ):
        column, limit = (
            (node.this, node.expression)
            if isinstance(node.this, exp.Column)
            else (node.expression, node.this)
        )
        most = "1"
    elif isinstance(node, (exp.LTE, exp.LT)):
        column, limit = node.this, node.expression
        most = "1" if isinstance(node, exp.LTE) else "2"
    else:
        return None
    if not isinstance(limit, exp.Literal) or limit.this != most:
        return None
    binding = query.binding(column)
    if binding is None or binding.source is None or binding.source.inner is None or binding.path:
        return None
    inner = binding.source.inner
    output = inner.output(binding.source.renames.get(binding.name, binding.name))
    if output is None or not isinstance(output.expr, exp.Window) or inner.branches:
        return None
    if not isinstance(output.expr.this, exp.RowNumber) or not output.expr.args.get("partition_by"):
        return None
    return inner, output


def _plain(item: exp.Expr, query: Query) -> str:
    """Return the name of an item that is a column given under its own name, or nothing."""
    node = item.unalias()
    binding = query.binding(node)
    if not isinstance(node, exp.Column) or binding is None or item.alias_or_name.casefold() != binding.name:
        return ""
    return binding.name
