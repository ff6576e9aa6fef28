"""What PostgreSQL's partition pruning understands."""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_MEASURED = "measured: PostgreSQL 15, partitions executed of a range-partitioned table"
_YES = Cell(Prunes.YES, _MEASURED, "measured")
_NO = Cell(Prunes.NO, _MEASURED, "measured")
_LATE = Cell(Prunes.AT_RUN_TIME, _MEASURED, "measured")

TABLE = PruningTable(
    "postgres",
    partition={
        Form.COMPARE: _YES,
        Form.IN_LIST: _YES,
        Form.IS_NULL: _YES,
        Form.NOT_EQUAL: _NO,
        Form.CLOCK: _LATE,
        Form.PARAMETER: _LATE,
        Form.SUBQUERY: _LATE,
        Form.IN_SUBQUERY: _NO,
        Form.JOIN: _NO,
        Form.TRUNCATE: _NO,
        Form.YEAR: _NO,
        Form.DATE_PART: _NO,
        Form.FORMAT: _NO,
        Form.COALESCE: _NO,
        Form.SHIFT: _NO,
        Form.CAST_STRING: _NO,
        Form.OR_OTHER: _NO,
        Form.ROW_VALUE: _NO,
    },
)
