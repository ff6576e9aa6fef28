"""What is a constant and what its value is; DuckDB answers the same where it can run the expression."""

# ruff: noqa: DTZ001 - naive datetimes are wall clocks' times

from datetime import UTC, date, datetime, time
from decimal import Decimal

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from sqlopt.query.values.constants import Constant, constant, fold_cast
from tests.counting import lines

TODAY = date(2026, 3, 31)


def read(sql, dialect, **options):
    tree = sqlglot.parse_one(f"x = {sql}", dialect=dialect)
    return constant(tree.expression, dialect, **options)


def value(sql, dialect):
    found = read(sql, dialect, today=TODAY)
    assert found is not None, "no constant"
    assert found.known, "of unknown value"
    assert not found.null
    return found.value


@pytest.fixture(scope="module")
def duck():
    return duckdb.connect()


def _plain(one):
    """A date as its midnight, numbers as decimals: what comparisons see."""
    if isinstance(one, datetime):
        return one
    if isinstance(one, date):
        return datetime(one.year, one.month, one.day)
    return Decimal(str(one)) if isinstance(one, int | float | Decimal) and not isinstance(one, bool) else one


NATIVE = """
    1
    -7
    1.25
    0.1
    1e3
    'text'
    TRUE
    DATE '2026-01-01'
    '2026-01-01'::date
    '2026-1-5'::date
    ' 2026-01-05 '::date
    '2026-01-05 13:00'::date
    CAST('2026-01-05 13:00:00.250' AS TIMESTAMP)
    TIMESTAMP '2026-01-05T13:00:00'
    TIMESTAMP '2026-01-05 13:00:00'::date
    TIME '10:20:30'
    CAST(5 AS VARCHAR)
    CAST('5' AS INTEGER)
    CAST('5.25' AS DECIMAL(5, 2))
    CAST(TRUE AS INTEGER)
    CAST('true' AS BOOLEAN)
    CAST(DATE '2026-01-01' AS VARCHAR)
    DATE '2026-01-31' + INTERVAL 1 MONTH
    DATE '2026-03-31' - INTERVAL '1 month'
    DATE '2024-02-29' + INTERVAL 1 YEAR
    DATE '2026-01-31' + INTERVAL 1 QUARTER
    DATE '2026-01-31' + INTERVAL 1 MONTH + INTERVAL 1 MONTH
    DATE '2026-01-31' + INTERVAL '1 month 2 days'
    DATE '2026-01-31' + INTERVAL '2 days 1 month'
    DATE '2026-01-31' - INTERVAL '1 month 3 days'
    INTERVAL 3 DAY + DATE '2026-01-31'
    DATE '2026-01-31' + 3 * INTERVAL 1 DAY
    DATE '2026-01-31' - INTERVAL '1 day' * 7
    DATE '2026-01-31' + INTERVAL '-1' DAY
    DATE '2026-01-31' + (-INTERVAL 1 DAY)
    DATE '2026-01-31' - INTERVAL 36 HOUR
    TIMESTAMP '2026-01-31 10:00' - INTERVAL 90 MINUTE
    TIMESTAMP '2026-01-31 10:00' + INTERVAL 1 MONTH
    DATE '2026-01-31' + 1
    1 + DATE '2026-01-31'
    DATE '2026-01-31' - 31
    DATE_ADD(DATE '2026-01-31', INTERVAL 1 MONTH)
    DATE_TRUNC('day', TIMESTAMP '2026-01-05 13:00')
    DATE_TRUNC('hour', TIMESTAMP '2026-01-05 13:20')
    DATE_TRUNC('week', DATE '2026-01-07')
    DATE_TRUNC('week', DATE '2026-01-05')
    DATE_TRUNC('month', DATE '2026-01-15')
    DATE_TRUNC('quarter', DATE '2026-06-30')
    DATE_TRUNC('year', TIMESTAMP '2026-06-30 01:00')
    LAST_DAY(DATE '2024-02-01')
    LAST_DAY(TIMESTAMP '2026-12-31 05:00')
    MAKE_DATE(2026, 2, 28)
    MAKE_TIMESTAMP(2026, 2, 28, 1, 2, 3)
    strptime('20260105', '%Y%m%d')
    strptime('05.01.2026 07:08:09', '%d.%m.%Y %H:%M:%S')
    YEAR(DATE '2026-03-04')
    EXTRACT(MONTH FROM DATE '2026-03-04')
    EXTRACT(DAY FROM TIMESTAMP '2026-03-04 05:06:07')
    2 + 3 * 4
    (2 + 3) * 4 - 1
    1.5 + 1
    0.1 + 0.2
    1.1 * 1.1
    7 // 2
    -7 // 2
    7 // -2
    -7 % 2
    7 % -3
    -(-5)
    'a' || 'b' || 'c'
    CONCAT('a', 'b')
    COALESCE(NULL, 2)
    COALESCE(NULL, NULL, DATE '2026-01-01')
    GREATEST(1, 3, 2)
    LEAST(DATE '2026-01-02', DATE '2026-01-01')
    IF(TRUE, 1, 2)
    IF(FALSE, 1, 2)
    IF(NULL, 1, 2)
"""


@pytest.mark.parametrize("sql", [line.strip() for line in NATIVE.strip().splitlines()])
def test_duckdb_computes_the_same(sql, duck):
    assert _plain(value(sql, "duckdb")) == _plain(duck.cursor().sql(f"SELECT {sql}").fetchone()[0])


TRANSPILED = [
    ("bigquery", "DATE '2026-01-01'"),
    ("bigquery", "DATE('2026-01-01')"),
    ("bigquery", "DATE(2026, 1, 31)"),
    ("bigquery", "DATETIME '2026-01-01 10:00:00'"),
    ("bigquery", "DATE_ADD(DATE '2026-01-31', INTERVAL 1 MONTH)"),
    ("bigquery", "DATE_SUB(DATE '2026-03-31', INTERVAL 1 QUARTER)"),
    ("bigquery", "DATE_SUB('2026-03-31', INTERVAL 7 DAY)"),
    ("bigquery", "DATETIME_SUB(DATETIME '2026-01-01', INTERVAL 36 HOUR)"),
    ("bigquery", "DATE_TRUNC(DATE '2026-01-07', MONTH)"),
    ("bigquery", "DATE_TRUNC(DATE '2026-01-07', ISOWEEK)"),
    ("bigquery", "DATE_TRUNC(DATE '2026-01-07', WEEK(MONDAY))"),
    ("bigquery", "DATE_TRUNC(DATE '2026-01-07', WEEK)"),
    ("bigquery", "LAST_DAY(DATE '2026-02-01')"),
    ("bigquery", "PARSE_DATE('%Y%m%d', '20260105')"),
    ("bigquery", "DIV(-7, 2)"),
    ("bigquery", "MOD(-7, 2)"),
    ("snowflake", "'2026-01-01'::date"),
    ("snowflake", "TO_DATE('2026-01-01')"),
    ("snowflake", "TO_DATE('20260101', 'YYYYMMDD')"),
    ("snowflake", "DATE_FROM_PARTS(2026, 1, 31)"),
    ("snowflake", "DATEADD(month, 1, '2026-01-31'::date)"),
    ("snowflake", "DATEADD('day', -7, '2026-01-31'::date)"),
    ("snowflake", "DATEADD(year, 1, '2024-02-29'::date)"),
    ("snowflake", "ADD_MONTHS('2026-02-28'::date, 1)"),
    ("snowflake", "ADD_MONTHS('2026-03-15'::date, -1)"),
    ("snowflake", "LAST_DAY('2026-02-01'::date)"),
    ("snowflake", "DATE_TRUNC('month', '2026-02-17'::date)"),
    ("snowflake", "'2026-01-31'::date - INTERVAL '7 days'"),
    ("snowflake", "TO_TIMESTAMP_NTZ('2026-01-01 10:00:00')"),
    ("postgres", "'2026-01-01'::date - 7"),
    ("postgres", "DATE '2026-03-31' - INTERVAL '1 month'"),
    ("postgres", "MAKE_DATE(2026, 1, 31)"),
    ("spark", "date_add('2026-01-31', 7)"),
    ("spark", "date_sub(DATE'2026-01-31', 7)"),
    ("spark", "add_months('2026-01-31', 1)"),
    ("spark", "last_day(DATE'2026-02-01')"),
    ("spark", "to_date('2026-01-01')"),
    ("spark", "trunc(DATE'2026-02-17', 'MONTH')"),
    ("spark", "DATE'2026-02-17' - interval 7 days"),
    ("redshift", "DATEADD(day, -7, DATE '2026-01-31')"),
    ("redshift", "DATEADD(month, 1, DATE '2026-01-30')"),
    ("redshift", "LAST_DAY(DATE '2026-02-01')"),
    ("trino", "date_add('day', -7, DATE '2026-01-31')"),
    ("trino", "DATE '2026-03-31' - INTERVAL '1' MONTH"),
    ("trino", "date_trunc('quarter', DATE '2026-03-31')"),
    ("trino", "date_parse('2026-01-01', '%Y-%m-%d')"),
]


@pytest.mark.parametrize(("dialect", "sql"), TRANSPILED)
def test_duckdb_computes_the_same_for_the_translation(dialect, sql, duck):
    translated = sqlglot.transpile(f"SELECT {sql}", read=dialect, write="duckdb")[0]
    assert _plain(value(sql, dialect)) == _plain(duck.cursor().sql(translated).fetchone()[0])


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("bigquery", "CURRENT_DATE()", TODAY),
        ("bigquery", "DATE_SUB(CURRENT_DATE(), INTERVAL 1 MONTH)", date(2026, 2, 28)),
        ("bigquery", "TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)", datetime(2026, 3, 30)),
        ("bigquery", "DATE_TRUNC(CURRENT_DATE(), MONTH)", date(2026, 3, 1)),
        ("bigquery", "DATE(CURRENT_TIMESTAMP())", TODAY),
        ("bigquery", "CURRENT_DATE() - 7", date(2026, 3, 24)),
        ("bigquery", "EXTRACT(YEAR FROM CURRENT_DATE())", 2026),
        ("snowflake", "DATEADD(day, -7, CURRENT_DATE)", date(2026, 3, 24)),
        ("snowflake", "GETDATE()::date", TODAY),
        ("snowflake", "SYSDATE()", datetime(2026, 3, 31)),
        ("snowflake", "DATE_TRUNC('year', CURRENT_TIMESTAMP())", datetime(2026, 1, 1)),
        ("postgres", "now() - INTERVAL '1 day'", datetime(2026, 3, 30)),
        ("postgres", "CURRENT_DATE - 1", date(2026, 3, 30)),
        ("postgres", "now()::date", TODAY),
        ("spark", "date_sub(current_date(), 1)", date(2026, 3, 30)),
        ("spark", "now()", datetime(2026, 3, 31)),
        ("duckdb", "today()", TODAY),
        ("duckdb", "now()", datetime(2026, 3, 31)),
        ("redshift", "GETDATE()", datetime(2026, 3, 31)),
        ("redshift", "DATEADD(day, -1, CURRENT_DATE)", date(2026, 3, 30)),
        ("trino", "localtimestamp", datetime(2026, 3, 31)),
        ("trino", "current_date - INTERVAL '7' DAY", date(2026, 3, 24)),
        ("tsql", "CAST(GETDATE() AS DATE)", TODAY),
    ],
)
def test_the_clock(dialect, sql, expected):
    assert read(sql, dialect, today=TODAY) == Constant(expected, clock=True)
    unknown = read(sql, dialect)
    assert unknown.clock
    assert not unknown.known


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("bigquery", "TIMESTAMP '2026-01-01 00:00:00+02'", datetime(2025, 12, 31, 22)),
        ("bigquery", "TIMESTAMP('2026-01-01')", datetime(2026, 1, 1)),
        ("bigquery", "TIMESTAMP '2026-01-01 00:00:00 UTC'", datetime(2026, 1, 1)),
        ("snowflake", "TO_TIMESTAMP_TZ('2026-01-01 00:00:00 +0200')", datetime(2025, 12, 31, 22, tzinfo=UTC)),
        ("postgres", "'2026-01-01 00:00-01:30'::timestamptz", datetime(2026, 1, 1, 1, 30, tzinfo=UTC)),
        ("postgres", "'20260101'::date", date(2026, 1, 1)),
        ("trino", "TIMESTAMP '2026-01-01 00:00:00 UTC'", datetime(2026, 1, 1, tzinfo=UTC)),
        ("spark", "timestamp '2026-01-01'", datetime(2026, 1, 1)),
        ("spark", "trunc(DATE'2026-02-17', 'MM')", date(2026, 2, 1)),
        ("spark", "last_day('2026-02-01')", date(2026, 2, 28)),
        ("postgres", "7 / 2", 3),
        ("postgres", "-7 / 2", -3),
        ("snowflake", "ADD_MONTHS('2026-02-28'::date, 1)", date(2026, 3, 31)),
        ("spark", "add_months('2026-02-28', 1)", date(2026, 3, 28)),
        ("bigquery", "r'a\\b'", "a\\b"),
        ("trino", "TIME '10:20:30'", time(10, 20, 30)),
    ],
)
def test_values_that_differ_by_engine(dialect, sql, expected):
    assert value(sql, dialect) == expected


UNKNOWN = {
    "bigquery": [
        "@p",
        "?",
        "@@x.y",
        "TIMESTAMP('2026-01-01', 'Europe/Berlin')",
        "7/2",
        "0.1 + 0.2",
        "UNIX_DATE(DATE '2026-01-01')",
        "DATE '2026-02-30'",
        "my_function(1)",
        "lib.my_function('a', 1)",
        "DATE_ADD(@d, INTERVAL 1 DAY)",
        "@d + 1",
        "[1, 2]",
        "DATE_ADD(DATE '2026-01-01', INTERVAL @n DAY)",
        "CAST('20260101' AS DATE)",
        "1 / 0",
        "MOD(1, 0)",
        "'9' + 1",
        "DATE_ADD(DATE '9999-12-31', INTERVAL 1 DAY)",
        "CASE WHEN @a THEN 1 ELSE 2 END",
        "IF(@a, 1, 2)",
        "COALESCE(@a, 1)",
    ],
    "snowflake": [
        ":v",
        "$v",
        "?",
        "'2026-01-01'::timestamp_tz",
        "'2026-01-01'::timestamp_ltz",
        "CURRENT_USER()",
        "'20260101'::date",
        "DATE_FROM_PARTS(2026, 13, 1)",
        "DATE_TRUNC('week', '2026-01-07'::date)",
        "CONCAT('a', NULL)",
        "GREATEST(1, NULL)",
        "CONVERT_TIMEZONE('UTC', '2026-01-01'::timestamp)",
        "GREATEST('a', 'b')",
        "'abc'::varchar(2)",
    ],
    "postgres": [
        "$1",
        "%s",
        "%(x)s",
        ":v",
        "'2026-01-01'::timestamptz",
        "TO_TIMESTAMP('2026-01-01', 'YYYY-MM-DD')",
        "'2026-01-01 00:00+02'::timestamp",
        "'2026-01-01 23:00+00'::timestamptz::date",
        "current_setting('a')",
        "'2026-01-01 00:00+00'::timestamptz + INTERVAL '1 day'",
        "DATE '2026-01-01' + INTERVAL '5'",
        "1.7::int",
        "DATE '2026-01-01' + INTERVAL '1-2' YEAR TO MONTH",
        "'today'::date",
    ],
    "spark": [
        "${x}",
        ":v",
        "unix_date(date'2026-01-01')",
        "date_add(cast('2026-01-05 13:00:00' as timestamp), 1)",
        "to_date('20260101', 'dd.MM.yyyy')",
    ],
    "duckdb": [
        "$1",
        "$x",
        "?",
        "getvariable('x')",
        "'2026-01-01'::timestamptz",
        "make_date(2026, 2, 30)",
        "1.5::int",
    ],
    "redshift": [
        "'2026-01-01'::timestamptz",
        "ADD_MONTHS('2026-02-28', 1)",
        "'a' + 'b'",
    ],
    "trino": [
        "?",
        "CAST('2026-01-01' AS TIMESTAMP WITH TIME ZONE)",
    ],
    "mysql": [
        "DATE '2026-01-01' + 1",
    ],
    "tsql": [
        "@p",
        "CONVERT(date, '20260101')",
    ],
}


@pytest.mark.parametrize(("dialect", "sql"), [(d, sql) for d, lines in UNKNOWN.items() for sql in lines])
def test_constant_of_unknown_value(dialect, sql):
    found = read(sql, dialect, today=TODAY)
    assert found is not None
    assert not found.known
    assert found.value is None


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("duckdb", "y"),
        ("duckdb", "t.y + 1"),
        ("duckdb", "DATE '2026-01-01' + n * INTERVAL 1 DAY"),
        ("duckdb", "DATE_TRUNC('month', y)"),
        ("duckdb", "COALESCE(1, y)"),
        ("duckdb", "CASE WHEN y THEN 1 END"),
        ("duckdb", "(SELECT MAX(d) FROM u)"),
        ("duckdb", "1 + (SELECT 1)"),
        ("duckdb", "random()"),
        ("duckdb", "1 + random()"),
        ("duckdb", "uuid()"),
        ("duckdb", "nextval('s')"),
        ("duckdb", "MAX(1)"),
        ("duckdb", "ROW_NUMBER() OVER ()"),
        ("duckdb", "UNNEST([1, 2])"),
        ("bigquery", "RAND()"),
        ("bigquery", "GENERATE_UUID()"),
        ("bigquery", "DATE_ADD(DATE '2026-01-01', INTERVAL n DAY)"),
        ("bigquery", "my_function(y)"),
        ("snowflake", "UUID_STRING()"),
        ("snowflake", "RANDOM()"),
        ("snowflake", "SEQ4()"),
        ("snowflake", "s.NEXTVAL"),
        ("snowflake", "UNIFORM(1, 10, RANDOM())"),
        ("snowflake", "$1"),
        ("postgres", "gen_random_uuid()"),
        ("postgres", "clock_timestamp()"),
        ("spark", "rand()"),
        ("spark", "monotonically_increasing_id()"),
        ("tsql", "NEWID()"),
    ],
)
def test_no_constant(dialect, sql):
    assert read(sql, dialect, today=TODAY) is None


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("duckdb", "NULL"),
        ("duckdb", "(NULL)"),
        ("snowflake", "NULL::date"),
        ("bigquery", "CAST(NULL AS DATE)"),
        ("bigquery", "DATE_ADD(CAST(NULL AS DATE), INTERVAL 1 DAY)"),
        ("duckdb", "1 + NULL"),
        ("duckdb", "COALESCE(NULL, NULL)"),
    ],
)
def test_null(dialect, sql):
    assert read(sql, dialect) == Constant(null=True)


def test_script_variables():
    names = frozenset({"start_date", "record"})
    assert read("start_date", "bigquery", variables=names) == Constant(known=False)
    assert read("START_DATE", "bigquery", variables=names) == Constant(known=False)
    assert read("DATE_SUB(start_date, INTERVAL 1 DAY)", "bigquery", variables=names) == Constant(known=False)
    assert read("record.day", "bigquery", variables=names) == Constant(known=False)
    assert read("start_date", "bigquery") is None
    assert read("t.start_date", "bigquery", variables=names) is None
    assert read("other_date", "bigquery", variables=names) is None


def test_what_the_session_decides_is_volatile():
    assert read("current_user", "postgres").volatile
    assert read("UPPER(current_user)", "postgres").volatile
    assert read("version()", "postgres").volatile
    assert not read("$1", "postgres").volatile


def test_the_clock_shows_through_functions_not_computed():
    assert read("FORMAT_DATE('%Y%m%d', CURRENT_DATE())", "bigquery", today=TODAY) == Constant(
        known=False, clock=True
    )
    assert read("now() AT TIME ZONE 'UTC'", "postgres", today=TODAY) == Constant(known=False, clock=True)


@pytest.mark.parametrize("operator", ["+", "-", "*", "||"])
def test_very_long_chains(operator):
    tree = sqlglot.parse_one("SELECT " + operator.join(["1"] * 10000)).expressions[0]
    found = constant(tree, "duckdb")
    assert found is not None
    assert not found.known


def test_a_column_at_the_end_of_a_long_chain_is_seen():
    tree = sqlglot.parse_one("SELECT y + " + "+".join(["1"] * 3000)).expressions[0]
    assert constant(tree, "duckdb") is None


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: exp.Paren(this=inner),
        lambda inner: exp.Neg(this=inner),
        lambda inner: exp.Date(this=inner),
        lambda inner: exp.Coalesce(this=inner, expressions=[exp.Literal.number(1)]),
        lambda inner: exp.DateAdd(this=inner, expression=exp.Literal.number(1), unit=exp.var("DAY")),
        lambda inner: exp.DateAdd(this=exp.CurrentDate(), expression=inner, unit=exp.var("DAY")),
        lambda inner: exp.If(this=exp.true(), true=inner, false=exp.Literal.number(1)),
        lambda inner: exp.Add(
            this=exp.CurrentDate(), expression=exp.Interval(this=inner, unit=exp.var("DAY"))
        ),
        lambda inner: exp.Sub(this=exp.Literal.number(1), expression=inner),
    ],
)
def test_deep_nesting(wrap):
    def nested(levels):
        node = exp.Parameter(this=exp.var("p"))
        for _ in range(levels):
            node = wrap(node)
        return node

    nodes = {levels: nested(levels) for levels in (8, 16)}
    once, twice = (lines(lambda node=node: constant(node, "bigquery")) for node in nodes.values())
    assert twice < 8 * once, "exponential work takes for ever"
    found = constant(nested(1000), "bigquery")
    assert found is not None
    assert not found.known


def test_huge_numbers():
    assert read("9" * 6000, "duckdb") is not None
    assert read(" * ".join(["9" * 4000] * 50), "duckdb") is not None


@pytest.mark.parametrize(
    ("given", "target", "dialect", "expected"),
    [
        ("2026-01-01", "DATE", "bigquery", date(2026, 1, 1)),
        ("2026-01-01 13:00:00", "DATE", "postgres", date(2026, 1, 1)),
        ("2026-01-01", "TIMESTAMP", "bigquery", datetime(2026, 1, 1)),
        ("2026-01-01 10:00:00", "timestamp without time zone", "postgres", datetime(2026, 1, 1, 10)),
        ("2026-01-01 10:00:00+02", "TIMESTAMP", "bigquery", datetime(2026, 1, 1, 8)),
        ("2026-01-01 10:00:00+02", "timestamp(6) with time zone", "postgres", datetime(2026, 1, 1, 8)),
        ("2026-01-01 10:00:00+02", "TIMESTAMP_NTZ(9)", "snowflake", None),
        (date(2026, 1, 1), "TIMESTAMP_NTZ(9)", "snowflake", datetime(2026, 1, 1)),
        (date(2026, 1, 1), "DATETIME", "bigquery", datetime(2026, 1, 1)),
        (datetime(2026, 1, 1, 13), "DATE", "postgres", datetime(2026, 1, 1, 13)),
        ("20260101", "VARCHAR(8)", "snowflake", "20260101"),
        ("20260101", "STRING", "bigquery", "20260101"),
        ("20260101", "DATE", "duckdb", None),
        (20260101, "DATE", "bigquery", None),
        (5, "DECIMAL(10, 2)", "duckdb", Decimal(5)),
        (5, "INT64", "bigquery", 5),
        ("5", "INT64", "bigquery", 5),
        ("5.5", "NUMBER(38, 2)", "snowflake", Decimal("5.5")),
        (5, "VARCHAR", "duckdb", None),
        ("x", "BIGINT", "duckdb", None),
        ("true", "BOOLEAN", "duckdb", True),
        ("7 days", "INTERVAL", "duckdb", "7 days"),
        ("a", "", "duckdb", "a"),
        ("a", "STRUCT<a INT64>", "bigquery", "a"),
        (None, "DATE", "bigquery", None),
    ],
)
def test_fold_cast(given, target, dialect, expected):
    found = fold_cast(given, target, dialect)
    assert found == expected
    assert type(found) is type(expected)
