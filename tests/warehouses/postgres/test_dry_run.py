"""`sqlopt cost --dry-run postgresql://...`: a real server is asked, and nothing is run."""

from __future__ import annotations

import json
from urllib.parse import quote

import psycopg
import pytest
from click.testing import CliRunner

from sqlopt.cli import cli
from sqlopt.errors import CatalogError
from sqlopt.warehouses.address import Address
from sqlopt.warehouses.dry_run import open_dry_run


@pytest.fixture
def address(server):
    parameters = psycopg.conninfo.conninfo_to_dict(server.get_uri())
    host = quote(parameters["host"], safe="")
    user, password = parameters["user"], parameters.get("password")
    login = f"{user}:{password}" if password else user
    port = f":{parameters['port']}" if parameters.get("port") else ""
    return f"postgresql://{login}@{host}{port}/shop"


def test_the_planners_rows_beside_ours(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    synced = CliRunner().invoke(cli, ["catalog", "sync", address])
    assert synced.exit_code == 0, synced.output
    (tmp_path / "a.sql").write_text(
        "SELECT * FROM users WHERE id < 100; DELETE FROM orders WHERE day < '2026-01-10';"
    )
    done = CliRunner().invoke(
        cli, ["cost", "a.sql", "--dry-run", address, "--format", "json", "--sort", "path"]
    )
    assert done.exit_code == 0, done.output
    select, delete = json.loads(done.output)["statements"]
    theirs = select["answer"]["operators"][0]["estimated_rows"]
    assert theirs == pytest.approx(select["run"]["rows"]["expected"], rel=0.2)
    assert delete["answer"]["operators"][0]["cost"] > 0
    text = CliRunner().invoke(cli, ["cost", "a.sql", "--dry-run", address]).output
    assert "planner cost" in text


def test_what_is_asked_is_not_run(address, server):
    with psycopg.connect(server.get_uri(), dbname="shop") as connection:
        before = connection.execute("SELECT count(*) FROM orders").fetchone()
    warehouse = open_dry_run(Address.parse(address))
    warehouse.plan("DELETE FROM orders")
    for two in ("SELECT 1; DELETE FROM orders", "SELECT 1; COMMIT; DELETE FROM orders"):
        with pytest.raises(CatalogError):
            warehouse.plan(two)
    warehouse.close()
    with psycopg.connect(server.get_uri(), dbname="shop") as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == before


def test_a_refusal_is_told_and_the_others_are_asked(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sql").write_text("SELECT * FROM nowhere; SELECT * FROM users")
    done = CliRunner().invoke(cli, ["cost", "a.sql", "--dry-run", address, "--dialect", "postgres"])
    assert done.exit_code == 0, done.output
    assert "refused by the warehouse" in done.output
    assert 'relation "nowhere" does not exist' in done.output
    assert "1,000 rows" in done.output
