"""SQL files with names in braces, which a program fills."""

import pytest

from sqlopt import Project
from sqlopt.source import placeholders
from sqlopt.span import Span


@pytest.mark.parametrize(
    "text",
    [
        "SELECT {'boat': 1} AS s, {k: a} AS t",  # structs of DuckDB
        "SELECT boat FROM trips WHERE k = {n:UInt8}",  # a parameter of ClickHouse
        "SELECT '{boat}' AS a, '{\"k\": 1}'",
        "SELECT boat -- of {pier}\nFROM trips /* {pier} */",
        "CREATE FUNCTION f() RETURNS STRING LANGUAGE js AS '''function() {return}'''",
        "CREATE FUNCTION f() RETURNS int AS $$ if x {stop} $$ LANGUAGE plperl",
        "SELECT {fn CURDATE()} FROM trips WHERE REGEXP_LIKE(a, 'x{2}')",
        "SELECT {{ boat }} FROM trips",
    ],
)
def test_braces_of_sql_are_no_placeholders(text):
    assert not placeholders.found(text)


@pytest.mark.parametrize("dialect", ["bigquery", "postgres", "snowflake", "duckdb"])
def test_a_name_in_braces_is_something_unknown(tmp_path, dialect):
    text = (
        "CREATE TABLE {home}.out AS\nSELECT boat, {what} AS fee FROM {port}.trips_{year} WHERE day = '{day}'"
    )
    (tmp_path / "a.sql").write_text(text)
    project = Project(dialect=dialect)
    (file,) = project.check(text, str(tmp_path / "a.sql")).files
    assert not file.errors
    graph = project.graph([tmp_path])
    assert not graph.troubles
    assert [str(one) for one in graph.reach(graph.find("out.boat"), upstream=True)] == [
        "unknown_port.trips_unknown_year.boat"
    ]


def test_a_finding_stands_in_the_text_that_was_written():
    text = "SELECT t.boat FROM {home}.crates AS c, {home}.piers AS p WHERE c.pier = {pier}"
    (script,) = placeholders.read(text, "a.sql")
    at = script.text.index("piers AS p")
    assert script.source_map.place(Span(at, at + 10)).span.of(text) == "piers AS p"


def test_what_may_be_any_sql_makes_no_error():
    text = "SELECT boat FROM trips WHERE a {rest}; DROP INDEX {name};"
    (file,) = Project(dialect="postgres").check(text, "a.sql").files
    assert not file.errors
