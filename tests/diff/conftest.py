"""Real git repositories, made by the tests."""

from __future__ import annotations

import subprocess

import pytest

CATALOG = """
version: 1
dialect: bigquery
tables:
  shop.d.orders:
    columns:
      order_id: {type: INT64, nullable: false}
      user_id: {type: INT64}
      order_date: {type: DATE, min: 2020-01-01, max: 2026-11-20}
      amount: {type: NUMERIC}
      status: {type: STRING, average_bytes: 7}
    partition_by: {column: order_date, granularity: day}
    primary_key: [order_id]
    rows: 2000000000
    bytes: 120000000000
  shop.d.users:
    columns:
      user_id: {type: INT64, nullable: false}
      country: {type: STRING, average_bytes: 2}
    primary_key: [user_id]
    rows: 10000000
"""
SETTINGS = 'dialect = "bigquery"\n[pricing]\nruns-per-month = 30\n'
DAILY = """CREATE OR REPLACE TABLE shop.d.daily AS
SELECT order_date, SUM(amount) AS revenue, COUNT(*) AS orders
FROM shop.d.orders
WHERE order_date >= DATE '2026-01-01'
GROUP BY order_date;
"""
WEEKLY = """CREATE OR REPLACE TABLE shop.d.weekly AS
SELECT DATE_TRUNC(order_date, WEEK) AS week, SUM(revenue) AS revenue FROM shop.d.daily GROUP BY 1;
"""


class Repository:
    """A clone in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def git(self, *words):
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, **files):
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_sql", ".sql").replace("_toml", ".toml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self

    def commit(self, message="a change"):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A repository with two models, a catalog and settings, in which the test stands."""
    folder = tmp_path / "shop"
    folder.mkdir()
    one = Repository(folder)
    one.git("init", "-q", "-b", "main")
    (folder / "catalog.yml").write_text(CATALOG)
    one.write(sqlopt_toml=SETTINGS, models__daily_sql=DAILY, models__weekly_sql=WEEKLY)
    one.commit("the beginning")
    monkeypatch.chdir(folder)
    return one
