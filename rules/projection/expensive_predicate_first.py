"""A user function or regular expression stands before a cheap comparison in the same AND.

**Why** Whoever evaluates left to right calls the expensive one for every row. Optimizers move plain
comparisons forward, but can't know what a user function costs.

**Valid when**
1. The cheap predicate compares a bare column with a constant, so that it can't fail where the expensive one
   would have kept it from running; a guard such as `b <> 0 AND a / b > 1` is cheap first already.
2. The expensive predicate has no effect but its answer.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.pages WHERE slow_udf(title) AND lang = 'en'
```

**Fixed**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.pages WHERE lang = 'en' AND slow_udf(title)
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.pages WHERE lang = 'en' AND slow_udf(title)
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.pages WHERE title LIKE '%shake%' AND lang = 'en'
```

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23):
functions such as JavaScript UDFs and regular expressions cost additional CPU. In which order engines
evaluate the parts of an AND is documented nowhere: reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHEAP = (exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_CALLS = (exp.Anonymous, exp.RegexpLike, exp.RegexpILike, exp.RegexpExtract, exp.RegexpReplace)
_CONSTANTS = (exp.Literal, exp.Boolean, exp.Parameter, exp.Placeholder)


class ExpensivePredicateFirst(Rule):
    id = "SCN006"
    severity = Severity.INFO
    match = (exp.Where,)

    def guard(self, target: exp.Where, context: Context) -> Iterator[Hit]:
        if not context.query.nodes(*_CALLS):
            return
        parts = list(conjuncts(target.this))
        dear = next((i for i, one in enumerate(parts) if _dear(one)), None)
        if dear is None:
            return
        # 1.
        cheap = next((one for one in parts[dear + 1 :] if _cheap(one)), None)
        if cheap is None:
            return
        query = context.query
        call = query.text(_call(parts[dear]) or parts[dear])
        yield Hit(
            query.span(parts[dear]),
            f"{call.split('(')[0]} is asked for every row before the cheap {query.text(cheap)}",
            data=(parts[dear], cheap),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        dear, cheap = hit.data
        query = context.query
        edits = (Edit(query.span(dear), query.text(cheap)), Edit(query.span(cheap), query.text(dear)))
        return Fix("ask the cheap one first", edits, Safety.NEEDS_FACTS)


def _call(node: exp.Expr) -> exp.Expr | None:
    found = node.find(*_CALLS)
    return found if found is not None and found.find(exp.Column) is not None else None


def _dear(node: exp.Expr) -> bool:
    return node.find(exp.Select) is None and _call(node) is not None


def _cheap(node: exp.Expr) -> bool:
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, _CHEAP):
        return False
    sides = (node.this, node.expression)
    return any(
        isinstance(one, exp.Column) and (isinstance(other, _CONSTANTS) or _typed_literal(other))
        for one, other in (sides, sides[::-1])
    )


def _typed_literal(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal)
