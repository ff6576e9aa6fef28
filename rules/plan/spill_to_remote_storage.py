"""An operator spilled to remote storage.

Neither memory nor the local disks of the warehouse were enough.

**Why** Remote storage is slower by far; a larger warehouse, or fewer rows or columns at a time, may cost less
than waiting for it.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
[{"QUERY_ID": "q1", "OPERATOR_ID": 0, "OPERATOR_TYPE": "Sort", "OPERATOR_STATISTICS": {"input_rows": 9, "output_rows": 9, "spilling": {"bytes_spilled_local_storage": 5000000, "bytes_spilled_remote_storage": 9000000}}}]
```
```plan
[{"QUERY_ID": "q1", "INSIGHT_TYPE_ID": "QUERY_INSIGHT_REMOTE_SPILLAGE"}]
```

**Good**
```plan
[{"QUERY_ID": "q1", "OPERATOR_ID": 0, "OPERATOR_TYPE": "Sort", "OPERATOR_STATISTICS": {"input_rows": 9, "output_rows": 9, "spilling": {"bytes_spilled_local_storage": 0, "bytes_spilled_remote_storage": 0}}}]
```

**Sources** https://docs.snowflake.com/en/sql-reference/functions/get_query_operator_stats (checked
2026-11-23).
https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23): remote spillage.
https://docs.snowflake.com/en/user-guide/performance-query-warehouse-memory (checked 2026-11-23).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.cost.units import human_bytes
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence, seconds_spent

from ._reports import reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class SpillToRemoteStorage(PlanRule):
    id = "PLN004"
    severity = Severity.WARNING

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        del options
        yield from reported(
            plan, ("QUERY_INSIGHT_REMOTE_SPILLAGE",), "the engine reports spilling to remote storage"
        )
        for one in plan.walk():
            if one.spilled_remote:
                message = f"{one.name} spilled {human_bytes(one.spilled_remote)} to remote storage"
                yield Hit(one.span, message, seconds_spent(plan, one), evidence=evidence(one))
        if not plan.roots and plan.totals.spilled_remote:
            yield Hit(
                plan.span, f"the query spilled {human_bytes(plan.totals.spilled_remote)} to remote storage"
            )
