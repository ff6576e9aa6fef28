"""The two sides of a join are of different types: one is cast for each row, in the text or by the engine.

**Why** A cast hides the column: its statistics, index and clustering say nothing of the result, and comparing text
is slower than comparing numbers. An engine's own cast may fail on the first value that is no number.

**Valid when** No rewrite: '007' and '7' differ as text and are the same number, so that other rows would match. Store
both keys in one type.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.orders AS o JOIN p.d.legacy AS l ON CAST(o.user_id AS STRING) = l.user_id_str
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.orders AS o, p.d.legacy AS l WHERE o.user_id = SAFE_CAST(l.user_id_str AS INT64)
```
```sql
-- catalog: snowflake
-- Cast by the engine.
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u ON o.user_id = u.user_key
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.orders AS o JOIN p.d.users AS u ON o.user_id = u.user_id
```
```sql
-- catalog: bigquery
-- No cast changes the type's family: a date is part of a timestamp.
SELECT COUNT(*) FROM p.d.events_ts AS e JOIN p.d.days AS d ON CAST(e.event_ts AS DATE) = d.d
WHERE e.event_ts >= TIMESTAMP '2026-01-01'
```
```sql
-- catalog: bigquery
-- Both are numbers.
SELECT COUNT(*) FROM p.d.orders AS o JOIN p.d.users AS u ON o.amount = u.user_id
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): use
INT64 columns to join by, they are cheaper to compare than text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

from ._links import conditions, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

_KINDS = {
    "number": {
        *("INT", "INTEGER", "INT64", "BIGINT", "SMALLINT", "TINYINT", "NUMBER", "NUMERIC", "DECIMAL", "INT2"),
        *("FLOAT", "FLOAT64", "DOUBLE", "REAL", "HUGEINT", "BIGNUMERIC", "LONG", "INT4", "INT8", "SERIAL"),
        *("BIGSERIAL", "BYTEINT", "FLOAT4", "FLOAT8", "DOUBLE PRECISION"),
    },
    "text": {"STRING", "VARCHAR", "TEXT", "CHAR", "NVARCHAR", "CHARACTER VARYING", "CHARACTER", "BPCHAR"},
    "date": {"DATE"},
}


class MismatchedKeyTypes(Rule):
    id = "JON012"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            for one in conditions(scope, target):
                node = one.node
                if not isinstance(node, exp.EQ) or len(one.owners) != 2:  # noqa: PLR2004 - two sides
                    continue
                left, right = _Side(node.this, target), _Side(node.expression, target)
                if left.column is None or right.column is None:
                    continue
                cast = next((x for x in (left, right) if x.cast is not None and x.changed), None)
                if cast is not None and cast.cast is not None:
                    text = target.text(cast.column) if cast.column is not None else ""
                    yield Hit(
                        target.span(cast.cast),
                        f"{text} is cast for every row of the join: its type is not that of the other side",
                        severity=None if cast.known else Severity.INFO,
                    )
                elif left.kind and right.kind and left.kind != right.kind:
                    yield Hit(
                        target.span(node),
                        f"{target.text(left.column)} is {left.kind} and {target.text(right.column)} is "
                        f"{right.kind}: the engine casts one of them for every row",
                    )


class _Side:
    """One side of an equality: its column, the cast around it, and the kinds of values."""

    def __init__(self, node: exp.Expr, query: Query) -> None:
        node = node.unnest()
        self.cast = node if isinstance(node, (exp.Cast, exp.TryCast)) else None
        inner = node.this.unnest() if self.cast is not None else node
        self.column = inner if isinstance(inner, exp.Column) else None
        own = _own_kind(self.column, query) if self.column is not None else None
        self.kind = own if self.cast is None else _kind(self.cast.to.sql(query.dialect))
        self.known = own is not None
        # Without the catalog a cast between text and numbers is still told by what it makes.
        self.changed = self.cast is not None and self.kind is not None and own != self.kind
        if own is None and self.kind == "date":
            self.changed = False


def _own_kind(column: exp.Expr, query: Query) -> str | None:
    origin = query.origin(column)
    known = origin[0].column(origin[1]) if origin is not None else None
    return _kind(known.type) if known is not None and known.type else None


def _kind(written: str) -> str | None:
    name = written.split("(", maxsplit=1)[0].strip().upper()
    return next((kind for kind, names in _KINDS.items() if name in names), None)
