"""NOT IN over a column that may hold NULL: a single NULL in it, and no row comes out.

**Why** `x NOT IN (1, NULL)` is never true. Engines that keep to that can't use an anti-join either, and compare
every row with the whole list (PostgreSQL: a subplan).

**Valid when**
1. The subquery is a plain SELECT of one bare column, without groups, DISTINCT, LIMIT or a set operation.
2. Leaving its NULLs out changes the result wherever there are some: the fix says so, and never applies by itself.

**Bad**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT o.user_id FROM orders o)
```

**Fixed**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT o.user_id FROM orders o WHERE o.user_id IS NOT NULL)
```

**Good**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id)
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders o WHERE o.order_id NOT IN (SELECT u.user_id FROM users u)
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT o.user_id FROM orders o WHERE o.user_id IS NOT NULL)
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (1, 2, 3)
```

**Sources** https://www.postgresql.org/docs/current/functions-subquery.html (NOT IN; checked 2026-11-23): if the
subquery gives a NULL, the result is NULL where there is no equal row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scope

_PLAIN = ("group", "having", "distinct", "limit", "offset", "qualify", "order")


class NotInNullableSubquery(Rule):
    id = "JON008"
    severity = Severity.WARNING
    match = (exp.In,)

    def guard(self, target: exp.Expr, context: Context) -> Iterator[Hit]:
        query = context.query
        inner = target.args.get("query")
        above = target.parent
        while isinstance(above, exp.Paren):
            above = above.parent
        negated = isinstance(above, exp.Not)
        while isinstance(inner, (exp.Subquery, exp.Paren)):
            inner = inner.this
        scope = query.scope_of(inner) if isinstance(inner, exp.Query) else None
        if not negated or scope is None or scope.node is not inner or len(scope.outputs) != 1:
            return
        nullable = self._nullable(scope, context)
        if nullable is False:
            return
        yield Hit(
            query.span(inner),
            "one NULL among these values, and NOT IN is true for no row"
            if nullable
            else "if one of these values is NULL, NOT IN is true for no row; whether one can be is not known",
            severity=None if nullable else Severity.INFO,
            related=(Related(query.span(target), "the NOT IN"),),
            data=scope,
        )

    @staticmethod
    def _nullable(scope: Scope, context: Context) -> bool | None:
        """Whether the values may be NULL: None where nobody knows."""
        facts, output = context.query.facts, scope.outputs[0]
        if scope.branches:
            return None
        known = (
            facts.not_null(output.expr)
            if output.expr is not None
            else facts.source_not_null(output.source, output.column)
            if output.source is not None
            else None
        )
        if known:
            return False
        column = bare(output.expr) if output.expr is not None else None
        binding = context.query.binding(column) if column is not None else None
        source = binding.source if binding is not None else output.source
        if source is None:
            return None
        if source.nullable:
            return True
        declared = source.column(binding.name if binding is not None else output.column)
        return True if declared is not None and (declared.nullable or declared.nulls) else None

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, query = hit.data, context.query
        node = scope.node
        # 1.
        if not isinstance(node, exp.Select) or any(node.args.get(part) for part in _PLAIN):
            return None
        column = node.expressions[0].unalias()
        if not isinstance(column, exp.Column) or len(node.expressions) != 1:
            return None
        text = f"{query.text(column)} IS NOT NULL"
        where = node.args.get("where")
        if where is None:
            end = query.span(node).end
            edits = (Edit(Span(end, end), f" WHERE {text}"),)
        elif isinstance(bare(where.this), exp.Or) and not isinstance(where.this, exp.Paren):
            return None
        else:
            end = query.span(where.this).end
            edits = (Edit(Span(end, end), f" AND {text}"),)
        # 2.
        return Fix("leave the NULLs out", edits, Safety.CHANGES_RESULTS)
