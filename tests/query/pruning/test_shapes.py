"""What a filter's shape does to pruning: OR, NOT, EXISTS, one-row sources, filters that keep everything."""

from __future__ import annotations

from datetime import date

import pytest

from sqlopt.catalog import Catalog
from sqlopt.query import understand
from sqlopt.query.pruning.domain import plausible
from sqlopt.query.values.intervals import Ranges
from sqlopt.warehouses.pruning import Form, Prunes

TODAY = date(2026, 11, 20)
CATALOG = Catalog.from_dict(
    {
        "version": 1,
        "tables": {
            "visits": {
                "columns": {
                    "day": {"type": "DATE"},
                    "page": {"type": "STRING"},
                    "seen": {"type": "TIMESTAMP"},
                },
                "partition_by": {"column": "day", "granularity": "day"},
            },
            "days": {"columns": {"d": {"type": "DATE"}}},
        },
    }
)


def pruning(sql, dialect="bigquery"):
    query = understand(sql, dialect, CATALOG, TODAY)[-1]
    return next(
        scan.pruning
        for scan in query.scans
        if scan.source.table_name.rpartition(".")[2].startswith(("visits", "log"))
    )


def where(condition, dialect="bigquery"):
    return pruning(f"SELECT page FROM visits WHERE {condition}", dialect)


@pytest.mark.parametrize(
    "condition",
    [
        "day IS NOT NULL",
        "NOT day IS NULL",
        "day = day",
        "day IS NULL OR day IS NOT NULL",
        "day >= '1970-01-01'",
        "day <> '1900-01-01'",
        "day BETWEEN '1990-01-01' AND '2999-12-31'",
        "NOT (day < '1970-01-01')",
    ],
)
def test_a_filter_that_keeps_everything_is_idle(condition):
    found = where(condition)
    assert found.verdict is Prunes.NO
    assert found.idle
    assert not found.blockers


@pytest.mark.parametrize(
    "condition",
    [
        "day >= '2026-01-01'",
        "day >= '1970-01-01' AND day < '2020-01-01'",
        "NOT (day < '2026-01-01' OR page = 'x')",
        "(day = '2026-01-01' AND page = 'x') OR (day = '2026-01-02' AND page = 'y')",
        "NOT (day < '2026-01-01')",
        "day = '2026-01-01' AND (day IS NOT NULL)",
    ],
)
def test_a_filter_that_limits_prunes(condition):
    assert where(condition).verdict is Prunes.YES


@pytest.mark.parametrize(
    ("condition", "arm"),
    [
        ("day = '2026-01-01' OR page = 'x'", "page = 'x'"),
        ("NOT (day < '2026-01-01' AND page = 'x')", "page = 'x'"),
        ("EXTRACT(MONTH FROM day) = 1 OR page = 'x'", "page = 'x'"),
    ],
)
def test_the_arm_that_spoils_an_or_is_named(condition, arm):
    found = where(condition)
    assert found.verdict is Prunes.NO
    spoiler = next(one for one in found.blockers if one.form is Form.OR_OTHER)
    assert spoiler.at.sql("bigquery") == arm


def test_an_arm_that_a_parameter_decides_leaves_it_open():
    assert where("@day IS NULL OR day = @day").verdict is Prunes.UNKNOWN


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT page FROM visits WHERE day = (SELECT MAX(d) FROM days)",
        "WITH last AS (SELECT MAX(d) AS d FROM days) SELECT page FROM visits, last WHERE day >= last.d",
        "SELECT page FROM visits JOIN (SELECT MIN(d) AS d FROM days) AS x ON visits.day = x.d",
    ],
)
def test_a_source_of_one_row_is_as_a_scalar_subquery(sql):
    found = pruning(sql)
    assert found.verdict is Prunes.NO
    assert [one.form for one in found.blockers] == [Form.SUBQUERY]


def test_exists_is_as_in():
    found = where("EXISTS (SELECT 1 FROM days WHERE days.d = visits.day)")
    assert [one.form for one in found.blockers] == [Form.IN_SUBQUERY]


def test_functions_that_are_seen_through_are_told():
    found = where("EXTRACT(YEAR FROM day) = 2026")
    assert found.verdict is Prunes.YES
    assert [one.form for one in found.through] == [Form.YEAR]


def test_bigquery_prunes_through_date_add_and_not_through_a_sum():
    assert where("DATE_ADD(day, INTERVAL 1 DAY) = '2026-01-01'").verdict is Prunes.YES
    assert where("day + INTERVAL 1 DAY = '2026-01-01'").verdict is Prunes.NO


def test_a_wildcard_over_unknown_tables_is_judged_by_its_suffix():
    assert pruning("SELECT a FROM `p.x.log_*`").verdict is Prunes.NO
    assert pruning("SELECT a FROM `p.x.log_*` WHERE _TABLE_SUFFIX = '20260101'").verdict is Prunes.YES


@pytest.mark.parametrize(
    ("value", "inside"),
    [(date(1999, 1, 1), False), (date(2010, 1, 1), True), ("20100101", True), ("2010-01-01", True)],
)
def test_the_plausible_days_are_spelled_as_the_constant_is(value, inside):
    domain = plausible(Ranges.at_least(value), TODAY, None)
    assert domain is not None
    assert domain.contains(value) is inside


def test_nothing_is_plausible_of_other_values():
    assert plausible(Ranges.at_least("abc"), TODAY, None) is None
    assert plausible(Ranges.at_least(5), TODAY, None) is None
