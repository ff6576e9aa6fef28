"""A comparison with NULL by `=`, `<>`, `<` or `>` is never true.

**Why** It answers NULL, which WHERE takes for no: the query returns nothing, or less than was meant, and says
nothing about it.

**Valid when**
1. `= NULL` was meant as `IS NULL`, and `<> NULL` as `IS NOT NULL`. That changes the result, which is the
   point: a person must look at it.

**Bad**
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date = NULL
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' AND signup_date <> NULL
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

**Sources** https://www.postgresql.org/docs/current/functions-comparison.html (checked 2026-11-23): ordinary
comparison operators yield null when either input is null; do not write expression = NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        comparison = target.parent
        while isinstance(comparison, (exp.Paren, exp.Cast)):
            comparison = comparison.parent
        if not isinstance(comparison, (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)):
            return
        if isinstance(comparison.parent, _ASSIGNING) and comparison.arg_key == "expressions":
            return
        query = context.query
        other = comparison.this if comparison.expression.find(exp.Null) is target else comparison.expression
        meant = "IS NOT NULL" if isinstance(comparison, exp.NEQ) else "IS NULL"
        advice = f"; write {meant}" if isinstance(comparison, (exp.EQ, exp.NEQ)) else ""
        yield Hit(
            query.span(comparison),
            f"a comparison with NULL is never true{advice}",
            data=(comparison, other, meant),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        comparison, other, meant = hit.data
        if not isinstance(comparison, (exp.EQ, exp.NEQ)) or isinstance(other, exp.Null):
            return None
        # 1.
        text = f"{context.query.text(other)} {meant}"
        return Fix(f"use {meant}", (Edit(context.query.span(comparison), text),), Safety.CHANGES_RESULTS)
