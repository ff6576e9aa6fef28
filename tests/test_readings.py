"""A template that is read in two ways: what one reading uses is used."""

import json

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli

MODEL = """{{{{ config(materialized='incremental') }}}}
WITH crates AS (
    SELECT crate_id, dock, weight{extra} FROM warehouse_crates
)
SELECT crate_id, dock{last} FROM crates
{{% if is_incremental() %}}
WHERE crates.weight > (SELECT MAX(weight) FROM {{{{ this }}}})
{{% endif %}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: port\nversion: '1.0'\nmodel-paths: [models]\n")
    (tmp_path / "sqlopt.toml").write_text('dialect = "snowflake"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def unused(folder, text):
    (folder / "models" / "crates.sql").write_text(text)
    done = CliRunner().invoke(cli, ["check", "models", "--format", "json", "--exit-zero"])
    return [one["message"] for one in json.loads(done.stdout)["findings"] if one["rule"] == "SCN002"]


def test_a_column_that_only_the_daily_run_reads_is_used(folder):
    assert unused(folder, MODEL.format(extra="", last="")) == []


def test_a_column_that_no_reading_reads_is_not(folder):
    (message,) = {*unused(folder, MODEL.format(extra=", color", last=", weight"))}
    assert "color" in message
