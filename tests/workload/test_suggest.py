"""Views for small workloads: what is merged, what is kept, what the rewritten statements say."""

from __future__ import annotations

import pytest

import sqlopt


def only(found):
    (one,) = found.suggestions
    return one


def test_two_statements_that_differ_in_a_literal_share_a_view(suggest):
    one = only(
        suggest(
            "SELECT s.shop, SUM(s.amount) AS total FROM sales s WHERE s.pieces = 3 GROUP BY s.shop",
            "SELECT s.shop, SUM(s.amount) AS total FROM sales s WHERE s.pieces = 4 GROUP BY s.shop",
        )
    )
    assert one.made.form == "table"
    assert "CREATE OR REPLACE TABLE mv_sales_by_shop_pieces AS" in one.made.statement
    assert one.profits[0].rewritten == (
        "SELECT mv.shop, SUM(mv.sum_amount) AS total FROM mv_sales_by_shop_pieces AS mv "
        "WHERE mv.pieces = 3 GROUP BY mv.shop"
    )
    assert {str(each.proof.verdict) for each in one.profits} <= {"proved", "tested"}


def test_a_condition_of_all_stays_in_the_view(suggest):
    one = only(
        suggest(
            "SELECT shop, COUNT(*) AS n FROM sales WHERE pieces > 1 GROUP BY shop",
            "SELECT shop, MAX(day) AS d FROM sales WHERE pieces > 1 AND item = 4 GROUP BY shop",
        )
    )
    assert "pieces > 1" in one.definition
    assert "pieces" not in one.profits[0].rewritten
    assert "item = 4" in one.profits[1].rewritten


def test_tables_outside_of_the_view_stay_where_they_are(suggest):
    one = only(
        suggest(
            "SELECT i.brand, SUM(amount) AS t\nFROM sales s\nJOIN items i ON i.id = s.item\nGROUP BY i.brand",
            "SELECT h.town, SUM(s.amount) AS t FROM sales AS s, shops AS h WHERE h.id = s.shop GROUP BY h.town",
        )
    )
    first, second = (each.rewritten for each in one.profits)
    assert "JOIN items i ON i.id = mv.item" in first
    assert ", shops AS h WHERE h.id = mv.shop" in second


def test_the_mean_is_kept_as_sum_and_count(suggest):
    one = only(
        suggest(
            "SELECT shop, AVG(amount) AS a FROM sales GROUP BY shop",
            "SELECT item, AVG(amount) AS a FROM sales GROUP BY item",
        )
    )
    assert "AVG" not in one.definition
    assert "SUM(mv.sum_amount) / NULLIF(SUM(mv.count_amount), 0)" in one.profits[0].rewritten


def test_a_count_without_groups_is_never_null(suggest):
    one = only(
        suggest(
            "SELECT COUNT(*) AS n FROM sales WHERE shop = 3",
            "SELECT shop, COUNT(*) AS n FROM sales GROUP BY shop",
        )
    )
    assert "COALESCE(SUM(mv.count_rows), 0)" in one.profits[0].rewritten
    assert "COALESCE" not in one.profits[1].rewritten


def test_distinct_values_are_counted_as_keys_and_never_added_up(suggest):
    one = only(
        suggest(
            "SELECT shop, COUNT(DISTINCT item) AS n FROM sales GROUP BY shop",
            "SELECT day, COUNT(DISTINCT item) AS n FROM sales GROUP BY day",
        )
    )
    assert "DISTINCT" not in one.definition
    assert "COUNT(DISTINCT item)" in one.profits[0].rewritten
    assert "item" in one.definition.split("GROUP BY")[1]


@pytest.mark.parametrize(
    "aggregate",
    [
        "STRING_AGG(kind, ',')",
        "MEDIAN(s.amount)",
        "SUM(s.amount * random())",
        "my_function(s.amount), COUNT(*)",
    ],
)
def test_what_can_not_be_rolled_up_gets_no_view(suggest, aggregate):
    text = f"SELECT s.shop, {aggregate} AS x FROM sales s JOIN items i ON i.id = s.item GROUP BY s.shop"
    assert not suggest(text, text + " HAVING s.shop > 1").suggestions


def test_the_clock_never_stands_in_a_view(suggest):
    text = "SELECT shop, SUM(amount) AS t FROM sales WHERE day >= CURRENT_DATE - 7 GROUP BY shop"
    one = only(suggest(text, text.replace("7", "30")))
    assert "CURRENT_DATE" not in one.definition.upper()
    assert "day >= CURRENT_DATE - 7" in one.profits[0].rewritten


def test_outer_joins_stay_outside(suggest):
    text = (
        "SELECT i.brand, SUM(s.amount) AS t FROM sales s LEFT JOIN items i ON i.id = s.item GROUP BY i.brand"
    )
    one = only(suggest(text, "SELECT shop, SUM(amount) AS t FROM sales GROUP BY shop"))
    assert one.tables == ("sales",)
    assert "LEFT JOIN items i ON i.id = mv.item" in one.profits[0].rewritten


def test_one_statement_alone_gets_no_view(suggest):
    assert not suggest("SELECT shop, SUM(amount) FROM sales GROUP BY shop").suggestions


def test_blocks_in_ctes_and_subqueries(suggest):
    one = only(
        suggest(
            "WITH t AS (SELECT shop, SUM(amount) AS total FROM sales GROUP BY shop) "
            "SELECT * FROM t WHERE total > (SELECT SUM(amount) / 10 FROM sales)",
            "SELECT h.town FROM shops h WHERE EXISTS (SELECT 1 FROM sales s WHERE s.shop = h.id GROUP BY s.shop "
            "HAVING SUM(s.amount) > 100)",
        )
    )
    first, second = (each.rewritten for each in one.profits)
    assert first.count("mv_sales_by_shop AS mv") == 2
    assert "WHERE mv.shop = h.id GROUP BY mv.shop HAVING SUM(mv.sum_amount) > 100" in second


def test_comments_outside_of_the_block_are_kept(suggest):
    text = (
        "-- what shops sold\nSELECT shop, /* all of it */ SUM(amount) AS t\nFROM sales\n"
        "GROUP BY shop -- each\nORDER BY t DESC"
    )
    one = only(suggest(text, "SELECT shop, COUNT(*) AS n FROM sales GROUP BY shop"))
    assert "/* all of it */" in one.profits[0].rewritten
    assert "GROUP BY shop -- each\nORDER BY t DESC" in one.profits[0].rewritten


def test_a_snowflake_join_becomes_a_dynamic_table(suggest):
    one = only(
        suggest(
            "SELECT h.town, SUM(s.amount) AS t FROM sales s JOIN shops h ON h.id = s.shop GROUP BY h.town",
            "SELECT h.country, SUM(s.amount) AS t FROM sales s JOIN shops h ON h.id = s.shop GROUP BY h.country",
            dialect="snowflake",
        )
    )
    assert one.made.form == "dynamic table"
    assert "CREATE DYNAMIC TABLE" in one.made.statement
    assert "inner join" in one.made.refused[0].reason
    assert "docs.snowflake.com" in str(one.made.refused[0].source)


def test_a_snowflake_view_of_one_table(suggest):
    one = only(
        suggest(
            "SELECT shop, SUM(amount) AS t FROM sales GROUP BY shop",
            "SELECT shop, COUNT(*) AS n FROM sales GROUP BY shop",
            dialect="snowflake",
        )
    )
    assert one.made.statement.startswith("CREATE MATERIALIZED VIEW mv_sales_by_shop AS")


def test_days_become_months_where_no_more_is_asked(suggest):
    one = only(
        suggest(
            "SELECT shop, SUM(amount) AS t FROM sales WHERE day >= DATE '2024-01-01' AND day < DATE '2025-01-01' "
            "GROUP BY shop",
            "SELECT EXTRACT(YEAR FROM day) AS y, SUM(amount) AS t FROM sales "
            "WHERE day BETWEEN DATE '2024-02-01' AND DATE '2024-04-30' GROUP BY 1",
        )
    )
    assert "CAST(DATE_TRUNC('MONTH', day) AS DATE) AS day_month" in one.definition
    assert "mv.day_month >= DATE '2024-01-01' AND" in " ".join(one.profits[0].rewritten.split())
    assert "EXTRACT(YEAR FROM mv.day_month) AS y" in one.profits[1].rewritten
    assert {str(each.proof.verdict) for each in one.profits} <= {"proved", "tested"}


def test_days_stay_days_where_a_bound_lies_within_a_month(suggest):
    text = "SELECT shop, SUM(amount) AS t FROM sales WHERE day <= DATE '2024-03-{}' GROUP BY shop"
    one = only(suggest(text.format("30"), text.format("15")))
    assert "day_month" not in one.definition


def test_the_end_of_a_month_is_no_bound_of_a_time(suggest):
    text = "SELECT shop, SUM(amount) AS t FROM sales WHERE moment <= TIMESTAMP '2024-0{}' GROUP BY shop"
    one = only(suggest(text.format("3-31 00:00:00"), text.format("4-30 00:00:00")))
    assert "moment_month" not in one.definition


def test_a_table_read_twice_goes_by_its_role(suggest):
    text = (
        "SELECT a.town, SUM(s.amount) AS t FROM sales s JOIN shops a ON a.id = s.shop JOIN items i ON i.id = s.item "
        "JOIN shops b ON b.id = i.id WHERE b.country = '{}' GROUP BY a.town"
    )
    one = only(suggest(text.format("NL"), text.format("DE")))
    assert {str(each.proof.verdict) for each in one.profits} <= {"proved", "tested"}
    assert "b_country" in one.definition or "country" in one.definition


def test_rollup_and_windows_over_groups(suggest):
    one = only(
        suggest(
            "SELECT shop, item, COUNT(*) AS n, GROUPING(item) AS g FROM sales GROUP BY ROLLUP (shop, item)",
            "SELECT shop, SUM(amount) AS t, RANK() OVER (ORDER BY SUM(amount) DESC) AS r FROM sales GROUP BY shop",
        )
    )
    assert "COALESCE(SUM(mv.count_rows), 0)" in one.profits[0].rewritten
    assert "RANK() OVER (ORDER BY SUM(mv.sum_amount) DESC)" in one.profits[1].rewritten


def test_integers_keep_their_type_in_postgres(suggest, shop):
    one = only(
        suggest(
            "SELECT shop, SUM(pieces) / 2 AS h, COUNT(*) / 2 AS n, AVG(pieces) AS a FROM sales GROUP BY shop",
            "SELECT item, SUM(pieces) AS p FROM sales GROUP BY item",
            dialect="postgres",
            catalog=shop,
        )
    )
    text = one.profits[0].rewritten
    assert "CAST(SUM(mv.sum_pieces) AS BIGINT) / 2" in text
    assert "CAST(SUM(mv.count_rows) AS BIGINT) / 2" in text
    assert "CAST(SUM(mv.sum_pieces) AS NUMERIC) / NULLIF(SUM(mv.count_pieces), 0)" in text
    assert one.made.statement.startswith("CREATE MATERIALIZED VIEW")
    assert one.made.refresh == f"REFRESH MATERIALIZED VIEW {one.name};"


def test_a_temporary_table_gets_no_view(suggest):
    make = "CREATE TEMPORARY TABLE picked AS SELECT * FROM sales;"
    found = suggest(
        f"{make} SELECT shop, SUM(amount) AS t FROM picked GROUP BY shop",
        f"{make} SELECT shop, COUNT(*) AS n FROM picked GROUP BY shop",
    )
    assert not found.suggestions


def test_groups_of_a_join_that_stands_in_a_derived_table(suggest):
    one = only(
        suggest(
            "SELECT place, SUM(paid) AS t, COUNT(*) AS n FROM (SELECT h.town AS place, s.amount * 2 AS paid "
            "FROM sales s, shops h WHERE h.id = s.shop) AS x WHERE place <> 'Delft' GROUP BY place",
            "SELECT shop, SUM(amount * 2) AS t FROM sales GROUP BY shop",
        )
    )
    assert one.profits[0].rewritten == (
        "SELECT place, SUM(x.sum_amount) AS t, CAST(SUM(x.count_rows) AS BIGINT) AS n FROM "
        "(SELECT h.town AS place, mv.sum_amount, mv.count_rows FROM mv_sales_by_shop AS mv, shops h "
        "WHERE h.id = mv.shop) AS x WHERE place <> 'Delft' GROUP BY place"
    )
    assert {str(each.proof.verdict) for each in one.profits} <= {"proved", "tested"}


def test_groups_of_a_join_that_stands_in_a_cte(suggest):
    text = (
        "WITH sold AS (\n    SELECT s.day, s.amount,\n           i.brand  -- as it is sold\n    FROM sales AS s\n"
        "    JOIN items AS i ON i.id = s.item\n)\nSELECT brand, MAX(day) AS d, AVG(amount) AS a\nFROM sold\n"
        "GROUP BY brand"
    )
    one = only(suggest(text, "SELECT item, AVG(amount) AS a, MAX(day) AS d FROM sales GROUP BY item"))
    assert "MAX(sold.max_day) AS d" in one.profits[0].rewritten
    assert "FROM mv_sales_by_item AS mv\n    JOIN items AS i ON i.id = mv.item" in one.profits[0].rewritten
    assert {str(each.proof.verdict) for each in one.profits} <= {"proved", "tested"}


@pytest.mark.parametrize(
    "inner",
    ["SELECT DISTINCT shop, amount FROM sales", "SELECT shop, amount FROM sales LIMIT 10",
     "SELECT shop, SUM(amount) OVER () AS amount FROM sales", "SELECT * FROM sales"],
)  # fmt: skip
def test_what_is_no_mere_join_is_not_seen_through(suggest, inner):
    text = f"SELECT shop, SUM(amount) AS t FROM ({inner}) AS x GROUP BY shop"
    found = suggest(text, text + " HAVING SUM(amount) > 3")
    assert all("DISTINCT" in text for _ in found.suggestions)


def test_a_cte_that_two_read_is_not_seen_through(suggest):
    text = (
        "WITH x AS (SELECT shop, amount FROM sales) SELECT shop, SUM(amount) AS t FROM x GROUP BY shop "
        "UNION ALL SELECT -1, MAX(amount) FROM x"
    )
    assert not suggest(text, text.replace("-1", "-2")).suggestions


PROJECT = {
    "dbt_project.yml": "name: shop\nversion: '1'\nprofile: shop\nmodel-paths: [models]\n",
    "profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, schema: main}\n",
    "models/sources.yml": "version: 2\nsources:\n  - name: raw\n    schema: main\n    tables: [{name: sales}]\n",
    "models/by_shop.sql": "SELECT shop, day, SUM(amount) AS t\nFROM {{ source('raw', 'sales') }}\nGROUP BY shop, day\n",
    "models/by_day.sql": "SELECT day, COUNT(*) AS n\nFROM {{ source('raw', 'sales') }}\nGROUP BY day\n",
}


def test_a_dbt_project_gets_an_incremental_model(tmp_path, shop):
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    one = only(sqlopt.Project(catalog=shop).suggest([tmp_path]))
    assert {each.name for each in one.profits} == {"model by_shop", "model by_day"}
    assert "materialized='incremental'" in one.model
    assert (
        "{% if is_incremental() %}\nWHERE day >= (SELECT MAX(day) FROM {{ this }})\n{% endif %}\nGROUP BY"
        in one.model
    )


def test_one_text_of_many_statements(shop):
    project = sqlopt.Project(catalog=shop, dialect="duckdb")
    text = "SELECT shop, SUM(amount) AS t FROM sales GROUP BY shop;\nSELECT shop, COUNT(*) AS n FROM sales GROUP BY ALL"
    one = only(project.suggest(text))
    assert [each.line for each in one.profits] == [1, 2]
    assert "COALESCE(SUM(mv.count_rows), 0)" in one.profits[1].rewritten


def test_a_table_that_the_file_changes_is_read_itself(suggest):
    text = "INSERT INTO sales SELECT * FROM sales_new; SELECT shop, {} FROM sales GROUP BY shop"
    assert not suggest(text.format("SUM(amount)"), text.format("COUNT(*)")).suggestions


def test_what_only_some_may_see_stands_in_no_view():
    columns = {"shop": {"type": "INT"}, "mail": {"type": "VARCHAR", "masking_policy": "hidden"}}
    tables = {"t": {"columns": columns}, "u": {"columns": columns, "row_access_policy": "own_rows"}}
    project = sqlopt.Project(
        catalog=sqlopt.Catalog.from_dict({"version": 1, "tables": tables}), dialect="snowflake"
    )
    for table, key in (("t", "mail"), ("u", "shop")):
        text = f"SELECT {key}, COUNT(*) AS n FROM {table} GROUP BY {key}"
        assert not project.suggest(f"{text}; {text} HAVING COUNT(*) > 1").suggestions
    text = "SELECT shop, COUNT(*) AS n FROM t GROUP BY shop"
    assert project.suggest(f"{text}; {text} HAVING COUNT(*) > 1").suggestions


def test_a_table_that_wants_a_filter_is_not_read_without_one():
    table = {
        "columns": {"day": {"type": "DATE"}, "shop": {"type": "INT64"}, "paid": {"type": "NUMERIC"}},
        "partition_by": {"column": "day", "granularity": "day", "require_filter": True},
    }
    catalog = sqlopt.Catalog.from_dict({"version": 1, "tables": {"d.sales": table}})
    project = sqlopt.Project(catalog=catalog, dialect="bigquery")
    text = "SELECT shop, {} AS x FROM d.sales WHERE day >= DATE '2024-0{}-01' GROUP BY shop"
    sums = [text.format("SUM(paid)", month) for month in (1, 2)]
    assert not project.suggest(";".join(sums)).suggestions
    one = only(project.suggest(";".join([sums[0], text.format("MAX(paid)", 1)])))
    assert "WHERE\n  day >=" in one.definition


def test_a_name_that_the_catalog_knows_is_not_taken_again():
    ddl = "CREATE TABLE sales (shop INT, paid DECIMAL(9, 2)); CREATE TABLE mv_sales_by_shop (shop INT);"
    project = sqlopt.Project(catalog=sqlopt.Catalog.from_ddl(ddl, "duckdb"), dialect="duckdb")
    text = "SELECT shop, SUM(paid) AS t FROM sales GROUP BY shop; SELECT shop, MAX(paid) AS t FROM sales GROUP BY shop"
    assert only(project.suggest(text)).name == "mv_sales_by_shop_2"


def test_what_keeps_a_statement_from_its_view_is_said(suggest):
    found = suggest(
        "CREATE TABLE z AS SELECT shop, COUNT(*) FROM sales GROUP BY shop",
        "INSERT INTO y SELECT shop, COUNT(*) FROM sales GROUP BY shop",
    )
    assert not found.suggestions
    assert found.dropped == ("q1.sql:1: its text can't be changed for this view",)


@pytest.mark.parametrize(("dialect", "call"), [("snowflake", "COUNT_IF"), ("bigquery", "COUNTIF")])
def test_conditional_counts_are_added_up(suggest, dialect, call):
    text = f"SELECT shop, {call}(pieces > 1) AS n FROM sales GROUP BY shop"
    one = only(suggest(text, f"{text} HAVING {call}(pieces > 1) > 3", dialect=dialect))
    assert "HAVING SUM(mv.countif_pieces) > 3" in one.profits[1].rewritten
    assert one.made.form == {"snowflake": "dynamic table", "bigquery": "materialized view"}[dialect]


SHARED = """
CREATE TABLE orders (shop INT, item INT, paid DECIMAL(9, 2));
CREATE TABLE places (shop INT PRIMARY KEY, town VARCHAR, region INT);
CREATE TABLE regions (region INT PRIMARY KEY, name VARCHAR);
"""


def test_using_inside_of_a_view_and_outside(suggest):
    catalog = sqlopt.Catalog.from_ddl(SHARED, "duckdb")
    one = only(
        suggest(
            "SELECT shop, town, SUM(paid) AS t FROM orders JOIN places USING (shop) GROUP BY shop, town",
            "SELECT town, COUNT(*) AS n FROM orders JOIN places USING (shop) WHERE shop > 3 GROUP BY town",
            catalog=catalog,
        )
    )
    assert one.tables == ("orders", "places")
    assert "WHERE shop > 3" in one.profits[1].rewritten
    assert {str(each.proof.verdict) for each in one.profits} <= {"proved", "tested"}


def test_using_across_the_edge_of_a_view_is_left_alone(suggest):
    joined = "orders JOIN places USING (shop) JOIN regions USING (region)"
    catalog = sqlopt.Catalog.from_ddl(SHARED, "duckdb")
    found = suggest(
        f"SELECT name, SUM(paid) AS t FROM {joined} GROUP BY name",
        "SELECT shop, SUM(paid) AS t FROM orders GROUP BY shop",
        f"SELECT name, MAX(paid) AS t FROM {joined} GROUP BY name",
        catalog=catalog,
    )
    for one in found.suggestions:
        assert one.tables == ("orders", "places", "regions")
        assert {str(each.proof.verdict) for each in one.profits} <= {"proved", "tested"}


def test_using_that_needs_an_output_of_what_is_read_is_left_alone(suggest):
    catalog = sqlopt.Catalog.from_ddl(SHARED, "duckdb")
    text = (
        "SELECT r.town, SUM(x.p) AS t FROM (SELECT shop, paid AS p FROM orders) AS x "
        "JOIN (SELECT shop, town FROM places) AS r USING (shop) GROUP BY r.town"
    )
    found = suggest(text, text + " HAVING SUM(x.p) > 3", catalog=catalog)
    assert not found.suggestions


BIGQUERY = sqlopt.Catalog.from_dict(
    {
        "version": 1,
        "dialect": "bigquery",
        "tables": {
            "lib.sale": {
                "columns": {"wid": {"type": "INT64"}, "n": {"type": "INT64"}, "day": {"type": "DATE"}},
                "rows": 1_000_000,
                "bytes": 24_000_000,
            },
            "lib.ware": {"columns": {"wid": {"type": "INT64"}, "kind": {"type": "STRING"}}, "rows": 100, "bytes": 2000},
        },
    }
)
JOINED = "FROM lib.sale f JOIN lib.ware d ON d.wid = f.wid"


def test_months_of_a_table_whose_name_has_a_dot(suggest):
    found = suggest(
        f"SELECT d.kind, SUM(f.n) AS s {JOINED} GROUP BY d.kind",
        f"SELECT d.kind, COUNT(*) AS c {JOINED} WHERE f.day >= DATE '2025-02-01' GROUP BY d.kind",
        dialect="bigquery",
        catalog=BIGQUERY,
    )
    assert "DATE_TRUNC(sale.day, MONTH) AS day_month" in only(found).definition


def test_a_fault_in_one_group_costs_that_group(suggest, monkeypatch):
    from sqlopt.workload import choose

    real = choose.written

    def failing(view, *more):
        if "items" in view.labels:
            raise KeyError("x")
        return real(view, *more)

    monkeypatch.setattr(choose, "written", failing)
    found = suggest(
        *(f"SELECT shop, SUM({one}) AS s FROM sales GROUP BY shop" for one in ("amount", "pieces")),
        *(f"SELECT brand, COUNT(*) AS n FROM items WHERE kind = '{one}' GROUP BY brand" for one in "ab"),
    )
    assert len(found.suggestions) == 1
    assert any("items" in one and "KeyError, a fault of sqlopt" in one for one in found.dropped)
