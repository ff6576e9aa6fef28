"""A large table is sent to every worker.

A broadcast join copies one side to all workers.

**Why** It is collected in one place, sent and held once for every worker; beyond some size a shuffle costs
less, and memory runs out. Spark broadcasts up to 10 MB by itself (`spark.sql.autoBroadcastJoinThreshold`);
far above that a hint, or an estimate that was wrong, is the cause.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
{"Event": "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart", "executionId": 1, "time": 0, "sparkPlanInfo": {"nodeName": "BroadcastExchange", "simpleString": "", "children": [], "metrics": [{"name": "data size", "accumulatorId": 1, "metricType": "size"}]}}
{"Event": "org.apache.spark.sql.execution.ui.SparkListenerDriverAccumUpdates", "executionId": 1, "accumUpdates": [[1, 3221225472]]}
```

**Good**
```plan
{"Event": "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart", "executionId": 1, "time": 0, "sparkPlanInfo": {"nodeName": "BroadcastExchange", "simpleString": "", "children": [], "metrics": [{"name": "data size", "accumulatorId": 1, "metricType": "size"}]}}
{"Event": "org.apache.spark.sql.execution.ui.SparkListenerDriverAccumUpdates", "executionId": 1, "accumUpdates": [[1, 8000000]]}
```

**Sources** https://spark.apache.org/docs/latest/sql-performance-tuning.html (checked 2026-11-23): the
threshold of automatic broadcasts.
https://docs.aws.amazon.com/redshift/latest/dg/c-analyzing-the-query-plan.html (checked 2026-11-23):
DS_BCAST_INNER is for small tables. The size is an opinion: set `megabytes` and `rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.cost.units import human_bytes
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence

from ._reports import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class LargeBroadcast(PlanRule):
    id = "PLN010"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"megabytes": 1024, "rows": 1_000_000}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        for one in plan.walk():
            if (
                one.name.startswith("BroadcastExchange")
                and one.bytes
                and one.bytes >= options["megabytes"] * 1024**2
            ):
                message = f"{human_bytes(one.bytes)} are sent to every worker"
                yield Hit(one.span, message, evidence=evidence(one))
            elif "DS_BCAST_INNER" in one.name and len(one.children) > 1:
                rows = rows_of(one.children[1])
                if rows is not None and rows >= options["rows"]:
                    yield Hit(one.span, f"{rows:,.0f} rows are sent to every node", evidence=evidence(one))
