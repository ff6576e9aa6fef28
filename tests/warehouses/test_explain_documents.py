"""Every sample and fixture reads, is known by its content, and says what stands in it."""

from pathlib import Path

import pytest

from sqlopt.plan import Kind, PlanError
from sqlopt.warehouses.explain import read

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures" / "plans"
SAMPLES = ROOT.parent / "shared" / "samples"
ENGINES = ("snowflake", "bigquery", "postgres", "duckdb", "spark", "trino", "redshift", "datafusion")
DOCUMENTS = [
    pytest.param(path, engine, id=f"{folder.name}-{engine}-{path.name}")
    for folder in (FIXTURES, SAMPLES)
    for engine in ENGINES
    for path in sorted((folder / engine).glob("*"))
]


def plan(path):
    return read((FIXTURES / path).read_text("utf-8"))


def scans(found):
    return {one.table: one for one in found.walk() if one.kind == Kind.SCAN}


def kinds(found):
    return [str(one.kind) for one in found.walk()]


@pytest.mark.parametrize(("path", "engine"), DOCUMENTS)
def test_a_document_is_recognised_and_read(path, engine):
    text = path.read_text("utf-8")
    found = read(text)
    assert found.engine == engine
    assert found.roots or found.insights or found.totals.to_dict()
    for one in found.walk():
        assert 0 <= one.span.start < one.span.end <= len(text)
        assert one.share is None or 0 <= one.share <= 1
    if any(one.share is not None for one in found.walk()):
        assert sum(one.share or 0 for one in found.walk()) == pytest.approx(1, abs=0.02)
    assert read(f"\ufeff\n{text}\n").to_dict()["totals"] == found.to_dict()["totals"]


def test_snowflake_formats_agree():
    tables = [scans(plan(f"snowflake/{name}")) for name in ("explain.txt", "explain_tabular.csv")]
    tables.append(scans(plan("snowflake/explain_tabular.txt")))
    tables.append(scans(plan("snowflake/explain.json")))
    for one in tables:
        lines = one["SHOP.PUBLIC.LINES"]
        assert (lines.partitions_scanned, lines.partitions_total, lines.bytes) == (400, 400, 6781753360)
        assert one["SHOP.PUBLIC.ORDERS"].partitions_scanned == 9


def test_snowflake_operator_statistics():
    for name in ("operator_stats.json", "operator_stats.csv"):
        found = plan(f"snowflake/{name}")
        assert kinds(found) == ["Result", "Aggregate", "Join", "Scan", "Scan"]
        group, join = list(found.walk())[1:3]
        assert (group.spilled_local, group.spilled_remote) == (85899345920, 21474836480)
        assert (join.rows_in, join.actual_rows, join.share) == (61500000, 9000000000, 0.55)
        assert found.costliest[-1] is join or found.costliest[-1] == join
        assert found.query_id == "01b2c3d4-0000-1111-0000-000000000001"


def test_snowflake_history_and_insights():
    totals = plan("snowflake/query_history.json").totals
    assert (totals.queued, totals.seconds, totals.partitions_scanned) == (95, 812, 409)
    assert plan("snowflake/query_insights.json").insights[0].code.endswith("TABLE_SCAN")


def test_bigquery_jobs():
    found = plan("bigquery/job_insights.json")
    assert kinds(found) == ["Aggregate", "Join", "Stage", "Scan", "Stage", "Scan"]
    assert (found.totals.bytes_billed, found.totals.queued) == (6872367104, 30.5)
    codes = [
        "slotContention",
        "insufficientShuffleQuota",
        "highCardinalityJoins",
        "partitionSkew",
        "inputDataChange",
    ]
    assert [one.code for one in found.insights] == codes
    assert plan("bigquery/dry_run.json").totals.bytes == 480000000
    assert scans(plan("bigquery/jobs_rows.json"))["shop.lines"].rows_in == 60000000


def test_postgres_text_says_what_json_says():
    text, data = plan("postgres/analyze_buffers.txt"), plan("postgres/analyze_buffers.json")
    for one, two in zip(text.walk(), data.walk(), strict=True):
        assert (one.kind, one.name, one.table, one.condition) == (
            two.kind,
            two.name,
            two.table,
            two.condition,
        )
        assert (one.estimated_rows, one.actual_rows, one.cost) == (
            two.estimated_rows,
            two.actual_rows,
            two.cost,
        )
        assert (one.bytes, one.spilled_local, one.rows_removed) == (
            two.bytes,
            two.spilled_local,
            two.rows_removed,
        )


def test_postgres_spills():
    found = plan("postgres/sort_spill.txt")
    assert found.roots[0].spilled_local == 1576 * 1024


def test_duckdb_boxes_say_what_json_says():
    text, data = plan("duckdb/explain.txt"), plan("duckdb/explain.json")
    for one, two in zip(text.walk(), data.walk(), strict=True):
        assert (one.name, one.table, one.estimated_rows) == (two.name, two.table, two.estimated_rows)
    assert len(list(plan("duckdb/cross.txt").walk())) == 18


def test_spark_shows_the_final_plan_and_the_log_its_longest_execution():
    final = plan("spark/formatted.txt")
    assert kinds(final).count("Scan") == 2
    assert set(scans(final)) == {"shop.lines", "shop.orders"}
    log = plan("spark/events.jsonl")
    sort = next(one for one in log.walk() if one.name == "Sort")
    assert (sort.spilled_local, sort.seconds) == (12884901888, 52)
    assert scans(log)["shop.lines"].actual_rows == 60000000
    assert log.totals.seconds == 63


def test_trino_hangs_fragments_beneath_their_readers():
    found = plan("trino/explain_analyze.txt")
    assert [one.name for one in found.walk()][-2:] == ["Aggregate", "ScanFilterProject"]
    assert len(found.roots) == 1
    scan = scans(found)["hive:shop:lines"]
    assert (scan.estimated_rows, scan.actual_rows, scan.rows_in, scan.seconds) == (
        1500000,
        816424,
        1500000,
        0.18,
    )


def test_redshift_and_datafusion():
    assert [one.name for one in plan("redshift/explain.txt").walk()][5] == "Hash Join DS_BCAST_INNER"
    found = plan("datafusion/explain_analyze.txt")
    assert found.costliest[-1].name == "HashJoinExec"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1, column 1"),
        ("hello", "line 1, column 1"),
        (f"Result (cost=0.0..1.0 rows=1 width=1)\n{' ' * 500000}x", "line 1, column 38: a run of blanks"),
        (f"== Physical Plan ==\nProject {' ' * 500000}x", "line 2, column 8: a run of blanks"),
        ("- Plan: &a\n    Node Type: Append\n    Plans: [*a]", "line 1, column 9: an alias"),
        ('{"a": 1}', "line 1, column 1"),
        ('{"Operations": [[{"id": 0, "oper', "line 1"),
        ('[{"Plan": {"Node Type": "Result"}}] x', "line 1, column 37"),
        ("[" * 100000, "line 1"),
        ("QUERY PLAN\n---\nSeq Scan on a\n", "line 1"),
        ("┌───────────┐\n│  FILTER   │\n", "line 1, column 1"),
    ],
)
def test_what_is_no_plan_says_where(text, where):
    with pytest.raises(PlanError, match=where):
        read(text)
