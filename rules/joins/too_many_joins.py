"""One SELECT joins more relations than a planner can order well.

**Why** The number of join orders grows faster than exponentially. Beyond a limit planners stop searching: PostgreSQL
keeps the written order beyond 8 relations, and searches at random beyond 12. An estimate's error grows with each join.

**Valid when** No rewrite: which part belongs in a table or CTE of its own is for a person to say.

**Bad**
```sql
-- dialect: postgres
SELECT 1 FROM a JOIN b USING (i) JOIN c USING (i) JOIN d USING (i) JOIN e USING (i) JOIN f USING (i)
JOIN g USING (i) JOIN h USING (i) JOIN k USING (i) JOIN l USING (i) JOIN m USING (i) JOIN n USING (i)
```
```sql
-- dialect: postgres
SELECT 1 FROM a, b, c, d, e, f, g, h, k, l, m WHERE a.i = b.i AND b.i = c.i AND c.i = d.i AND d.i = e.i
AND e.i = f.i AND f.i = g.i AND g.i = h.i AND h.i = k.i AND k.i = l.i AND l.i = m.i
```

**Good**
```sql
-- dialect: postgres
SELECT 1 FROM a JOIN b USING (i) JOIN c USING (i)
```
```sql
-- dialect: postgres
-- Eleven relations, but in two queries.
WITH left_half AS (SELECT a.i FROM a JOIN b USING (i) JOIN c USING (i) JOIN d USING (i) JOIN e USING (i)),
right_half AS (SELECT f.i FROM f JOIN g USING (i) JOIN h USING (i) JOIN k USING (i) JOIN l USING (i) JOIN m USING (i))
SELECT 1 FROM left_half JOIN right_half USING (i)
```
```sql
-- dialect: bigquery
-- Arrays of a row are no joins of tables.
SELECT 1 FROM t, t.a, t.b, t.c, t.d, t.e, t.f, t.g, t.h, t.i, t.j, t.k, t.l
```

**Sources** https://www.postgresql.org/docs/current/runtime-config-query.html (checked 2026-11-23):
join_collapse_limit is 8 and geqo_threshold is 12 by default. The number of 10 is a house rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.query import SourceKind
from sqlopt.rules import Context, Hit, Rule, Severity

from ._links import selects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.query import Query


class TooManyJoins(Rule):
    id = "JON016"
    severity = Severity.INFO
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"relations": 10}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        most = context.options["relations"]
        for scope in selects(target):
            joined = [
                one for one in scope.sources.values() if one.kind in (SourceKind.TABLE, SourceKind.QUERY)
            ]
            if len(joined) > most:
                yield Hit(
                    target.span(joined[most].node),
                    f"this SELECT joins {len(joined)} relations, more than {most}: planners order them badly",
                    evidence=(("relations", str(len(joined))),),
                )
