"""One table is scanned several times in a statement.

Scans by an index, and tables of a few megabytes, are left out.

**Why** Each scan reads and is charged on its own. A conditional aggregate, a window function, or a common
table that is kept may read the table once.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
{"Operations": [[
 {"id": 0, "operation": "Result"},
 {"id": 1, "parentOperators": [0], "operation": "UnionAll"},
 {"id": 2, "parentOperators": [1], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"], "partitionsAssigned": 400, "partitionsTotal": 400, "bytesAssigned": 6400000000},
 {"id": 3, "parentOperators": [1], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"], "partitionsAssigned": 400, "partitionsTotal": 400, "bytesAssigned": 6400000000}
]]}
```

**Good**
```plan
{"Operations": [[
 {"id": 0, "operation": "Result"},
 {"id": 1, "parentOperators": [0], "operation": "UnionAll"},
 {"id": 2, "parentOperators": [1], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"], "partitionsAssigned": 400, "partitionsTotal": 400, "bytesAssigned": 6400000000},
 {"id": 3, "parentOperators": [1], "operation": "TableScan", "objects": ["SHOP.PUBLIC.USERS"], "partitionsAssigned": 400, "partitionsTotal": 400, "bytesAssigned": 6400000000}
]]}
```

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): do
not transform the same data repeatedly. Two scans may well be wanted: it is information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.plan import Kind
from sqlopt.rules import Hit, Severity
from sqlopt.rules.finding import Related
from sqlopt.rules.plans import PlanRule, evidence

from ._reports import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Operator, Plan


class TableScannedRepeatedly(PlanRule):
    id = "PLN009"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"scans": 2, "megabytes": 10, "rows": 1_000_000}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        scans: dict[str, list[Operator]] = {}
        for one in plan.walk():
            size = one.bytes
            if one.kind == Kind.SCAN and one.table and "index" not in one.name.casefold():
                rows = rows_of(one) if one.rows_in is None else one.rows_in
                small = (
                    (rows or 0) < options["rows"] if size is None else size < options["megabytes"] * 1024**2
                )
                if small:
                    continue
                scans.setdefault(one.table, []).append(one)
        for table, found in scans.items():
            if len(found) < options["scans"]:
                continue
            sizes = [one.bytes for one in found if one.bytes is not None]
            again = sum(sizes) - max(sizes) if len(sizes) == len(found) else None
            saving = None if again is None else Estimate(0.0, again / 2, again, "bytes", Basis.ASSUMED)
            related = tuple(Related(one.span, "and here") for one in found[1:4] if one.span != found[0].span)
            message = f"{table} is scanned {len(found)} times"
            yield Hit(found[0].span, message, saving, related=related, evidence=evidence(found[0]))
