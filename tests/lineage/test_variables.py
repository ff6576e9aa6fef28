"""Values that pass script variables, loops, cursors and functions on their way."""

from __future__ import annotations

import pytest

from sqlopt import Catalog, Project

CASES = [
    (
        "bigquery",
        (
            "DECLARE peak INT64 DEFAULT (SELECT MAX(height) FROM d.wave);"
            " CREATE TABLE d.log AS SELECT peak AS p;"
        ),
        {"d.log.p": ["d.wave.height"]},
    ),
    (
        "bigquery",
        (
            "DECLARE lo, hi INT64; SET (lo, hi) = (SELECT AS STRUCT MIN(height), MAX(depth) FROM d.wave);"
            " INSERT INTO d.log (a, b) SELECT lo, hi + foam FROM d.surf"
        ),
        {"d.log.a": ["d.wave.height"], "d.log.b": ["d.wave.depth", "d.surf.foam"]},
    ),
    (
        "bigquery",
        (
            "DECLARE sum INT64; SET sum = (SELECT SUM(height) FROM d.wave);"
            " SET sum = sum + (SELECT foam FROM d.surf);"
            " INSERT INTO d.log (a) VALUES (sum)"
        ),
        {"d.log.a": ["d.wave.height", "d.surf.foam"]},
    ),
    (
        "bigquery",
        (
            "SET peak = (SELECT height FROM d.wave); SET peak = (SELECT foam FROM d.surf);"
            " INSERT INTO d.log (a) VALUES (peak)"
        ),
        {"d.log.a": ["d.surf.foam"]},
    ),
    (
        "bigquery",
        (
            "DECLARE w STRUCT<h INT64, d INT64> DEFAULT (SELECT AS STRUCT height AS h, depth AS d FROM"
            " d.wave);"
            " INSERT INTO d.log (a) VALUES (w.d)"
        ),
        {"d.log.a": ["d.wave.depth"]},
    ),
    (
        "bigquery",
        (
            "FOR w IN (SELECT height, depth FROM d.wave) DO INSERT INTO d.log (a) SELECT w.depth + s.foam"
            " FROM d.surf s; END FOR;"
        ),
        {"d.log.a": ["d.wave.depth", "d.surf.foam"]},
    ),
    (
        "bigquery",
        "FOR w IN (SELECT height, 1 AS one FROM d.wave) DO INSERT INTO d.log (a) VALUES (w.one); END FOR;",
        {"d.log.a": []},
    ),
    (
        "snowflake",
        "SET peak = (SELECT MAX(height) FROM wave); CREATE TABLE log AS SELECT $peak AS p",
        {"log.p": ["wave.height"]},
    ),
    (
        "snowflake",
        (
            "BEGIN LET c CURSOR FOR SELECT height, depth FROM wave;"
            " FOR w IN c DO INSERT INTO log (a) VALUES (w.depth);"
            " END FOR; LET peak := (SELECT MAX(foam) FROM surf); half := peak / 2;"
            " INSERT INTO log (b) VALUES (:half); END"
        ),
        {"log.a": ["wave.depth"], "log.b": ["surf.foam"]},
    ),
    (
        "snowflake",
        (
            "DECLARE c CURSOR FOR SELECT height FROM wave; v INT; BEGIN OPEN c; FETCH c INTO v;"
            " INSERT INTO log (a) VALUES (:v); END"
        ),
        {"log.a": ["wave.height"]},
    ),
    (
        "postgres",
        (
            "DO $$ DECLARE w record; n int; BEGIN FOR w IN SELECT height, depth FROM wave LOOP"
            " INSERT INTO log (a) VALUES (w.height); END LOOP; SELECT MAX(foam) INTO n FROM surf;"
            " INSERT INTO log (b) VALUES (n); n := (SELECT salt FROM sea); UPDATE log SET c = n;"
            " IF n > 1 THEN n := (SELECT ice FROM pole); END IF; UPDATE log SET d = n; END $$"
        ),
        {
            "log.a": ["wave.height"],
            "log.b": ["surf.foam"],
            "log.c": ["sea.salt"],
            "log.d": ["sea.salt", "pole.ice"],
        },
    ),
    (
        "tsql",
        (
            "DECLARE @peak INT = (SELECT MAX(height) FROM wave); SELECT @salt = salt FROM sea;"
            " INSERT INTO log (a, b) SELECT @peak, @salt"
        ),
        {"log.a": ["wave.height"], "log.b": ["sea.salt"]},
    ),
    (
        "mysql",
        (
            "SET @peak = (SELECT MAX(height) FROM wave); SELECT salt INTO @salt FROM sea;"
            " INSERT INTO log (a, b) VALUES (@peak, @salt)"
        ),
        {"log.a": ["wave.height"], "log.b": ["sea.salt"]},
    ),
    (
        "duckdb",
        (
            "SET VARIABLE peak = (SELECT MAX(height) FROM wave);"
            " CREATE TABLE log AS SELECT getvariable('peak') AS p"
        ),
        {"log.p": ["wave.height"]},
    ),
    (
        "bigquery",
        (
            "CREATE TEMP FUNCTION above(n INT64, m INT64) AS (n + (SELECT MAX(height) FROM d.wave WHERE k = m));"
            " SELECT above(x, y) AS a FROM d.t"
        ),
        {"a": ["d.t.x", "d.wave.height"]},
    ),
    (
        "bigquery",
        "CREATE FUNCTION d.first(n INT64, m INT64) AS (n * 2); SELECT d.first(x, y) AS a FROM d.t",
        {"a": ["d.t.x"]},
    ),
    (
        "bigquery",
        (
            "CREATE TABLE FUNCTION d.tall(n INT64) AS SELECT height AS h FROM d.wave WHERE k > n;"
            " CREATE TABLE d.log AS SELECT q.h FROM d.tall(3) q"
        ),
        {"d.log.h": ["d.wave.height"]},
    ),
    (
        "duckdb",
        (
            "CREATE MACRO tall(n) AS TABLE SELECT height, depth FROM wave WHERE k > n;"
            " CREATE TABLE log AS SELECT * FROM tall(3)"
        ),
        {"log.height": ["wave.height"], "log.depth": ["wave.depth"]},
    ),
    (
        "postgres",
        (
            "CREATE FUNCTION tall(n int) RETURNS TABLE (h int) LANGUAGE sql AS $$ SELECT height FROM wave"
            " WHERE k > n $$;"
            " CREATE TABLE log AS SELECT h FROM tall(3)"
        ),
        {"log.h": ["wave.height"]},
    ),
    (
        "snowflake",
        (
            "CREATE FUNCTION tall(n INT) RETURNS TABLE (h INT) AS 'SELECT height FROM wave';"
            " CREATE TABLE log AS SELECT h FROM TABLE(tall(3))"
        ),
        {"log.h": ["wave.height"]},
    ),
]


@pytest.mark.parametrize(("dialect", "sql", "columns"), CASES, ids=[one[1][:60] for one in CASES])
def test_values_keep_their_source(dialect, sql, columns):
    found = Project(dialect=dialect).lineage(sql)
    assert not found.errors
    assert found.columns() == columns


def test_what_fills_a_variable_is_read_and_is_no_result():
    sql = "FOR w IN (SELECT height FROM d.wave) DO INSERT INTO d.log (a) VALUES (w.height); END FOR;"
    found = Project(dialect="bigquery").lineage(sql)
    assert found.tables_in == ["d.wave"]
    assert found.tables_out == ["d.log"]


def test_a_known_column_wins_over_a_variable_of_its_name():
    sql = (
        "DECLARE height INT64 DEFAULT (SELECT foam FROM d.surf);"
        " CREATE TABLE d.log AS SELECT height FROM d.wave"
    )
    tables = {"d.wave": {"columns": {"height": {"type": "INT64"}}}}
    catalog = Catalog.from_dict({"version": 1, "tables": tables})
    found = Project(catalog=catalog, dialect="bigquery").lineage(sql)
    assert found.columns() == {"d.log.height": ["d.wave.height"]}


def test_steps_through_variables():
    sql = (
        "DECLARE peak INT64 DEFAULT (SELECT MAX(height) FROM d.wave); CREATE TABLE d.log AS SELECT peak AS p;"
    )
    hops = Project(dialect="bigquery").lineage(sql).hops
    assert [(str(one.source), str(one.target)) for one in hops] == [("d.wave.height", "d.log.p")]
