"""What Snowflake's micro-partition pruning understands."""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_DOC = "https://docs.snowflake.com/en/user-guide/tables-clustering-micropartitions (checked 2026-11-23)"
_YES = Cell(Prunes.YES, _DOC)

TABLE = PruningTable(
    "snowflake",
    cluster={
        Form.COMPARE: _YES,
        Form.IN_LIST: _YES,
        Form.CLOCK: _YES,
        Form.PARAMETER: _YES,
        Form.CAST_DATE: _YES,
        Form.TRUNCATE: _YES,
        Form.JOIN: Cell(Prunes.AT_RUN_TIME, "arXiv 2504.11540: join pruning on the probe side"),
    },
)
