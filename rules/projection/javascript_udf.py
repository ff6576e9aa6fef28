"""A JavaScript function that is one expression, which SQL can write as well.

**Why** Each row leaves the engine's own code for a JavaScript interpreter; a SQL function is planned as part of
the query.

**Valid when** No rewrite: JavaScript computes with floating numbers only and treats NULL in its own way.

**Bad**
```sql
-- catalog: bigquery
CREATE TEMP FUNCTION f(x FLOAT64) RETURNS FLOAT64 LANGUAGE js AS 'return x*2;';
SELECT f(amount) FROM p.d.orders WHERE order_date = DATE '2026-01-01'
```

```sql
-- catalog: bigquery
CREATE TEMP FUNCTION margin(price FLOAT64, cost FLOAT64) RETURNS FLOAT64 LANGUAGE js AS r\"\"\"
  if (price === null || price === 0) return null;
  return (price - cost) / price;
\"\"\";
SELECT margin(amount, 1.0) FROM p.d.orders WHERE order_date = DATE '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
CREATE TEMP FUNCTION f(x FLOAT64) AS (x * 2);
SELECT f(amount) FROM p.d.orders WHERE order_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
CREATE TEMP FUNCTION tokens(s STRING) RETURNS ARRAY<STRING> LANGUAGE js AS r\"\"\"
  const out = []; for (const w of s.split(' ')) { if (w) out.push(w); } return out;
\"\"\";
SELECT tokens(country) FROM p.d.events WHERE event_date = DATE '2026-01-01'
```

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23):
JavaScript user-defined functions need additional CPU.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

# One expression, perhaps after guards: `if (x === null) return null; return x * 2;` is a CASE.
_SINGLE = re.compile(r"\s*((?:if\s*\([^;{}]*\)\s*return\b[^;{}]*;\s*)*return\b[^;]*);?\s*", re.DOTALL)
# What SQL has no short word for.
_BEYOND = re.compile(
    r"=>|\bfunction\b|\bnew\b|\bfor\b|\bwhile\b|JSON\.|\.(map|filter|reduce|forEach|split|match|replace|sort)\b|/[^/\s][^/]*/[gimsuy]*[.,)]|\["
)


class JavascriptUdf(Rule):
    id = "SCN014"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery", "snowflake"})
    match = (exp.Create,)

    def guard(self, target: exp.Create, context: Context) -> Iterator[Hit]:
        properties = target.args.get("properties")
        body = target.expression
        if properties is None or body is None or not _javascript(properties):
            return
        found = _SINGLE.fullmatch(body.name)
        if found is None or _BEYOND.search(found[1]):
            return
        name = target.this.this
        yield Hit(
            context.query.span(name),
            f"{context.query.text(name)} is one expression in JavaScript: as a SQL function it runs inside the query",
            evidence=(("body", " ".join(body.name.split())),),
        )


def _javascript(properties: exp.Expr) -> bool:
    return any(
        isinstance(one, exp.LanguageProperty) and one.name.casefold() in ("js", "javascript")
        for one in properties.expressions
    )
