"""`sqlopt catalog sync spark:FILE`: print-outs of DESCRIBE, in the forms that Spark and Hive give them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli
from sqlopt.errors import CatalogError
from sqlopt.warehouses.spark.catalog import read_described

SPARK_SQL = """\
spark-sql (default)> DESCRIBE EXTENDED shop.orders;
order_id            \tbigint
total               \tdecimal(12,2)       \twhat was paid
day                 \tdate
# Partition Information\t
# col_name            \tdata_type           \tcomment
day                 \tdate

# Detailed Table Information\t
Catalog             \tspark_catalog
Database            \tshop
Table               \torders
Type                \tMANAGED
Statistics          \t5368709120 bytes, 120000000 rows
Partition Provider  \tCatalog
Time taken: 0.2 seconds, Fetched 18 row(s)
spark-sql (default)> DESCRIBE EXTENDED shop.customers;
id\tbigint
# Detailed Table Information
Database\tshop
Table\tcustomers
Statistics\t900 bytes
"""
SHOWN = """\
+----------------------------+----------------------------+-------+
|col_name                    |data_type                   |comment|
+----------------------------+----------------------------+-------+
|id                          |bigint                      |null   |
|place                       |struct<city:string,zip:int> |null   |
|                            |                            |       |
|# Detailed Table Information|                            |       |
|Catalog                     |lake                        |       |
|Database                    |web                         |       |
|Table                       |visits                      |       |
|Type                        |EXTERNAL                    |       |
+----------------------------+----------------------------+-------+
+----------------------------+----------------------------+-------+
|col_name                    |data_type                   |comment|
+----------------------------+----------------------------+-------+
|n                           |int                         |null   |
|                            |                            |       |
|# Detailed Table Information|                            |       |
|Database                    |web                         |       |
|Table                       |recent                      |       |
|Type                        |VIEW                        |       |
|View Text                   |SELECT 1 AS n               |       |
+----------------------------+----------------------------+-------+
"""
HIVE = """\
# col_name            \tdata_type           \tcomment

id                  \tbigint
name                \tstring

# Partition Information
# col_name            \tdata_type           \tcomment

ds                  \tstring

# Detailed Table Information
Database:           \tcrm
Location:           \thdfs://lake/crm.db/people
Table Type:         \tMANAGED_TABLE
Table Parameters:\t
\tnumFiles            \t12
\tnumRows             \t34000
\ttotalSize           \t1200000

# Storage Information
Compressed:         \tNo
"""


def read(tmp_path, text, name="described.txt"):
    file = tmp_path / name
    file.write_text(text)
    return read_described(str(file))


def test_what_the_spark_shell_prints(tmp_path):
    catalog = read(tmp_path, SPARK_SQL)
    orders = catalog.table("shop.orders")
    assert [(one.name, one.type) for one in orders.columns.values()] == [
        ("order_id", "bigint"),
        ("total", "decimal(12,2)"),
        ("day", "date"),
    ]
    assert orders.columns["total"].comment == "what was paid"
    assert orders.partition_by.columns == ("day",)
    assert (orders.rows, orders.bytes) == (120_000_000, 5_368_709_120)
    customers = catalog.table("shop.customers")
    assert (customers.rows, customers.bytes, list(customers.columns)) == (None, 900, ["id"])


def test_what_show_prints_of_two_tables(tmp_path):
    catalog = read(tmp_path, SHOWN)
    assert catalog.table("lake.web.visits").columns["place"].type == "struct<city:string,zip:int>"
    assert (catalog.table("lake.web.visits").rows, catalog.table("lake.web.visits").partition_by) == (
        None,
        None,
    )
    assert catalog.table("web.recent").kind == "view"
    assert catalog.table("web.recent").definition == "SELECT 1 AS n"


def test_what_hive_prints(tmp_path):
    people = read(tmp_path, HIVE).table("crm.people")
    assert list(people.columns) == ["id", "name", "ds"]
    assert people.partition_by.columns == ("ds",)
    assert (people.rows, people.bytes) == (34_000, 1_200_000)


def test_ddl_and_print_outs_of_a_folder(tmp_path):
    (tmp_path / "a.sql").write_text("CREATE TABLE shop.a (id BIGINT) USING parquet PARTITIONED BY (id)")
    (tmp_path / "b.txt").write_text(SPARK_SQL)
    (tmp_path / "c.txt").write_text("nothing of the kind\n")
    done = CliRunner().invoke(cli, ["catalog", "sync", f"spark:{tmp_path}", "-o", str(tmp_path / "out.yml")])
    assert done.exit_code == 0, done.output
    assert "c.txt: no DESCRIBE EXTENDED" in done.output
    assert "3 tables" in done.output


@pytest.mark.parametrize("text", ["", "SELECT 1", "\0\0", "# Partition Information\n"])
def test_no_table_is_an_error_that_names_the_file(tmp_path, text):
    with pytest.raises(CatalogError, match=r"described\.txt"):
        read(tmp_path, text)
