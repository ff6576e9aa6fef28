"""What Spark's partition pruning understands."""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_MEASURED = "measured: Spark 4.3, offered as PartitionFilters"
_YES = Cell(Prunes.YES, _MEASURED, "measured")

TABLE = PruningTable(
    "spark",
    partition={
        Form.COMPARE: _YES,
        Form.IN_LIST: _YES,
        Form.CAST_NUMBER: _YES,
        Form.CAST_STRING: _YES,
        Form.SHIFT: _YES,
        Form.ARITHMETIC: _YES,
        Form.SUBQUERY: Cell(Prunes.AT_RUN_TIME, _MEASURED, "measured"),
        Form.IN_SUBQUERY: Cell(Prunes.AT_RUN_TIME, _MEASURED, "measured"),
        Form.JOIN: Cell(Prunes.AT_RUN_TIME, _MEASURED, "measured"),
        Form.OR_OTHER: Cell(Prunes.NO, _MEASURED, "measured"),
    },
)
