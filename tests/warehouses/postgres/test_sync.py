"""`sqlopt catalog sync postgresql://...`, from a real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from sqlopt.catalog import Catalog
from sqlopt.catalog.model import PartitionKind
from sqlopt.cli import cli

SHOP = "postgresql:///shop"


@pytest.fixture(autouse=True)
def environment(server, tmp_path, monkeypatch):
    """The server as PostgreSQL's own variables name it, in a fresh folder."""
    given = psycopg.conninfo.conninfo_to_dict(server.get_uri())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGPASSWORD", given.get("password", "swordfish"))
    for key in ("host", "port", "user"):
        if given.get(key):
            monkeypatch.setenv(f"PG{key.upper()}", str(given[key]))
    return given


def sync(*arguments):
    return CliRunner().invoke(cli, ["catalog", "sync", *arguments])


def test_tables_columns_keys_partitions_indexes_and_statistics():
    done = sync(SHOP)
    assert done.exit_code == 0, done.output
    catalog = Catalog.load("catalog.yml")
    assert catalog.dialect == "postgres"
    users = catalog.table("public.users")
    assert users.primary_key == ("id",)
    assert users.enforced is True
    assert ("email",) in users.unique
    assert users.rows == 1000
    assert users.columns["id"].nullable is False
    assert users.columns["id"].distinct == 1000
    assert users.columns["name"].nulls == pytest.approx(0.25)
    assert users.columns["email"].comment == "as given"
    assert users.comment == "who buys"
    assert "analyst" in users.grants["SELECT"]
    orders = catalog.table("public.orders")
    assert orders.partition_by.kind is PartitionKind.RANGE
    assert orders.partition_by.column == "day"
    assert orders.rows == 5000
    assert any("user_id" in index.keys for index in orders.indexes)
    assert orders.foreign_keys[0].references == "public.users"
    assert catalog.table("public.late").kind == "view"
    assert "2026-02-01" in catalog.table("public.late").definition
    assert catalog.table("public.sums").kind == "materialized view"


def test_what_was_never_analysed_is_unknown_and_not_zero():
    assert sync(SHOP).exit_code == 0
    fresh = Catalog.load("catalog.yml").table("public.fresh")
    assert fresh.rows is None
    assert fresh.columns["a"].distinct is None


def test_odd_names_come_through():
    assert sync(SHOP, "--include", "odd schema.*").exit_code == 0
    (table,) = Catalog.load("catalog.yml").tables.values()
    assert "a b" in table.columns
    assert {index.method for index in table.indexes} == {"btree", "hash"}


def test_the_same_file_twice_byte_for_byte():
    assert sync(SHOP, "-o", "one.yml").exit_code == 0
    first = Path("one.yml").read_bytes()
    assert sync(SHOP, "-o", "one.yml").exit_code == 0
    assert Path("one.yml").read_bytes() == first
    assert sync(SHOP, "-o", "two.yml", "--full").exit_code == 0
    assert Path("two.yml").read_bytes() == first


def test_nothing_is_written_to_the_server():
    with psycopg.connect(SHOP) as connection:
        before = connection.execute("SELECT count(*) FROM pg_class").fetchone()
    assert sync(SHOP).exit_code == 0
    with psycopg.connect(SHOP) as connection:
        assert connection.execute("SELECT count(*) FROM pg_class").fetchone() == before


@pytest.mark.parametrize(("variable", "value"), [("PGPORT", "1"), ("PGUSER", "nobody_here")])
def test_a_failing_connection_says_why_and_no_password(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    done = sync(SHOP)
    assert done.exit_code == 2
    assert value in done.output
    assert "swordfish" not in done.output
    assert not Path("catalog.yml").exists()


def test_a_password_in_the_url_is_refused():
    done = sync("postgresql://me:swordfish@localhost/shop")
    assert done.exit_code == 2
    assert "swordfish" not in done.output
    assert ".pgpass" in done.output


def test_a_profile_of_dbt_can_be_named(environment, tmp_path):
    url = environment
    host = url.get("host", "localhost")
    (tmp_path / "profiles.yml").write_text(
        "shop:\n  target: dev\n  outputs:\n    dev:\n      type: postgres\n"
        f"      host: {host}\n      port: {url.get('port', 5432)}\n      user: {url.get('user', 'postgres')}\n"
        f"      password: \"{{{{ env_var('SHOP_PASSWORD', '{url.get('password', '')}') }}}}\"\n"
        "      dbname: shop\n      schema: public\n"
    )
    done = sync("--profile", "shop", "--profiles-dir", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert Catalog.load("catalog.yml").table("public.users") is not None


def test_killed_at_any_point_it_goes_on_and_gives_the_same_file(server):
    name = "many"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        with psycopg.connect(server.get_uri(), dbname=name, autocommit=True) as connection:
            connection.execute(
                "DO $$ BEGIN FOR i IN 1..1500 LOOP EXECUTE format('CREATE TABLE t%s (a int, b text)', i);"
                " END LOOP; END $$"
            )
        source = f"postgresql:///{name}"
        assert sync(source, "-o", "whole.yml").exit_code == 0
        command = [sys.executable, "-m", "sqlopt", "catalog", "sync", source, "-o", "part.yml"]
        for seconds in (0.4, 0.7, 1.0, 1.3):
            running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(seconds)
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
        assert subprocess.run(command, check=False, capture_output=True).returncode == 0
        assert Path("part.yml").read_bytes() == Path("whole.yml").read_bytes()
    finally:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
