"""A statement that our own code fails on costs that statement: others of the folder are answered, and it is told."""

from __future__ import annotations

import pytest

from sqlopt import Catalog, Project
from sqlopt.query.bind.scopes import ScopeBuilder

TABLE = {"columns": {"kind": {"type": "TEXT"}, "size": {"type": "INT"}}, "rows": 1_000_000, "bytes": 10**9}


@pytest.fixture
def project(monkeypatch):
    build = ScopeBuilder.build

    def stumbling(self, tree, queries):
        if "boulder" in tree.sql():
            raise RecursionError
        return build(self, tree, queries)

    monkeypatch.setattr(ScopeBuilder, "build", stumbling)
    return Project(catalog=Catalog.from_dict({"version": 1, "tables": {"pebble": TABLE}}), dialect="duckdb")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.sql").write_text("SELECT kind FROM pebble;\nSELECT kind FROM boulder")
    (tmp_path / "b.sql").write_text(
        "CREATE TABLE sum AS SELECT kind, SUM(size) AS s FROM pebble GROUP BY kind"
    )
    return str(tmp_path)


def test_check_tells_of_it(project):
    report = project.check("SELECT kind FROM boulder;\nSELECT kind FROM pebble WHERE 1 = 2 AND kind = NULL")
    assert report.findings
    assert len(report.errors) == 1


def test_cost_answers_the_others(project, folder):
    report = project.cost_paths([folder])
    assert [one.sql.split()[-1] for one in report.statements] == ["pebble", "kind"]
    assert [one.split(" ", 1)[0].rsplit("/", 1)[-1] for one in report.problems] == ["a.sql:2:"]


def test_lineage_answers_the_others(project, folder):
    graph = project.graph([folder])
    assert {"pebble", "sum"} <= set(graph.tables)
    assert [(one.path.rsplit("/", 1)[-1], one.line) for one in graph.troubles] == [("a.sql", 2)]


def test_suggest_answers_the_others(project, folder):
    found = project.suggest([folder], runs_per_day=100.0, effort="low")
    assert found.statements == 2
    assert [one.split(" ", 1)[0].rsplit("/", 1)[-1] for one in found.problems] == ["a.sql:2:"]
