"""What tests of workloads share: a small shop, and its views."""

from __future__ import annotations

import pytest

import sqlopt

DDL = """
CREATE TABLE shops (id INT PRIMARY KEY, town VARCHAR NOT NULL, country VARCHAR NOT NULL);
CREATE TABLE items (id INT PRIMARY KEY, brand VARCHAR, kind VARCHAR NOT NULL);
CREATE TABLE sales (
  id BIGINT PRIMARY KEY, shop INT NOT NULL REFERENCES shops (id), item INT REFERENCES items (id), day DATE NOT NULL,
  moment TIMESTAMP, amount DECIMAL(10, 2), pieces INT, weight DOUBLE
);
"""


@pytest.fixture(scope="session")
def shop():
    return sqlopt.Catalog.from_ddl(DDL, "duckdb")


@pytest.fixture
def suggest(shop):
    def suggest(*texts, dialect="duckdb", catalog=None, **more):
        project = sqlopt.Project(catalog=catalog or shop, dialect=dialect)
        return project.suggest({f"q{i}.sql": text for i, text in enumerate(texts, 1)}, **more)

    return suggest
