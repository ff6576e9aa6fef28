"""Far more or fewer rows came than the planner thought.

The q-error is the factor between estimate and truth. What a LIMIT stopped early is left out.

**Why** Join order, join method and memory are chosen by estimates. Stale or missing statistics are the usual
cause; ANALYZE, or extended statistics for columns that depend on each other, mend it.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 12, "Actual Rows": 480000, "Actual Loops": 1, "Actual Total Time": 900.0}}]
```

**Good**
```plan
[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 450000, "Actual Rows": 480000, "Actual Loops": 1, "Actual Total Time": 900.0}}]
```
```plan
[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 1, "Actual Rows": 60, "Actual Loops": 1, "Actual Total Time": 900.0}}]
```

**Sources** https://www.postgresql.org/docs/current/using-explain.html (checked 2026-11-23): estimated and
actual rows should agree.
https://www.postgresql.org/docs/current/planner-stats.html (checked 2026-11-23). Which factor is bad is an
opinion: set `factor` and `rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence, seconds_spent

from ._reports import limited

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class BadEstimate(PlanRule):
    id = "PLN007"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"factor": 100, "rows": 10_000}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        stopped = limited(plan)
        for one in plan.walk():
            error = one.q_error
            if error is None or error < options["factor"] or id(one) in stopped:
                continue
            most = max(one.estimated_rows or 0.0, one.actual_rows or 0.0)
            # An estimate that its inputs were wrong by already is told of once, at the lowest operator.
            below = max((child.q_error or 1.0 for child in one.children), default=1.0)
            if most >= options["rows"] and below < options["factor"]:
                message = f"{one.actual_rows:,.0f} rows, {one.estimated_rows:,.0f} estimated: off by {error:,.0f} times"
                yield Hit(
                    one.span, f"{one.name}: {message}", seconds_spent(plan, one), evidence=evidence(one)
                )
