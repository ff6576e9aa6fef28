import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlopt.catalog import Catalog, ForeignKey, Index, Partitioning, PartitionKind
from sqlopt.errors import CatalogError

SNOWFLAKE = """
USE ROLE loader;
CREATE OR REPLACE TRANSIENT TABLE shop.sales.orders (
    order_id    NUMBER(38,0) NOT NULL AUTOINCREMENT COMMENT 'the order''s number',
    user_id     NUMBER REFERENCES shop.sales.users (user_id),
    email       VARCHAR(200) WITH MASKING POLICY gov.hide_email USING (email, user_id)
        WITH TAG (gov.pii = 'email'),
    amount      NUMBER(18, 2) DEFAULT 0.00,
    "Order Day" DATE,
    created     TIMESTAMP_NTZ(9) DEFAULT CURRENT_TIMESTAMP() NOT NULL,
    CONSTRAINT pk PRIMARY KEY (order_id) RELY,
    UNIQUE (user_id, created) NOT ENFORCED
)
CLUSTER BY LINEAR (TO_DATE(created), user_id)
DATA_RETENTION_TIME_IN_DAYS = 3
COMMENT = 'one row an order'
WITH TAG (cost_center = 'sales');
CREATE TABLE shop.sales.users (user_id NUMBER PRIMARY KEY, name VARCHAR);
ALTER TABLE shop.sales.users ADD ROW ACCESS POLICY only_own ON (user_id);
ALTER TABLE shop.sales.users ADD SEARCH OPTIMIZATION ON EQUALITY(name), SUBSTRING(name);
ALTER TABLE shop.sales.users CLUSTER BY (user_id);
ALTER TABLE shop.sales.users MODIFY COLUMN name SET TAG pii = 'name', source = 'crm';
ALTER TABLE shop.sales.users ADD COLUMN country VARCHAR NOT NULL, city VARCHAR;
ALTER TABLE shop.sales.users ALTER COLUMN city SET MASKING POLICY hide_city;
CREATE OR REPLACE VIEW shop.sales.totals AS
    SELECT user_id, SUM(amount) AS total FROM shop.sales.orders GROUP BY 1;
INSERT INTO shop.sales.users SELECT 1, ';', 'x', 'y';
"""


def test_snowflake():
    catalog = Catalog.from_ddl(SNOWFLAKE, "snowflake")
    orders, users, totals = map(catalog.table, ("shop.sales.orders", "users", "totals"))
    assert catalog.warnings == ()
    assert list(orders.columns) == ["order_id", "user_id", "email", "amount", "Order Day", "created"]
    assert orders.columns["order_id"].type == "NUMBER(38,0)"
    assert orders.columns["order_id"].comment == "the order's number"
    assert orders.columns["amount"].type == "NUMBER(18, 2)"
    assert [name for name, column in orders.columns.items() if column.nullable is False] == [
        "order_id",
        "created",
    ]
    assert orders.columns["email"].masking_policy == "gov.hide_email"
    assert orders.columns["email"].tags == ("gov.pii", "gov.pii=email")
    assert orders.primary_key == ("order_id",)
    assert orders.unique == (("user_id", "created"),)
    assert orders.enforced is False
    assert orders.foreign_keys == (
        ForeignKey(("user_id",), "shop.sales.users", ("user_id",), enforced=False),
    )
    assert orders.cluster_by == ("TO_DATE(created)", "user_id")
    assert orders.comment == "one row an order"
    assert orders.tags == ("cost_center", "cost_center=sales")
    assert users.row_access_policy == "only_own"
    assert users.search_optimization == ("EQUALITY(name)", "SUBSTRING(name)")
    assert users.cluster_by == ("user_id",)
    assert users.columns["name"].tags == ("pii", "pii=name", "source", "source=crm")
    assert users.columns["country"].nullable is False
    assert users.columns["city"].masking_policy == "hide_city"
    assert users.columns["user_id"].nullable is None, "a key that is not enforced proves no NOT NULL"
    assert (totals.kind, list(totals.columns)) == ("view", ["user_id", "total"])


BIGQUERY = """
CREATE TABLE `my-shop.sales.events` (
  id INT64 NOT NULL OPTIONS(description='key'),
  ts TIMESTAMP,
  items ARRAY<STRUCT<sku STRING, price NUMERIC(10, 2)>>,
  email STRING OPTIONS(policy_tags=['projects/p/locations/eu/taxonomies/1/policyTags/2']),
  user_id INT64,
  PRIMARY KEY (id) NOT ENFORCED,
  FOREIGN KEY (user_id) REFERENCES `my-shop.sales.users` (user_id) NOT ENFORCED
)
PARTITION BY DATE(ts)
CLUSTER BY user_id, id
OPTIONS (require_partition_filter = TRUE, description = 'clicks', labels = [('team', 'web')]);
ALTER TABLE my-shop.sales.events ADD COLUMN country STRING, ADD COLUMN city STRING;
ALTER TABLE `my-shop.sales.events` ALTER COLUMN city SET OPTIONS (description = 'of the visitor');
CREATE TABLE sales.copy PARTITION BY day CLUSTER BY x AS SELECT day, x FROM y;
CREATE FUNCTION sales.f(x INT64) AS (x + 1);
CREATE MATERIALIZED VIEW sales.daily AS SELECT day, COUNT(*) AS n FROM sales.copy GROUP BY day;
"""


def test_bigquery():
    catalog = Catalog.from_ddl(BIGQUERY, "bigquery")
    events = catalog.table("my-shop.sales.events")
    assert catalog.warnings == ()
    assert events.columns["items"].type == "ARRAY<STRUCT<sku STRING, price NUMERIC(10, 2)>>"
    assert events.columns["id"].nullable is False
    assert events.columns["id"].comment == "key"
    assert events.columns["email"].policy_tag.endswith("policyTags/2")
    assert events.columns["city"].comment == "of the visitor"
    assert events.primary_key == ("id",)
    assert events.enforced is False
    assert events.foreign_keys == (
        ForeignKey(("user_id",), "my-shop.sales.users", ("user_id",), enforced=False),
    )
    assert events.partition_by == Partitioning(
        ("ts",), PartitionKind.TIME, granularity="day", require_filter=True, expression="DATE(ts)"
    )
    assert events.cluster_by == ("user_id", "id")
    assert (events.comment, events.tags) == ("clicks", ("team=web",))
    assert catalog.table("sales.copy").partition_by.column == "day"
    assert list(catalog.table("sales.copy").columns) == ["day", "x"]
    assert catalog.table("sales.daily").kind == "materialized view"
    assert len(catalog.tables) == 3


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("d", Partitioning(("d",), PartitionKind.TIME, granularity="day")),
        ("DATE(ts)", Partitioning(("ts",), PartitionKind.TIME, granularity="day", expression="DATE(ts)")),
        (
            "TIMESTAMP_TRUNC(ts, HOUR)",
            Partitioning(
                ("ts",), PartitionKind.TIME, granularity="hour", expression="TIMESTAMP_TRUNC(ts, HOUR)"
            ),
        ),
        (
            "DATE_TRUNC(d, MONTH)",
            Partitioning(("d",), PartitionKind.TIME, granularity="month", expression="DATE_TRUNC(d, MONTH)"),
        ),
        (
            "DATETIME_TRUNC(dt, YEAR)",
            Partitioning(
                ("dt",), PartitionKind.TIME, granularity="year", expression="DATETIME_TRUNC(dt, YEAR)"
            ),
        ),
        (
            "RANGE_BUCKET(n, GENERATE_ARRAY(0, 1000, 10))",
            Partitioning(
                ("n",),
                PartitionKind.INTEGER_RANGE,
                expression="RANGE_BUCKET(n, GENERATE_ARRAY(0, 1000, 10))",
                start=0,
                end=1000,
                step=10,
            ),
        ),
        ("_PARTITIONDATE", Partitioning(("_PARTITIONDATE",), PartitionKind.INGESTION, granularity="day")),
        (
            "TIMESTAMP_TRUNC(_PARTITIONTIME, MONTH)",
            Partitioning(("_PARTITIONTIME",), PartitionKind.INGESTION, granularity="month"),
        ),
    ],
)
def test_bigquery_partitions(clause, expected):
    text = f"CREATE TABLE t (d DATE, ts TIMESTAMP, dt DATETIME, n INT64) PARTITION BY {clause} CLUSTER BY n"
    table = Catalog.from_ddl(text, "bigquery").table("t")
    assert table.partition_by == expected
    assert table.cluster_by == ("n",)


POSTGRES = """
CREATE TABLE shop.users (
    user_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    manager bigint REFERENCES shop.users ON DELETE SET NULL,
    zip character varying(10) DEFAULT 'none' CHECK (zip <> ''),
    seen timestamp with time zone,
    tags text[]
);
CREATE TABLE shop.orders (
    order_id bigint NOT NULL,
    day date NOT NULL,
    user_id bigint,
    note text,
    EXCLUDE USING gist (note WITH =)
) PARTITION BY RANGE (day);
CREATE TABLE shop.orders_2026 PARTITION OF shop.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE shop.orders_rest PARTITION OF shop.orders DEFAULT;
CREATE TABLE shop.orders_old (LIKE shop.orders INCLUDING ALL);
ALTER TABLE ONLY shop.orders ATTACH PARTITION shop.orders_old
    FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE ONLY shop.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (order_id, day);
ALTER TABLE shop.orders ADD CONSTRAINT orders_user
    FOREIGN KEY (user_id) REFERENCES shop.users (user_id) NOT VALID;
ALTER TABLE shop.orders ALTER COLUMN note SET NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS by_note ON ONLY shop.orders
    USING gin (note gin_trgm_ops) WHERE user_id > 0;
CREATE UNIQUE INDEX ON shop.users (lower(email), zip DESC);
CREATE UNIQUE INDEX by_seen ON shop.users (seen) NULLS NOT DISTINCT;
COMMENT ON TABLE shop.users IS 'people';
COMMENT ON COLUMN shop.users.email IS 'for letters';
CREATE FUNCTION touch() RETURNS trigger AS $$
BEGIN; CREATE TABLE no (a int); RETURN NEW; END $$ LANGUAGE plpgsql;
"""


def test_postgres():
    catalog = Catalog.from_ddl(POSTGRES, "postgres")
    users, orders = catalog.table("users"), catalog.table("shop.orders")
    assert catalog.warnings == ()
    assert catalog.table("no") is None
    assert [column.type for column in users.columns.values()] == [
        "bigint",
        "text",
        "bigint",
        "character varying(10)",
        "timestamp with time zone",
        "text[]",
    ]
    assert [column.nullable for column in users.columns.values()] == [False, False, True, True, True, True]
    assert users.primary_key == ("user_id",)
    assert users.unique == (("email",), ("seen",))
    assert users.enforced is True
    assert users.foreign_keys == (ForeignKey(("manager",), "shop.users", ("user_id",), enforced=True),)
    assert (users.comment, users.columns["email"].comment) == ("people", "for letters")
    assert users.indexes == (
        Index(("lower(email)", "zip DESC"), unique=True),
        Index(("seen",), name="by_seen", unique=True),
    )
    assert orders.partition_by == Partitioning(("day",), PartitionKind.RANGE, count=3)
    assert orders.primary_key == ("order_id", "day")
    assert orders.columns["note"].nullable is False
    assert orders.foreign_keys[0].enforced is False, "NOT VALID: rows of before may break it"
    assert orders.indexes == (Index(("note gin_trgm_ops",), "by_note", method="gin", where="user_id > 0"),)
    for name in ("orders_2026", "orders_rest", "orders_old"):
        assert catalog.table(name).kind == "partition"
        assert list(catalog.table(name).columns) == ["order_id", "day", "user_id", "note"]


def test_a_deferrable_key_is_no_fact():
    table = Catalog.from_ddl(
        "CREATE TABLE t (a int UNIQUE DEFERRABLE, b int UNIQUE NOT DEFERRABLE)", "postgres"
    ).table("t")
    assert table.unique == (("b",),)


def test_postgres_list_and_hash_partitions():
    catalog = Catalog.from_ddl(
        "CREATE TABLE a (x text) PARTITION BY LIST (lower(x));"
        "CREATE TABLE b (x int, y int) PARTITION BY HASH (x, y)",
        "postgres",
    )
    assert catalog.table("a").partition_by == Partitioning(("x",), PartitionKind.LIST, expression="lower(x)")
    assert catalog.table("b").partition_by == Partitioning(("x", "y"), PartitionKind.HASH)


@pytest.mark.parametrize("dialect", ["spark", "hive", "databricks"])
def test_hive_partitions_add_columns(dialect):
    table = Catalog.from_ddl(
        "CREATE EXTERNAL TABLE IF NOT EXISTS db.ev (k BIGINT COMMENT 'key',"
        " s STRUCT<a: INT, b: MAP<STRING, INT>>)\n"
        "COMMENT 'events' PARTITIONED BY (dt STRING, hr INT) STORED AS PARQUET LOCATION 's3://x/'",
        dialect,
    ).table("ev")
    assert [(column.name, column.type) for column in table.columns.values()] == [
        ("k", "BIGINT"),
        ("s", "STRUCT<a: INT, b: MAP<STRING, INT>>"),
        ("dt", "STRING"),
        ("hr", "INT"),
    ]
    assert table.partition_by == Partitioning(("dt", "hr"), PartitionKind.VALUE)
    assert (table.comment, table.columns["k"].comment) == ("events", "key")


def test_spark_partitions_by_column_and_by_transform():
    catalog = Catalog.from_ddl(
        "CREATE TABLE a (x INT, dt STRING) USING parquet PARTITIONED BY (dt) CLUSTERED BY (x) INTO 8 BUCKETS;"
        "CREATE TABLE b (x INT, ts TIMESTAMP) USING iceberg PARTITIONED BY (days(ts), bucket(16, x));",
        "spark",
    )
    assert catalog.table("a").partition_by == Partitioning(("dt",), PartitionKind.VALUE)
    assert catalog.table("a").cluster_by == ()
    assert catalog.table("b").partition_by == Partitioning(
        ("ts", "x"), PartitionKind.TIME, granularity="day", expression="days(ts), bucket(16, x)"
    )


def test_databricks():
    table = Catalog.from_ddl(
        "CREATE TABLE main.s.t (a BIGINT NOT NULL, b STRING MASK hide USING COLUMNS (a), d DATE,"
        " CONSTRAINT k PRIMARY KEY (a)) USING DELTA CLUSTER BY (d, a) WITH ROW FILTER only_us ON (b);"
        "ALTER TABLE main.s.t ALTER COLUMN b SET TAGS ('pii' = 'name');",
        "databricks",
    ).table("t")
    assert table.cluster_by == ("d", "a")
    assert (table.primary_key, table.enforced) == (("a",), False)
    assert table.row_access_policy == "only_us"
    assert (table.columns["b"].masking_policy, table.columns["b"].tags) == ("hide", ("pii", "pii=name"))


def test_redshift():
    catalog = Catalog.from_ddl(
        "CREATE TABLE s.t (a integer NOT NULL ENCODE az64 DISTKEY, b varchar(10) ENCODE lzo,"
        " d date, PRIMARY KEY (a))"
        " DISTSTYLE KEY COMPOUND SORTKEY (d, a);"
        "CREATE TABLE u (a int, d date SORTKEY) SORTKEY AUTO; ALTER TABLE u ALTER SORTKEY (a);",
        "redshift",
    )
    table = catalog.table("t")
    assert table.cluster_by == ("d", "a")
    assert (table.primary_key, table.enforced) == (("a",), False)
    assert [column.type for column in table.columns.values()] == ["integer", "varchar(10)", "date"]
    assert catalog.table("u").cluster_by == ("a",)


def test_trino():
    catalog = Catalog.from_ddl(
        "CREATE TABLE hive.s.a (x bigint NOT NULL COMMENT 'key', dt varchar) COMMENT 'c'"
        " WITH (format = 'ORC', partitioned_by = ARRAY['dt']);"
        "CREATE TABLE ice.s.b (x bigint, ts timestamp(6))"
        " WITH (partitioning = ARRAY['month(ts)', 'bucket(x, 8)'], sorted_by = ARRAY['x DESC']);",
        "trino",
    )
    assert catalog.table("a").partition_by == Partitioning(("dt",), PartitionKind.VALUE)
    assert (catalog.table("a").comment, catalog.table("a").columns["x"].comment) == ("c", "key")
    assert catalog.table("b").partition_by == Partitioning(
        ("ts", "x"), PartitionKind.TIME, granularity="month", expression="month(ts), bucket(x, 8)"
    )
    assert catalog.table("b").cluster_by == ("x",)


def test_duckdb_enforces_its_keys():
    catalog = Catalog.from_ddl(
        "CREATE TABLE u (id INTEGER PRIMARY KEY, m MAP(VARCHAR, INTEGER), s STRUCT(a INTEGER, b VARCHAR)[]);"
        "CREATE TABLE t (a INTEGER REFERENCES u, b DECIMAL(18,2) NOT NULL,"
        " c INTEGER AS (a + 1), UNIQUE (a, b));"
        "CREATE INDEX i ON t (b);",
        "duckdb",
    )
    u, t = catalog.table("u"), catalog.table("t")
    assert u.columns["id"].nullable is False
    assert [column.type for column in u.columns.values()] == [
        "INTEGER",
        "MAP(VARCHAR, INTEGER)",
        "STRUCT(a INTEGER, b VARCHAR)[]",
    ]
    assert t.foreign_keys == (ForeignKey(("a",), "u", ("id",), enforced=True),)
    assert (t.unique, t.enforced) == ((("a", "b"),), True)
    assert t.indexes == (Index(("b",), name="i", method="art"),)


def test_changes_are_followed():
    catalog = Catalog.from_ddl(
        "CREATE TABLE s.t (a int, b int, c int, PRIMARY KEY (a), CONSTRAINT u UNIQUE (b));"
        "ALTER TABLE s.t DROP CONSTRAINT u;"
        "ALTER TABLE s.t RENAME COLUMN a TO id;"
        "ALTER TABLE s.t DROP COLUMN c;"
        "ALTER TABLE s.t ALTER COLUMN b TYPE bigint USING b::bigint;"
        "ALTER TABLE s.t RENAME TO v;"
        "CREATE TABLE gone (a int); DROP TABLE IF EXISTS gone;"
        "CREATE TABLE IF NOT EXISTS s.v (other int);",
        "postgres",
    )
    table = catalog.table("s.v")
    assert set(catalog.tables) == {"s.v"}
    assert {name: column.type for name, column in table.columns.items()} == {"id": "int", "b": "bigint"}
    assert (table.primary_key, table.unique) == (("id",), ())


def test_dropping_a_column_or_an_unknown_constraint_leaves_no_key_that_might_be_gone():
    text = "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE);"
    dropped = Catalog.from_ddl(text + "ALTER TABLE t DROP CONSTRAINT t_b_key", "postgres").table("t")
    assert (dropped.primary_key, dropped.unique) == ((), ())
    without = Catalog.from_ddl(text + "ALTER TABLE t DROP COLUMN b", "postgres").table("t")
    assert (without.primary_key, without.unique) == (("a",), ())


@pytest.mark.parametrize(
    ("broken", "warning"),
    [
        ("CREATE TABLE t (a int;", "line 2: passed over, a parenthesis is not closed"),
        ("CREATE TABLE t (a int,, b int);", "line 2: passed over, no column begins"),
        ("CREATE TABLE (a int);", "line 2: passed over, CREATE TABLE has no name"),
        ("CREATE TABLE t (a 'x);", "line 2: passed over"),
        ("CREATE INDEX i ON nowhere (a);", "line 2: passed over, the index i stands on a table that is not"),
        ("ALTER TABLE nowhere ADD COLUMN a int;", "line 2: passed over, nowhere is not created here"),
        ("CREATE TABLE p PARTITION OF nowhere DEFAULT;", "line 2: passed over, p is a partition of a table"),
    ],
)
def test_a_broken_statement_costs_only_itself(broken, warning):
    catalog = Catalog.from_ddl(
        f"CREATE TABLE before (a int);\n{broken}\nCREATE TABLE after (b int);\n", "postgres"
    )
    assert set(catalog.tables) == {"before", "after"}
    assert [text for text in catalog.warnings if text.startswith(warning)]


def test_other_statements_are_passed_over_in_silence():
    catalog = Catalog.from_ddl(
        "SELECT 1; GRANT SELECT ON t TO u; CREATE SCHEMA s; BEGIN;"
        "CREATE WAREHOUSE w; ALTER SESSION SET x = 1; ;",
        "snowflake",
    )
    assert (catalog.tables, catalog.warnings) == ({}, ())


def test_an_unknown_dialect_is_an_error():
    with pytest.raises(CatalogError, match="nonsense"):
        Catalog.from_ddl("CREATE TABLE t (a int)", "nonsense")


ALL = ["snowflake", "bigquery", "postgres", "spark", "hive", "databricks", "duckdb", "redshift", "trino"]
PIECES = [*"(),;<>'\"`.=", *SNOWFLAKE.split(), *BIGQUERY.split(), *POSTGRES.split()]


@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join) | st.text(max_size=80), st.sampled_from(ALL)
)
@settings(max_examples=400)
def test_any_text_gives_a_catalog(text, dialect):
    assert isinstance(Catalog.from_ddl(text, dialect), Catalog)


@given(st.integers(0, len(POSTGRES)), st.integers(0, len(POSTGRES)))
@settings(max_examples=100)
def test_cut_ddl_gives_a_catalog(start, end):
    assert isinstance(Catalog.from_ddl(POSTGRES[:start] + POSTGRES[end:], "postgres"), Catalog)


@pytest.mark.parametrize(
    ("ddl", "dialect", "tables"),
    [
        ("CREATE TABLE pier IF NOT EXISTS (k INT)", "snowflake", {"pier": ["k"]}),
        ("CREATE TABLE pier (k int)\nGO\nCREATE TABLE dock (k int)\ngo", "tsql", {"pier": ["k"], "dock": ["k"]}),
        ("CREATE TABLE pier (k int)\nCREATE TABLE dock (k int)", "tsql", {"pier": ["k"], "dock": ["k"]}),
        ("CREATE TABLE pier (k number)\n/\nCREATE TABLE dock (k number)\n/", "oracle", {"pier": ["k"], "dock": ["k"]}),
        ("CREATE PRIVATE STREAMING TABLE pier (k INT, CONSTRAINT up EXPECT (k > 0))", "databricks", {"pier": ["k"]}),
        ("CREATE TABLE pier (k BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at)", "spark", {"pier": ["k", "at"]}),
    ],
)  # fmt: skip
def test_statements_and_columns_of_other_forms(ddl, dialect, tables):
    assert {
        name: list(table.columns) for name, table in Catalog.from_ddl(ddl, dialect).tables.items()
    } == tables


def test_a_reference_to_a_period_is_no_foreign_key():
    ddl = (
        "CREATE TABLE stays (pier int, at tstzrange, period int REFERENCES months,"
        " PRIMARY KEY (pier, at WITHOUT OVERLAPS), FOREIGN KEY (pier, PERIOD at) REFERENCES open (pier, PERIOD at),"
        " FOREIGN KEY (period) REFERENCES months (period))"
    )
    table = Catalog.from_ddl(ddl, "postgres").table("stays")
    assert table.primary_key == ("pier", "at")
    assert {one.references for one in table.foreign_keys} == {"months"}


def test_a_column_keeps_how_its_texts_compare():
    catalog = Catalog.from_ddl(
        'CREATE TABLE t(a text COLLATE NOCASE NOT NULL, b text COLLATE "C", c text)', "duckdb"
    )
    columns = catalog.tables["t"].columns
    assert [columns[name].collation for name in "abc"] == ["NOCASE", "C", None]
    assert (columns["a"].type, columns["a"].nullable) == ("text", False)
    moved = Catalog.from_ddl(
        "CREATE TABLE t(a text); ALTER TABLE t ALTER COLUMN a TYPE varchar(9) COLLATE nocase", "postgres"
    )
    assert (moved.tables["t"].columns["a"].type, moved.tables["t"].columns["a"].collation) == (
        "varchar(9)",
        "nocase",
    )
