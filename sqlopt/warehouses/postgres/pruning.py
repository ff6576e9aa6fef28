"""What PostgreSQL's partition pruning understands.

Measured by tests/warehouses/test_pruning_postgres.py on range and list partitions: only the bare
partition key meets the bounds, so every function of it blocks pruning, monotone or not. Not so where the
key itself is that function (PARTITION BY RANGE (date_trunc('month', ts))).
https://www.postgresql.org/docs/18/ddl-partitioning.html (checked 2026-11-23) says why the rest prunes
late: parameters, subquery values and the inner side of a nested loop are known only during execution.
"""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_RAN = "measured: PostgreSQL 18.6, partitions planned and run of 24"
_DOC = "https://www.postgresql.org/docs/18/ddl-partitioning.html (checked 2026-11-23)"

_SKIPS = Cell(Prunes.YES, _RAN, "measured")
_SCANS = Cell(Prunes.NO, _RAN, "measured")
_LATE = Cell(Prunes.AT_RUN_TIME, f"{_RAN}; values known when it starts or runs: {_DOC}", "measured")
_STOPS = Cell(
    Prunes.AT_RUN_TIME, f"{_RAN}: it stops at the first partitions that give enough rows", "measured"
)
_BY_JOIN = Cell(Prunes.UNKNOWN, f"{_RAN}: a nested loop prunes, a hash join doesn't; {_DOC}", "measured")

_HIDDEN = (
    Form.CAST_DATE, Form.CAST_TIMESTAMP, Form.CAST_STRING, Form.CAST_NUMBER, Form.TRUNCATE, Form.YEAR,
    Form.DATE_PART, Form.FORMAT, Form.SHIFT, Form.ARITHMETIC, Form.MODULO, Form.TIME_ZONE, Form.COALESCE,
    Form.CASE_FOLD, Form.SUBSTRING, Form.CONCAT, Form.PARSE, Form.USER_FUNCTION, Form.OTHER_FUNCTION,
    Form.NOT_EQUAL, Form.OTHER_COLUMN, Form.OR_OTHER, Form.LIKE_PREFIX, Form.LIKE_WILDCARD,
)  # fmt: skip

TABLE = PruningTable(
    "postgres",
    partition={
        **dict.fromkeys((Form.COMPARE, Form.IN_LIST, Form.IS_NULL), _SKIPS),
        **dict.fromkeys((Form.CLOCK, Form.PARAMETER, Form.SUBQUERY), _LATE),
        **dict.fromkeys(_HIDDEN, _SCANS),
        **dict.fromkeys((Form.JOIN, Form.IN_SUBQUERY), _BY_JOIN),
        Form.LIMIT: _STOPS,
        Form.ROW_VALUE: Cell(Prunes.UNKNOWN, f"{_RAN}: an equality prunes, an order doesn't", "measured"),
    },
)
