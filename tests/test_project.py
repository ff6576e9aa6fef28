"""`Project` as library users meet it."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

import sqlopt
from sqlopt import Catalog, Project
from sqlopt.errors import CatalogError, ConfigError, SourceError, UnknownRuleError
from sqlopt.project import new_rule

BAD = "SELECT a FROM t WHERE b = NULL"


@pytest.fixture
def pack(tmp_path):
    return new_rule("acme", "equals-null", tmp_path / "packs").parent


@pytest.fixture
def project(pack):
    return Project(Catalog(), packs=[pack], select=["acme"])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "sql"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for number in range(3):
        (folder / f"{number}.sql").write_text(BAD.replace(" a", f" {number}"))
    return folder


def rules(report):
    return [finding.rule for finding in report.findings]


def test_a_text_is_checked_without_files_or_network(project):
    report = project.check(BAD)
    assert rules(report) == ["ACM001"]
    assert report.findings[0].span.of(BAD) == "b = NULL"
    assert report.errors == []
    assert report.files[0].dialect == "duckdb"


@pytest.mark.parametrize(
    ("catalog", "dialect", "used"),
    [
        (None, None, "duckdb"),
        (Catalog(dialect="snowflake"), None, "snowflake"),
        (Catalog(dialect="snowflake"), "postgresql", "postgres"),
    ],
)
def test_the_dialect_is_the_given_then_the_catalogs_then_duckdbs(catalog, dialect, used):
    assert Project(catalog, dialect).check("SELECT 1").files[0].dialect == used


def test_an_unknown_dialect_is_refused_at_once():
    with pytest.raises(ConfigError, match="did you mean 'bigquery'"):
        Project(dialect="bigqueri")


def test_a_catalog_may_be_a_path(tmp_path):
    path = tmp_path / "catalog.yml"
    path.write_text("version: 1\ndialect: trino\ntables: {}")
    assert Project(path).check("SELECT 1").files[0].dialect == "trino"
    path.write_text("tables: [")
    with pytest.raises(CatalogError, match=r"catalog\.yml"):
        Project(path, "trino").check("SELECT 1")


def test_selection(pack):
    assert rules(Project(packs=[pack], select=["equals-null"]).check(BAD)) == ["ACM001"]
    assert rules(Project(packs=[pack], select=["ALL"], ignore=["ACM"]).check(BAD)).count("ACM001") == 0
    with pytest.raises(UnknownRuleError, match="ACM"):
        Project(packs=[pack], select=["ACM009"]).check(BAD)


def test_options_that_a_rule_does_not_have_are_refused(pack):
    with pytest.raises(ConfigError, match="unknown option 'rows'"):
        Project(packs=[pack], options={"ACM001": {"rows": 3}}).check(BAD)


@pytest.mark.parametrize(
    ("default", "good", "bad"),
    [(5, 7, "7"), (5, 0.5, True), (True, False, 1), ("a", "b", 1), ((), ["a"], "a")],
)
def test_options_have_the_type_of_their_default(pack, default, good, bad):
    rule = pack / "equals_null.py"
    rule.write_text(
        rule.read_text().replace("    match =", f"    options = {{'size': {default!r}}}\n    match =")
    )
    Project(packs=[pack], options={"equals-null": {"size": good}}).check(BAD)
    with pytest.raises(ConfigError, match="size: expected a"):
        Project(packs=[pack], options={"equals-null": {"size": bad}}).check(BAD)


@pytest.mark.parametrize(
    "text", ["\0", "SELECT \0 1", "(" * 3000, "\ud800", "'", "/*", "SELECT 1;" * 2000, ""]
)
def test_no_text_raises(project, text):
    report = project.check(text)
    assert report.crashed == ()


def test_files_are_checked_and_remembered(project, folder):
    first = project.check_paths([folder])
    again = project.check_paths([folder])
    assert [file.path for file in first.files] == [str(folder / f"{number}.sql") for number in range(3)]
    assert first.findings == again.findings
    assert [file.cached for file in (*first.files, *again.files)] == [False] * 3 + [True] * 3
    assert again.files[1].text == "SELECT 1 FROM t WHERE b = NULL"


def test_the_day_the_catalog_and_the_selection_are_part_of_what_is_remembered(pack, folder):
    def cached(**given):
        arguments = {"catalog": Catalog(), "packs": [pack], "today": date(2026, 1, 1), **given}
        return Project(**arguments).check_paths([folder]).files[0].cached

    assert not cached()
    assert cached()
    assert not cached(catalog=Catalog([sqlopt.Table("t")]))
    assert not cached(ignore=["ACM001"])
    assert not cached(dialect="postgres")
    assert not cached(default_schema="s")
    assert cached()
    assert not cached(today=date(2026, 1, 2))


def test_nothing_is_remembered_when_not_wanted(project, folder):
    project.check_paths([folder], cache=False)
    assert not (folder / ".sqlopt_cache").exists()


def test_progress_counts_up_to_all(project, folder):
    calls = []
    project.check_paths([folder], progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_a_missing_path_is_an_error_of_ours(project):
    with pytest.raises(SourceError, match="nowhere"):
        project.check_paths(["nowhere"])


def test_a_wrong_rule_name_is_an_error_even_with_no_file(tmp_path):
    with pytest.raises(UnknownRuleError):
        Project(select=["no-such-rule"]).check_paths([tmp_path])


def test_a_project_can_be_sent_to_another_process(project):
    project.check(BAD)
    again = pickle.loads(pickle.dumps(project))  # noqa: S301
    assert rules(again.check(BAD)) == ["ACM001"]


def test_settings_come_from_the_nearest_configuration(pack, folder):
    (folder / "sqlopt.toml").write_text('[per-path]\n"1.sql" = {ignore = ["acme"], dialect = "trino"}')
    project = Project.from_config(folder, {"packs": [str(pack)], "select": ["acme"]})
    report = project.check_paths([folder])
    assert [len(file.findings) for file in report.files] == [1, 0, 1]
    assert [file.dialect for file in report.files] == ["duckdb", "trino", "duckdb"]


def test_policies_are_for_those_who_ask(pack):
    rule = pack / "equals_null.py"
    rule.write_text(rule.read_text().replace("    match =", "    policy = True\n    match ="))
    assert "ACM001" in rules(Project(packs=[pack]).check(BAD))
    assert "ACM001" not in rules(Project(packs=[pack], select=["DEFAULT"]).check(BAD))


def test_a_long_lived_project_sees_that_rules_and_catalog_changed(pack, folder):
    catalog = folder / "catalog.yml"
    catalog.write_text("version: 1\ndialect: trino\ntables: {}")
    project = Project(catalog, packs=[pack], select=["acme"])
    assert project.check_paths(["0.sql"]).files[0].dialect == "trino"
    catalog.write_text("version: 1\ndialect: postgres\ntables: {}")
    assert project.check_paths(["0.sql"]).files[0].dialect == "postgres"
    rule = pack / "equals_null.py"
    rule.write_text(rule.read_text().replace("say what is wrong here", "never so"))
    assert "never so" in project.check_paths(["0.sql"]).findings[0].message
