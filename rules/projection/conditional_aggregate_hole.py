"""A conditional aggregate that may divide by zero, answer NULL for 0, or mix types.

`COUNT(CASE WHEN .. THEN 1 END)` is right as it is: it counts because the rest is NULL. But as a divisor it may
be 0; and `SUM(CASE WHEN .. THEN amount END)` is NULL, not 0, where no row matches.

**Why** The first fails the whole run on the day when no row matches; the second travels on as NULL through
every sum and comparison.

**Valid when**
1. The divisor is a count or a sum over a condition, bare in the division. NULLIF(divisor, 0) turns an error into
   NULL, which changes the result: a person must look at it.

**Bad**
```sql
-- catalog: snowflake
SELECT SUM(CASE WHEN status = 'paid' THEN amount ELSE 0 END) / COUNT(CASE WHEN status = 'x' THEN 1 END)
FROM ORDERS
```
```sql
-- catalog: snowflake
SELECT country, SUM(CASE WHEN status = 'paid' THEN amount END) AS paid FROM ORDERS GROUP BY country
```
```sql
-- catalog: snowflake
SELECT CASE WHEN amount > 0 THEN amount ELSE 'none' END AS paid FROM ORDERS
```
```sql
-- catalog: snowflake
SELECT CASE WHEN amount > 0 THEN status ELSE 0 END AS paid FROM ORDERS
```

**Fixed**
```sql
-- catalog: snowflake
SELECT SUM(CASE WHEN status = 'paid' THEN amount ELSE 0 END) / NULLIF(COUNT(CASE WHEN status = 'x' THEN 1 END), 0)
FROM ORDERS
```

**Good**
```sql
-- catalog: snowflake
SELECT SUM(CASE WHEN status = 'paid' THEN amount ELSE 0 END) / NULLIF(COUNT_IF(status = 'x'), 0) FROM ORDERS
```
```sql
-- catalog: snowflake
SELECT COUNT(CASE WHEN status = 'paid' THEN 1 END) FROM ORDERS
```
```sql
-- catalog: snowflake
SELECT AVG(CASE WHEN status = 'paid' THEN amount END), COALESCE(SUM(CASE WHEN status = 'paid' THEN amount END), 0)
FROM ORDERS
```
```sql
-- catalog: snowflake
SELECT CASE WHEN amount > 0 THEN status ELSE 'none' END, CASE WHEN status = 'x' THEN amount ELSE 0 END,
  CASE WHEN status = 'x' THEN order_date ELSE '2026-01-01' END
FROM ORDERS
```

**Sources** https://www.postgresql.org/docs/current/functions-aggregate.html (checked 2026-11-23): sum of no rows
is null, not zero.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.warehouses.semantics import Failure, semantics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

_FAMILIES = {
    "number": re.compile(
        r"(big|small|tiny|byte|u?)int(eger|\d+)?\b|(big)?(numeric|decimal|number)\b|(float|double|real)\d*\b",
        re.IGNORECASE,
    ),
    "typed text": re.compile(
        r"(text|string|n?varchar2?|n?char|character( varying)?|bpchar)\b", re.IGNORECASE
    ),
    "time": re.compile(r"(date|datetime|time|timestamp\w*)\b", re.IGNORECASE),
}
_GUARDS = (exp.Coalesce, exp.Nullif, exp.If)


class ConditionalAggregateHole(Rule):
    id = "SCN021"
    severity = Severity.WARNING
    match = (exp.Div, exp.Sum, exp.Case)

    def guard(self, target: exp.Expr, context: Context) -> Iterator[Hit]:
        query = context.query
        if isinstance(target, exp.Div):
            divisor = _bare(target.expression)
            forgiving = semantics(context.dialect).division_by_zero.value not in (None, Failure.ERROR)
            if not forgiving and _conditional(divisor) and not target.args.get("safe"):
                yield Hit(
                    query.span(divisor),
                    f"{query.text(divisor)} is 0 when no row matches, and the division fails",
                    data=divisor,
                )
        elif isinstance(target, exp.Sum):
            case = _bare(target.this)
            guarded = target.find_ancestor(*_GUARDS, exp.Select)
            if (
                isinstance(case, exp.Case)
                and case.args.get("default") is None
                and isinstance(guarded, exp.Select)
            ):
                yield Hit(
                    query.span(case),
                    "this SUM is NULL, not 0, when no row matches; ELSE 0 makes it a number",
                    severity=Severity.INFO,
                )
        elif _mixed(target, query):
            yield Hit(query.span(target), "the branches of this CASE mix texts and numbers")

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        # 1.
        if hit.data is None:
            return None
        text = f"NULLIF({context.query.text(hit.data)}, 0)"
        return Fix("divide by NULLIF", (Edit(context.query.span(hit.data), text),), Safety.CHANGES_RESULTS)


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _conditional(node: exp.Expr) -> bool:
    """Whether an aggregate counts or sums only rows that fulfil a condition."""
    if isinstance(node, exp.CountIf):
        return True
    if isinstance(node, exp.Filter):
        return isinstance(node.this, (exp.Count, exp.Sum))
    if isinstance(node, exp.Count) and isinstance(_bare(node.this), exp.Case):
        return _bare(node.this).args.get("default") is None
    if isinstance(node, exp.Sum):
        case = _bare(node.this)
        default = case.args.get("default") if isinstance(case, exp.Case) else None
        return isinstance(default, exp.Literal) and default.this == "0" and _ones(case)
    return False


def _ones(case: exp.Expr) -> bool:
    return all(isinstance(one.args["true"], exp.Literal) for one in case.args["ifs"])


def _mixed(case: exp.Expr, query: Query) -> bool:
    """Whether some branches are texts and others numbers (or, for a text without a digit, times)."""
    branches = [one.args.get("true") for one in case.args.get("ifs") or ()]
    branches.append(case.args.get("default"))
    values = [_bare(one) for one in branches if one is not None]
    kinds = {_kind(one, query) for one in values}
    literals = [one for one in values if isinstance(one, exp.Literal)]
    if any(one.is_string for one in literals) and any(not one.is_string for one in literals):
        return True
    if "typed text" in kinds and "number" in kinds:
        return True
    # An engine reads '0' as a number, and '2026-01-01' as a day, where the other branches are.
    words = [one for one in literals if one.is_string and not any(map(str.isdigit, one.this))]
    return bool(words and kinds & {"number", "time"})


def _kind(node: exp.Expr, query: Query) -> str:
    """Return what a branch gives, by its literal, its cast or its column's type; empty where that is not known."""
    if isinstance(node, exp.Neg):
        return _kind(_bare(node.this), query)
    if isinstance(node, exp.Literal):
        return "" if node.is_string else "number"
    if isinstance(node, exp.Cast):
        return _family(node.to.sql())
    origin = query.origin(node) if isinstance(node, exp.Column) else None
    column = origin[0].column(origin[1]) if origin is not None else None
    return _family(column.type) if column is not None and column.type else ""


def _family(kind: str) -> str:
    return next((name for name, pattern in _FAMILIES.items() if pattern.match(kind.strip())), "")
