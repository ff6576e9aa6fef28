"""What DuckDB skips: Hive partitions (``partition``) and Parquet row groups (``cluster``).

Every cell is measured, by tests/warehouses/test_pruning_measured.py. Hive: DuckDB computes the predicate
for each file's partition values, so every deterministic function of partition columns alone prunes. Row
groups: only comparisons that its optimizer can bring to the bare column meet the minimum and maximum;
tables in DuckDB's own format behaved the same (rows scanned, DuckDB 1.5.5).
"""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_HIVE = "measured: DuckDB 1.5.5, files read of a Hive-partitioned folder"
_GROUPS = "measured: DuckDB 1.5.5, row groups read of a Parquet file"


def _cells(answer: Prunes, how: str, *forms: Form) -> dict[Form, Cell]:
    return dict.fromkeys(forms, Cell(answer, how, "measured"))


_AS_IT_RUNS = (Form.SUBQUERY, Form.IN_SUBQUERY, Form.JOIN, Form.LIMIT)
_MIXED = (Form.OTHER_COLUMN, Form.OR_OTHER, Form.ROW_VALUE)
_COMPUTED = tuple(form for form in Form if form not in (*_AS_IT_RUNS, *_MIXED, Form.USER_FUNCTION))

TABLE = PruningTable(
    "duckdb",
    partition={
        **_cells(Prunes.YES, _HIVE, *_COMPUTED),
        **_cells(Prunes.AT_RUN_TIME, _HIVE, *_AS_IT_RUNS),
        **_cells(Prunes.NO, _HIVE, *_MIXED),
        **_cells(
            Prunes.UNKNOWN, f"{_HIVE}: a macro is written out in place, so its body decides", Form.USER_FUNCTION
        ),
    },
    cluster={
        **_cells(
            Prunes.YES, _GROUPS,
            Form.COMPARE, Form.IN_LIST, Form.CLOCK, Form.PARAMETER, Form.LIKE_PREFIX, Form.TRUNCATE,
        ),
        **_cells(Prunes.AT_RUN_TIME, _GROUPS, *_AS_IT_RUNS),
        **_cells(
            Prunes.NO, _GROUPS,
            Form.CAST_TIMESTAMP, Form.CAST_STRING, Form.YEAR, Form.DATE_PART, Form.FORMAT, Form.MODULO,
            Form.TIME_ZONE, Form.COALESCE, Form.CASE_FOLD, Form.SUBSTRING, Form.CONCAT, Form.PARSE,
            Form.OTHER_FUNCTION, Form.IS_NULL, Form.LIKE_WILDCARD, *_MIXED,
        ),
        **_cells(
            Prunes.PARTIALLY, f"{_GROUPS}: only a group that holds one number and nothing else", Form.NOT_EQUAL
        ),
        **_cells(Prunes.UNKNOWN, f"{_GROUPS}: an equality prunes, a range doesn't", Form.CAST_DATE),
        **_cells(
            Prunes.UNKNOWN, f"{_GROUPS}: between whole numbers it prunes, to a fraction it doesn't", Form.CAST_NUMBER
        ),
        **_cells(
            Prunes.UNKNOWN, f"{_GROUPS}: whole numbers prune, dates and timestamps don't", Form.SHIFT
        ),
        **_cells(Prunes.UNKNOWN, f"{_GROUPS}: n * 2 prunes, n // 2 doesn't", Form.ARITHMETIC),
        **_cells(
            Prunes.UNKNOWN, f"{_GROUPS}: a macro is written out in place, so its body decides", Form.USER_FUNCTION
        ),
    },
)  # fmt: skip
