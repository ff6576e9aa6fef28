"""What lineage costs beside the parsing and binding that it stands on."""

from __future__ import annotations

from sqlglot import parse_one
from sqlglot.optimizer.qualify import qualify

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.lineage import trace
from sqlopt.lineage.script import Session
from sqlopt.query import understand
from tests.benchmarks.conftest import interleaved, report
from tests.tpcds import catalog, queries


def test_lineage_of_bound_statements():
    tables = catalog()
    texts = queries()
    bound = [query for text in texts for query in understand(text, "duckdb", tables)]

    def parse_and_bind():
        for text in texts:
            understand(text, "duckdb", tables)

    def lineage():
        session = Session(tables)
        for query in bound:
            session.run(query)

    wall = interleaved(9, bind=parse_and_bind, lineage=lineage)
    ratio = wall["lineage"] / wall["bind"]
    report("lineage of bound TPC-DS statements", to_parse_and_bind=ratio)
    assert ratio <= 0.5


def test_many_columns_through_many_ctes():
    names = [f"c{i}" for i in range(500)]
    listed = ", ".join(names)
    ctes = ["q0 AS (SELECT * FROM base)"]
    ctes += [f"q{i} AS (SELECT {listed} FROM q{i - 1} WHERE c{i} > {i})" for i in range(1, 30)]
    sql = f"WITH {', '.join(ctes)} SELECT * FROM q29"
    tables = Catalog([Table("base", {name: Column(name, "INTEGER") for name in names})])
    schema = {"base": dict.fromkeys(names, "INTEGER")}

    def peer():
        qualify(parse_one(sql, dialect="duckdb"), schema=schema, dialect="duckdb")

    def ours():
        assert trace(sql, "duckdb", tables).columns()["c7"] == ["base.c7"]

    wall = interleaved(3, ours=ours, peer=peer)
    ratio = wall["ours"] / wall["peer"]
    report("500 columns through 30 CTEs, parsed, bound and traced", to_sqlglot_parse_and_qualify=ratio)
    assert ratio <= 1.5
