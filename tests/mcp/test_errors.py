"""What can't be done is said in words; what is bad in the SQL is part of the answer."""

from __future__ import annotations

import asyncio
import json

import pytest
from mcp.shared.exceptions import MCPError

TEXTS = {
    "broken": "SELECT FROM WHERE",
    "open": "SELECT 'abc",
    "nul": "SELECT 1 \0 FROM t",
    "odd": "\x01\x7f\ufeff \u202e",
    "deep": "SELECT " + "(" * 3000 + "1" + ")" * 3000,
    "template": "{% for i in range(99999999) %}SELECT 1;{% endfor %}",
    "command": "ALTER WAREHOUSE x SUSPEND; GRANT ALL ON t TO u",
    "long comment": f"-- {'x' * 500_000}\nSELECT 1",
}


@pytest.mark.parametrize("name", TEXTS)
def test_bad_sql_is_answered_by_every_tool(play, name):
    sql = TEXTS[name]

    async def whole(client):
        for tool in ("analyze_sql", "estimate_cost", "column_lineage"):
            assert (await client.ask(tool, sql=sql)).wrong is None, tool
        assert (await client.ask("rewrite_sql", sql=sql, effort="low")).wrong is None
        found = await client.ask("compare_sql", before=sql, after=sql, effort="low")
        assert found.data["verdict"] in ("unknown", "proved", "tested")

    play(whole)


def test_bad_sql_has_its_place(ask):
    sql = "SELECT 1;\nSELECT FROM WHERE"
    (error,) = [one for one in ask("analyze_sql", sql=sql).data["findings"] if one["error"]]
    assert error["start"]["line"] == 2
    assert ask("estimate_cost", sql=sql).data["problems"][0].startswith("<sql>:2: ")
    assert ask("column_lineage", sql=sql).data["problems"][0].startswith("<sql>:2: ")
    assert ask("rewrite_sql", sql=sql).data["errors"][0].startswith("<sql>:2: ")
    assert ask("compare_sql", before=sql, after="SELECT 1").data["reason"]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("analyze_sql", {"sql": "SELECT 1", "dialect": "snowflak"}, "did you mean 'snowflake'?"),
        ("estimate_cost", {"sql": "SELECT 1", "dialect": "x"}, "unknown dialect 'x'"),
        ("compare_sql", {"before": "SELECT 1", "after": "SELECT 1", "dialect": "x"}, "unknown dialect 'x'"),
        ("analyze_sql", {"sql": " \n"}, "there is no SQL in it"),
        ("compare_sql", {"before": "SELECT 1", "after": ""}, "after: there is no SQL in it"),
        ("analyze_sql", {"sql": "x" * 1_000_001}, "1,000,001 characters are more than 1,000,000"),
        ("explain_rule", {"id": "PRN0002"}, "did you mean PRN002?"),
        ("explain_rule", {"id": "partition"}, "names several rules"),
        ("list_findings", {"rule": "nonsense"}, "there is no rule"),
        ("list_findings", {"paths": ["nothing.sql"]}, "no such file or folder"),
        ("list_findings", {"path": "sql/bad.sql"}, "Extra inputs are not permitted"),
        ("list_findings", {"limit": 0}, "greater than or equal to 1"),
        ("list_findings", {"cursor": "nonsense"}, "the cursor"),
        ("list_findings", {"cursor": "MTIzNC41LjI="}, "no longer known"),
        ("column_lineage", {}, "either sql or column"),
        ("column_lineage", {"sql": "SELECT 1", "column": "a.b"}, "either sql or column"),
        ("column_lineage", {"column": "shop.mart.dayly"}, "did you mean 'shop.mart.daily'?"),
        ("impact_of_change", {"column": "shop.mart.daily.revenu"}, "did you mean 'revenue'?"),
        ("no_such_tool", {}, "no_such_tool"),
    ],
)
def test_what_is_wrong_is_named(play, tool, arguments, words):
    async def whole(client):
        try:
            return (await client.ask(tool, **arguments)).wrong
        except MCPError as error:
            return str(error)

    assert words in play(whole)


def test_a_broken_configuration_is_named_and_read_again(folder, play):
    settings = folder / "sqlopt.toml"
    good = settings.read_text()

    async def whole(client):
        settings.write_text("dialect = 'bigquerry'\n")
        broken = (await client.ask("analyze_sql", sql="SELECT 1")).wrong
        assert "sqlopt.toml" in broken
        assert "bigquery" in broken
        with pytest.raises(MCPError, match=r"sqlopt\.toml"):
            await client.read("sqlopt://configuration")
        settings.write_text(good)
        assert (await client.ask("analyze_sql", sql="SELECT 1")).wrong is None

    play(whole)


def test_resources_that_are_not_there(play):
    async def whole(client):
        for uri, words in (
            ("sqlopt://report", "no report yet"),
            ("sqlopt://rules/PRN0002", "did you mean PRN002?"),
            ("sqlopt://tables/shop.sales.order", "did you mean 'shop.sales.orders'?"),
            ("sqlopt://tables/..%2F..%2Fetc", "sqlopt://tables"),
            ("sqlopt://nothing", "nothing"),
        ):
            with pytest.raises(MCPError) as error:
                await client.read(uri)
            assert words in str(error.value)

    play(whole)


def test_a_fault_of_ours_does_not_end_the_server(play, monkeypatch):
    from sqlopt.project import Project

    def broken(*_):
        raise KeyError("secret")

    async def whole(client):
        with monkeypatch.context() as patch:
            patch.setattr(Project, "cost_text", broken)
            wrong = (await client.ask("estimate_cost", sql="SELECT 1")).wrong
        assert "estimate_cost" in wrong
        assert "secret" not in wrong
        assert (await client.ask("estimate_cost", sql="SELECT 1")).wrong is None

    play(whole)


def test_calls_at_once_are_answered(play):
    async def whole(client):
        calls = [client.ask("analyze_sql", sql=f"SELECT a{i} FROM t WHERE b = NULL") for i in range(8)]
        return await asyncio.gather(*calls, client.ask("list_findings"))

    found = play(whole)
    assert all(one.wrong is None for one in found)
    assert [len(one.data["findings"]) for one in found[:8]] == [1] * 8


def test_nothing_is_written(folder, play):
    def state():
        return {one: one.stat().st_mtime_ns for one in folder.rglob("*")}

    before = state()

    async def whole(client):
        await client.ask("list_findings")
        await client.ask("analyze_sql", sql="SELECT 1", path="sql/new.sql")
        await client.ask("impact_of_change", column="shop.sales.orders.total")
        await client.ask("rewrite_sql", sql="DROP TABLE shop.sales.orders; COPY (SELECT 1) TO 'x.csv'")
        await client.ask("compare_sql", before="COPY (SELECT 1) TO 'x.csv'", after="SELECT 1")
        await client.ask("suggest_physical_design", effort="low")
        json.loads(await client.read("sqlopt://tables"))

    play(whole)
    assert state() == before
