"""A partitioned table is scanned whole.

All partitions of a large table are left after pruning.

**Why** Partitions that pruning leaves out cost nothing; where none is left out, the filter does not reach the
scan, or there is none. The number from which it is said is an opinion: set `partitions`. It is information
unless the engine itself reports it.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
{"Operations": [[
 {"id": 0, "operation": "Result"},
 {"id": 1, "parentOperators": [0], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"], "partitionsAssigned": 5000, "partitionsTotal": 5000, "bytesAssigned": 80000000000}
]]}
```
```plan
[{"QUERY_ID": "q1", "INSIGHT_TYPE_ID": "QUERY_INSIGHT_NO_FILTER_ON_TOP_OF_TABLE_SCAN"}]
```

**Good**
```plan
{"Operations": [[
 {"id": 0, "operation": "Result"},
 {"id": 1, "parentOperators": [0], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"], "partitionsAssigned": 40, "partitionsTotal": 5000, "bytesAssigned": 80000000000}
]]}
```
```plan
{"Operations": [[
 {"id": 0, "operation": "Result"},
 {"id": 1, "parentOperators": [0], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"], "partitionsAssigned": 3, "partitionsTotal": 3, "bytesAssigned": 48000000}
]]}
```

**Sources** https://docs.snowflake.com/en/sql-reference/sql/explain (checked 2026-11-23): partitions assigned
are those that remain after pruning.
https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23): no filter, and a filter that
does not apply.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.plan import Kind
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, bytes_read, evidence

from ._reports import reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class FullScanOfPartitions(PlanRule):
    id = "PLN001"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"partitions": 1000}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        codes = (
            "QUERY_INSIGHT_NO_FILTER_ON_TOP_OF_TABLE_SCAN",
            "QUERY_INSIGHT_INAPPLICABLE_FILTER_ON_TABLE_SCAN",
        )
        for hit in reported(plan, codes, "the engine reports a scan that no filter limits"):
            yield replace(hit, severity=Severity.WARNING)
        for one in plan.walk():
            scanned, total = one.partitions_scanned, one.partitions_total
            if one.kind != Kind.SCAN or scanned is None or total is None:
                continue
            if total >= options["partitions"] and scanned >= total:
                message = f"all {total:,} partitions of {one.table or 'a table'} are read: nothing is pruned"
                yield Hit(one.span, message, bytes_read(one), evidence=evidence(one))
