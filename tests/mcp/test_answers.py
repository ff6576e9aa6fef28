"""What tools answer: the same as the commands, and right."""

from __future__ import annotations

from tests.mcp.conftest import BAD, YEAR


def test_analyze_sql_is_check(ask, sqlopt):
    found = ask("analyze_sql", sql=BAD).data
    told = sqlopt("check", "-", stdin=BAD)
    for one in (*found["findings"], *told["findings"]):
        one.pop("cut", None)
        one.pop("path")
    assert found["findings"] == told["findings"]
    assert len(found["findings"]) >= 2
    assert found["summary"] == told["summary"]


def test_list_findings_is_check(ask, sqlopt):
    found = ask("list_findings").data
    told = sqlopt("check", ".", "--no-cache")
    for one in found["findings"]:
        assert not one.pop("cut")
    assert found["findings"] == told["findings"]
    assert found["summary"] == told["summary"]


def test_estimate_cost_is_cost(ask, sqlopt):
    found = ask("estimate_cost", sql=BAD, path="<stdin>").data
    told = sqlopt("cost", "-", stdin=BAD)
    for one in told["statements"]:
        del one["answer"], one["refusal"]
    for one in found["statements"]:
        one["path"] = "<stdin>"
    assert found["statements"] == told["statements"]
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
