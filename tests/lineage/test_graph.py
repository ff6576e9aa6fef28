"""The graph of a folder: order, cycles, doubles, broken files, and what lies up and down."""

from __future__ import annotations

import pytest

from sqlopt import Catalog, Project
from sqlopt.lineage.edge import ColumnRef
from sqlopt.lineage.graph import UnknownNameError

CATALOG = Catalog.from_dict(
    {
        "version": 1,
        "tables": {
            "raw.orders": {
                "columns": {
                    "id": {"type": "INT"},
                    "total": {"type": "INT"},
                    "email": {"type": "TEXT", "tags": ["pii"]},
                }
            }
        },
    }
)


@pytest.fixture
def graph(tmp_path):
    def build(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
        return Project(catalog=CATALOG, dialect="duckdb").graph([tmp_path])

    return build


def reached(graph, name, **how):
    return {str(one) for one in graph.reach(graph.find(name), **how)}


def test_columns_behind_a_star_are_known_whatever_the_order_of_files(graph):
    made = graph(
        a="CREATE TABLE mart.report AS SELECT * FROM mart.daily",
        b="CREATE TABLE mart.daily AS SELECT id AS k, total * 2 AS double FROM raw.orders WHERE email IS NOT NULL",
    )
    assert not made.troubles
    assert reached(made, "raw.orders.total") == {"mart.daily.double", "mart.report.double"}
    assert reached(made, "mart.report.double", upstream=True) == {"mart.daily.double", "raw.orders.total"}
    assert reached(made, "raw.orders.total", depth=1) == {"mart.daily.double"}


def test_what_only_filters_reaches_rows_and_all_that_rests_on_them(graph):
    made = graph(
        a="CREATE TABLE mart.daily AS SELECT id AS k FROM raw.orders WHERE total > 0",
        b="CREATE TABLE mart.report AS SELECT k FROM mart.daily",
    )
    assert reached(made, "raw.orders.total") == {"mart.daily"}
    assert reached(made, "raw.orders.total", rows=True) == {"mart.daily", "mart.report.k"}


def test_a_cycle_is_reported_with_its_places_and_not_followed(graph, tmp_path):
    made = graph(
        a="CREATE TABLE one AS SELECT k FROM two",
        b="-- here\nCREATE TABLE two AS SELECT k FROM one",
        c="SELECT k FROM one",
    )
    (trouble,) = made.troubles
    assert "made of themselves" in trouble.message
    assert f"{tmp_path}/a.sql:1" in trouble.message
    assert f"{tmp_path}/b.sql:2" in trouble.message
    assert f"{tmp_path}/c.sql.k" in reached(made, "two.k")


def test_two_makers_and_a_broken_file_are_reported_and_the_rest_is_complete(graph, tmp_path):
    made = graph(
        a="CREATE TABLE x AS SELECT id FROM raw.orders",
        b="CREATE TABLE x AS SELECT total FROM raw.orders",
        c="SELECT 1;\nSELECT (((",
        d="CREATE TABLE y AS SELECT id FROM x",
    )
    places = {(one.path.removeprefix(f"{tmp_path}/"), one.line) for one in made.troubles}
    assert places == {("b.sql", 1), ("c.sql", 2)}
    assert "y.id" in reached(made, "raw.orders.id")


def test_names_may_lack_their_head_and_a_wrong_one_gets_a_hint(graph):
    made = graph(a="CREATE TABLE mart.daily AS SELECT total FROM raw.orders")
    assert made.find("orders.total") == [ColumnRef("raw.orders", "total")]
    with pytest.raises(UnknownNameError, match="did you mean 'total'"):
        made.find("orders.totl")
    with pytest.raises(UnknownNameError, match="no table 'nothing'"):
        made.find("nothing")


def test_a_schema_is_spelled_in_one_way(graph):
    made = graph(a="CREATE TABLE SHOP.mart.x AS SELECT k FROM Shop.MART.y", b="SELECT total FROM RAW.orders")
    assert {node.name for node in made.tables.values() if node.kind == "table"} == {
        "Shop.MART.x",
        "Shop.MART.y",
        "raw.orders",  # as the catalog has it
    }


def test_the_catalogs_tags_and_columns_are_shown(graph):
    made = graph(a="SELECT email FROM raw.orders")
    node = made.tables["raw.orders"]
    assert node.columns == ("id", "total", "email")
    assert node.tags == (("email", "pii"),)


def test_the_cache_gives_the_same_graph_until_a_file_changes(graph, tmp_path, monkeypatch):
    graph(
        a="CREATE TABLE mart.daily AS SELECT md5(email) AS e, total FROM raw.orders",
        b="SELECT e FROM mart.daily",
        c="SELECT (((",
    )
    monkeypatch.chdir(tmp_path)
    project = Project(catalog=CATALOG, dialect="duckdb")
    cold = project.graph([tmp_path], cache=True)
    read = []
    warm = project.graph([tmp_path], lambda done, _: read.append(done), cache=True)
    assert read == []
    assert (warm.tables, warm.steps, warm.troubles) == (cold.tables, cold.steps, cold.troubles)
    assert reached(warm, "raw.orders.email") == reached(cold, "raw.orders.email") != set()
    (tmp_path / "b.sql").write_text("SELECT total FROM mart.daily")
    assert f"{tmp_path}/b.sql.total" in reached(project.graph([tmp_path], cache=True), "raw.orders.total")
