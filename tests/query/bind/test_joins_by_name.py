"""TPC-DS and TPC-H with USING and NATURAL: the same lineage, bytes and findings as with ON."""

from __future__ import annotations

import duckdb
import pytest

from sqlopt import Project
from sqlopt.warehouses.duckdb.catalog import read_database
from tests import tpcds, tpch
from tests.query.bind.using import rename, spellings

# Findings on the words of a join, not on what it does: JON022 asks for the columns of NATURAL by name.
_ON_WORDS = {"JON022"}


class Benchmark:
    """A database with renamed keys, its catalog, and its queries that DuckDB runs in all three spellings."""

    def __init__(self, data, generate, folder):
        path = folder / "data.duckdb"
        with data.connect(str(path)) as connection:
            connection.execute(generate)
            self.tables = rename(connection)
        self.project = Project(catalog=read_database(path), dialect="duckdb")
        self.queries = {}
        with duckdb.connect(str(path), read_only=True) as connection:
            for number, sql in enumerate(data.queries(), 1):
                one = spellings(sql, self.tables)
                if one.joins and _runs(connection, one):
                    self.queries[number] = one


def _runs(connection, one):
    """Whether the query is one that its rewriting kept whole: each spelling runs, and they agree."""
    try:
        found = [
            sorted(map(repr, connection.execute(text).fetchall()))
            for text in (one.on, one.using, one.natural)
        ]
    except duckdb.Error:
        return False
    return found[0] == found[1] == found[2]


@pytest.fixture(scope="module")
def tpch_queries(tmp_path_factory):
    return Benchmark(tpch, "CALL dbgen(sf = 0.001)", tmp_path_factory.mktemp("tpch"))


@pytest.fixture(scope="module")
def tpcds_queries(tmp_path_factory):
    return Benchmark(tpcds, "CALL dsdgen(sf = 0.01)", tmp_path_factory.mktemp("tpcds"))


def _answers(project, sql):
    """What sqlopt says of a query, without the places in its text."""
    lineage = project.lineage(sql)
    edges = {(one.source, one.target, one.kind, one.transformation, one.masking) for one in lineage.edges}
    found = project.check(sql)
    assert not found.errors
    rules = sorted(one.rule for one in found.findings if one.rule not in _ON_WORDS)
    return lineage.columns(), edges, [one.bytes_scanned for one in project.cost(sql)], rules


def _compare(benchmark, spelling):
    wrong = []
    for number, one in benchmark.queries.items():
        before, after = (
            _answers(benchmark.project, one.on),
            _answers(benchmark.project, getattr(one, spelling)),
        )
        for title, left, right in zip(("columns", "edges", "bytes", "rules"), before, after, strict=True):
            if left != right:
                wrong.append((number, title, left, right))
    return wrong


@pytest.mark.parametrize("spelling", ["using", "natural"])
def test_tpch_by_name_is_tpch_by_on(spelling, tpch_queries):
    assert len(tpch_queries.queries) >= 12
    assert _compare(tpch_queries, spelling) == []


@pytest.mark.parametrize("spelling", ["using", "natural"])
def test_tpcds_by_name_is_tpcds_by_on(spelling, tpcds_queries):
    assert len(tpcds_queries.queries) >= 60
    assert sum(one.naturals for one in tpcds_queries.queries.values()) >= 20
    assert _compare(tpcds_queries, spelling) == []
