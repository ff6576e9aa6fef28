"""`sqlopt.catalog.sync`: ten thousand tables, in flat memory, killed at any point."""

from __future__ import annotations

import tracemalloc
from itertools import islice

import pytest

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.catalog.sync import Listed, sync
from sqlopt.errors import CatalogError


class Warehouse:
    """A reader of as many tables as asked for, each of twenty columns; it can be lost after some."""

    source = "made://warehouse"
    dialect = "postgres"
    default_database = None
    default_schema = None
    rights = "GRANT SELECT"

    def __init__(self, count, lost_after=None, changed=()):
        self.count, self.lost_after, self.changed = count, lost_after, changed
        self.warnings = []
        self.read_names = []

    def tables(self):
        for number in range(self.count):
            state = "2" if number in self.changed else "1"
            yield Listed(f"shop.sales.table_{number:05}", state, number)

    def read(self, batch):
        for one in batch:
            if self.lost_after is not None and len(self.read_names) >= self.lost_after:
                raise CatalogError("the connection was lost")
            self.read_names.append(one.name)
            columns = {f"column_{n}": Column(f"column_{n}", "INTEGER", comment="x" * 50) for n in range(20)}
            yield Table(one.name, columns, rows=one.key)


def peak(count, folder):
    tracemalloc.start()
    try:
        sync(Warehouse(count), folder / f"{count}.yml")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_tables(tmp_path):
    """Only names and stamps are held: about a kilobyte a table, where its facts are ten times that."""
    peak(200, tmp_path)  # what is imported and kept once
    small, large = peak(2_000, tmp_path), peak(10_000, tmp_path)
    assert (tmp_path / "10000.yml").stat().st_size > 10_000_000
    assert large - small < 8_000 * 1_000


@pytest.mark.parametrize("lost_after", [0, 1, 200, 377, 1_199])
def test_a_lost_run_goes_on_where_it_was(tmp_path, lost_after):
    whole, path = tmp_path / "whole.yml", tmp_path / "catalog.yml"
    sync(Warehouse(1_200), whole)
    with pytest.raises(CatalogError, match="the connection was lost"):
        sync(Warehouse(1_200, lost_after), path)
    assert not path.exists()
    rest = Warehouse(1_200)
    outcome = sync(rest, path)
    assert outcome.kept == lost_after
    assert len(rest.read_names) == 1_200 - lost_after
    assert path.read_bytes() == whole.read_bytes()


def test_only_what_changed_is_read_again(tmp_path):
    path = tmp_path / "catalog.yml"
    sync(Warehouse(1_000), path)
    later = Warehouse(1_000, changed={3, 700})
    outcome = sync(later, path)
    assert later.read_names == ["shop.sales.table_00003", "shop.sales.table_00700"]
    assert outcome.kept == 998
    same = path.read_bytes()
    sync(Warehouse(1_000, changed={3, 700}), path)
    assert path.read_bytes() == same
    assert [one.rows for one in islice(Catalog.load(path).tables.values(), 3)] == [0, 1, 2]
