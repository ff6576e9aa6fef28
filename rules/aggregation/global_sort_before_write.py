"""ORDER BY in what Spark writes: one global sort for an order that files don't keep.

**Why** ORDER BY shuffles all rows into ranges and sorts each, so that the whole is in order. Files are read in any
order. SORT BY sorts within each partition, which is what makes files compress well and be skipped; DISTRIBUTE BY says
which rows go together.

**Valid when** The fix changes what is written: each file is in order, the files among themselves are not.

**Bad**
```sql
-- catalog: spark
INSERT OVERWRITE TABLE out SELECT * FROM ev WHERE dt = '20260101' ORDER BY user_id
```

**Fixed**
```sql
-- catalog: spark
INSERT OVERWRITE TABLE out SELECT * FROM ev WHERE dt = '20260101' SORT BY user_id
```

**Good**
```sql
-- catalog: spark
INSERT OVERWRITE TABLE out SELECT * FROM ev WHERE dt = '20260101' DISTRIBUTE BY user_id SORT BY user_id
```
```sql
-- catalog: spark
SELECT user_id FROM ev WHERE dt = '20260101' ORDER BY user_id
```
```sql
-- catalog: spark
INSERT OVERWRITE TABLE out SELECT * FROM ev WHERE dt = '20260101' ORDER BY user_id LIMIT 100
```

**Sources** https://docs.databricks.com/sql/language-manual/sql-ref-syntax-qry-select-sortby.html (checked 2026-11-23):
SORT BY sorts within each Spark partition, ORDER BY guarantees a total order of the output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import ScopeKind
from sqlopt.rules import SPARK, Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.wording import like
from sqlopt.span import Span

from ._groups import persisted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query


class GlobalSortBeforeWrite(Rule):
    id = "AGG019"
    severity = Severity.WARNING
    dialects = SPARK
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        if not persisted(target) or (isinstance(target.tree, exp.Create) and target.tree.kind == "VIEW"):
            return
        for scope in target.scopes:
            order = scope.node.args.get("order")
            if scope.kind is not ScopeKind.ROOT or order is None:
                continue
            if scope.node.args.get("limit") is not None or scope.node.args.get("offset") is not None:
                continue
            yield Hit(
                target.span(order),
                "all rows are sorted as a whole, and files keep no order among themselves: SORT BY sorts each",
                data=order,
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        query = context.query
        start = query.span(hit.data).start
        word = query.source[start : start + 5]
        if word.upper() != "ORDER":
            return None
        edit = Edit(Span(start, start + 5), like("SORT", word))
        return Fix("sort within each file", (edit,), Safety.CHANGES_RESULTS)
