"""The query waited for a place to run.

Other queries held the warehouse or the slots.

**Why** The time is lost to who waits, and a warehouse that queues is full: another cluster, another schedule,
or cheaper neighbours help.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
[{"QUERY_ID": "q1", "TOTAL_ELAPSED_TIME": 120000, "QUEUED_OVERLOAD_TIME": 95000, "BYTES_SCANNED": 1024}]
```

**Good**
```plan
[{"QUERY_ID": "q1", "TOTAL_ELAPSED_TIME": 120000, "QUEUED_OVERLOAD_TIME": 0, "BYTES_SCANNED": 1024}]
```
```plan
[{"QUERY_ID": "q1", "TOTAL_ELAPSED_TIME": 120000, "QUEUED_OVERLOAD_TIME": 300, "BYTES_SCANNED": 1024}]
```

**Sources** https://docs.snowflake.com/en/sql-reference/account-usage/query_history (checked 2026-11-23):
queued times.
https://cloud.google.com/bigquery/docs/query-insights (checked 2026-11-23): slot contention. How long is too
long is an opinion: set `seconds`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule

from ._reports import reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class WaitedInQueue(PlanRule):
    id = "PLN012"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"seconds": 10}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        codes = {one.code for one in plan.insights if one.code.startswith("QUERY_INSIGHT_QUEUED")} | {
            "slotContention"
        }
        for hit in reported(plan, codes, "the engine reports waiting for compute"):
            yield replace(hit, severity=Severity.WARNING)
        queued = plan.totals.queued
        if queued is not None and queued >= options["seconds"]:
            saving = Estimate.exactly(queued, "seconds", Basis.PLAN)
            whole = plan.totals.seconds
            facts = [("queued", f"{queued:,.1f} seconds")]
            facts += [] if whole is None else [("whole query", f"{whole:,.1f} seconds")]
            yield Hit(
                plan.span,
                f"the query waited {queued:,.1f} seconds before it ran",
                saving,
                evidence=tuple(facts),
            )
