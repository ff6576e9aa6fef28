"""What BigQuery's partition pruning understands."""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_PARTITIONED = "https://cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23)"
_CLUSTERED = "https://cloud.google.com/bigquery/docs/querying-clustered-tables (checked 2026-11-23)"

_YES = Cell(Prunes.YES, _PARTITIONED)
_NO = Cell(Prunes.NO, _PARTITIONED)

TABLE = PruningTable(
    "bigquery",
    partition={
        Form.COMPARE: _YES,
        Form.IN_LIST: _YES,
        Form.IS_NULL: _YES,
        Form.CLOCK: _YES,
        Form.PARAMETER: _YES,
        Form.CAST_DATE: _YES,
        Form.TRUNCATE: _YES,
        Form.SUBQUERY: _NO,
        Form.OTHER_COLUMN: _NO,
    },
    cluster={
        Form.COMPARE: Cell(Prunes.YES, _CLUSTERED),
        Form.IN_LIST: Cell(Prunes.YES, _CLUSTERED),
        Form.CLOCK: Cell(Prunes.YES, _CLUSTERED),
        Form.PARAMETER: Cell(Prunes.YES, _CLUSTERED),
        Form.CASE_FOLD: Cell(Prunes.NO, _CLUSTERED),
        Form.OTHER_COLUMN: Cell(Prunes.NO, _CLUSTERED),
    },
)
