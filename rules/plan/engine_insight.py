"""The engine reports something that made the query slow.

Insights that other plan rules speak of are theirs; what an engine reports as good is left out.

**Why** The engine knows what it did.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
[{"QUERY_ID": "q1", "INSIGHT_TYPE_ID": "QUERY_INSIGHT_LIKE_WITH_LEADING_WILDCARD"}]
```

**Good**
```plan
[{"QUERY_ID": "q1", "INSIGHT_TYPE_ID": "QUERY_INSIGHT_FILTER_WITH_CLUSTERING_KEY"}]
```

**Sources** https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23).
https://cloud.google.com/bigquery/docs/query-insights (checked 2026-11-23): input data change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule

from ._reports import reported

_REPORTS = {
    "QUERY_INSIGHT_UNSELECTIVE_FILTER": "a filter leaves out few rows",
    "QUERY_INSIGHT_LIKE_WITH_LEADING_WILDCARD": "LIKE with a leading wildcard reads much",
    "QUERY_INSIGHT_INEFFICIENT_JOIN_CONDITION": "a join's condition is inefficient",
    "QUERY_INSIGHT_INEFFICIENT_AGGREGATE": "an aggregation is not needed",
    "QUERY_INSIGHT_UNNECESSARY_UNION_DISTINCT": "UNION need not remove duplicates",
    "inputDataChange": "far more data was read than by earlier runs",
}

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class EngineInsight(PlanRule):
    id = "PLN013"
    severity = Severity.INFO

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        del options
        for code, message in _REPORTS.items():
            yield from reported(plan, (code,), f"the engine reports: {message}")
