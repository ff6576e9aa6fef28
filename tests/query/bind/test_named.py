"""Tables that are named otherwise than by a plain name."""

from __future__ import annotations

import duckdb
import pytest

from sqlopt import Catalog, Project
from sqlopt.query.bind.named import SUMMARY


def lineage(source: str, dialect: str, **more: object) -> tuple[dict[str, list[str]], list[str]]:
    found = Project(dialect=dialect, **more).lineage(source)  # type: ignore[arg-type]
    assert not found.errors
    return found.columns(), found.tables_in


@pytest.mark.parametrize(
    ("item", "dialect"),
    [
        ("IDENTIFIER('port.trips')", "snowflake"),
        ("IDENTIFIER('port.' || 'trips')", "snowflake"),
        ("TABLE('port.trips')", "snowflake"),
        ("IDENTIFIER('port.trips')", "databricks"),
        ("STREAM(port.trips)", "databricks"),
        ("STREAM port.trips", "databricks"),
        ("query_table('port.trips')", "duckdb"),
        ("port.trips FINAL", "clickhouse"),
    ],
)
@pytest.mark.parametrize("alias", ["", " AS t"])
def test_the_table_is_found(item, dialect, alias):
    item = f"port.trips{alias} FINAL" if dialect == "clickhouse" else f"{item}{alias}"
    assert lineage(f"SELECT boat FROM {item} WHERE fee > 1", dialect) == (
        {"boat": ["port.trips.boat"]},
        ["port.trips"],
    )


@pytest.mark.parametrize(
    ("script", "dialect"),
    [
        ("SET src = 'port.trips'; SELECT boat FROM IDENTIFIER($src)", "snowflake"),
        ("SET src = 'port.trips'; SELECT boat FROM TABLE($src)", "snowflake"),
        ("SET src = 'x'; SET src = 'port.trips'; SELECT boat FROM IDENTIFIER($src)", "snowflake"),
        ("DECLARE VARIABLE src STRING DEFAULT 'port.trips'; SELECT boat FROM IDENTIFIER(src)", "databricks"),
        ("DECLARE s STRING; SET VAR s = 'port'; SELECT boat FROM IDENTIFIER(s || '.trips')", "databricks"),
    ],
)
def test_the_table_is_found_through_a_variable(script, dialect):
    assert lineage(script, dialect) == ({"boat": ["port.trips.boat"]}, ["port.trips"])


@pytest.mark.parametrize(
    "script",
    [
        "SELECT boat FROM IDENTIFIER($src)",
        "SET src = (SELECT name FROM conf); SELECT boat FROM IDENTIFIER($src)",
        "SET src = 'a'; SET src = CONCAT('b', $x); SELECT boat FROM IDENTIFIER($src)",
    ],
)
def test_a_name_that_is_not_known_is_no_table(script):
    found = Project(dialect="snowflake").lineage(script)
    assert set(found.tables_in) <= {"conf"}
    assert found.columns()["boat"] == []


@pytest.mark.parametrize(
    ("script", "dialect", "target"),
    [
        ("INSERT INTO IDENTIFIER('port.out') SELECT boat FROM trips", "snowflake", ["port.out"]),
        ("SET t = 'port.out'; INSERT INTO IDENTIFIER($t) SELECT boat FROM trips", "snowflake", ["port.out"]),
        ("INSERT INTO IDENTIFIER($t) SELECT boat FROM trips", "snowflake", []),
        ("CREATE TABLE IDENTIFIER('port.out') AS SELECT boat FROM trips", "databricks", ["port.out"]),
        ("INSERT INTO IDENTIFIER(:t) SELECT boat FROM trips", "databricks", []),
    ],
)
def test_targets(script, dialect, target):
    found = Project(dialect=dialect).lineage(script)
    assert (found.tables_in, found.tables_out) == (["trips"], target)


def test_the_catalog_knows_a_table_that_a_string_names():
    known = Catalog.from_dict(
        {
            "version": 1,
            "dialect": "snowflake",
            "tables": {"port.trips": {"columns": {"boat": {"type": "INT"}, "fee": {"type": "INT"}}}},
        }
    )
    columns, _ = lineage("SELECT * FROM IDENTIFIER('port.trips')", "snowflake", catalog=known)
    assert columns == {"boat": ["port.trips.boat"], "fee": ["port.trips.fee"]}


@pytest.mark.parametrize(
    "name", ["`port.trips$__UNPARTITIONED__`", "port.`trips$20240131`", "`port.trips$2024013107`"]
)
def test_a_partition_of_a_table_is_the_table(name):
    assert lineage(f"SELECT boat FROM {name}", "bigquery") == ({"boat": ["port.trips.boat"]}, ["port.trips"])


def test_summaries_read_their_table():
    assert lineage("SUMMARIZE port.trips", "duckdb")[1] == ["port.trips"]
    columns, tables = lineage("SELECT * FROM (SUMMARIZE port.trips)", "duckdb")
    assert tables == ["port.trips"]
    assert tuple(columns) == SUMMARY
    assert lineage("CREATE TABLE s AS SELECT max FROM (SUMMARIZE trips)", "duckdb")[0] == {"s.max": []}


def test_the_columns_of_a_summary_are_duckdbs():
    assert tuple(duckdb.sql("SUMMARIZE SELECT 1 AS k").columns) == SUMMARY


@pytest.mark.parametrize(
    ("setting", "dialect"),
    [
        ("SET search_path = port", "postgres"),
        ("SET LOCAL search_path TO port, pg_catalog", "postgres"),
        ("SET SCHEMA 'port'", "postgres"),
        ("SET search_path = 'port'", "duckdb"),
        ("SET schema = 'port'", "duckdb"),
        ("ALTER SESSION SET CURRENT_SCHEMA = port", "oracle"),
    ],
)
def test_the_schema_of_bare_names(setting, dialect):
    columns, _ = lineage(f"{setting}; CREATE TABLE fees AS SELECT fee FROM trips", dialect)
    assert columns == {"port.fees.fee": ["port.trips.fee"]}


def test_of_several_schemas_none_is_taken():
    assert lineage("SET search_path TO port, depot; SELECT fee FROM trips", "postgres")[1] == ["trips"]
