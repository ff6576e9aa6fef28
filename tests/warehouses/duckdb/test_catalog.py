import os
from datetime import UTC, date, datetime

import duckdb
import pytest

from sqlopt.catalog import ForeignKey, Index, PartitionKind
from sqlopt.catalog.file import dump, load
from sqlopt.errors import CatalogError
from sqlopt.warehouses.duckdb.catalog import read_database, read_parquet
from sqlopt.warehouses.duckdb.statistics import parsed
from tests.tpcds import connect, write_parquet

ROWS = 250_000
SETUP = f"""
CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR);
INSERT INTO users SELECT i, 'name ' || i FROM range({ROWS}) r(i);
CREATE SCHEMA "odd schema";
CREATE TABLE "odd schema"."it's ""here"" now" ("a b" INTEGER, UNIQUE ("a b"));
CREATE TABLE orders (
    id BIGINT NOT NULL,
    user_id INTEGER REFERENCES users (id),
    day DATE,
    moment TIMESTAMPTZ,
    amount DECIMAL(18,2),
    share DOUBLE,
    note VARCHAR,
    items STRUCT(sku VARCHAR, n INTEGER)[],
    UNIQUE (user_id, day)
);
INSERT INTO orders SELECT
    i, i, DATE '2020-01-01' + (i // 1000)::INTEGER, TIMESTAMPTZ '2026-01-01 00:00:00+00', i / 4,
    CASE WHEN i = 0 THEN 'inf'::DOUBLE ELSE i END, CASE WHEN i <> 7 THEN 'x' END, []
FROM range({ROWS}) r(i);
CREATE INDEX by_note ON orders (lower(note), day);
CREATE VIEW late AS SELECT id, day FROM orders;
COMMENT ON TABLE orders IS 'sales';
COMMENT ON COLUMN orders.day IS 'of the order';
CHECKPOINT;
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("database") / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(SETUP)
    return path


@pytest.fixture(scope="module")
def catalog(database):
    return read_database(database)


def test_tables_columns_and_views_are_read(catalog):
    orders = catalog.table("orders")
    assert catalog.dialect == "duckdb"
    assert {table.name for table in catalog.tables.values()} == {
        "users",
        "orders",
        "late",
        'odd schema.it\'s "here" now',
    }
    assert {name: column.type for name, column in orders.columns.items()} == {
        "id": "BIGINT",
        "user_id": "INTEGER",
        "day": "DATE",
        "moment": "TIMESTAMP WITH TIME ZONE",
        "amount": "DECIMAL(18,2)",
        "share": "DOUBLE",
        "note": "VARCHAR",
        "items": "STRUCT(sku VARCHAR, n INTEGER)[]",
    }
    assert (orders.kind, catalog.table("late").kind) == ("table", "view")
    assert list(catalog.table("late").columns) == ["id", "day"]
    assert (orders.comment, orders.columns["day"].comment) == ("sales", "of the order")
    assert orders.origin.startswith("duckdb:")
    assert "estimated" in orders.origin


def test_keys_are_read_as_enforced(catalog):
    orders, users = catalog.table("orders"), catalog.table("users")
    assert (users.primary_key, users.enforced) == (("id",), True)
    assert orders.unique == (("user_id", "day"),)
    assert orders.foreign_keys == (ForeignKey(("user_id",), "users", ("id",), enforced=True),)
    assert orders.columns["id"].nullable is False
    assert orders.columns["day"].nullable is True
    assert users.columns["id"].nullable is False
    assert orders.indexes == (Index(("(lower(note))", "day"), name="by_note", method="art"),)


def test_statistics_are_those_of_the_data(catalog):
    orders, users = catalog.table("orders"), catalog.table("users")
    assert (orders.rows, users.rows) == (ROWS, ROWS)
    assert users.columns["id"].distinct == ROWS
    assert orders.columns["day"].min == date(2020, 1, 1)
    assert orders.columns["day"].max == date(2020, 9, 6)
    assert orders.columns["day"].distinct == pytest.approx(250, rel=0.1)
    assert orders.columns["moment"].min == datetime(2026, 1, 1, tzinfo=UTC)
    assert orders.columns["amount"].max == (ROWS - 1) / 4
    assert (orders.columns["share"].min, orders.columns["share"].max) == (1, None)
    assert orders.columns["note"].average_bytes == 1
    assert orders.columns["id"].nulls == 0
    assert orders.columns["items"].distinct is None


def test_one_null_in_many_rows_is_not_none(catalog):
    assert 0 < catalog.table("orders").columns["note"].nulls < 1e-4


def test_bytes_of_a_table_are_those_of_its_columns(catalog):
    for table in catalog.tables.values():
        if table.bytes is not None:
            assert sum(column.bytes or 0 for column in table.columns.values()) == table.bytes


def test_bytes_of_data_that_does_not_compress_are_about_the_files(tmp_path):
    path = tmp_path / "random.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT random() AS x, uuid()::VARCHAR AS y FROM range(200000)")
    table = read_database(path).table("t")
    assert 0.7 * path.stat().st_size < table.bytes <= path.stat().st_size
    assert table.columns["x"].bytes == pytest.approx(200_000 * 8, rel=0.3)


def test_row_groups_hold_their_ranges(catalog):
    groups = catalog.table("users").row_groups
    assert sum(group.rows for group in groups) == ROWS
    assert [group.ranges["id"] for group in groups] == [(0, 122_879), (122_880, 245_759), (245_760, ROWS - 1)]
    assert all("name" not in group.ranges for group in groups), "DuckDB keeps eight bytes of a text"


def test_a_sync_is_the_same_twice_and_survives_its_file(database, catalog, tmp_path):
    dump(catalog, tmp_path / "one.yml")
    dump(read_database(database), tmp_path / "two.yml")
    assert (tmp_path / "one.yml").read_bytes() == (tmp_path / "two.yml").read_bytes()
    assert load(tmp_path / "one.yml") == catalog


def test_the_database_is_not_written(database):
    before = database.read_bytes()
    seen = []
    read_database(database, lambda name, done, total: seen.append((name, done, total)))
    assert database.read_bytes() == before
    assert [done for _, done, _ in seen] == [0, 1, 2, 3]
    assert {total for *_, total in seen} == {4}


def test_what_is_no_database_is_named(tmp_path):
    (tmp_path / "text.duckdb").write_text("hello " * 1000)
    for path, message in ((tmp_path / "text.duckdb", "can't read it"), (tmp_path / "none", "no such file")):
        with pytest.raises(CatalogError, match=message) as caught:
            read_database(path)
        assert str(path) in str(caught.value)
    with pytest.raises(CatalogError, match="no such file"):
        read_database(tmp_path)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A folder with a file, a folder of parts, a hive-partitioned table, and a table in a schema."""
    folder = tmp_path_factory.mktemp("lake")
    with duckdb.connect() as connection:
        connection.sql(
            "SELECT i AS id, DATE '2026-01-01' + (i // 1000)::INTEGER AS day, 'v' || i % 10 AS v,"
            " CASE WHEN i % 4 = 0 THEN i END AS n, {'x': i} AS s FROM range(20000) r(i)"
        ).write_parquet(str(folder / "plain.parquet"), row_group_size=8192)
        (folder / "parts").mkdir()
        (folder / "raw" / "inner").mkdir(parents=True)
        for part in range(3):
            connection.execute(f"COPY (SELECT {part} AS p) TO '{folder / 'parts' / f'{part}.parquet'}'")
        connection.execute(f"COPY (SELECT 1 AS a) TO '{folder / 'raw' / 'inner' / 'odd [x].parquet'}'")
        connection.sql(
            "SELECT i AS id, (DATE '2026-01-01' + (i % 3)::INTEGER)::VARCHAR AS dt, i % 2 AS hr"
            " FROM range(600) r(i)"
        ).write_parquet(str(folder / "events"), partition_by=["dt", "hr"])
    (folder / "_SUCCESS").touch()
    (folder / "notes.txt").write_text("no table")
    return folder


def test_files_and_folders_are_tables(lake):
    catalog = read_parquet(lake)
    assert set(catalog.tables) == {"plain", "parts", "events", "raw.inner"}
    assert catalog.table("parts").rows == 3
    assert catalog.table("raw.inner").rows == 1
    assert catalog.warnings == ()


def test_parquet_statistics_are_those_of_the_data(lake):
    plain = read_parquet(lake).table("plain")
    assert plain.rows == 20_000
    assert {name: column.type for name, column in plain.columns.items()} == {
        "id": "BIGINT",
        "day": "DATE",
        "v": "VARCHAR",
        "n": "BIGINT",
        "s": "STRUCT(x BIGINT)",
    }
    assert (plain.columns["day"].min, plain.columns["day"].max) == (date(2026, 1, 1), date(2026, 1, 20))
    assert (plain.columns["id"].distinct, plain.columns["v"].distinct) == (20_000, 10)
    assert plain.columns["n"].nulls == 0.75
    assert all(column.bytes > 0 for column in plain.columns.values())
    assert sum(column.bytes for column in plain.columns.values()) == plain.bytes
    assert plain.bytes < (lake / "plain.parquet").stat().st_size
    assert plain.updated == datetime.fromtimestamp(int((lake / "plain.parquet").stat().st_mtime), tz=UTC)


def test_parquet_row_groups_hold_rows_bytes_and_ranges(lake):
    plain = read_parquet(lake).table("plain")
    assert len(plain.row_groups) > 1
    assert sum(group.rows for group in plain.row_groups) == plain.rows
    assert sum(group.bytes for group in plain.row_groups) == plain.bytes
    first = plain.row_groups[0]
    assert first.ranges["id"] == (0, first.rows - 1)
    assert first.ranges["v"] == ("v0", "v9")


def test_hive_folders_are_partitions(lake):
    events = read_parquet(lake).table("events")
    assert events.partition_by.columns == ("dt", "hr")
    assert (events.partition_by.kind, events.partition_by.count) == (PartitionKind.VALUE, 6)
    assert events.rows == 600
    assert events.columns["dt"].type == "DATE"
    assert events.columns["dt"].bytes == 0
    days = {group.ranges["dt"] for group in events.row_groups}
    assert days == {(date(2026, 1, day), date(2026, 1, day)) for day in (1, 2, 3)}


def test_a_partitioned_folder_is_itself_a_table(lake):
    catalog = read_parquet(lake / "events")
    assert set(catalog.tables) == {"events"}
    assert catalog.table("events").partition_by.columns == ("dt", "hr")


def test_one_file_is_a_table(lake):
    assert read_parquet(lake / "plain.parquet").table("plain").rows == 20_000


def test_a_broken_file_costs_its_table_only(tmp_path, lake):
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    os.link(lake / "plain.parquet", tmp_path / "good.parquet")
    catalog = read_parquet(tmp_path)
    assert set(catalog.tables) == {"good"}
    assert catalog.warnings[0].startswith("table bad: left out")
    (tmp_path / "good.parquet").unlink()
    with pytest.raises(CatalogError, match="table bad"):
        read_parquet(tmp_path)


def test_a_folder_without_files_is_named(tmp_path):
    with pytest.raises(CatalogError, match="no Parquet file"):
        read_parquet(tmp_path)
    with pytest.raises(CatalogError, match="no such file or folder"):
        read_parquet(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5", "UTINYINT", 5),
        ("170141183460469231731687303715884105727", "HUGEINT", 2**127 - 1),
        ("12.50", "DECIMAL(18,2)", 12.5),
        ("3.00", "DECIMAL(18,2)", 3),
        ("12345678901234567890.00", "DECIMAL(38,2)", 12345678901234567890),
        ("-0.50", "DECIMAL(18,2)", -0.5),
        ("nan", "DOUBLE", None),
        ("2026-01-02 03:04:05.123456789", "TIMESTAMP_NS", None),
        ("infinity", "DATE", None),
        ("2026-01-02 03:04:05", "TIMESTAMP", datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001 - it has no zone
        ("true", "BOOLEAN", True),
        ("x" * 500, "VARCHAR", None),
        ("b", "ENUM('b', 'a')", None),
        ("[1]", "INTEGER[]", None),
        (None, "INTEGER", None),
    ],
)
def test_duckdbs_text_of_a_value_becomes_the_value(text, kind, value):
    assert parsed(text, kind) == value


def test_tpcds_is_read_from_parquet_and_from_a_database(tmp_path):
    lake = read_parquet(write_parquet(tmp_path / "tpcds", 0.01))
    path = tmp_path / "tpcds.duckdb"
    with connect(str(path)) as connection:
        connection.execute("CALL dsdgen(sf = 0.01)")
    database = read_database(path)
    assert len(lake.tables) == len(database.tables) == 24
    for name, table in lake.tables.items():
        twin = database.tables[name]
        assert table.rows == twin.rows
        assert table.bytes > 0
        for column, facts in table.columns.items():
            other = twin.columns[column]
            assert (facts.type, facts.min, facts.max, facts.nulls, facts.distinct) == (
                other.type,
                other.min,
                other.max,
                other.nulls,
                other.distinct,
            )
