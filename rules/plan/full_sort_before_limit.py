"""All rows are sorted though a limit keeps few of them.

The engine did not keep just the first rows while it sorted.

**Why** A top-N sort holds no more than the limit; a full one writes all rows, often to disk. Large limits and
offsets, and limits that stand outside of a subquery, are the usual cause.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
Limit  (cost=0.00..9.00 rows=10 width=8) (actual time=0.10..900.00 rows=10 loops=1)
  ->  Sort  (cost=0.00..9.00 rows=500000 width=8) (actual time=0.10..900.00 rows=10 loops=1)
        Sort Key: price
        Sort Method: external merge  Disk: 12056kB
        ->  Seq Scan on lines  (cost=0.00..9.00 rows=500000 width=8) (actual time=0.10..90.00 rows=500000 loops=1)
```

**Good**
```plan
Limit  (cost=0.00..9.00 rows=10 width=8) (actual time=0.10..900.00 rows=10 loops=1)
  ->  Sort  (cost=0.00..9.00 rows=500000 width=8) (actual time=0.10..900.00 rows=10 loops=1)
        Sort Key: price
        Sort Method: top-N heapsort  Memory: 25kB
        ->  Seq Scan on lines  (cost=0.00..9.00 rows=500000 width=8) (actual time=0.10..90.00 rows=500000 loops=1)
```

**Sources** https://www.postgresql.org/docs/current/using-explain.html (checked 2026-11-23): sort methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.plan import Kind
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence, seconds_spent

from ._reports import rows_into

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class FullSortBeforeLimit(PlanRule):
    id = "PLN008"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"factor": 10}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        for limit in plan.walk():
            if limit.kind != Kind.LIMIT:
                continue
            for one in limit.children:
                method = one.detail("Sort Method") or ""
                rows, kept = rows_into(one), limit.actual_rows
                if one.kind != Kind.SORT or "external" not in method or rows is None or kept is None:
                    continue
                if rows >= kept * options["factor"]:
                    message = f"{rows:,.0f} rows are sorted on disk, and {kept:,.0f} kept"
                    yield Hit(one.span, message, seconds_spent(plan, one), evidence=evidence(one))
