"""One worker of a stage takes far longer than the others.

The rows of few keys land on few workers.

**Why** The stage ends when its slowest worker does. The rest wait, and on a slot or cluster that is paid for.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
{"kind": "bigquery#job", "statistics": {"query": {"queryPlan": [{"name": "S00: Join", "id": "0", "computeMsAvg": "1000", "computeMsMax": "45000", "recordsWritten": "5"}]}}}
```

**Good**
```plan
{"kind": "bigquery#job", "statistics": {"query": {"queryPlan": [{"name": "S00: Join", "id": "0", "computeMsAvg": "1000", "computeMsMax": "1400", "recordsWritten": "5"}]}}}
```
```plan
{"kind": "bigquery#job", "statistics": {"query": {"queryPlan": [{"name": "S00: Join", "id": "0", "computeMsAvg": "3", "computeMsMax": "90", "recordsWritten": "5"}]}}}
```

**Sources** https://cloud.google.com/bigquery/docs/query-plan-explanation (checked 2026-11-23): a wide gap of
average and longest time shows skew.
https://cloud.google.com/bigquery/docs/query-insights (checked 2026-11-23): partition skew.
The factor is an opinion: set `factor`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence

from ._reports import reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class SkewedWork(PlanRule):
    id = "PLN006"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"factor": 5, "seconds": 1}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        for hit in reported(plan, ("partitionSkew",), "the engine reports skewed partitions"):
            yield replace(hit, severity=Severity.WARNING)
        for one in plan.walk():
            average, slowest = one.average, one.slowest
            if average is None or slowest is None or slowest < options["seconds"]:
                continue
            if slowest >= average * options["factor"]:
                message = f"the slowest worker took {slowest:,.1f} seconds, the average one {average:,.1f}"
                yield Hit(one.span, f"{one.name}: {message}", evidence=evidence(one))
