"""What a statement reads of each FROM item, in all the ways that are no column's name."""

import duckdb
import pytest

from sqlopt import Catalog, Project
from sqlopt.query import understand
from sqlopt.query.bind.reads import Use

TABLES = {
    "crate": {"columns": {name: {"type": "INT64"} for name in ("crate_id", "dock", "weight")}, "rows": 10**9},
    "truck": {"columns": {name: {"type": "INT64"} for name in ("truck_id", "dock", "load")}, "rows": 10**9},
}


def catalog(dialect="duckdb"):
    return Catalog.from_dict({"version": 1, "dialect": dialect, "tables": TABLES})


def reads(sql, name, dialect="duckdb", tables=True):
    (query,) = understand(sql, dialect, catalog(dialect) if tables else Catalog())
    (source,) = (one for scope in query.scopes for one in scope.sources.values() if one.name == name)
    return query.reads.of(source)


@pytest.mark.parametrize(
    "join", ["JOIN truck t USING (dock)", "NATURAL JOIN truck t", "FULL JOIN truck t USING (dock)"]
)
def test_keys_of_joins_by_name_are_read_of_both_sides(join):
    sql = f"SELECT c.weight, t.load FROM crate c {join}"
    assert set(reads(sql, "c").columns) == {"weight", "dock"}
    assert reads(sql, "t").columns == {"load": {Use.VALUE}, "dock": {Use.JOIN_KEY}}


def test_a_natural_join_does_not_see_the_other_side_of_a_semi_join():
    left = "(SELECT weight, dock FROM crate) AS c SEMI JOIN crate AS d ON d.dock = c.dock"
    sql = f"SELECT load FROM {left} NATURAL JOIN truck t"
    assert set(reads(sql, "d").columns) == {"dock"}
    (query,) = understand(f"{sql.replace('weight, dock', 'weight, dock AS other')}", "duckdb", catalog())
    assert not any(scope.shared for scope in query.scopes)


@pytest.mark.parametrize("inner", ["load > 1", "t.load > 1"])
def test_an_outer_column_that_is_known_is_read_beside_a_function_in_from(inner):
    rows = "SELECT MAX(i) FROM UNNEST([0, 2]) AS g(i), (SELECT 1 AS one FROM crate WHERE {}) AS b"
    joined = "crate c LEFT JOIN truck AS t ON t.truck_id = c.weight"
    sql = f"SELECT ({rows.format(inner)}) AS n FROM {joined}"
    assert "load" in reads(sql, "t").columns


def test_a_natural_join_of_unknown_columns_may_read_any():
    assert reads("SELECT c.weight FROM crate c NATURAL JOIN truck t", "c", tables=False).unknown


@pytest.mark.parametrize(
    ("dialect", "row"),
    [
        *(("postgres", one) for one in ("to_jsonb(c)", "c", "c::text", "count(DISTINCT c)", "ROW(c.*)", "c IS NULL")),
        *(("duckdb", one) for one in ("c", "hash(c)", "struct_pack(a := c)", "count(c)")),
        *(("bigquery", one) for one in ("TO_JSON_STRING(c)", "ANY_VALUE(c)", "ARRAY_AGG(c ORDER BY c.dock LIMIT 1)")),
        *(("snowflake", one) for one in ("HASH(*)", "OBJECT_CONSTRUCT(*)", "HASH(c.*)", "{c.*}")),
        *(("spark", one) for one in ("struct(*)", "struct(c.*)", "hash(*)")),
    ],
)  # fmt: skip
def test_a_whole_row_reads_every_column(dialect, row):
    assert reads(f"SELECT {row} AS r FROM crate c", "c", dialect).all
    assert reads(f"SELECT c.dock FROM crate c ORDER BY {row}", "c", dialect).all


def test_a_field_of_a_row_reads_that_column():
    assert set(reads("SELECT (c).weight FROM crate c", "c", "postgres").columns) == {"weight"}


def test_a_name_that_a_column_has_is_the_column():
    sql = "SELECT weight FROM (SELECT weight, dock FROM crate) AS weight"
    assert set(reads(sql, "weight", "postgres").columns) == {"weight"}
    assert not reads(sql, "weight", "postgres").whole


def test_count_of_rows_reads_no_column():
    found = reads("SELECT COUNT(*) FROM crate c", "c")
    assert not found.columns
    assert not found.whole


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("duckdb", "SELECT #2 FROM c"),
        ("snowflake", "SELECT $2 FROM c"),
        ("databricks", "MERGE INTO truck t USING c ON t.dock = c.dock WHEN NOT MATCHED THEN INSERT *"),
        ("bigquery", "MERGE truck t USING c ON t.dock = c.dock WHEN NOT MATCHED THEN INSERT ROW"),
        ("databricks", "MERGE INTO truck t USING c ON t.dock = c.dock WHEN MATCHED THEN UPDATE SET *"),
    ],
)
def test_what_goes_by_place_uses_all(dialect, sql):
    if sql.startswith("SELECT"):
        sql = f"WITH c AS (SELECT crate_id, dock, weight FROM crate) {sql}"
    else:
        sql = sql.replace("USING c", "USING (SELECT crate_id, dock, weight FROM crate) AS c")
    (query,) = understand(sql, dialect, catalog(dialect))
    inner = next(scope for scope in query.scopes if scope.users)
    assert query.reads.used(inner) is None


@pytest.mark.parametrize(
    "sql",
    [
        "WITH c(a, b) AS (SELECT dock, weight FROM crate) SELECT b FROM c",
        "SELECT q.b FROM (SELECT dock, weight FROM crate) AS q(a, b)",
    ],
)
def test_a_list_of_names_binds_every_column_to_its_place(sql):
    (query,) = understand(sql, "postgres", catalog("postgres"))
    inner = next(scope for scope in query.scopes if scope.users)
    assert query.reads.used(inner) is None


def test_a_name_left_out_of_a_star_has_to_exist_but_its_value_is_not_needed():
    sql = "WITH c AS (SELECT * FROM crate), d AS (SELECT * EXCLUDE (weight) FROM c) SELECT * FROM d"
    (query,) = understand(sql, "duckdb", catalog())
    c = next(scope for scope in query.scopes if scope.cte is not None and scope.cte.alias == "c")
    assert "weight" in (query.reads.used(c) or ())
    assert query.scans[0].columns == {"crate_id", "dock"}


def test_an_alias_list_of_a_table_names_the_columns_behind_it():
    (query,) = understand("SELECT second FROM crate AS c(first, second)", "postgres", catalog("postgres"))
    assert query.scans[0].columns == {"dock"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c.weight, t.load FROM ((crate c JOIN truck t ON c.dock = t.dock) JOIN crate d ON d.dock = t.truck_id)",
        "SELECT c.weight, t.load FROM (crate c JOIN (truck t JOIN crate d ON d.dock = t.truck_id) ON c.dock = t.dock)",
    ],
)
def test_every_table_of_joins_in_parentheses_is_read(sql):
    (query,) = understand(sql, "bigquery", catalog("bigquery"))
    assert [
        (scan.source.name, set(scan.columns)) for scan in sorted(query.scans, key=lambda one: one.source.name)
    ] == [
        ("c", {"weight", "dock"}),
        ("d", {"dock"}),
        ("t", {"load", "dock", "truck_id"}),
    ]


def test_a_named_group_of_joins_hides_what_is_inside():
    sql = "SELECT j.weight FROM (crate JOIN truck USING (dock)) AS j"
    assert set(reads(sql, "crate", "postgres").columns) == {"dock", "weight"}
    assert set(reads(sql, "truck", "postgres").columns) == {"dock"}


@pytest.mark.parametrize("dialect", ["bigquery", "duckdb"])
@pytest.mark.parametrize("using", ["USING (dock)", "ON crate.dock = truck.dock"])
def test_a_key_costs_the_same_however_it_is_named(dialect, using):
    (cost,) = Project(catalog=catalog(dialect), dialect=dialect).cost(
        f"SELECT crate.weight, truck.load FROM crate JOIN truck {using}"
    )
    assert cost.bytes_scanned.expected == pytest.approx(10**9 * 8 * 4)


def test_a_whole_row_costs_the_whole_row():
    (cost,) = Project(catalog=catalog("bigquery"), dialect="bigquery").cost(
        "SELECT TO_JSON_STRING(c) FROM crate c"
    )
    assert cost.bytes_scanned.expected == pytest.approx(10**9 * 8 * 3)


def test_bytes_of_what_is_not_understood_are_a_range():
    sql = "SELECT dock FROM crate NATURAL JOIN somewhere"
    (cost,) = Project(catalog=catalog("bigquery"), dialect="bigquery").cost(sql)
    (table,) = (one for one in cost.tables if one.table == "crate")
    assert table.bytes.low < table.bytes.high


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT label FROM (SELECT MIN(n) AS least, 'all' AS label FROM range(4) r(n)) q",
        "SELECT n FROM (SELECT n, unnest([1, 2]) AS twice FROM range(3) r(n)) q",
        "WITH q AS (SELECT n, n + 1 AS more FROM range(3) r(n)) SELECT n, q AS whole FROM q",
        "WITH q AS (SELECT n, n + 1 AS more FROM range(3) r(n)) SELECT q.n, #2 FROM q",
        "WITH q AS (SELECT n, n+1 more FROM range(3) t(n)) SELECT r.n FROM q JOIN (SELECT 1 n, 2 more) r USING (more)",
        "WITH q AS (SELECT n, n % 2 more FROM range(3) r(n)) SELECT s.a FROM q NATURAL JOIN (SELECT 5 a, 1 more) s",
    ],
)
def test_fixes_leave_the_rows(sql):
    """DuckDB runs the statement before and after each fix that is offered as exact."""
    for finding in Project(dialect="duckdb").check(sql).findings:
        if finding.fix is None or finding.fix.safety != "exact":
            continue
        after = sql
        for edit in sorted(finding.fix.edits, key=lambda one: -one.span.start):
            after = after[: edit.span.start] + edit.text + after[edit.span.end :]
        assert sorted(map(repr, duckdb.sql(after).fetchall())) == sorted(
            map(repr, duckdb.sql(sql).fetchall())
        )


@pytest.mark.parametrize(
    ("dialect", "call"),
    [
        ("postgres", "jsonb_array_elements(tags)"),
        ("postgres", "nextval('numbers')"),
        ("postgres", "my_own_function(weight)"),
        ("spark", "stack(2, 1, 2)"),
        ("spark", "json_tuple(tags, 'a')"),
        ("snowflake", "SEQ4()"),
        ("snowflake", "numbers.NEXTVAL"),
    ],
)
def test_what_may_make_rows_or_have_an_effect_is_never_unused(dialect, call):
    sql = f"SELECT crate_id FROM (SELECT crate_id, {call} AS extra FROM crate) q"
    assert not [one for one in Project(dialect=dialect).check(sql).findings if one.rule == "SCN002"]


def test_a_condition_sees_the_tables_of_its_own_joins():
    """PostgreSQL 18 takes `weight` for the crate's: the bin stands before the comma."""
    tables = {**TABLES, "bin": {"columns": {"weight": {"type": "INT64"}, "dock": {"type": "INT64"}}}}
    known = Catalog.from_dict({"version": 1, "dialect": "postgres", "tables": tables})
    sql = "SELECT 1 FROM bin b JOIN bin d USING (weight), truck t JOIN crate c ON t.dock = c.dock AND weight > 1"
    (query,) = understand(sql, "postgres", known)
    (crate,) = (one for one in query.sources if one.name == "c")
    assert "weight" in query.reads.of(crate).columns


def test_a_condition_does_not_see_a_table_that_is_joined_later():
    """PostgreSQL 18 takes `load` for the outer truck's."""
    sql = (
        "SELECT 1 FROM truck JOIN LATERAL "
        "(SELECT 1 FROM crate JOIN dock ON crate.weight <> load FULL JOIN truck t ON crate.dock = t.dock) q ON TRUE"
    )
    tables = {**TABLES, "dock": {"columns": {"dock": {"type": "INT64"}}}}
    (query,) = understand(sql, "postgres", Catalog.from_dict({"version": 1, "tables": tables}))
    assert {one.name: set(query.reads.of(one).columns) for one in query.sources if one.table is not None} == {
        "truck": {"load"},
        "crate": {"weight", "dock"},
        "dock": set(),
        "t": {"dock"},
    }


def test_what_is_joined_to_a_named_group_of_joins_sees_it():
    sql = "SELECT 1 FROM (crate JOIN truck USING (dock)) AS j JOIN crate c ON load = c.weight"
    assert set(reads(sql, "truck", "postgres").columns) == {"dock", "load"}
    assert not reads(sql, "truck", "postgres").unknown
    assert set(reads(sql, "c", "postgres").columns) == {"weight"}


@pytest.mark.parametrize("pattern", ["[[:alpha:]]+k", "[[a]k"])
def test_a_pattern_that_python_reads_otherwise_may_give_any_column(pattern):
    assert reads(f"SELECT COLUMNS('{pattern}') FROM crate", "crate").all


def test_a_join_in_parentheses_is_not_cut_out():
    sql = "SELECT DISTINCT q.dock FROM ((SELECT dock FROM crate) AS q JOIN truck t ON t.dock = q.dock)"
    for finding in Project(dialect="postgres").check(sql).findings:
        assert finding.fix is None


def test_a_statement_that_changes_rows_does_not_see_the_ctes_after_it():
    sql = (
        "WITH gone AS (DELETE FROM truck WHERE load IN (SELECT weight FROM crate) RETURNING dock), "
        "crate AS (SELECT dock FROM gone) SELECT dock FROM crate"
    )
    (query,) = understand(sql, "postgres", catalog("postgres"))
    assert [one.table_name for one in query.sources if one.table is not None] == ["truck", "crate"]
