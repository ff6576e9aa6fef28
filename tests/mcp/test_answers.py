"""What tools answer: the same as the commands, and right."""

from __future__ import annotations

from pathlib import Path

from sqlopt.project import Project
from tests import wrong
from tests.mcp.conftest import BAD, BY_COUNTRY, BY_DAY, MART, YEAR


def shared(found, told):
    """Return what a command told, with the keys alone that the tool has: commands may tell more."""
    if isinstance(found, dict):
        return {key: shared(one, told[key]) for key, one in found.items()}
    if isinstance(found, list):
        assert len(found) == len(told)
        return [shared(*pair) for pair in zip(found, told, strict=True)]
    return told


def test_analyze_sql_is_check(ask, sqlopt):
    found = ask("analyze_sql", sql=BAD).data
    told = sqlopt("check", "-", stdin=BAD)
    for one in found["findings"]:
        assert not one.pop("cut")
        one["path"] = "<stdin>"
    assert found["findings"] == shared(found["findings"], told["findings"])
    assert len(found["findings"]) >= 2
    assert found["summary"] == told["summary"]


def test_list_findings_is_check(ask, sqlopt):
    found = ask("list_findings").data
    told = sqlopt("check", ".", "--no-cache")
    for one in found["findings"]:
        assert not one.pop("cut")
    assert found["findings"] == shared(found["findings"], told["findings"])
    assert found["summary"] == told["summary"]


def test_estimate_cost_is_cost(ask, sqlopt):
    found = ask("estimate_cost", sql=BAD, path="<stdin>").data
    told = sqlopt("cost", "-", stdin=BAD)
    assert found["statements"] == shared(found["statements"], told["statements"])
    assert found["statements"][0]["run"]["bytes_scanned"]["expected"] > 0
    assert found["totals"] == told["totals"]
    assert found["because"] == told["because"]


def test_rewrite_sql_proves_and_applies(ask):
    found = ask("rewrite_sql", sql=YEAR).data
    (one,) = [one for one in found["rewrites"] if one["safety"] == "exact"]
    assert one["proof"]["verdict"] == "proved"
    assert found["rewritten"] == one["text_after"]
    assert "EXTRACT" not in found["rewritten"]
    assert found["applied"] == [one["rule"]]
    again = ask("rewrite_sql", sql=found["rewritten"]).data
    assert (again["rewritten"], again["applied"]) == (None, [])


def test_rewrite_sql_shows_counterexamples(ask):
    (one,) = ask("rewrite_sql", sql="SELECT a FROM t WHERE b = NULL").data["rewrites"]
    assert one["safety"] == "changes results"
    assert one["proof"]["verdict"] == "refuted"
    assert "INSERT INTO t" in one["proof"]["counterexample"]
    assert one["text_after"] == "SELECT a FROM t WHERE b IS NULL"


def test_rewrite_sql_judges_a_template_as_it_is_rendered(ask):
    (one,) = ask("rewrite_sql", sql="SELECT a FROM {{ ref('t') }} WHERE b = NULL").data["rewrites"]
    assert one["proof"]["verdict"] == "refuted"


def test_rewrite_sql_gives_no_edits_that_are_refuted(ask, folder):
    wrong.write_pack(folder)
    settings = folder / "sqlopt.toml"
    settings.write_text(f'packs = ["wrong.yml"]\n{settings.read_text()}')
    found = ask("rewrite_sql", sql=wrong.TEXT).data
    (one,) = [one for one in found["rewrites"] if one["rule"] == "WRG001"]
    assert (one["edits"], one["text_after"], one["proof"]["verdict"]) == ([], None, "refuted")
    assert "please report" in one["fault"]
    assert "INSERT INTO t" in one["proof"]["counterexample"]
    assert found["rewritten"] is None


def test_compare_sql(ask):
    same = ask("compare_sql", before=BY_DAY, after=BY_DAY.replace("'NL'", "UPPER('nl')")).data
    assert same["verdict"] in ("proved", "tested")
    assert same["dialect"] == "bigquery"
    keyed = ask(
        "compare_sql",
        before="SELECT DISTINCT id FROM shop.sales.orders",
        after="SELECT id FROM shop.sales.orders",
    ).data
    assert keyed["verdict"] == "refuted"  # a key that is not enforced is no fact


def test_column_lineage_of_sql(ask):
    found = ask("column_lineage", sql=MART).data
    assert {"column": "shop.mart.daily.revenue", "inputs": ["shop.sales.orders.total"]} in found["columns"]
    assert (found["tables_in"], found["tables_out"]) == (
        ["shop.sales.orders", "shop.mart.daily"],
        ["shop.mart.daily", "shop.mart.best"],
    )
    edges = {
        (str(one["source"]["column"]), one["target"]["column"], one["transformation"], one["line"])
        for one in found["edges"]
    }
    assert {("total", "revenue", "aggregation", 2), ("revenue", "best", "aggregation", 4)} <= edges


def test_column_lineage_is_lineage(ask, sqlopt):
    name = "shop.mart.daily.revenue"
    told = sqlopt("lineage", name, "--no-cache")
    found = ask("column_lineage", column=name).data
    assert found["edges"]
    for one in found["edges"]:
        assert not one.pop("cut", False)
    assert found["edges"] == told["edges"]
    up = ask("column_lineage", column=name, direction="upstream").data
    assert {one["source"]["column"] for one in up["edges"]} == {"total"}
    down = ask("column_lineage", column=name, direction="downstream").data
    assert [one["target"]["column"] for one in down["edges"]] == ["best"]


def test_column_lineage_of_sql_is_the_librarys(ask, folder):
    assert folder.is_dir()
    for sql in (MART, BY_DAY, BY_COUNTRY, BAD):
        columns = Project.from_config(".").lineage(sql).columns()
        found = ask("column_lineage", sql=sql).data["columns"]
        assert {one["column"]: one["inputs"] for one in found} == columns


def test_models_of_dbt_are_read_as_such(ask, folder):
    (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nmodel-paths: [models]\n")
    (folder / "models").mkdir()
    (folder / "models" / "orders.sql").write_text("SELECT id, total FROM shop.sales.orders")
    sql = "-- é\n{% set names = ['total'] %}\nSELECT {{ names[0] }} AS worth\nFROM {{ ref('orders') }} WHERE id = NULL"
    found = ask("column_lineage", sql=sql, path="models/best.sql").data
    (column,) = found["columns"]
    assert column["column"].endswith("best.worth")
    assert column["inputs"][0].endswith("orders.total")
    assert [one["line"] for one in found["edges"] if one["kind"] == "direct"] == [3]
    findings = ask("analyze_sql", sql=sql, path="models/best.sql").data["findings"]
    assert ("SCN011", 4) in {(one["rule"], one["start"]["line"]) for one in findings}
    assert "ref" in ask("rewrite_sql", sql=sql, path="models/best.sql").data["rewrites"][0]["text_after"]
    changed = ask("impact_of_change", column="shop.sales.orders.total").data["reached"]
    assert any(one["name"].endswith("orders") and one["direct"] for one in changed)


def test_impact_of_change_is_impact(ask, sqlopt):
    name = "shop.sales.orders.total"
    told = sqlopt("impact", name, "--no-cache")
    found = ask("impact_of_change", column=name).data
    assert found["breaks"] == sum(one["direct"] for one in told["reached"])
    assert {one["name"] for one in found["reached"]} >= {"shop.mart.daily", "shop.mart.best"}
    for one in told["reached"]:
        one.setdefault("rows", None)
    assert found["reached"] == told["reached"]


def test_suggest_physical_design_is_suggest(ask, folder):
    found = ask(
        "suggest_physical_design", paths=["sql/by_day.sql", "sql/by_country.sql"], runs_per_day=24
    ).data
    told = (
        Project.from_config(".").suggest(["sql/by_day.sql", "sql/by_country.sql"], runs_per_day=24).to_dict()
    )
    assert folder.is_dir()
    assert found["looked_at"] == 2
    assert found["suggestions"]
    for one in found["suggestions"]:
        assert not one.pop("cut")
        assert {served["verdict"] for served in one["statements"]} <= {"proved", "tested"}
    names = ("name", "ddl", "rows", "month")
    assert [[one[name] for name in names] for one in found["suggestions"]] == [
        [one[name] for name in names] for one in told["suggestions"]
    ]


def test_explain_rule(ask):
    found = ask("explain_rule", id="comparison-with-null").data
    assert (found["id"], found["severity"], found["selected"]) == ("SCN011", "error", True)
    assert found["page"].startswith("# comparison-with-null (SCN011)")


def test_filters(ask):
    every = ask("list_findings").data["findings"]
    grave = ask("list_findings", severity="error").data["findings"]
    assert grave == [one for one in every if one["severity"] == "error"] != []
    one = ask("list_findings", rule="comparison-with-null").data
    assert {found["rule"] for found in one["findings"]} == {"SCN011"}
    assert one["summary"]["error"] + one["summary"]["warning"] + one["summary"]["info"] == len(every)


def test_settings_of_the_path_hold(ask, folder):
    (folder / "sqlopt.toml").write_text(
        'catalog = "catalog.yml"\n[per-path."old/**"]\ndialect = "snowflake"\nignore = ["SCN011"]\n'
    )
    sql = "SELECT a FROM t WHERE b = NULL"
    assert [one["dialect"] for one in ask("analyze_sql", sql=sql).data["findings"]] == ["bigquery"]
    assert ask("analyze_sql", sql=sql, path="old/new.sql").data["findings"] == []
    costs = ask("estimate_cost", sql=sql, path="old/new.sql").data["statements"]
    assert [one["dialect"] for one in costs] == ["snowflake"]


def test_the_baseline_counts(ask, folder):
    project = Project.from_config(".")
    project.write_baseline(project.check_paths(["sql"], cache=False))
    assert ask("list_findings").data["findings"] == []
    (folder / "sql" / "new.sql").write_text("SELECT a FROM t WHERE b = NULL")
    assert [one["path"] for one in ask("list_findings").data["findings"]] == [str(Path("sql/new.sql"))]


def test_changed_files_are_read_again(play, folder):
    async def whole(client):
        assert (await client.ask("impact_of_change", column="shop.mart.best.best")).data["reached"] == []
        (folder / "sql" / "use.sql").write_text(
            "CREATE TABLE shop.mart.use AS SELECT best FROM shop.mart.best"
        )
        found = (await client.ask("impact_of_change", column="shop.mart.best.best")).data["reached"]
        assert [one["name"] for one in found] == ["shop.mart.use"]
        catalog = folder / "catalog.yml"
        before = (await client.ask("estimate_cost", sql="SELECT id FROM shop.sales.orders")).data
        catalog.write_text(catalog.read_text().replace("rows: 1000000000", "rows: 2000000000"))
        after = (await client.ask("estimate_cost", sql="SELECT id FROM shop.sales.orders")).data
        sizes = [one["statements"][0]["run"]["bytes_scanned"]["expected"] for one in (before, after)]
        assert sizes[1] == 2 * sizes[0]

    play(whole)


def test_what_is_known_of_files_stays_true(play, folder):
    async def listed(client):
        found = (await client.ask("list_findings")).data
        return [(one["path"], one["rule"], one["dialect"]) for one in found["findings"]], found

    async def whole(client):
        first, every = await listed(client)
        again, _ = await listed(client)
        assert first == again != []
        (folder / "sql" / "bad.sql").rename(folder / "sql" / "worse.sql")
        moved, found = await listed(client)
        assert {path for path, *_ in moved} == {path.replace("bad", "worse") for path, *_ in first}
        assert found["summary"] == every["summary"]
        (folder / "catalog.yml").write_text("tables: [")
        _, found = await listed(client)
        assert "catalog.yml" in found["crashed"][0]
        (folder / "catalog.yml").unlink()
        (folder / "sqlopt.toml").write_text('dialect = "snowflake"\n')
        changed, found = await listed(client)
        assert {dialect for *_, dialect in changed} == {"snowflake"}
        assert "have no catalog" in found["notes"][0]

    play(whole)
