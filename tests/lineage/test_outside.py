"""Topics, stages and files that statements read and fill, and statements that move whole tables."""

from __future__ import annotations

import pytest

from sqlopt import Project

CASES = [
    (
        "snowflake",
        "CREATE STREAM s ON TABLE raw.orders; INSERT INTO t SELECT id FROM s",
        ["raw.orders", "s"],
        ["s", "t"],
        {"s.*": ["raw.orders.*"], "t.id": ["s.id"]},
    ),
    ("snowflake", "CREATE STREAM a.b ON DYNAMIC TABLE x.y", ["x.y"], ["a.b"], {"a.b.*": ["x.y.*"]}),
    (
        "snowflake",
        "CREATE PIPE p AUTO_INGEST = TRUE AS COPY INTO t FROM @landing/x FILE_FORMAT = (TYPE = JSON)",
        ["@landing/x"],
        ["t"],
        {"t.*": ["@landing/x.*"]},
    ),
    (
        "snowflake",
        "COPY INTO t (a, b) FROM (SELECT $1:a::INT, $2 FROM @landing/x)",
        ["@landing/x"],
        ["t"],
        {"t.a": ["@landing/x.$1"], "t.b": ["@landing/x.$2"]},
    ),
    ("snowflake", "COPY INTO @out/x FROM (SELECT a FROM s)", ["s"], ["@out/x"], {"@out/x.a": ["s.a"]}),
    ("snowflake", "COPY INTO @out/x FROM s", ["s"], ["@out/x"], {"@out/x.*": ["s.*"]}),
    ("redshift", "COPY t (a) FROM 's3://b/x' IAM_ROLE 'r'", ["s3://b/x"], ["t"], {"t.a": ["s3://b/x.*"]}),
    (
        "redshift",
        "UNLOAD ('SELECT a FROM s WHERE k = ''x''') TO 's3://b/y' IAM_ROLE 'r'",
        ["s"],
        ["s3://b/y"],
        {"s3://b/y.a": ["s.a"]},
    ),
    (
        "bigquery",
        "EXECUTE IMMEDIATE 'INSERT INTO d.t (a) SELECT x FROM d.s'",
        ["d.s"],
        ["d.t"],
        {"d.t.a": ["d.s.x"]},
    ),
    (
        "bigquery",
        "EXPORT DATA OPTIONS (uri = 'gs://b/*.csv', format = 'CSV') AS SELECT a FROM d.s",
        ["d.s"],
        ["gs://b/*.csv"],
        {"gs://b/*.csv.a": ["d.s.a"]},
    ),
    (
        "bigquery",
        "LOAD DATA INTO d.t FROM FILES (format = 'CSV', uris = ['gs://b/x'])",
        ["gs://b/x"],
        ["d.t"],
        {"d.t.*": ["gs://b/x.*"]},
    ),
    (
        "bigquery",
        "CREATE EXTERNAL TABLE d.e (a INT64) OPTIONS (format = 'CSV', uris = ['gs://b/x'])",
        ["gs://b/x"],
        ["d.e"],
        {"d.e.a": ["gs://b/x.a"]},
    ),
    ("duckdb", "SELECT a FROM read_parquet('x.parquet')", ["x.parquet"], [], {"a": ["x.parquet.a"]}),
    ("duckdb", "COPY (SELECT a FROM s) TO 'x.csv'", ["s"], ["x.csv"], {"x.csv.a": ["s.a"]}),
    ("hive", "LOAD DATA INPATH '/x' INTO TABLE t", ["/x"], ["t"], {"t.*": ["/x.*"]}),
    ("mysql", "REPLACE INTO t (a) SELECT x FROM s", ["s"], ["t"], {"t.a": ["s.x"]}),
    (
        "spark",  # Flink SQL's spelling
        "CREATE TABLE k (id INT, v STRING) WITH ('connector' = 'kafka', 'topic' = 'orders')",
        ["kafka:orders"],
        ["k"],
        {"k.id": ["kafka:orders.id"], "k.v": ["kafka:orders.v"]},
    ),
    (
        "risingwave",
        "CREATE SOURCE k (id INT) WITH (connector = 'kinesis', stream = 'clicks') FORMAT PLAIN ENCODE JSON",
        ["kinesis:clicks"],
        ["k"],
        {"k.id": ["kinesis:clicks.id"]},
    ),
    (
        "clickhouse",
        "CREATE TABLE k (a INT) ENGINE = Kafka('broker:9092', 'orders', 'group', 'JSONEachRow')",
        ["kafka:orders"],
        ["k"],
        {"k.a": ["kafka:orders.a"]},
    ),
    (
        "materialize",
        (
            "CREATE SOURCE k FROM KAFKA CONNECTION c (TOPIC 'orders') FORMAT JSON;"
            " CREATE SINK o FROM k INTO KAFKA CONNECTION c (TOPIC 'out') FORMAT JSON"
        ),
        ["kafka:orders", "k"],
        ["k", "kafka:out"],
        {"k.*": ["kafka:orders.*"], "kafka:out.*": ["k.*"]},
    ),
    (
        "snowflake",  # ksqlDB's spelling
        "CREATE STREAM k (id INT, p STRUCT<x INT, y INT>) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON')",
        ["kafka:orders"],
        ["k"],
        {"k.id": ["kafka:orders.id"], "k.p": ["kafka:orders.p"]},
    ),
    (
        "postgres",
        (
            "WITH gone AS (DELETE FROM s WHERE a > 1 RETURNING a, b + 1 AS c)"
            " INSERT INTO t (a, b) SELECT a, c FROM gone"
        ),
        ["s"],
        ["s", "t"],
        {"t.a": ["s.a"], "t.b": ["s.b"]},
    ),
]


@pytest.mark.parametrize(
    ("dialect", "sql", "reads", "fills", "columns"), CASES, ids=[one[1][:50] for one in CASES]
)
def test_what_is_read_and_filled(dialect, sql, reads, fills, columns):
    found = Project(dialect=dialect).lineage(sql)
    assert not found.errors
    assert found.tables_in == reads
    assert found.tables_out == fills
    assert found.columns() == columns


def test_defaults_do_not_complete_what_lies_outside():
    project = Project(dialect="snowflake", default_database="db", default_schema="sc")
    found = project.lineage("COPY INTO t (a) FROM (SELECT $1 FROM @landing/x)")
    assert found.tables_in == ["@landing/x"]
    assert found.tables_out == ["db.sc.t"]


def test_what_is_found_in_a_string_has_its_place_and_no_fix():
    sql = "UNLOAD ('SELECT DISTINCT a FROM (SELECT * FROM s) WHERE 1 = 2 AND a = NULL') TO 's3://b/y' IAM_ROLE 'r'"
    report = Project(dialect="redshift").check(sql)
    assert report.findings
    assert all(one.fix is None for one in report.findings)
    assert all(
        len("UNLOAD ('") <= one.span.start <= one.span.end <= sql.index("')") for one in report.findings
    )
