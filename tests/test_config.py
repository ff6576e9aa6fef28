"""Configuration: which file holds for which SQL, and what is refused."""

from __future__ import annotations

import json

import pytest
from sqlglot.dialects import Dialects

from sqlopt.config import DIALECTS, Configuration, dialect_name
from sqlopt.errors import ConfigError


@pytest.fixture
def repository(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_dialects_are_the_parsers():
    unsupported = {"", "solr", "dax", "prql"}  # no SQL, or none that is stored anywhere
    assert {one.value for one in Dialects} - unsupported == DIALECTS


@pytest.mark.parametrize(
    ("given", "meant"),
    [("PostgreSQL", "postgres"), ("Databricks", "databricks"), ("bq", "bigquery"), ("SQL Server", "tsql")],
)
def test_dialect_aliases(given, meant):
    assert dialect_name(given) == meant


def test_unknown_dialect_is_met_with_the_nearest():
    with pytest.raises(ConfigError, match="'snowflke'; did you mean 'snowflake'"):
        dialect_name("snowflke")


def test_nearest_configuration_wins_and_does_not_inherit(repository):
    write(repository / "sqlopt.toml", 'dialect = "bigquery"\nignore = ["PRN001"]')
    write(repository / "finance" / "pyproject.toml", '[tool.sqlopt]\ndialect = "snowflake"')
    config = Configuration(repository)
    assert config.settings("a.sql").dialect == "bigquery"
    assert config.settings("a.sql").ignore == ("PRN001",)
    assert config.settings("finance/deep/b.sql").dialect == "snowflake"
    assert config.settings("finance/deep/b.sql").ignore == ()


def test_a_pyproject_without_our_section_is_passed_over(repository):
    write(repository / "sqlopt.toml", 'dialect = "bigquery"')
    write(repository / "app" / "pyproject.toml", "[tool.other]\nx = 1")
    assert Configuration(repository).settings("app/a.sql").dialect == "bigquery"


def test_configuration_above_the_repository_is_not_ours(tmp_path):
    write(tmp_path / "sqlopt.toml", 'dialect = "bigquery"')
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    assert Configuration(tmp_path / "repo").settings(str(tmp_path / "repo" / "a.sql")).dialect is None


def test_dialect_by_folder_and_settings_by_path(repository):
    write(
        repository / "sqlopt.toml",
        'dialect = "snowflake"\nignore = ["A"]\n[dialects]\n"models/bq/**" = "bigquery"\n'
        '[per-path]\n"staging" = {ignore = ["PRN"], default-schema = "stg"}\n',
    )
    config = Configuration(repository)
    assert config.settings("models/bq/deep/a.sql").dialect == "bigquery"
    assert config.settings("models/other.sql").dialect == "snowflake"
    special = config.settings("models/staging/a.sql")
    assert (special.ignore, special.default_schema) == (("A", "PRN"), "stg")
    assert config.settings("models/a.sql").ignore == ("A",)


def test_command_line_replaces_scalars_and_adds_to_lists(repository):
    write(repository / "sqlopt.toml", 'dialect = "snowflake"\nselect = ["PRN"]\nignore = ["PRN001"]')
    config = Configuration(repository, {"dialect": "pg", "ignore": ["PRN002"], "extend-select": ["PRJ001"]})
    found = config.settings("a.sql")
    assert found.dialect == "postgres"
    assert found.select == ("PRN", "PRJ001")
    assert found.ignore == ("PRN001", "PRN002")


def test_origins_are_told(repository):
    path = write(repository / "sqlopt.toml", 'dialect = "snowflake"\nignore = ["PRN001"]')
    rows = Configuration(repository, {"ignore": ["PRN002"]}).effective()
    assert rows["dialect"] == ("snowflake", str(path))
    assert rows["ignore"] == (["PRN001", "PRN002"], f"{path}, command line")
    assert rows["fail-on"] == ("warning", "default")


def test_catalog_lying_near_is_used_unless_one_is_named(repository):
    near = write(repository / "models" / "catalog.yml", "version: 1")
    config = Configuration(repository)
    assert config.settings("models/deep/a.sql").catalog == str(near)
    assert config.settings("a.sql").catalog is None
    write(repository / "sqlopt.toml", 'catalog = "facts/warehouse.yml"')
    assert Configuration(repository).settings("models/a.sql").catalog == str(
        repository / "facts" / "warehouse.yml"
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('dialekt = "x"', "unknown key 'dialekt'; did you mean 'dialect'"),
        ('dialect = "snowflaek"', "dialect: unknown dialect 'snowflaek'; did you mean 'snowflake'"),
        ("select = 1", "select: expected a list of strings, not 1"),
        ("jobs = 0", "jobs: expected a number of at least 1"),
        ("jobs = true", "jobs: expected a number of at least 1"),
        ('fail-on = "warnings"', "fail-on: expected info or warning or error or never"),
        ('[per-path]\n"a" = {jobs = 2}', "unknown key 'jobs'"),
        ('[dialects]\n"a[z-b]" = "duckdb"', "no glob"),
        ("select = [", "not valid TOML"),
    ],
)
def test_mistakes_name_the_file_and_the_key(repository, text, complaint):
    write(repository / "sqlopt.toml", text)
    with pytest.raises(ConfigError) as caught:
        Configuration(repository)
    assert str(caught.value).startswith(str(repository / "sqlopt.toml"))
    assert complaint in str(caught.value)


@pytest.mark.parametrize("pack", ["rules", "rules/house", "house.py", "./x"])
def test_a_repository_never_names_python(repository, pack):
    (repository / "rules").mkdir()
    write(repository / "sqlopt.toml", f"packs = [{json.dumps(pack)}]")
    with pytest.raises(ConfigError, match="--pack on the command line"):
        Configuration(repository)


def test_a_repository_may_name_house_rules_and_installed_packs(repository):
    write(repository / "sqlopt.toml", 'packs = ["house.yml", "acme"]')
    found = Configuration(repository).settings("a.sql")
    assert found.pack_paths == (str(repository / "house.yml"),)
    assert "acme" in found.packs


def test_excluded_paths(repository):
    write(repository / "sqlopt.toml", 'exclude = ["legacy", "models/*_tmp.sql"]')
    config = Configuration(repository)
    assert config.skips("legacy/a.sql")
    assert config.skips("deep/legacy")
    assert config.skips("models/a_tmp.sql")
    assert not config.skips("models/deep/a_tmp.sql")
    assert not config.skips("models/a.sql")
