"""The views suggested for TPC-DS and TPC-H, each built on real data: every rewritten statement gives the same rows."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

import sqlopt
from sqlopt.warehouses.duckdb.catalog import read_database
from tests import tpcds, tpch

_SETS = {"tpcds": (tpcds, "CALL dsdgen(sf = 0.05)"), "tpch": (tpch, "CALL dbgen(sf = 0.1)")}
_QUERIES = {
    "tpcds": (3, 4, 7, 8, 11, 13, 14, 19, 33, 36, 38, 42, 43, 44, 48, 52, 53, 55, 56, 59, 60, 63, 65, 70, 74, 77, 82,
              87, 88, 94, 95, 96, 97, 98),
    "tpch": range(1, 23),
}  # fmt: skip
"""Those of TPC-DS that have the most in common; the benchmark takes all."""


@pytest.fixture(scope="module", params=list(_SETS))
def workload(request, tmp_path_factory):
    module, fill = _SETS[request.param]
    path = tmp_path_factory.mktemp(request.param) / "data.duckdb"
    with module.connect(str(path)) as connection:
        connection.execute(fill)
    project = sqlopt.Project(catalog=read_database(str(path), values=True), dialect="duckdb")
    texts = {f"q{number}": module.queries()[number - 1] for number in _QUERIES[request.param]}
    return request.param, path, module, project.suggest(texts, effort="low")


def rows(connection, sql):
    """The bag of a query's rows; decimals and floats as far as they are told apart."""
    return Counter(tuple(map(plain, row)) for row in connection.execute(sql).fetchall())


def plain(value):
    return float(f"{value:.9g}") if isinstance(value, (float, Decimal)) else value


def test_every_statement_gives_the_same_rows(workload):
    name, path, module, found = workload
    assert len(found.suggestions) >= {"tpcds": 4, "tpch": 1}[name]
    with module.connect(str(path)) as connection:
        for one in found.suggestions:
            connection.execute(one.made.statement)
            for profit in one.profits:
                assert rows(connection, profit.rewritten) == rows(connection, profit.original), (
                    one.name,
                    profit.path,
                )


def test_views_are_as_small_as_was_said(workload):
    _, path, module, found = workload
    with module.connect(str(path)) as connection:
        for one in found.suggestions:
            connection.execute(one.made.statement)
            (size,) = connection.execute(f"SELECT COUNT(*) FROM {one.name}").fetchone()
            assert size * 4 <= one.base_rows, (one.name, size)


def test_nothing_is_refuted(workload):
    found = workload[3]
    said = [line for one in found.suggestions for line in one.left_out]
    assert not [line for line in said if "same result" in line or "understood" in line]
