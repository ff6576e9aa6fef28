"""An indexed whole-number column is compared with a numeric or floating constant.

**Why** PostgreSQL has no comparison of bigint with numeric: it casts the column, row by row, and the index on
the column is of no use. The cast hides in the constant.

**Valid when**
1. The constant is a whole number of at most 64 bits, so that it can be written as one.
2. It is a NUMERIC, or a floating point number that holds it exactly, as it does its neighbours: from 2^53 on whole
   numbers of the column that are not equal become the same double (2^24 as a real).

**Bad**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = 42::numeric
```
```sql
-- catalog: postgres
SELECT status FROM orders WHERE order_id = 42.0
```

**Fixed**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = 42
```
```sql
-- catalog: postgres
SELECT status FROM orders WHERE order_id = 42
```

**Good**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = 42
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = '42'
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = 42::int AND amount > 42.5
```

**Sources** https://www.postgresql.org/docs/current/typeconv-oper.html (checked 2026-11-23): operands of
different types are cast to the one that an operator exists for, and an untyped literal takes the other side's
type. https://www.postgresql.org/docs/current/datatype-numeric.html (checked 2026-12-01): a real has at least 6 digits,
a double precision at least 15.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.indexes import leading_keys

from ._indexes import against_constant, bare_column, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan

_WHOLE = re.compile(r"^(big|small|tiny)?(int|integer|serial)\d*$|^int\d$", re.IGNORECASE)
_WIDER = {
    exp.DType.DECIMAL, exp.DType.FLOAT, exp.DType.DOUBLE, exp.DType.BIGDECIMAL,
}  # fmt: skip
_LARGEST = 2**63
_EXACT = {
    exp.DType.DECIMAL: _LARGEST, exp.DType.DOUBLE: 2**53, exp.DType.FLOAT: 2**24, exp.DType.INT: 2**31,
    exp.DType.BIGINT: _LARGEST,
}  # fmt: skip
"""Below which number a type holds every whole one, so that casting the column to it makes no two of them the same."""


class ImplicitConversion(Rule):
    id = "SCN008"
    severity = Severity.WARNING
    dialects = frozenset({"postgres"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or not target.readings:
            return
        leading = set(leading_keys(table))
        for one in target.filters():
            compared = against_constant(one.node, target.query)
            column = bare_column(compared[0]) if compared is not None else None
            name = column_name(column, target) if column is not None else None
            if compared is None or name is None or name not in leading:
                continue
            kind = table.column(name)
            if kind is None or kind.type is None or not _WHOLE.match(kind.type.strip()):
                continue
            wide = next((value for value in compared[1] if _is_wider(value)), None)
            if wide is None:
                continue
            saving, evidence = context.price(target)
            yield Hit(
                context.query.span(wide),
                f"{context.query.text(wide)} is no {kind.type}: {table.name}.{name} is cast row by row, "
                "and its index can't be used",
                saving,
                evidence=(*evidence, ("column type", kind.type)),
                data=wide,
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        number = _whole(hit.data)
        if number is None:
            return None
        return Fix("write a whole number", (Edit(context.query.span(hit.data), str(number)),), Safety.EXACT)


def _whole(node: exp.Expr) -> int | None:
    """Return the whole number that a literal, perhaps cast, is equal to just as its column's values are."""
    most = _LARGEST
    while isinstance(node, (exp.Cast, exp.Paren)):
        if isinstance(node, exp.Cast):
            # 2.
            limit = _EXACT.get(node.to.this) if type(node) is exp.Cast and not node.to.expressions else None
            if limit is None:
                return None
            most = min(most, limit)
        node = node.this
    try:
        number = Decimal(node.this) if isinstance(node, exp.Literal) else None
    except InvalidOperation:
        return None
    # 1.
    if number is None or not number.is_finite() or abs(number) >= most or number != int(number):
        return None
    return int(number)


def _is_wider(node: exp.Expr) -> bool:
    while isinstance(node, (exp.Paren, exp.Neg)):
        node = node.this
    if isinstance(node, exp.Cast):
        return node.to.this in _WIDER
    if isinstance(node, exp.Literal):
        return not node.is_string and not node.this.isdigit()
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
        return _is_wider(node.this) or _is_wider(node.expression)
    return False
