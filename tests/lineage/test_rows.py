"""Lineage of whole rows, of fields of structs, of stars with modifiers, and of pivots."""

import pytest

from sqlopt import Catalog, Project

COLUMNS = {
    "port.ship": {"ship_id": "INT64", "flag": "STRING", "built": "DATE"},
    "port.trip": {"trip_id": "INT64", "ship_id": "INT64", "stops": "ARRAY<STRUCT<town STRING, days INT64>>"},
    "port.crew": {"crew_id": "INT64", "home": "STRUCT<street STRING, code STRING>"},
    "rain": {"farm": "STRING", "wet1": "INT64", "wet2": "INT64", "dry1": "INT64"},
}


def columns(sql, dialect="bigquery"):
    tables = {
        name: {"columns": {column: {"type": kind} for column, kind in each.items()}}
        for name, each in COLUMNS.items()
    }
    catalog = Catalog.from_dict({"version": 1, "dialect": dialect, "tables": tables})
    return Project(catalog=catalog, dialect=dialect).lineage(sql).columns()


ALL = ["port.ship.ship_id", "port.ship.flag", "port.ship.built"]


@pytest.mark.parametrize("value", ["TO_JSON_STRING(s)", "s", "COUNT(DISTINCT s)", "[s]"])
def test_a_row_as_a_value_comes_from_all_of_its_columns(value):
    assert columns(f"SELECT {value} AS v FROM port.ship s")["v"] == ALL


def test_select_as_value_gives_the_columns_of_the_row():
    assert columns("SELECT AS VALUE s FROM port.ship s") == {
        "ship_id": [ALL[0]],
        "flag": [ALL[1]],
        "built": [ALL[2]],
    }


def test_the_latest_row_by_array_agg_gives_the_field_that_is_taken():
    found = columns("SELECT ARRAY_AGG(s ORDER BY s.built DESC LIMIT 1)[OFFSET(0)].flag AS v FROM port.ship s")
    assert found["v"] == [ALL[1], ALL[2]]
    whole = columns("SELECT ARRAY_AGG(s ORDER BY s.built LIMIT 1)[OFFSET(0)].* FROM port.ship s")
    assert list(whole) == ["ship_id", "flag", "built"]


def test_a_row_of_a_query_is_seen_through():
    sql = "WITH q AS (SELECT ship_id AS k, flag FROM port.ship) SELECT TO_JSON_STRING(q) AS j FROM q"
    assert columns(sql) == {"j": [ALL[0], ALL[1]]}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT p.town AS v FROM port.trip, UNNEST(stops) AS p", "port.trip.stops.town"),
        ("SELECT stops[OFFSET(0)].town AS v FROM port.trip", "port.trip.stops.town"),
        ("SELECT w.a AS v FROM (SELECT STRUCT(flag AS a, built AS b) AS w FROM port.ship)", "port.ship.flag"),
        ("SELECT (SELECT AS STRUCT flag, built FROM port.ship LIMIT 1).flag AS v", "port.ship.flag"),
        (
            "SELECT ARRAY(SELECT AS STRUCT flag AS a, built FROM port.ship)[OFFSET(0)].a AS v",
            "port.ship.flag",
        ),
        ("SELECT stops AS v FROM port.trip, UNNEST(stops) AS stops", "port.trip.stops"),
    ],
)
def test_fields_of_structs_come_from_that_field(sql, expected):
    assert columns(sql)["v"] == [expected]


def test_the_star_of_a_struct_gives_its_fields():
    assert columns("SELECT crew_id, home.* FROM port.crew") == {
        "crew_id": ["port.crew.crew_id"],
        "street": ["port.crew.home.street"],
        "code": ["port.crew.home.code"],
    }


@pytest.mark.parametrize(
    ("dialect", "star"),
    [
        ("snowflake", "* ILIKE 'WET%'"),
        ("duckdb", "COLUMNS('^wet')"),
        ("duckdb", "* LIKE 'wet%'"),
        ("duckdb", "COLUMNS(['wet1', 'wet2'])"),
        ("duckdb", "* NOT SIMILAR TO '(farm|dry).*'"),
        ("duckdb", "* EXCLUDE (farm, dry1)"),
    ],
)
def test_stars_give_the_columns_that_their_modifiers_leave(dialect, star):
    assert columns(f"SELECT {star} FROM rain", dialect) == {"wet1": ["rain.wet1"], "wet2": ["rain.wet2"]}


def test_a_semi_join_gives_the_left_side_alone():
    sql = "SELECT * FROM port.crew LEFT SEMI JOIN port.ship ON ship.ship_id = crew.crew_id"
    assert list(columns(sql, "spark")) == ["crew_id", "home"]


@pytest.mark.parametrize("item", ["*", "ship_id"])
@pytest.mark.parametrize("side", ["RIGHT", "FULL"])
def test_a_key_that_either_side_may_give_comes_from_both(side, item):
    sql = f"SELECT {item} FROM port.trip {side} JOIN port.ship USING (ship_id)"
    assert columns(sql, "duckdb")["ship_id"] == ["port.trip.ship_id", "port.ship.ship_id"]


def test_a_named_window_has_the_keys_of_one_that_is_written_out():
    named = (
        "SELECT SUM(wet1) OVER late AS v FROM rain WINDOW w AS (PARTITION BY farm), late AS (w ORDER BY dry1)"
    )
    assert set(columns(named, "duckdb")["v"]) == {"rain.wet1", "rain.farm", "rain.dry1"}


def test_each_group_of_unpivot_feeds_the_values_by_place():
    sql = "SELECT * FROM rain UNPIVOT ((a, b) FOR part IN ((wet1, dry1) AS 'x', (wet2, dry1) AS 'y'))"
    assert columns(sql) == {
        "farm": ["rain.farm"],
        "part": [],
        "a": ["rain.wet1", "rain.wet2"],
        "b": ["rain.dry1"],
    }


def test_columns_that_the_data_name_stand_under_a_star():
    found = columns("SELECT * FROM rain PIVOT (SUM(wet1) FOR farm IN (ANY))", "snowflake")
    assert set(found["*"]) == {"rain.wet1", "rain.farm"}
    assert "wet1" not in found


def test_duckdbs_pivot_is_a_statement():
    project = Project(dialect="duckdb")
    assert project.lineage("PIVOT rain ON farm USING SUM(wet1) GROUP BY dry1").tables_in == ["rain"]


def test_keys_of_using_are_edges_of_the_join():
    found = Project(dialect="duckdb").lineage("CREATE TABLE o AS SELECT a.x FROM a JOIN b USING (k)")
    assert {str(one.source) for one in found.edges if one.transformation == "join"} == {"a.k", "b.k"}
