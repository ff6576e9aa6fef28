"""Plan rules over whole documents: what they find, what they price it at, and what they leave alone."""

import json
from pathlib import Path

import pytest

from sqlopt import Project
from sqlopt.plan import PlanError
from sqlopt.rules.finding import Severity
from sqlopt.rules.plans import PlanRule, check_plan

PLANS = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
EXPECTED = {
    "snowflake/operator_stats.json": ["PLN004", "PLN005", "PLN002"],
    "snowflake/operator_stats.csv": ["PLN004", "PLN005", "PLN002"],
    "snowflake/query_history.json": ["PLN004", "PLN005", "PLN012"],
    "snowflake/query_insights.json": ["PLN001", "PLN002", "PLN004"],
    "snowflake/explain.json": ["PLN003"],
    "postgres/sort_spill.txt": ["PLN005"],
    "spark/events.jsonl": ["PLN005", "PLN010"],
    "trino/explain.json": ["PLN003"],
    "bigquery/job_insights.json": [
        *("PLN012", "PLN002", "PLN005", "PLN006"),
        *("PLN005", "PLN006", "PLN012", "PLN002", "PLN013"),
    ],
}
QUIET = [
    path
    for path in sorted(PLANS.glob("*/*"))
    if path.is_file() and f"{path.parent.name}/{path.name}" not in EXPECTED
]


def found(path, **settings):
    return Project(**settings).plan((PLANS / path).read_text("utf-8")).findings


@pytest.mark.parametrize("path", EXPECTED)
def test_what_is_found(path):
    assert [one.rule for one in found(path)] == EXPECTED[path]


@pytest.mark.parametrize("path", QUIET, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_nothing_is_said_of_sound_plans(path):
    assert found(path) == []


def test_findings_are_priced_and_placed():
    text = (PLANS / "bigquery/job_insights.json").read_text("utf-8")
    (join,) = [one for one in Project().plan(text).findings if one.rule == "PLN002" and one.saving]
    assert (join.saving.low, join.saving.high, join.saving.unit) == (0, 799, "slot seconds")
    assert '"S02: Join+"' in join.span.of(text)
    assert dict(join.evidence)["share of the plan"] == "89%"


def test_rules_are_chosen_and_set_as_all_rules_are():
    assert [one.rule for one in found("postgres/sort_spill.txt", ignore=["PLN005"])] == []
    options = {"rows-thrown-away": {"rows": 1000}}
    (one,) = found("postgres/lookup.txt", options=options)
    assert one.rule == "PLN011"
    assert "index for (o_id = 77)" in one.message


def test_what_a_limit_stopped_is_no_bad_estimate():
    scan = {"Node Type": "Seq Scan", "Plan Rows": 9000000, "Actual Rows": 10, "Actual Loops": 1}
    stopped = {"Node Type": "Limit", "Plan Rows": 10, "Actual Rows": 10, "Actual Loops": 1, "Plans": [scan]}
    assert Project().plan(json.dumps([{"Plan": stopped}])).findings == []
    assert [one.rule for one in Project().plan(json.dumps([{"Plan": scan}])).findings] == ["PLN007"]


def test_a_rule_that_raises_costs_that_rule():
    class Broken(PlanRule):
        id, name, pack, severity = "XXX001", "broken", "x", Severity.INFO

        def look(self, *_):
            raise ValueError("oh")

    plan = Project().plan((PLANS / "spark/events.jsonl").read_text("utf-8"))
    result = check_plan(plan, "", {"XXX001": Broken})
    assert "XXX001 (x/broken): ValueError: oh" in result.errors[0].message


def test_plan_rules_say_nothing_of_sql():
    assert Project(select=["plan"]).check("SELECT 1").findings == []


def test_a_broken_document_names_itself():
    with pytest.raises(PlanError, match=r"a\.json: line 1, column 6"):
        Project().plan('[{"a"', "a.json")
