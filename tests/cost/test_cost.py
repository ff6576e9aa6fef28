"""`Project.cost` and what it is made of: rows, seconds, credits, money, calibration, backfills."""

from __future__ import annotations

import contextlib
import csv
import math
import random
from datetime import date
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sqlopt
from sqlopt.cost.backfill import BackfillError, backfill, stretch
from sqlopt.cost.calibration import HELD, Calibration, Run, read_history
from sqlopt.cost.money import billed_bytes, cloud_services, credits_per_hour, storage
from sqlopt.cost.terms import Terms, size_name
from sqlopt.cost.units import parse_amount
from sqlopt.errors import ConfigError, SourceError
from sqlopt.query.understand import understand

SNOWFLAKE = {
    "version": 1,
    "dialect": "snowflake",
    "tables": {
        "S.P.ORDERS": {
            "rows": 300_000_000,
            "bytes": 96 * 2**30,
            "cluster_by": ["DAY"],
            "columns": {
                "ID": {"type": "NUMBER(38,0)", "distinct": 300_000_000},
                "DAY": {"type": "DATE", "min": "2020-01-01", "max": "2025-12-31", "distinct": 2192},
                "STATUS": {"type": "VARCHAR", "distinct": 5, "average_bytes": 8},
            },
        },
        "S.P.DAYS": {"rows": 3000, "bytes": 100_000, "columns": {"DAY": {"type": "DATE", "distinct": 3000}}},
    },
}


def one(sql, given=SNOWFLAKE, **terms):
    (found,) = sqlopt.Project(catalog=sqlopt.Catalog.from_dict(given), pricing=terms).cost(sql)
    return found


def test_every_figure_is_ordered_and_says_what_it_rests_on():
    found = one(
        "SELECT status, COUNT(*) FROM s.p.orders GROUP BY status", warehouse="M", edition="enterprise"
    )
    for name in ("bytes_scanned", "rows", "seconds", "credits", "money"):
        estimate = getattr(found, name)
        assert estimate.low <= estimate.expected <= estimate.high, name
    assert found.rows.expected == 5
    assert found.seconds.basis == found.credits.basis == "assumed"
    assert found.money.unit == "USD"
    assert any("docs.snowflake.com" in words for words in found.because)


def test_an_unknown_table_is_unknown_and_never_a_number():
    found = one("SELECT * FROM s.p.nowhere")
    assert (found.bytes_scanned, found.rows, found.credits, found.money) == (None, None, None, None)
    assert found.unknown == ("s.p.nowhere: not in the catalog",)


def test_a_warehouse_twice_as_large_burns_twice_as_much():
    rates = [credits_per_hour(Terms(warehouse=size))[0] for size in ("XS", "S", "M", "L", "XL")]
    assert rates == [1, 2, 4, 8, 16]
    assert credits_per_hour(Terms(warehouse="M", kind="gen2", cloud="aws"))[0] == pytest.approx(5.4)
    assert credits_per_hour(Terms(warehouse="M", kind="snowpark"))[0] == 6
    assert credits_per_hour(Terms(warehouse="M", clusters=3))[0] == 12


def test_cloud_services_are_billed_beyond_a_tenth_of_the_days_compute():
    assert cloud_services(5, 100) == 0
    assert cloud_services(12, 100) == pytest.approx(2)
    assert cloud_services(3, 0) == 3


def test_storage_has_a_price_where_one_is_published():
    assert storage("snowflake", 2e12, Terms()).money.expected == 46
    kept = storage("bigquery", 2**30 * 100, Terms(currency="EUR", exchange=0.5)).money
    assert (kept.low, kept.high, kept.unit) == (0.5, 1.0, "EUR")
    assert storage("postgres", 1e12, Terms()).money is None


def test_a_contract_price_stands_before_any_list():
    found = one("SELECT id FROM s.p.orders", per_credit=1.5, currency="EUR")
    assert found.money.unit == "EUR"
    assert found.money.expected == pytest.approx(found.credits.expected * 1.5)


def test_another_currency_needs_its_rate():
    with pytest.raises(ConfigError, match="say what one USD is in EUR"):
        one("SELECT id FROM s.p.orders", currency="EUR")
    dollars, euros = (
        one("SELECT id FROM s.p.orders"),
        one("SELECT id FROM s.p.orders", currency="EUR", exchange=0.9),
    )
    assert euros.money.expected == pytest.approx(dollars.money.expected * 0.9)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"warehous": "M"}, "did you mean 'warehouse'"),
        ({"warehouse": "huge"}, "unknown warehouse size 'huge'"),
        ({"edition": "gold"}, "standard or enterprise"),
        ({"per-credit": -1}, "a number"),
        ({"currency": "euro"}, "three letters"),
    ],
)
def test_a_wrong_term_is_named(given_, message):
    with pytest.raises(ConfigError, match=message):
        sqlopt.Project(pricing=given_)


@pytest.mark.parametrize(
    ("name", "size"), [("x-small", "XS"), ("Medium", "M"), ("2X-Large", "2XL"), ("xl", "XL")]
)
def test_sizes_have_many_names(name, size):
    assert size_name(name.replace("2X-Large", "X2LARGE")) == size


def test_bigquery_bills_ten_megabytes_a_table_and_whole_mebibytes():
    assert billed_bytes([]) == 0
    assert billed_bytes([1.0]) == 10 * 2**20
    assert billed_bytes([1.0, 1.0]) == 20 * 2**20
    assert billed_bytes([11 * 2**20 + 1.0]) == 12 * 2**20


@given(st.lists(st.integers(0, 10**13), max_size=5))
def test_a_bill_is_never_less_than_what_was_read(sizes):
    bill = billed_bytes(map(float, sizes))
    assert bill >= sum(sizes)
    assert bill % 2**20 == 0
    assert bill <= sum(max(one, 10 * 2**20) for one in sizes) + 2**20


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5GB", (5 * 2**30, "bytes")),
        ("1credit", (1, "credits")),
        ("10 usd", (10, "USD")),
        ("2.5TiB", (2.5 * 2**40, "bytes")),
    ],
)
def test_amounts(text, amount):
    assert parse_amount(text) == amount


@pytest.mark.parametrize("text", ["", "GB", "5", "5 parsecs", "-1GB"])
def test_what_is_no_amount(text):
    with pytest.raises(ConfigError):
        parse_amount(text)


# ---- history


def simulated(seed, count=400):
    """A history with known rates: seconds grow with bytes and shrink with the warehouse, with a noise of 20 %."""
    chance = random.Random(seed)
    runs = []
    for _ in range(count):
        size = chance.choice(["XS", "S", "M", "L"])
        scanned = math.exp(chance.uniform(math.log(1e6), math.log(1e12)))
        units = 2.0 ** ["XS", "S", "M", "L"].index(size)
        seconds = (scanned / 1e8) ** 0.9 / units * math.exp(chance.gauss(0, 0.2))
        runs.append(Run(seconds, scanned, size))
    return runs


def test_credits_of_a_history_with_known_rates_add_up():
    runs = simulated(1)
    known = {"XS": 1, "S": 2, "M": 4, "L": 8}
    truth = sum(run.seconds * known[run.size] / 3600 for run in runs)
    ours = sum(run.seconds * credits_per_hour(Terms(warehouse=run.size))[0] / 3600 for run in runs)
    assert ours == pytest.approx(truth, rel=0.001)


@pytest.mark.parametrize("seed", range(5))
def test_fitted_intervals_hold_as_often_as_they_say(seed):
    fitted = Calibration.fit(simulated(seed))
    fresh = simulated(seed + 100)
    found = [(fitted.seconds(run.bytes, run.size, "")[0], run.seconds) for run in fresh]
    held = sum(one.low <= seconds <= one.high for one, seconds in found) / len(found)
    assert abs(held - HELD) < 0.08
    assert median(abs(one.expected - seconds) / seconds for one, seconds in found) < 0.25
    assert all(one.basis == "history" for one, _ in found)


def test_a_repeated_statement_is_expected_to_take_its_own_time():
    chance = random.Random(7)
    own = {f"q{n}": math.exp(chance.uniform(0, 6)) for n in range(30)}
    runs = [
        Run(seconds * math.exp(chance.gauss(0, 0.15)), None, "M", name)
        for name, seconds in own.items()
        for _ in range(8)
    ]
    fitted = Calibration.fit(runs)
    errors = [
        abs(fitted.seconds(None, "M", name)[0].expected - seconds) / seconds for name, seconds in own.items()
    ]
    assert median(errors) <= 0.25
    fresh = [
        (name, seconds * math.exp(chance.gauss(0, 0.15))) for name, seconds in own.items() for _ in range(20)
    ]
    held = [fitted.seconds(None, "M", name)[0] for name, _ in fresh]
    share = sum(one.low <= seconds <= one.high for one, (_, seconds) in zip(held, fresh, strict=True)) / len(
        fresh
    )
    assert abs(share - HELD) < 0.1


def test_too_little_history_says_nothing():
    assert Calibration.fit([]).seconds(1e9, "M", "x") is None
    assert Calibration.fit(simulated(3, 5)).seconds(1e9, "M", "x") is None


def test_a_history_file_prices_statements(tmp_path):
    path = tmp_path / "history.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["QUERY_TEXT", "WAREHOUSE_SIZE", "BYTES_SCANNED", "EXECUTION_TIME"])
        for run in simulated(4):
            writer.writerow(
                [
                    "",
                    {"XS": "X-Small", "S": "Small", "M": "Medium", "L": "Large"}[run.size],
                    run.bytes,
                    run.seconds * 1000,
                ]
            )
        for _ in range(5):
            writer.writerow(["SELECT id  FROM s.p.orders -- hourly", "Medium", 1e9, 42_000])
    assert len(read_history(path)) == 405
    fitted = one("SELECT status FROM s.p.orders", warehouse="M", history=str(path))
    assert fitted.seconds.basis == fitted.credits.basis == "history"
    own = one("select id from s.p.orders", warehouse="M", history=str(path))
    assert own.seconds.expected == 42
    assert own.credits.expected == pytest.approx(42 * 4 / 3600)


@pytest.mark.parametrize(
    ("text", "message"), [("a,b\n1,2\n", "no column of seconds"), ("seconds\n", "no run"), ("", "no run")]
)
def test_a_history_that_says_nothing_is_an_error(tmp_path, text, message):
    path = tmp_path / "h.csv"
    path.write_text(text)
    with pytest.raises(SourceError, match=message):
        read_history(path)


# ---- rows


@pytest.mark.parametrize(
    ("sql", "low", "high"),
    [
        ("SELECT * FROM s.p.orders", 3e8, 3e8),
        ("SELECT * FROM s.p.orders WHERE id = 7", 0.5, 2),
        ("SELECT * FROM s.p.orders WHERE status = 'open'", 5e7, 7e7),
        ("SELECT * FROM s.p.orders WHERE status NOT LIKE '%x%'", 2.5e8, 3e8),
        ("SELECT DISTINCT status FROM s.p.orders", 5, 5),
        ("SELECT COUNT(*) FROM s.p.orders", 1, 1),
        ("SELECT * FROM s.p.orders LIMIT 10", 10, 10),
        ("SELECT * FROM s.p.orders o JOIN s.p.days d ON o.day = d.day", 2.5e8, 3e8),
        ("SELECT * FROM s.p.orders o LEFT JOIN s.p.days d ON o.day = d.day", 3e8, 3.1e8),
        ("SELECT * FROM s.p.orders WHERE day IN (SELECT day FROM s.p.days)", 2e8, 3e8),
        ("SELECT * FROM s.p.orders QUALIFY ROW_NUMBER() OVER (PARTITION BY status ORDER BY day) = 1", 4, 6),
        ("SELECT * FROM s.p.orders UNION ALL SELECT * FROM s.p.orders", 6e8, 6e8),
    ],
)
def test_rows(sql, low, high):
    assert low <= one(sql).rows.expected <= high


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_any_text_is_priced_or_refused_in_words(text):
    with contextlib.suppress(sqlopt.SqloptError):
        sqlopt.Project(catalog=sqlopt.Catalog.from_dict(SNOWFLAKE)).cost(text)


# ---- backfill

EVENTS = {
    "version": 1,
    "dialect": "bigquery",
    "tables": {
        "p.d.events": {
            "rows": 10**9,
            "bytes": 2**40,
            "partition_by": {"column": "day", "granularity": "day"},
            "columns": {
                "day": {"type": "DATE", "min": "2024-01-01", "max": "2025-12-31"},
                "v": {"type": "INT64"},
            },
        },
        "p.d.users": {"rows": 10**8, "bytes": 2**33, "columns": {"id": {"type": "INT64"}}},
    },
}


def rebuilt(sql, days, **terms):
    (query,) = understand(sql, "bigquery", sqlopt.Catalog.from_dict(EVENTS), date(2026, 11, 23))
    return backfill(query, *stretch(days), Terms(**terms))


def test_a_backfill_reads_its_share_and_small_runs_pay_again_for_what_is_not_divided():
    found = rebuilt("SELECT * FROM p.d.events e JOIN p.d.users u ON u.id = e.v", "2025-01-01..2026-01-01")
    ways = {one_.title: one_ for one_ in found.ways}
    assert found.ways[0].title == "at once"
    assert (ways["at once"].runs, ways["by month"].runs, ways["by day"].runs) == (1, 12, 365)
    once, daily = ways["at once"].cost.bytes_scanned.expected, ways["by day"].cost.bytes_scanned.expected
    share = 365 / 731 * 2**40
    assert once == pytest.approx(share + 2**33, rel=0.001)
    assert daily == pytest.approx(share + 365 * 2**33, rel=0.001)
    assert any("p.d.users is read whole in every run" in line for line in found.assumed)


@pytest.mark.parametrize("text", ["2025-01-01", "2025-01-01..", "2025-02-01..2025-01-01", "x..y"])
def test_what_is_no_stretch_of_time(text):
    with pytest.raises(BackfillError):
        stretch(text)


def test_a_model_without_tables_of_time_can_not_be_rebuilt_in_parts():
    with pytest.raises(BackfillError, match=r"p\.d\.users"):
        rebuilt("SELECT * FROM p.d.users", "2025-01-01..2026-01-01")
