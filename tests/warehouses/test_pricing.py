import tomllib
from importlib.resources import files
from itertools import pairwise

import pytest

from sqlopt.warehouses.pricing import on_demand_price, prices

WITH_PRICES = [
    room.name
    for room in files("sqlopt.warehouses").iterdir()
    if room.is_dir() and (room / "pricing.toml").is_file()
]


@pytest.mark.parametrize("dialect", WITH_PRICES)
def test_every_figure_says_where_and_when(dialect):
    raw = tomllib.loads((files("sqlopt.warehouses") / dialect / "pricing.toml").read_text(encoding="utf-8"))
    figures = {name: entry for name, entry in raw.items() if isinstance(entry, dict)}
    assert figures
    assert set(prices(dialect)) == set(figures)
    for name, entry in figures.items():
        assert set(entry) == {"value", "unit", "source", "date", "status"}, name
        assert all(entry[key].strip() for key in ("unit", "source", "date")), name
        assert entry["status"] in {"official", "secondary", "measured"}, name


def test_bigquery_charges_by_the_byte():
    price, basis = on_demand_price("bigquery")
    assert price * 2**40 == pytest.approx(6.25)
    assert "6.25 USD per TiB" in basis
    assert "secondary" in basis
    assert "2026-04-17" in basis


@pytest.mark.parametrize("dialect", ["snowflake", "postgres", "duckdb", "", "no such engine"])
def test_no_price_by_the_byte_is_none(dialect):
    assert on_demand_price(dialect) is None


def test_a_warehouse_doubles_its_credits_with_each_size():
    credits_per_hour = list(prices("snowflake")["credits_per_hour"].value.values())
    assert all(larger == 2 * smaller for smaller, larger in pairwise(credits_per_hour))
