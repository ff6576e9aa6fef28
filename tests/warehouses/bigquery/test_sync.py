"""`sqlopt catalog sync bigquery://...`, through the real client."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from click.testing import CliRunner
from google.cloud.bigquery import Table as Resource

from sqlopt.catalog import Catalog
from sqlopt.cli import cli
from sqlopt.warehouses.bigquery.catalog import read_table
from sqlopt.warehouses.bigquery.connection import Connection

REPLIES = Path(__file__).parents[3] / "fixtures" / "replies" / "bigquery"


def sync(*arguments):
    return CliRunner().invoke(cli, ["catalog", "sync", *arguments])


def test_tables_columns_and_partitions(home):
    del home
    done = sync("bigquery://acme")
    assert done.exit_code == 0, done.output
    catalog = Catalog.load("catalog.yml")
    assert catalog.dialect == "bigquery"
    assert list(catalog.tables) == [
        f"acme.{one}" for one in ("audit.log", "shop.customers", "shop.orders", "shop.recent")
    ]
    orders = catalog.table("acme.shop.orders")
    assert [(one.name, one.type, one.nullable) for one in orders.columns.values()] == [
        ("id", "INT64", False),
        ("day", "DATE", True),
        ("total", "NUMERIC", True),
        ("tags", "ARRAY<STRING>", None),
        ("place", "STRUCT<city STRING>", True),
    ]
    assert (orders.partition_by.column, orders.partition_by.granularity, orders.partition_by.count) == (
        "day",
        "day",
        2,
    )
    assert (orders.columns["day"].min, orders.columns["day"].max) == (date(2026, 1, 1), date(2026, 2, 3))
    assert orders.cluster_by == ("id",)
    assert orders.comment == "what was bought"
    log = catalog.table("acme.audit.log").partition_by
    assert (log.column, log.kind, log.granularity) == ("_PARTITIONTIME", "ingestion", "hour")
    people = catalog.table("acme.shop.customers")
    assert people.tags == ("team=crm",)
    assert people.columns["email"].comment == "where to write"
    assert catalog.table("acme.shop.recent").kind == "view"


def test_what_only_the_real_service_says():
    """A reply of tables.get, after the service's own description of its fields.

    https://docs.cloud.google.com/bigquery/docs/reference/rest/v2/tables (checked 2026-11-23)
    """
    reply = json.loads((REPLIES / "tables_get.json").read_text())
    found = read_table("acme.shop.events", Resource.from_api_repr(reply), None, "bigquery://acme")
    assert (found.rows, found.bytes) == (120_000_000, 96_636_764_160)
    assert found.partition_by.require_filter is True
    assert (found.primary_key, found.enforced) == (("event_id",), False)
    assert found.foreign_keys[0].references == "acme.shop.customers"
    assert found.foreign_keys[0].enforced is False
    assert found.columns["email"].policy_tag == "projects/acme/locations/eu/taxonomies/1/policyTags/2"
    assert found.columns["total"].type == "NUMERIC(12, 2)"
    assert found.columns["code"].type == "STRING(3)"
    assert found.columns["place"].type == "STRUCT<city STRING, spots ARRAY<INT64>>"
    assert found.updated.isoformat() == "2026-11-20T06:00:00+00:00"


def test_a_second_run_gives_the_same_file(home):
    del home
    assert sync("bigquery://acme/shop", "-o", "one.yml").exit_code == 0
    first = Path("one.yml").read_bytes()
    assert sync("bigquery://acme/shop", "-o", "one.yml").exit_code == 0
    assert Path("one.yml").read_bytes() == first
    assert b"audit" not in first


def test_a_missing_dataset_is_named(home):
    del home
    done = sync("bigquery://acme/nowhere")
    assert done.exit_code == 2
    assert "nowhere" in done.output
    assert not Path("catalog.yml").exists()


def test_no_table_names_the_statement_that_grants_the_right(home):
    del home
    done = sync("bigquery://acme/shop", "--include", "nothing.*")
    assert done.exit_code == 2
    assert "GRANT `roles/bigquery.metadataViewer` ON SCHEMA `acme`.`shop` TO" in done.output


def test_a_refusal_names_the_right_that_is_missing():
    """The text of a 403 as the service words it: 'Access Denied: Table …: Permission … denied'."""
    connection = object.__new__(Connection)
    connection.project = "acme"
    text = "Access Denied: Dataset acme:shop: Permission bigquery.tables.list denied on dataset acme:shop"
    said = connection._missing(text, "shop")
    assert "the right bigquery.tables.list is missing" in said
    assert "GRANT `roles/bigquery.metadataViewer` ON SCHEMA `acme`.`shop`" in said


def test_no_credentials_says_how_to_log_in(tmp_path, monkeypatch):
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.chdir(tmp_path)
    done = sync("bigquery://acme")
    assert done.exit_code == 2
    assert "gcloud auth application-default login" in done.output


def test_an_unknown_option_is_refused():
    done = sync("bigquery://acme?locaton=eu")
    assert done.exit_code == 2
    assert "unknown option 'locaton'" in done.output


def test_a_dry_run_asks_and_runs_nothing(home):
    """The stand-in answers no bytes; that the request is a dry run, and is read, is what this shows."""
    (home / "a.sql").write_text(
        "SELECT id FROM shop.orders WHERE day = '2026-01-01'; SELECT * FROM shop.nowhere"
    )
    arguments = [
        "cost",
        "a.sql",
        "--dialect",
        "bigquery",
        "--dry-run",
        "bigquery://acme/shop",
        "--format",
        "json",
    ]
    done = CliRunner().invoke(cli, [*arguments, "--sort", "path"])
    assert done.exit_code == 0, done.output
    first, second = json.loads(done.output)["statements"]
    assert first["answer"]["totals"].get("bytes") == 0
    assert "nowhere" in second["refusal"]
