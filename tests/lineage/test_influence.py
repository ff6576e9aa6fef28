"""Nothing changes a result but what an edge names: data is changed column by column, and DuckDB asked again."""

from __future__ import annotations

import random

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlopt import Catalog, Project

TABLES = {"t": ("a", "b", "c", "d"), "u": ("a", "e", "f")}
CATALOG = Catalog.from_dict(
    {
        "version": 1,
        "tables": {
            name: {"columns": {x: {"type": "INTEGER"} for x in columns}} for name, columns in TABLES.items()
        },
    }
)

column_of_t = st.sampled_from(["t.a", "t.b", "t.c", "t.d"])
column_of_u = st.sampled_from(["u.a", "u.e", "u.f"])
column = st.one_of(column_of_t, column_of_u)
value = st.one_of(
    column,
    st.builds("{} + {}".format, column, column),
    st.builds("CASE WHEN {} > 2 THEN {} ELSE {} END".format, column, column, column),
    st.builds("coalesce({}, {})".format, column, column),
    st.builds("(SELECT max(v.e) FROM u AS v WHERE v.f = {})".format, column_of_t),
    st.builds("row_number() OVER (PARTITION BY {} ORDER BY {}, {})".format, column, column, column),
    st.builds("sum({}) OVER (PARTITION BY {})".format, column, column),
)
condition = st.one_of(
    st.builds("{} > 2".format, column),
    st.builds("{} = {}".format, column, column),
    st.builds("{} IN (SELECT v.a FROM u AS v WHERE v.e < 4)".format, column),
    st.builds("NOT EXISTS (SELECT 1 FROM t AS w WHERE w.d = {} AND w.b > 3)".format, column),
)
join = st.builds(
    "FROM t {} JOIN u ON {}".format,
    st.sampled_from(["INNER", "LEFT", "RIGHT", "FULL"]),
    st.builds("{} = {}".format, column_of_t, column_of_u),
)
plain = st.builds("SELECT {} AS x, {} AS y {} WHERE {}".format, value, value, join, condition)
grouped = st.builds(
    "SELECT {0} AS x, sum({1}) AS y {2} GROUP BY {0} HAVING count({3}) > 0".format,
    column,
    column,
    join,
    column,
)
distinct = st.builds("SELECT DISTINCT {} AS x, {} AS y {}".format, column, column, join)
top = st.builds("SELECT {} AS x, {} AS y {} ORDER BY ALL, {} LIMIT 3".format, column, column, join, column)
inner = st.one_of(plain, grouped, distinct)
query = st.one_of(
    inner,
    st.builds("WITH q AS ({}) SELECT x AS x, max(y) AS y FROM q WHERE y > 0 GROUP BY x".format, inner),
    st.builds("SELECT z.x AS x, z.y AS y FROM ({}) AS z JOIN t ON t.a = z.x".format, inner),
    st.builds("({}) UNION ALL ({})".format, inner, inner),
    st.builds("({}) EXCEPT ({})".format, inner, inner),
    st.builds(
        "SELECT x, y FROM ({}) QUALIFY row_number() OVER (PARTITION BY x ORDER BY y) = 1".format, inner
    ),
)


def fill(connection, seed, changed=None):
    """Fill the tables by ``seed``; the values of the column ``changed`` are others."""
    for table, columns in TABLES.items():
        connection.execute(f"CREATE OR REPLACE TABLE {table} ({', '.join(f'{x} INTEGER' for x in columns)})")
        made = {x: random.Random(f"{seed}{table}{x}{changed == f'{table}.{x}'}") for x in columns}
        rows = [
            [None if made[x].random() < 0.1 else made[x].randint(0, 6) for x in columns] for _ in range(12)
        ]
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(sql=query, seed=st.integers(0, 99))
def test_a_column_without_an_edge_changes_nothing(connection, sql, seed):
    named = {str(edge.source) for edge in Project(catalog=CATALOG, dialect="duckdb").lineage(sql).edges}
    counted = {
        str(edge.source.table) for edge in Project(catalog=CATALOG, dialect="duckdb").lineage(sql).edges
    }
    assert counted <= set(TABLES)
    fill(connection, seed)
    before = sorted(connection.execute(sql).fetchall(), key=repr)
    for table, columns in TABLES.items():
        for one in columns:
            if f"{table}.{one}" in named:
                continue
            fill(connection, seed, f"{table}.{one}")
            after = sorted(connection.execute(sql).fetchall(), key=repr)
            assert after == before, f"{table}.{one} changes the result"
