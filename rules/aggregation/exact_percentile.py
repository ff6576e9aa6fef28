"""An exact median or percentile over very many rows.

**Why** All values of a group are kept and sorted to find the one in the middle. Estimates keep a digest of some
kilobytes.

**Valid when** The fix changes the result: the percentile becomes an estimate.

**Bad**
```sql
-- catalog: snowflake
SELECT MEDIAN(amount) FROM EVENTS WHERE event_date >= '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY amount) FROM EVENTS WHERE event_date >= '2026-01-01'
```

**Fixed**
```sql
-- catalog: snowflake
SELECT APPROX_PERCENTILE(amount, 0.5) FROM EVENTS WHERE event_date >= '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT APPROX_PERCENTILE(amount, 0.95) FROM EVENTS WHERE event_date >= '2026-01-01'
```

**Good**
```sql
-- catalog: snowflake
SELECT APPROX_PERCENTILE(amount, 0.5) FROM EVENTS WHERE event_date >= '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT MEDIAN(users) FROM (SELECT country, COUNT(*) AS users FROM USERS GROUP BY country) AS c
```

**Sources** https://docs.snowflake.com/en/user-guide/querying-approximate-percentile-values and
https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/approximate_aggregate_functions (checked
2026-11-23): approximate percentiles take a constant amount of space, whatever the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment, like

from ._groups import input_rows
from ._sketches import PERCENTILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


class ExactPercentile(Rule):
    id = "AGG020"
    severity = Severity.INFO
    dialects = frozenset(PERCENTILE) | {"postgres", "redshift"}
    match = (exp.Median, exp.PercentileCont, exp.PercentileDisc, exp.Quantile)
    options: ClassVar[Mapping[str, Any]] = {"rows": 10_000_000}

    def guard(self, target: exp.AggFunc, context: Context) -> Iterator[Hit]:
        query = context.query
        scope = query.scope_of(target)
        if isinstance(target, exp.ApproxQuantile) or scope is None or not isinstance(scope.node, exp.Select):
            return
        rows = input_rows(scope, query)
        if rows is None or rows < context.options["rows"]:
            return
        node: exp.Expr = target.parent if isinstance(target.parent, exp.WithinGroup) else target
        if isinstance(node.parent, exp.Window):
            node = node.parent
        yield Hit(
            query.span(node),
            f"about {rows:,.0f} values are kept and sorted to find this one; an estimate takes a digest of them",
            evidence=(("rows", f"about {rows:,.0f}"),),
            data=(target, node),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        target, node = hit.data
        query = context.query
        template = PERCENTILE.get(context.dialect)
        value, share = _asked(target)
        if template is None or value is None or share is None or isinstance(node, exp.Window):
            return None
        text = query.text(node)
        percent = f"{float(share) * 100:g}"
        if has_comment(text) or ("percent" in template and not percent.isdigit()):
            return None
        edit = Edit(hit.span, like(template, text[:6]).format(query.text(value), share, percent=percent))
        return Fix("estimate the percentile", (edit,), Safety.CHANGES_RESULTS)


def _asked(call: exp.Expr) -> tuple[exp.Expr | None, str | None]:
    """Return the value and the share (0 to 1, as written) that a percentile asks for."""
    if isinstance(call, exp.Median):
        return call.this, "0.5"
    if isinstance(call, exp.Quantile):
        share = call.args.get("quantile")
        return (call.this, share.this) if isinstance(share, exp.Literal) else (None, None)
    within = call.parent
    if isinstance(within, exp.WithinGroup) and isinstance(call.this, exp.Literal):
        ordered = within.expression.expressions
        if len(ordered) == 1 and not ordered[0].args.get("desc"):
            return ordered[0].this, call.this.this
    return None, None
