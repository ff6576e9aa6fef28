"""TPC-DS: every statement is bound, and good SQL is left alone."""

from __future__ import annotations

import pytest

from sqlopt.query import understand
from sqlopt.rules.packs import load_packs
from sqlopt.rules.run import check_text
from tests.tpcds import queries, write_parquet

# What the 99 queries are told, by query number, each read and found true: columns that a CTE gives and
# nobody reads (SCN002), and keys that WHERE fixes to one value (SCN019), as information; commas among JOINs
# (JON013), LEFT JOINs that WHERE makes inner ones (JON006), a join of sales and stock that multiplies (JON004),
# a product of two CTEs (JON001), and more than ten tables in one SELECT (JON016); UNIONs whose branches can't have a
# row in common (AGG005).
TRUE = {
    8: {"SCN002"}, 23: {"SCN002"}, 27: {"SCN002"}, 36: {"SCN002", "AGG005"}, 39: {"SCN002", "SCN019"}, 40: {"JON013"},
    42: {"SCN019"}, 44: {"SCN019"}, 49: {"SCN002", "JON006", "JON013", "AGG005"}, 52: {"SCN019"}, 59: {"SCN002"},
    64: {"SCN002", "JON016"}, 66: {"SCN019"}, 72: {"JON004", "JON016"}, 77: {"JON001"}, 78: {"SCN019"},
    80: {"JON013"}, 81: {"SCN019"}, 93: {"SCN002", "JON006", "JON013"}, 95: {"SCN002"},
}  # fmt: skip
WARNED = {"JON001", "JON004", "JON006", "JON013", "AGG005"}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    from sqlopt.warehouses.duckdb.catalog import read_parquet

    return read_parquet(write_parquet(tmp_path_factory.mktemp("tpcds"), 0.01))


@pytest.mark.parametrize("number", range(1, 100))
def test_every_column_is_bound(number, tables):
    for query in understand(queries()[number - 1], "duckdb", tables):
        assert query.statement.error is None
        assert [query.text(column) for column in query.unresolved] == []
        assert not [key for key, binding in query.bindings.items() if binding.inferred]
        assert all(scan.table is not None for scan in query.scans)


@pytest.mark.parametrize("number", range(1, 100))
def test_no_false_alarm(number, tables):
    result = check_text(queries()[number - 1], "duckdb", tables, load_packs())
    assert result.errors == ()
    assert {finding.rule for finding in result.findings} == TRUE.get(number, set())
    warned = {finding.rule for finding in result.findings if str(finding.severity) != "info"}
    assert warned <= WARNED
