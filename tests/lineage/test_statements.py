"""What every kind of statement reads and writes, column by column."""

from __future__ import annotations

import pytest

from sqlopt import Catalog, Project
from sqlopt.lineage import Kind, Transformation

CATALOG = Catalog.from_dict(
    {
        "version": 1,
        "tables": {
            "t": {"columns": {name: {"type": "INT"} for name in "abcd"}},
            "u": {"columns": {name: {"type": "INT"} for name in "aef"}},
            "e": {"columns": {"id": {"type": "INT"}, "arr": {"type": "ARRAY"}, "v": {"type": "VARIANT"}}},
        },
    }
)

CASES = [
    (
        "duckdb",
        "SELECT * FROM t UNION BY NAME SELECT b, a FROM t",
        {"a": ["t.a"], "b": ["t.b"], "c": ["t.c"], "d": ["t.d"]},
    ),
    (
        "duckdb",
        "WITH RECURSIVE r AS (SELECT a, b FROM t UNION ALL SELECT r.a + 1, e FROM r JOIN u ON u.a = r.a) FROM r",
        {"a": ["t.a"], "b": ["t.b", "u.e"]},
    ),
    (
        "snowflake",
        "SELECT * FROM t PIVOT(SUM(b) AS s, MAX(c) AS m FOR a IN (1 AS one)) AS p",
        {"d": ["t.d"], "one_s": ["t.b", "t.a"], "one_m": ["t.c", "t.a"]},
    ),
    (
        "snowflake",
        "SELECT d, val, nm FROM t UNPIVOT(val FOR nm IN (a, b))",
        {"d": ["t.d"], "val": ["t.a", "t.b"], "nm": []},
    ),
    ("bigquery", "SELECT id, x FROM e, UNNEST(arr) AS x", {"id": ["e.id"], "x": ["e.arr"]}),
    ("snowflake", "SELECT f.value:n::STRING AS n FROM e, LATERAL FLATTEN(input => v) f", {"n": ["e.v"]}),
    ("spark", "SELECT id, x FROM e LATERAL VIEW explode(arr) z AS x", {"id": ["e.id"], "x": ["e.arr"]}),
    ("postgres", "SELECT j.k FROM e, LATERAL (SELECT e.v AS k WHERE id > 1) j", {"k": ["e.v"]}),
    ("duckdb", "SELECT (SELECT max(e) FROM u WHERE u.a = t.a) AS m FROM t", {"m": ["u.e"]}),
    (
        "duckdb",
        "SELECT sum(b) OVER (PARTITION BY a ORDER BY c) AS s, count(*) AS n FROM t",
        {"s": ["t.b", "t.a", "t.c"], "n": []},
    ),
    ("duckdb", "SELECT CASE WHEN a > 1 THEN b ELSE c END AS x FROM t", {"x": ["t.a", "t.b", "t.c"]}),
    (
        "duckdb",
        "SELECT t.a, u.* EXCLUDE (a) FROM t JOIN u ON t.a = u.a",
        {"a": ["t.a"], "e": ["u.e"], "f": ["u.f"]},
    ),
    ("duckdb", "SELECT a FROM t FULL JOIN u USING (a)", {"a": ["t.a", "u.a"]}),
    ("duckdb", "CREATE VIEW v (p, q) AS SELECT a, b FROM t", {"v.p": ["t.a"], "v.q": ["t.b"]}),
    ("duckdb", "INSERT INTO u SELECT a, b, c FROM t", {"u.a": ["t.a"], "u.e": ["t.b"], "u.f": ["t.c"]}),
    (
        "bigquery",
        """MERGE t USING (SELECT a, e FROM u) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = s.e + t.c
        WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a)""",
        {"t.b": ["u.e", "t.c"], "t.a": ["u.a"]},
    ),
    (
        "duckdb",
        "UPDATE t SET (a, b) = (SELECT e, f FROM u WHERE u.a = t.a)",
        {"t.a": ["u.e"], "t.b": ["u.f"]},
    ),
    (
        "snowflake",
        "INSERT ALL INTO o1 (k) VALUES (a) INTO o2 SELECT a, b FROM t",
        {"o1.k": ["t.a"], "o2.a": ["t.a"], "o2.b": ["t.b"]},
    ),
    ("hive", "FROM t INSERT INTO o1 SELECT a INSERT INTO o2 SELECT b", {"o1.a": ["t.a"], "o2.b": ["t.b"]}),
    ("snowflake", "CREATE TABLE z CLONE u", {"z.a": ["u.a"], "z.e": ["u.e"], "z.f": ["u.f"]}),
    (
        "bigquery",
        "BEGIN CREATE TEMP TABLE x AS SELECT a FROM t; INSERT INTO o SELECT a FROM x; END",
        {"o.a": ["t.a"]},
    ),
    (
        "snowflake",
        "CREATE TASK k WAREHOUSE = w SCHEDULE = '1 minute' AS INSERT INTO o SELECT a FROM t",
        {"o.a": ["t.a"]},
    ),
    ("tsql", "SELECT a INTO #x FROM t; SELECT a INTO y FROM #x", {"y.a": ["t.a"]}),
    (
        "postgres",
        "CREATE FUNCTION f() RETURNS void AS $$ BEGIN INSERT INTO o SELECT a FROM t; END; $$ LANGUAGE plpgsql",
        {"o.a": ["t.a"]},
    ),
    ("bigquery", "SELECT address.city.name AS n FROM other", {"n": ["other.address.city.name"]}),
    ("duckdb", "SELECT x FROM one JOIN two ON one.k = two.k", {"x": ["x"]}),  # whose x is not known
    ("duckdb", "SELECT * FROM other", {"*": ["other.*"]}),
]


@pytest.mark.parametrize(("dialect", "sql", "expected"), CASES, ids=[sql[:60] for _, sql, _ in CASES])
def test_columns(dialect, sql, expected):
    assert Project(catalog=CATALOG, dialect=dialect).lineage(sql).columns() == expected


def uses(sql, dialect="duckdb"):
    found = Project(catalog=CATALOG, dialect=dialect).lineage(sql)
    return {(str(edge.source), str(edge.target), edge.transformation) for edge in found.edges}


def test_direct_and_indirect_uses_are_told_apart():
    found = uses(
        "SELECT t.a, sum(t.b) AS s, CASE WHEN t.c > 1 THEN 1 END AS k FROM t JOIN u ON t.a = u.a "
        "WHERE u.e > 1 GROUP BY t.a, t.c ORDER BY t.d"
    )
    assert ("t.a", "a", Transformation.IDENTITY) in found
    assert ("t.b", "s", Transformation.AGGREGATION) in found
    assert ("t.c", "k", Transformation.CONDITIONAL) in found
    assert ("u.a", "", Transformation.JOIN) in found
    assert ("u.e", "", Transformation.FILTER) in found
    assert ("t.a", "", Transformation.GROUP_BY) in found
    assert ("t.d", "", Transformation.SORT) in found


def test_filters_inside_ctes_and_temporary_tables_are_kept():
    found = uses(
        "CREATE TEMP TABLE x AS SELECT a FROM t WHERE b = 1; WITH c AS (SELECT a FROM x WHERE a > 2) SELECT a FROM c"
    )
    assert {("t.b", "", Transformation.FILTER), ("t.a", "", Transformation.FILTER)} <= found


def test_counts_and_hashes_mask():
    found = Project(catalog=CATALOG, dialect="duckdb").lineage(
        "SELECT md5(a) AS h, count(DISTINCT b) AS n, c FROM t"
    )
    assert {str(edge.target): edge.masking for edge in found.edges} == {"h": True, "n": True, "c": False}


def test_an_edge_points_at_the_text():
    sql = "SELECT\n  a + b AS ab\nFROM t"
    edges = Project(catalog=CATALOG, dialect="duckdb").lineage(sql).edges
    assert {edge.span.of(sql) for edge in edges if edge.kind is Kind.DIRECT} == {"a", "b"}


def test_closure_decides_what_is_seen_through():
    sql = "CREATE TABLE x AS SELECT a AS k FROM t; INSERT INTO o SELECT k FROM x"
    project = Project(catalog=CATALOG, dialect="duckdb")
    assert project.lineage(sql).columns() == {"x.k": ["t.a"], "o.k": ["x.k"]}
    assert project.lineage(sql, closure="all").columns() == {"o.k": ["t.a"]}


def test_names_are_completed_from_the_defaults():
    project = Project(dialect="snowflake", default_database="db", default_schema="sc")
    found = project.lineage("INSERT INTO o SELECT a FROM x.t; USE SCHEMA other; SELECT b FROM z")
    assert found.tables_in == ["db.x.t", "db.other.z"]
    assert found.tables_out == ["db.sc.o"]


def test_what_can_not_be_parsed_is_reported_and_the_rest_complete():
    found = Project(dialect="duckdb").lineage("SELECT ((( FROM; CREATE TABLE o AS SELECT a FROM t")
    assert len(found.errors) == 1
    assert found.columns() == {"o.a": ["t.a"]}


def test_an_unresolved_column_names_its_candidates():
    found = Project(dialect="duckdb").lineage(
        "WITH c AS (SELECT x FROM p JOIN q ON p.i = q.i) SELECT x + 1 AS y FROM c"
    )
    assert found.columns() == {"y": ["x"]}
    sources = [edge.source for edge in found.edges if edge.kind is Kind.DIRECT]
    assert [(one.column, one.candidates) for one in sources] == [("x", ("p", "q"))]


def test_hops_name_every_station():
    sql = "WITH c AS (SELECT a + b AS k FROM t) INSERT INTO o (z) SELECT k FROM (SELECT k FROM c) s"
    hops = Project(catalog=CATALOG, dialect="duckdb").lineage(sql).hops
    assert [f"{edge.source} > {edge.target}: {edge.transformation}" for edge in hops] == [
        "t.a > c@1.k: transformation",
        "t.b > c@1.k: transformation",
        "c@1.k > s@1.k: identity",
        "s@1.k > o.z: identity",
    ]
