"""A comparison with NULL by `=`, `<>`, `<` or `>` is never true.

Nor is that of `CASE x WHEN NULL`, or NOT IN a list with a NULL in it.

**Why** It answers NULL, which WHERE takes for no: the query returns nothing, or less than was meant, and says
nothing about it.

**Valid when**
1. `= NULL` was meant as `IS NULL`, and `<> NULL` as `IS NOT NULL`; `CASE x WHEN NULL` as `CASE WHEN x IS NULL`, where
   that is its only WHEN. That changes the result, which is the point: a person must look at it.

**Bad**
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date = NULL
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' AND signup_date <> NULL
```
```sql
-- catalog: postgres
SELECT CASE signup_date WHEN NULL THEN 'new' ELSE 'old' END AS kind FROM users
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country NOT IN ('NL', NULL)
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country IN (NULL)
```

**Fixed**
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date IS NULL
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' AND signup_date IS NOT NULL
```
```sql
-- catalog: postgres
SELECT CASE WHEN signup_date IS NULL THEN 'new' ELSE 'old' END AS kind FROM users
```

**Good**
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date IS NULL
```
```sql
-- catalog: postgres
UPDATE users SET signup_date = NULL WHERE user_id = 5
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date IS NOT DISTINCT FROM NULL
```
```sql
-- catalog: postgres
SELECT CASE WHEN signup_date IS NULL THEN NULL ELSE country END AS kind FROM users WHERE country IN ('NL', NULL)
```
```sql
-- dialect: snowflake
-- DECODE finds NULL.
SELECT DECODE(signup_date, NULL, 'new', 'old') AS kind FROM users
```

**Sources** https://www.postgresql.org/docs/current/functions-comparison.html (checked 2026-11-23): ordinary
comparison operators yield null when either input is null; do not write expression = NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

_ASSIGNING = (
    exp.Update,
    exp.OnConflict,
    exp.SetItem,
    exp.Set,
    exp.Property,
    exp.Kwarg,
    exp.Merge,
    exp.Command,
)


class ComparisonWithNull(Rule):
    id = "SCN011"
    severity = Severity.ERROR
    match = (exp.Null,)

    def guard(self, target: exp.Null, context: Context) -> Iterator[Hit]:
        child: exp.Expr = target
        comparison = child.parent
        while isinstance(comparison, (exp.Paren, exp.Cast)):
            child = comparison
            comparison = child.parent
        if isinstance(comparison, exp.In):
            yield from _in_list(comparison, context.query)
        elif isinstance(comparison, exp.If):
            yield from _in_case(comparison, child, context.query)
        elif isinstance(comparison, (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)):
            yield from _compared(comparison, target, context.query)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        del context
        if hit.data is None:
            return None
        # 1.
        node, text, name = hit.data
        return Fix(name, (Edit(node, text),), Safety.CHANGES_RESULTS)


def _compared(comparison: exp.Expr, target: exp.Null, query: Query) -> Iterator[Hit]:
    if isinstance(comparison.parent, _ASSIGNING) and comparison.arg_key == "expressions":
        return
    other = comparison.this if comparison.expression.find(exp.Null) is target else comparison.expression
    meant = "IS NOT NULL" if isinstance(comparison, exp.NEQ) else "IS NULL"
    equal = isinstance(comparison, (exp.EQ, exp.NEQ))
    span = query.span(comparison)
    yield Hit(
        span,
        f"a comparison with NULL is never true{f'; write {meant}' if equal else ''}",
        data=(span, f"{query.text(other)} {meant}", f"use {meant}")
        if equal and not isinstance(other, exp.Null)
        else None,
    )


def _in_case(branch: exp.If, child: exp.Expr, query: Query) -> Iterator[Hit]:
    """`CASE x WHEN NULL`: x is compared by `=`."""
    case = branch.parent
    if not isinstance(case, exp.Case) or case.this is None or child is not branch.this:
        return
    subject, null = query.span(case.this), query.span(child)
    span = Span(subject.start, null.end)
    between = query.source[subject.end : null.start]
    alone = len(case.args["ifs"]) == 1 and between.strip().upper() == "WHEN"
    text = f"{between.strip()} {query.text(case.this)} IS NULL"
    yield Hit(
        null,
        f"CASE compares by =, and that is never true of NULL: write CASE WHEN {query.text(case.this)} IS NULL",
        related=(Related(subject, "what is compared"),),
        data=(span, text, "ask for NULL") if alone else None,
    )


def _in_list(node: exp.In, query: Query) -> Iterator[Hit]:
    """A NULL in NOT IN makes it true of nothing; in IN it does nothing, unless it is all."""
    above = node.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    negated = bool(node.args.get("negate")) != isinstance(above, exp.Not)
    nulls = [one for one in node.expressions if isinstance(one.unnest(), exp.Null)]
    if nulls and (negated or len(nulls) == len(node.expressions)):
        word = "NOT IN a list with NULL" if negated else "a comparison with NULL"
        yield Hit(query.span(nulls[0]), f"{word} is never true")
