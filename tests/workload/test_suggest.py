"""Views for small workloads: what is merged, what is kept, what the rewritten statements say."""

from __future__ import annotations

import pytest


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
