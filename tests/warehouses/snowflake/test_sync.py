"""`sqlopt catalog sync snowflake://...`, through the real client."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sqlopt.catalog import Catalog
from sqlopt.cli import cli
from sqlopt.errors import CatalogError
from sqlopt.warehouses.door import Door
from sqlopt.warehouses.snowflake.connection import quoted
from sqlopt.warehouses.snowflake.statements import Snowflake

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


def sync(*arguments):
    return CliRunner().invoke(cli, ["catalog", "sync", *arguments])


def test_tables_columns_keys_and_what_only_snowflake_knows(home):
    del home
    done = sync("snowflake://fake/SHOP?connection=shop")
    assert done.exit_code == 0, done.output
    catalog = Catalog.load("catalog.yml")
    assert catalog.dialect == "snowflake"
    orders = catalog.table("SHOP.SALES.ORDERS")
    assert [(one.name, one.type, one.nullable) for one in orders.columns.values()] == [
        ("ID", "NUMBER(38,0)", False),
        ("CUSTOMER_ID", "NUMBER(38,0)", True),
        ("DAY", "DATE", True),
        ("AMOUNT", "NUMBER(12,2)", True),
    ]
    assert orders.primary_key == ("ID",)
    assert orders.foreign_keys[0].references == "SHOP.SALES.CUSTOMERS"
    assert orders.foreign_keys[0].enforced is False
    assert orders.enforced is False
    assert (orders.rows, orders.bytes, orders.cluster_by) == (120_000_000, 5_368_709_120, ("DAY",))
    assert (orders.micro_partitions, orders.clustering_depth) == (1156, 64.0701)
    assert orders.row_access_policy == "SHOP.GOVERN.BY_REGION"
    people = catalog.table("SHOP.SALES.CUSTOMERS")
    assert people.tags == ("domain", "domain=people")
    assert people.columns["EMAIL"].tags == ("pii", "pii=email")
    assert people.columns["EMAIL"].masking_policy == "SHOP.GOVERN.EMAIL_MASK"
    assert people.columns["EMAIL"].type == "VARCHAR(200)"
    assert people.unique == (("EMAIL",),)
    assert people.grants == {"OWNERSHIP": ("SYSADMIN",), "SELECT": ("ANALYST", "LOADER")}
    recent = catalog.table("SHOP.SALES.RECENT")
    assert recent.kind == "view"
    assert "ORDERS" in recent.definition.upper()
    assert "swordfish" not in Path("catalog.yml").read_text()


def test_a_second_run_gives_the_same_file(home):
    del home
    assert sync("snowflake://fake/SHOP?connection=shop", "-o", "one.yml").exit_code == 0
    first = Path("one.yml").read_bytes()
    assert sync("snowflake://fake/SHOP?connection=shop", "-o", "one.yml").exit_code == 0
    assert Path("one.yml").read_bytes() == first
    assert sync("snowflake://fake/SHOP?connection=shop", "-o", "two.yml").exit_code == 0
    assert Path("two.yml").read_bytes() == first


def test_tables_can_be_chosen(home):
    del home
    assert sync("snowflake://fake/SHOP?connection=shop", "--include", "*.ORDERS").exit_code == 0
    assert [one.name for one in Catalog.load("catalog.yml").tables.values()] == ["SHOP.SALES.ORDERS"]


def test_a_wrong_login_says_where_to_look_and_no_password(home):
    del home
    done = sync("snowflake://fake/SHOP?connection=stranger")
    assert done.exit_code == 2
    assert "see user and authenticator in connections.toml" in done.output
    assert "swordfish" not in done.output
    assert not Path("catalog.yml").exists()


def test_no_table_names_the_statements_that_grant_the_right(home):
    del home
    done = sync("snowflake://fake/SHOP/NOWHERE?connection=shop")
    assert done.exit_code == 2
    assert 'GRANT USAGE ON DATABASE "SHOP" TO ROLE' in done.output


def test_an_unknown_option_is_refused():
    done = sync("snowflake://fake/SHOP?pasword=x")
    assert done.exit_code == 2
    assert "unknown option 'pasword'" in done.output


@pytest.mark.parametrize(
    "text", ["DROP TABLE x", "SELECT 1; DROP TABLE x", "INSERT INTO t SELECT 1", "CALL p()"]
)
def test_the_door_lets_nothing_else_through(text):
    asked = []
    door = Door(Snowflake, lambda *given: asked.append(given) or [], quoted)
    with pytest.raises((CatalogError, TypeError, ValueError, AttributeError, AssertionError)):
        door.rows(text)
    assert asked == []


def test_names_are_quoted_so_that_none_ends_the_statement():
    asked = []
    door = Door(Snowflake, lambda *given: asked.append(given) or [], quoted)
    door.rows(Snowflake.PRIMARY_KEYS, names=('a"; DROP TABLE x; --', "s"))
    assert asked[0][0] == 'SHOW PRIMARY KEYS IN SCHEMA "a""; DROP TABLE x; --"."s"'
