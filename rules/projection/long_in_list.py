"""An IN list with very many literals.

**Why** Every value is parsed, planned and estimated one by one at each run, and the statement's text no
longer fits a plan cache or a log line. A table of values is read once.

**Valid when** No rewrite: a join against the values needs them without duplicates, and `= ANY (array)` needs
a parameter.

**Bad**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id IN (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,
25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,
61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,84,85,86,87,88,89,90,91,92,93,94,95,96,
97,98,99,100,101)
```

**Good**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id IN (1, 2, 3)
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = ANY ($1)
```

**Sources** https://www.postgresql.org/docs/current/functions-comparisons.html (checked 2026-11-23): IN with a
list is shorthand for a chain of equalities. The threshold is a matter of taste: reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


class LongInList(Rule):
    id = "SCN010"
    severity = Severity.INFO
    dialects = frozenset({"postgres", "mysql", "redshift", "tsql", "snowflake", "bigquery"})
    match = (exp.In,)
    options = {"values": 100}  # noqa: RUF012

    def guard(self, target: exp.In, context: Context) -> Iterator[Hit]:
        count = len(target.expressions)
        if count > context.options["values"] and isinstance(
            target.expressions[0], (exp.Literal, exp.Neg, exp.Cast, exp.Tuple)
        ):
            yield Hit(
                context.query.span(target.this),
                f"IN with {count:,} values: put them into a table or an array parameter",
                evidence=(("values", f"{count:,}"), ("threshold", str(context.options["values"]))),
            )
