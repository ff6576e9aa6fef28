"""Bytes: BigQuery's logical sizes to the byte, Parquet's column chunks, row groups that may be skipped."""

from __future__ import annotations

import contextlib
import json
import math
import re
from pathlib import Path

import duckdb
import pytest

import sqlopt
from sqlopt.cost.chunks import groups_left
from sqlopt.cost.money import billed_bytes
from sqlopt.cost.statement import statement_cost
from sqlopt.query.understand import understand
from sqlopt.warehouses.duckdb.catalog import read_parquet
from tests import tpcds, tpch

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "bigquery"

LOGICAL = {"INTEGER": 8, "BIGINT": 8, "DATE": 8, "DOUBLE": 8, "DECIMAL": 16, "BOOLEAN": 1}
"""The published sizes of a value by type; texts take 2 and their UTF-8 length, NULLs nothing."""
BIGQUERY = {
    "INTEGER": "INT64",
    "BIGINT": "INT64",
    "DOUBLE": "FLOAT64",
    "DECIMAL": "NUMERIC",
    "VARCHAR": "STRING",
}


def size(column, kind):
    """SQL for the logical bytes of a column."""
    base = kind.split("(")[0]
    if base in ("VARCHAR", "TIME"):
        return f"coalesce(sum(2 + strlen(CAST({column} AS VARCHAR))), 0)::BIGINT"
    return f"(count({column}) * {LOGICAL[base]})::BIGINT"


@pytest.fixture(scope="module")
def shop():
    """TPC-DS as BigQuery tables: facts partitioned by their date's number, with the bytes of each partition."""
    connection = tpcds.connect()
    connection.execute("CALL dsdgen(sf = 0.01)")
    tables = {}
    for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall():
        columns = connection.execute(
            f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}' ORDER BY column_index"
        ).fetchall()
        sizes = ", ".join(size(name, kind) for name, kind in columns)
        by = next(
            (name for name, _ in columns if re.search(r"(sold|returned)_date_sk$|^inv_date_sk$", name)), None
        )
        grouped = f"GROUP BY {by} ORDER BY {by}" if by else ""
        rows = connection.execute(
            f"SELECT {by or 'NULL'}, count(*), {sizes} FROM {table} {grouped}"
        ).fetchall()
        names = [name for name, _ in columns]
        groups = [
            {
                "rows": row[1],
                "bytes": sum(row[2:]),
                "column_bytes": dict(zip(names, row[2:], strict=True)),
                "ranges": {by: [row[0], row[0]]} if row[0] is not None else {},
            }
            for row in rows
        ]
        tables[table] = {
            "columns": {
                name: {"type": BIGQUERY.get(kind.split("(")[0], kind.split("(")[0])} for name, kind in columns
            },
            "rows": sum(row[1] for row in rows),
            "bytes": sum(one["bytes"] for one in groups),
            "row_groups": groups,
        }
        if by:
            tables[table]["partition_by"] = {
                "column": by,
                "kind": "integer range",
                "start": 0,
                "end": 3_000_000,
                "step": 1,
            }
    return connection, sqlopt.Catalog.from_dict({"version": 1, "dialect": "bigquery", "tables": tables})


def truth(connection, scan, where=""):
    """What DuckDB counts over the columns that a scan reads."""
    kinds = dict(
        connection.execute(
            f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{scan.table.name}'"
        ).fetchall()
    )
    names = scan.columns if scan.columns is not None else set(kinds)
    parts = " + ".join(size(name, kinds[name]) for name in sorted(names)) or "0"
    return connection.execute(f"SELECT {parts} FROM {scan.table.name} {where}").fetchone()[0]


def test_every_query_of_tpcds_reads_what_its_columns_hold(shop):
    connection, catalog = shop
    for text in tpcds.queries():
        (query,) = understand(text, "duckdb", catalog)  # their text is DuckDB's; sizes are in the catalog
        cost = statement_cost(query)
        counted = sum(truth(connection, one) for one in query.scans if one.readings)
        assert cost.bytes_scanned.high == counted


@pytest.mark.parametrize(
    "where",
    [
        "ss_sold_date_sk = 2451545",
        "ss_sold_date_sk BETWEEN 2451545 AND 2451600",
        "ss_sold_date_sk >= 2451545 AND ss_sold_date_sk < 2451911 AND ss_quantity > 10",
        "ss_sold_date_sk IN (2451545, 2451546, 2452000)",
        "ss_sold_date_sk < 2451000 OR ss_sold_date_sk > 2452500",
    ],
)
def test_partitions_that_a_constant_filter_leaves_to_the_byte(shop, where):
    connection, catalog = shop
    text = f"SELECT ss_item_sk, SUM(ss_net_paid) FROM store_sales WHERE {where} GROUP BY ss_item_sk"
    (cost,) = sqlopt.Project(catalog=catalog, dialect="bigquery").cost(text)
    (query,) = understand(text, "bigquery", catalog)
    pruned = " AND ".join(part for part in where.split(" AND ") if "quantity" not in part)
    rows = (
        f"WHERE {pruned} OR ss_sold_date_sk IS NULL"  # rows without a date are in a partition without a range
    )
    assert cost.bytes_scanned.expected == truth(connection, query.scans[0], rows)
    assert cost.bytes_billed.expected == max(math.ceil(cost.bytes_scanned.expected / 2**20), 10) * 2**20


def test_sizes_of_types_from_rows_alone():
    catalog = sqlopt.Catalog.from_dict(
        {
            "version": 1,
            "dialect": "bigquery",
            "tables": {
                "a.b.c": {
                    "rows": 1_000_000,
                    "columns": {
                        "id": {"type": "INT64", "nullable": False},
                        "price": {"type": "NUMERIC(12, 2)", "nulls": 0.5},
                        "open": {"type": "BOOL", "nulls": 0},
                        "name": {"type": "STRING", "nulls": 0, "average_bytes": 14},
                        "day": {"type": "DATE", "nulls": 0},
                    },
                }
            },
        }
    )
    project = sqlopt.Project(catalog=catalog)
    for columns, size_ in (("id", 8e6), ("price", 8e6), ("open", 1e6), ("name", 16e6), ("id, open", 9e6)):
        (cost,) = project.cost(f"SELECT {columns} FROM a.b.c")
        assert (cost.bytes_scanned.expected, cost.bytes_scanned.basis) == (size_, "statistics")
    (cost,) = project.cost("SELECT day FROM a.b.c")
    assert (cost.bytes_scanned.expected, cost.bytes_scanned.basis) == (8e6, "assumed")  # no source for DATE


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not beside this checkout")
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("jobs_get_*.json")), ids=lambda path: path.stem)
def test_recorded_jobs_are_billed_to_the_byte(path):
    """Two real replies of jobs.get, from 2019 and 2023; each read one table."""
    query = json.loads(path.read_text())["statistics"]["query"]
    assert billed_bytes([float(query["totalBytesProcessed"])]) == float(query["totalBytesBilled"])


FILTER = re.compile(r'^"?(\w+)"?(<=|>=|=|<|>)(.+?)(::\w+)?$')


def listed(value):
    return [] if value in (None, "") else [value] if isinstance(value, str) else value


def scans_of(node):
    if "PARQUET" in node.get("name", ""):
        yield node["extra_info"]
    for child in node.get("children", ()):
        yield from scans_of(child)


def chunks(info, metadata):
    """A scan's table, and the bytes of its columns' chunks without row groups that its filters rule out."""
    columns = {name.strip('"') for name in listed(info.get("Projections"))}
    words = set(re.findall(r"\w+", " ".join([*columns, *listed(info.get("Filters"))])))
    table, rows = next(
        ((name, found) for name, found in metadata.items() if words & {row[1] for row in found}), ("", ())
    )
    columns |= {row[1] for row in rows} & words
    skipped = set()
    for part in " AND ".join(listed(info.get("Filters"))).split(" AND "):
        found = FILTER.match(part.strip())
        if found:
            skipped |= {
                row[0] for row in rows if row[1] == found[1] and _outside(row, found[2], found[3].strip("'"))
            }
    return table, sum(row[2] for row in rows if row[1] in columns and row[0] not in skipped)


def _outside(row, operator, value):
    low, high = row[3], row[4]
    if low is None or high is None:
        return False
    with contextlib.suppress(ValueError):
        low, high, value = float(low), float(high), float(value)
    return {
        "=": value < low or value > high,
        "<": low >= value,
        "<=": low > value,
        ">": high <= value,
        ">=": high < value,
    }[operator]


@pytest.mark.parametrize(
    ("data", "made", "order"), [(tpch, "dbgen", ""), (tpch, "dbgen", "sorted"), (tpcds, "dsdgen", "")]
)
def test_parquet_beside_duckdbs_own_plan(data, made, order, tmp_path):
    """Column chunks by `parquet_metadata`, of the scans in DuckDB's plan.

    Each scan is held against the nearest of DuckDB's scans of the same table, and each statement against the sum: a
    plan that reads a common part of a statement once, or a CTE several times, differs, which is the engine's choice.
    """
    with data.connect() as connection:
        connection.execute(f"CALL {made}(sf = 0.05)")
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        for name in tables:
            by = {"lineitem": "l_shipdate", "orders": "o_orderdate"}.get(name) if order else None
            rows = f"(SELECT * FROM {name}{f' ORDER BY {by}' if by else ''})"
            connection.execute(
                f"COPY {rows} TO '{tmp_path / name}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 20000)"
            )
    catalog = read_parquet(tmp_path)
    errors, whole = [], []
    with duckdb.connect() as connection:
        metadata = {}
        for name in tables:
            path = tmp_path / f"{name}.parquet"
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
            metadata[name] = connection.execute(
                "SELECT row_group_id, path_in_schema, total_compressed_size, stats_min_value, stats_max_value "
                f"FROM parquet_metadata('{path}')"
            ).fetchall()
        for text in data.queries():
            (query,) = understand(text, "duckdb", catalog)
            cost = statement_cost(query)
            plan = json.loads(connection.execute(f"EXPLAIN (FORMAT json) {text}").fetchall()[0][1])
            real = {}
            for table, size in (chunks(info, metadata) for top in plan for info in scans_of(top)):
                real.setdefault(table, []).append(size)
            total = sum(map(sum, real.values()))
            whole.append(abs(cost.bytes_scanned.expected - total) / max(total, 1))
            errors += [
                min(abs(one.bytes.expected - size) / max(size, 1) for size in real[one.table])
                for one in cost.tables
                if one.bytes.expected and one.table in real
            ]
    for found in (errors, whole):
        found.sort()
        assert found[len(found) // 2] <= 0.01
    assert errors[int(len(errors) * 0.95)] <= 0.10


CONDITIONS = (
    "id = 5",
    "id > 99990",
    "id <> 7",
    "NOT id < 50000",
    "day = '2026-03-01'",
    "day BETWEEN '2026-02-01' AND '2026-02-03'",
    "EXTRACT(MONTH FROM day) = 2",
    "maybe IS NULL",
    "coalesce(maybe, -1) = -1",
    "id IN (1, 99999)",
    "name LIKE 'n3%'",
    "id % 1000 = 0 AND day > '2026-04-01'",
    "id = 3 OR name = 'n1'",
    "date_trunc('month', day) = '2026-03-01'",
    "id + 1 = 100",
)


def test_a_row_group_that_holds_a_match_is_never_skipped(tmp_path):
    path = tmp_path / "t.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT i AS id, DATE '2026-01-01' + (i // 1000)::INT AS day, 'n' || i % 7 AS name, "
            f"CASE WHEN i % 3 > 0 THEN i END AS maybe FROM range(100000) t(i)) "
            f"TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 4096)"
        )
        catalog = read_parquet(tmp_path)
        bounds = catalog.table("t").row_groups
        for where in CONDITIONS:
            (query,) = understand(f"SELECT * FROM t WHERE {where}", "duckdb", catalog)
            wanted, read = groups_left(query.scans[0])
            matching = [
                id_ for (id_,) in connection.execute(f"SELECT id FROM '{path}' WHERE {where}").fetchall()
            ]
            for group in bounds:
                low, high = group.ranges["id"]
                if any(low <= one <= high for one in matching):
                    assert group in wanted, where
                    assert group in read, where
