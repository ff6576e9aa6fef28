"""An operator spilled to disk.

Its memory was not enough for a sort, a hash table or a shuffle.

**Why** What is written to disk is read again. More memory (`work_mem`, a larger warehouse) or fewer rows and
columns below avoid it.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
[{"Plan": {"Node Type": "Sort", "Sort Key": ["a"], "Sort Space Used": 157600, "Sort Space Type": "Disk", "Plan Rows": 9}}]
```

**Good**
```plan
[{"Plan": {"Node Type": "Sort", "Sort Key": ["a"], "Sort Space Used": 25, "Sort Space Type": "Memory", "Plan Rows": 9}}]
```

**Sources** https://www.postgresql.org/docs/current/using-explain.html (checked 2026-11-23): sorts on disk,
hash batches.
https://docs.snowflake.com/en/sql-reference/functions/get_query_operator_stats (checked 2026-11-23): spilling.
https://cloud.google.com/bigquery/docs/query-insights (checked 2026-11-23): insufficient shuffle quota. How
much is too much is an opinion: set `megabytes`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.cost.units import human_bytes
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence, seconds_spent

from ._reports import reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class SpillToDisk(PlanRule):
    id = "PLN005"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"megabytes": 1}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        for hit in reported(
            plan, ("insufficientShuffleQuota",), "the engine reports too little shuffle memory"
        ):
            yield replace(hit, severity=Severity.WARNING)
        least = options["megabytes"] * 1024 * 1024
        for one in plan.walk():
            if one.spilled_local and one.spilled_local >= least:
                message = f"{one.name} spilled {human_bytes(one.spilled_local)} to disk"
                yield Hit(one.span, message, seconds_spent(plan, one), evidence=evidence(one))
        if not plan.roots and plan.totals.spilled_local and plan.totals.spilled_local >= least:
            yield Hit(plan.span, f"the query spilled {human_bytes(plan.totals.spilled_local)} to disk")
