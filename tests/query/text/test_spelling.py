# ruff: noqa: E501 - a statement a line
"""Syntax that sqlglot does not know: its tables and columns are found, and what is left out is said."""

from __future__ import annotations

import pytest
from sqlglot import exp

from sqlopt import Project
from sqlopt.catalog import Catalog
from sqlopt.query.spans.spans import Spans
from sqlopt.query.text.parse import Statement, parse


def only(source: str, dialect: str) -> Statement:
    (one,) = parse(source, dialect)
    assert one.error is None, one.error
    assert one.tree is not None
    spans = Spans(source, one.tokens, one.tree)
    assert all(one.span.covers(spans.of(node)) for node in one.tree.walk())
    return one


def lineage(source: str, dialect: str) -> tuple[dict[str, list[str]], list[str], list[str]]:
    found = Project(dialect=dialect).lineage(source)
    assert not found.errors
    return found.columns(), sorted(found.tables_in), sorted(found.tables_out)


def unread(source: str, dialect: str) -> list[str]:
    return [note.span.of(source) for note in only(source, dialect).unread]


# ---- pipes


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("SELECT boat, crew FROM port.trips |> RENAME crew AS hands", {"boat": ["boat"], "hands": ["crew"]}),
        ("FROM port.trips |> SELECT boat, crew |> RENAME crew hands, boat AS hull", {"hull": ["boat"], "hands": ["crew"]}),
        ("FROM port.trips |> SELECT boat, crew |> SET crew = crew * 2", {"boat": ["boat"], "crew": ["crew"]}),
        ("FROM port.trips |> SELECT boat, crew |> DROP crew", {"boat": ["boat"]}),
        ("FROM port.trips |> SELECT boat |> WINDOW RANK() OVER (ORDER BY boat) AS place", {"boat": ["boat"], "place": ["boat"]}),
        ("FROM port.trips |> AS run |> SELECT run.boat", {"boat": ["boat"]}),
        ("SELECT boat || crew AS label, crew FROM port.trips |> SELECT label", {"label": ["boat", "crew"]}),
        ("SELECT boat, SUM(fee) AS fees FROM port.trips GROUP BY boat |> WHERE fees > 9", {"boat": ["boat"], "fees": ["fee"]}),
        ("FROM port.trips |> EXTEND fee * 2 AS twice |> SELECT trips.boat, twice", {"boat": ["boat"], "twice": ["fee"]}),
        ("FROM port.trips AS run |> LIMIT 5 |> WHERE run.fee > 1 |> SELECT run.boat", {"boat": ["boat"]}),
        ("FROM port.trips |> AGGREGATE SUM(fee) AS fees GROUP BY boat |> RENAME fees AS total |> DROP boat", {"total": ["fee"]}),
    ],
)  # fmt: skip
def test_pipe_operators_give_the_columns_that_they_name(source, columns):
    found, tables, _ = lineage(source, "bigquery")
    assert tables == ["port.trips"]
    assert {name: sorted(several) for name, several in found.items()} == {
        name: sorted(f"port.trips.{one}" for one in several) for name, several in columns.items()
    }


def test_names_of_joined_tables_are_kept_behind_a_new_column():
    source = (
        "FROM berth JOIN boat ON berth.b = boat.b |> EXTEND berth.len + 1 AS more |> SELECT boat.hull, more"
    )
    found, _, _ = lineage(source, "bigquery")
    assert found == {"hull": ["boat.hull"], "more": ["berth.len"]}


@pytest.mark.parametrize("start", ["", "WITH seen AS (SELECT pier FROM port.log) "])
def test_a_cte_between_pipes_is_seen_behind_it(start):
    source = f"{start}FROM port.trips |> WITH piers AS (SELECT pier, town FROM port.piers) |> JOIN piers USING (pier)"
    _, tables, _ = lineage(f"{source} |> SELECT town", "bigquery")
    assert {"port.piers", "port.trips"} <= set(tables)


def test_what_goes_into_a_called_function_is_read():
    found, tables, _ = lineage(
        "FROM port.trips |> WHERE fee > 1 |> CALL tools.score(3) |> SELECT mark", "bigquery"
    )
    assert tables == ["port.trips"]
    assert "mark" in found


def test_one_row_is_not_taken_for_distinct_rows():
    tree = only("FROM trips |> SELECT DISTINCT boat |> AGGREGATE COUNT(*) AS n", "bigquery").tree
    assert tree is not None
    counted = next(
        one for one in tree.find_all(exp.Select) if one.find(exp.Count) and not one.args.get("with_")
    )
    assert counted.args.get("distinct") is None


def test_an_assertion_between_pipes_is_said_to_be_unread():
    assert unread("FROM trips |> ASSERT fee > 0 |> SELECT boat", "bigquery") == ["|> ASSERT fee > 0"]


# ---- GoogleSQL


def test_privacy_and_graphs_are_said_to_be_unread():
    private = "SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS (epsilon = 1) pier, AVG(fee) AS f FROM port.trips GROUP BY pier"
    assert lineage(private, "bigquery")[0] == {"pier": ["port.trips.pier"], "f": ["port.trips.fee"]}
    assert unread(private, "bigquery") == ["WITH DIFFERENTIAL_PRIVACY OPTIONS (epsilon = 1)"]
    graph = (
        "SELECT g.who FROM GRAPH_TABLE(port.web MATCH (a:Boat)-[e:Meets]->(b:Boat) RETURN a.name AS who) AS g"
    )
    assert len(unread(graph, "bigquery")) == 1


def test_row_patterns_of_bigquery():
    source = (
        "SELECT * FROM port.log MATCH_RECOGNIZE (PARTITION BY boat ORDER BY at MEASURES MAX(up.tide) AS top "
        "PATTERN (up+) DEFINE up AS tide > 1)"
    )
    assert lineage(source, "bigquery")[1] == ["port.log"]


@pytest.mark.parametrize(
    "call",
    [
        "VECTOR_SEARCH(TABLE port.shapes, 'vec', TABLE port.asked, top_k => 5)",
        "VECTOR_SEARCH(TABLE port.shapes, 'vec', (SELECT v FROM port.asked))",
        "tools.merged(TABLE port.shapes, TABLE port.asked, 3)",
    ],
)
def test_tables_that_are_arguments_are_read(call):
    assert lineage(f"SELECT * FROM {call}", "bigquery")[1] == ["port.asked", "port.shapes"]


# ---- pipelines


@pytest.mark.parametrize(
    ("source", "tables", "target"),
    [
        ("CREATE OR REFRESH STREAMING TABLE calm AS SELECT tide FROM STREAM(raw.tides)", ["raw.tides"], "calm"),
        ("CREATE OR REFRESH STREAMING TABLE calm AS SELECT tide FROM STREAM raw.tides", ["raw.tides"], "calm"),
        ("CREATE STREAMING LIVE TABLE calm AS SELECT tide FROM STREAM(LIVE.tides)", ["tides"], "calm"),
        ("CREATE OR REFRESH PRIVATE MATERIALIZED VIEW calm AS SELECT tide FROM raw.tides", ["raw.tides"], "calm"),
        ("CREATE OR REFRESH LIVE TABLE calm COMMENT 'x' AS SELECT tide FROM raw.tides", ["raw.tides"], "calm"),
        ("CREATE MATERIALIZED VIEW calm PARTITIONED BY (tide) SCHEDULE EVERY 1 HOUR AS SELECT tide FROM raw.tides", ["raw.tides"], "calm"),
        ("CREATE OR REFRESH STREAMING TABLE calm (tide INT, CONSTRAINT high EXPECT (tide > 0)) AS SELECT tide FROM STREAM raw.tides", ["raw.tides"], "calm"),
        ("CREATE OR REFRESH STREAMING TABLE calm (tide INT MASK x.hide USING COLUMNS (port)) WITH ROW FILTER x.seen ON (port) AS SELECT tide FROM STREAM raw.tides", ["raw.tides"], "calm"),
        ("CREATE FLOW more AS INSERT INTO calm BY NAME SELECT tide FROM STREAM raw.tides", ["raw.tides"], "calm"),
        ("CREATE FLOW once AS INSERT INTO ONCE calm BY NAME SELECT tide FROM raw.tides", ["raw.tides"], "calm"),
        ("CREATE OR REFRESH STREAMING TABLE calm FLOW INSERT BY NAME SELECT tide FROM STREAM raw.tides", ["raw.tides"], "calm"),
        ("CREATE FLOW f AS AUTO CDC INTO calm FROM STREAM raw.tides KEYS (id) SEQUENCE BY at COLUMNS tide, id STORED AS SCD TYPE 1", ["raw.tides"], "calm"),
        ("APPLY CHANGES INTO LIVE.calm FROM STREAM(LIVE.tides) KEYS (id) SEQUENCE BY at COLUMNS tide", ["tides"], "calm"),
    ],
)  # fmt: skip
def test_what_a_pipeline_makes_has_its_tables_and_columns(source, tables, target):
    found, read, written = lineage(source, "databricks")
    assert (read, written) == (tables, [target])
    assert found[f"{target}.tide"] == [f"{tables[0]}.tide"]


def test_changes_of_all_columns_and_what_of_them_is_not_read():
    source = "CREATE FLOW f AS AUTO CDC INTO calm FROM raw.tides KEYS (id) SEQUENCE BY at"
    assert lineage(source, "databricks")[0] == {"calm.*": ["raw.tides.*"]}
    assert unread(source, "databricks") == ["KEYS (id) SEQUENCE BY at"]


def test_a_column_called_mask_and_a_table_called_stream_are_names():
    assert lineage("SELECT mask FROM stream", "databricks")[0] == {"mask": ["stream.mask"]}
    assert lineage("CREATE TABLE x (mask STRING, live INT)", "databricks")[0] == {"x.mask": [], "x.live": []}


# ---- Snowflake


def test_if_not_exists_behind_the_name():
    assert lineage("CREATE TABLE port.trips IF NOT EXISTS (boat INT)", "snowflake")[2] == ["port.trips"]
    assert lineage("CREATE VIEW fees IF NOT EXISTS AS SELECT fee FROM trips", "snowflake")[0] == {
        "fees.fee": ["trips.fee"]
    }


def test_prior_in_a_select_list_and_expressions_of_external_tables():
    source = (
        "SELECT mate, PRIOR name AS above FROM crew START WITH chief IS NULL CONNECT BY PRIOR mate = chief"
    )
    assert lineage(source, "snowflake")[0] == {"mate": ["crew.mate"], "above": ["crew.name"]}
    table = (
        "CREATE EXTERNAL TABLE lake.e (d DATE AS TO_DATE(SPLIT_PART(METADATA$FILENAME, '/', 2)), "
        "v VARIANT AS (VALUE:c1), n INT AS VALUE:c2::INT NOT NULL) PARTITION BY (d) LOCATION = @stg"
    )
    assert [one.name for one in only(table, "snowflake").tree.this.expressions] == ["d", "v", "n"]


# ---- JSON_TABLE


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "oracle", "trino"])
@pytest.mark.parametrize(
    "options",
    [
        "ERROR ON ERROR",
        "NULL ON EMPTY ERROR ON ERROR",
        "DEFAULT '0' ON EMPTY NULL ON ERROR",
        "WITH WRAPPER",
        "WITHOUT ARRAY WRAPPER KEEP QUOTES",
    ],
)
def test_json_table_with_options_gives_its_columns(dialect, options):
    source = (
        f"SELECT j.deck FROM port.docs d, JSON_TABLE(d.body, '$[*]' COLUMNS (deck INT PATH '$.deck' {options}, "
        "place FOR ORDINALITY, NESTED PATH '$.m[*]' COLUMNS (mast INT PATH '$'))) j"
    )
    found, tables, _ = lineage(source, dialect)
    assert tables == ["port.docs"]
    assert found == {"deck": ["port.docs.body"]}
    assert unread(source, dialect)


def test_json_functions_of_postgres_with_options():
    source = "SELECT JSON_QUERY(body, '$.a' WITH WRAPPER) AS a, JSON_EXISTS(body, '$.b' ERROR ON ERROR) AS b FROM docs"
    assert lineage(source, "postgres")[0] == {"a": ["docs.body"], "b": ["docs.body"]}


# ---- PostgreSQL


def test_keys_over_periods_are_keys_and_references_to_periods_are_none():
    ddl = (
        "CREATE TABLE berths (pier int, stay tstzrange, PRIMARY KEY (pier, stay WITHOUT OVERLAPS));"
        "CREATE TABLE guests (pier int, stay tstzrange, n int GENERATED ALWAYS AS (pier + 1) VIRTUAL,"
        " FOREIGN KEY (pier, PERIOD stay) REFERENCES berths (pier, PERIOD stay))"
    )
    first, second = parse(ddl, "postgres")
    assert first.error is None
    assert second.error is None
    assert "REFERENCES" not in second.tree.sql("postgres")
    assert Catalog.from_ddl(ddl.split(";", maxsplit=1)[0], "postgres").table("berths") is not None


@pytest.mark.parametrize(
    "source", ["SELECT b.pier FROM ONLY (berths) AS b", "SELECT pier FROM ONLY (port.berths)"]
)
def test_only_in_parentheses(source):
    found, (table,), _ = lineage(source, "postgres")
    assert found == {"pier": [f"{table}.pier"]}
    assert only(source, "postgres").tree.sql("postgres").count("ONLY") == 1


def test_copy_with_a_condition_fills_its_table():
    source = "COPY berths FROM '/b.csv' WITH (FORMAT csv) WHERE pier > 1"
    assert lineage(source, "postgres")[2] == ["berths"]
    assert unread(source, "postgres") == ["WHERE pier > 1"]


# ---- Trino, ClickHouse, Flink


@pytest.mark.parametrize(
    "body",
    [
        "RETURN x * 2",
        "DETERMINISTIC RETURN x * 2, FUNCTION thrice(y bigint) RETURNS bigint RETURN y * 3",
        "BEGIN DECLARE z bigint DEFAULT 1; IF x > 1 THEN SET z = 2; END IF; RETURN z * x; END",
    ],
)
def test_inline_functions_are_left_out_and_said(body):
    source = f"WITH FUNCTION twice(x bigint) RETURNS bigint {body} SELECT twice(fee) AS f FROM trips"
    assert lineage(source, "trino")[0] == {"f": ["trips.fee"]}
    assert len(unread(source, "trino")) == 1


def test_tables_handed_to_functions_of_trino():
    source = (
        "SELECT mark FROM TABLE(score(input => TABLE(port.trips) PARTITION BY boat, by => DESCRIPTOR(fee)))"
    )
    assert lineage(source, "trino")[1] == ["port.trips"]


def test_final_and_array_join():
    source = "SELECT boat, tag, place FROM port.trips FINAL LEFT ARRAY JOIN tags AS tag, spots AS place WHERE fee > 1"
    assert lineage(source, "clickhouse")[0] == {
        "boat": ["port.trips.boat"],
        "tag": ["port.trips.tags"],
        "place": ["port.trips.spots"],
    }


@pytest.mark.parametrize("name", ["port.towns", "'port.towns'", "`port`.`towns`"])
def test_the_name_of_a_dictionary_is_no_column(name):
    found, tables, _ = lineage(
        f"SELECT dictGetOrDefault({name}, 'mayor', key, 'none') AS m FROM trips", "clickhouse"
    )
    assert found == {"m": ["trips.key"]}
    assert tables == ["port.towns", "trips"]


def test_flink_by_its_own_name():
    source = "SELECT window_end, SUM(fee) AS fees FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(at), INTERVAL '10' MINUTES)) GROUP BY window_end"
    found = Project(dialect="flink").lineage(source)
    assert found.columns() == {"window_end": ["trips.at"], "fees": ["trips.fee"]}
    table = "CREATE TABLE t (k BIGINT, at TIMESTAMP(3), o BIGINT METADATA VIRTUAL, WATERMARK FOR at AS at, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'kafka', 'topic' = 'tides')"
    found = Project(dialect="flink").lineage(table)
    assert not found.errors
    assert found.tables_in == ["kafka:tides"]


def test_a_dialect_that_is_not_read_names_its_nearest():
    with pytest.raises(Exception, match="nearest dialect is 'postgres'"):
        Project(dialect="db2")


# ---- failures


def test_what_cannot_be_spelled_is_an_error_at_its_place():
    source = "FROM trips |> RENAME fee AS |> SELECT boat"
    (one,) = parse(source, "bigquery")
    assert one.tree is None
    assert one.error is not None
    assert one.span.covers(one.error.span)
