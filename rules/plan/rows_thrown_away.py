"""A scan reads very many rows to keep a few: an index may be missing.

Measured: all but a small share of the rows read were removed by the filter.

**Why** An index on what the filter compares reads just the rows that are kept. It has a price of its own at
every write, so whether it pays depends on how often the query runs.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 10, "Actual Rows": 10, "Actual Loops": 1, "Actual Total Time": 420.5, "Filter": "(customer = 7)", "Rows Removed by Filter": 2999990}}]
```

**Good**
```plan
[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 1000000, "Actual Rows": 1000000, "Actual Loops": 1, "Actual Total Time": 420.5, "Filter": "(customer = 7)", "Rows Removed by Filter": 2000000}}]
```
```plan
[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 2, "Actual Rows": 2, "Actual Loops": 1, "Actual Total Time": 420.5, "Filter": "(customer = 7)", "Rows Removed by Filter": 500}}]
```

**Sources** https://www.postgresql.org/docs/current/using-explain.html (checked 2026-11-23): rows removed by a
filter.
https://www.postgresql.org/docs/current/indexes-intro.html (checked 2026-11-23). The share is an opinion: set
`share` and `rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.cost.units import human_share
from sqlopt.plan import Kind
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence, seconds_spent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class RowsThrownAway(PlanRule):
    id = "PLN011"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"rows": 100_000, "share": 0.01}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        if plan.engine != "postgres":
            return
        for one in plan.walk():
            kept, removed = one.actual_rows, one.rows_removed
            if one.kind != Kind.SCAN or "Seq Scan" not in one.name or kept is None or removed is None:
                continue
            share = kept / max(kept + removed, 1)
            if kept + removed >= options["rows"] and share <= options["share"]:
                message = f"{kept + removed:,.0f} rows of {one.table} are read and {human_share(share)} kept"
                yield Hit(
                    one.span,
                    f"{message}: an index for {one.condition} may serve better",
                    seconds_spent(plan, one),
                    evidence=evidence(one),
                )
