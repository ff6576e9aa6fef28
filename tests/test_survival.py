"""Whatever the text is, a check answers: no rule raises, and every finding lies in the text. 10,000 inputs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sqlopt.project import Project
from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import page_of

CATALOGS = Path(__file__).parents[1] / "fixtures" / "catalogs"
DIALECTS = ["bigquery", "duckdb", "postgres", "snowflake", "spark"]
# The rules' own examples are what makes rules speak; broken, they are what might make them stumble.
STATEMENTS = sorted(
    {
        example.sql
        for rule in load_packs().values()
        for example in (*page_of(rule).bad, *page_of(rule).good)
        if len(example.sql) < 1500
    }
)
SCRAPS = [
    *(
        "'",
        '"',
        "`",
        "$$",
        ";",
        "(",
        ")",
        "[",
        "]",
        "{{",
        "--",
        "/*",
        "*/",
        "\\",
        ",",
        ".",
        "::",
        "é",
        "😀",
        "\n",
        "*",
    ),
    *(
        " SELECT ",
        " FROM ",
        " WHERE ",
        " NULL ",
        " OR ",
        " AND ",
        " NOT ",
        " IN ",
        " BETWEEN ",
        " JOIN ",
        " ON ",
    ),
    *(
        " USING ",
        " UNION ",
        " WITH ",
        " AS ",
        " LATERAL ",
        " UNNEST(",
        " CASE ",
        " END ",
        " INTERVAL ",
        " DATE ",
        " = ",
    ),
    *(
        "GROUP BY ",
        "ORDER BY ",
        "QUALIFY ",
        "LIMIT ",
        "1",
        "''",
        "'2026-01-01'",
        "9999999999999999999",
        "BEGIN",
        "END;",
    ),
]
MUTATION = st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(["", *SCRAPS]))
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck))


def project(dialect):
    path = CATALOGS / f"{dialect}.yml"
    return Project(catalog=path, dialect=dialect, today=dt.date(2026, 11, 20))


PROJECTS = {dialect: project(dialect) for dialect in DIALECTS}


def assert_sound(report):
    assert not report.crashed
    for file in report.files:
        for finding in (*file.findings, *file.errors):
            places = [finding.span, *(one.span for one in finding.related)]
            places += [edit.span for edit in finding.fix.edits] if finding.fix else []
            assert all(0 <= span.start <= span.end <= len(file.text) for span in places), finding


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(QUICK, max_examples=1700)
@given(st.sampled_from(STATEMENTS), st.lists(MUTATION, min_size=1, max_size=4))
@example("CREATE TABLE item (order_id IN REFERENCES orders (order_id), place int)", [(0.0, 0, "")])
def test_mutated_sql_never_raises(dialect, text, mutations):
    for place, cut, scrap in mutations:
        at = int(place * len(text))
        text = text[:at] + scrap + text[at + cut :]
    assert_sound(PROJECTS[dialect].check(text))


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(QUICK, max_examples=300)
@given(st.binary(max_size=200))
def test_bytes_never_raise(dialect, data):
    assert_sound(PROJECTS[dialect].check_bytes(data, "x.sql"))
