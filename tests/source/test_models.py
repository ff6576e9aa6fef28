"""SQLMesh models and Dataform's files."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlopt.query.text.parse import parse
from sqlopt.source import dataform, sqlmesh
from sqlopt.source.map import Quality

MESH = """-- a model
MODEL (
  name shop.orders_daily, -- the name
  kind INCREMENTAL_BY_TIME_RANGE (time_column day),
  cron '@daily',
  dialect snowflake,
  columns (day DATE, n INT)
);

@DEF(size, 10);
SELECT day, count(*) AS n, @size AS size, @my_macro(a, (b)) AS m, '@start_ds' as s, 'a@b.c' as mail
FROM shop.orders AS o
WHERE day BETWEEN @start_ds AND @end_ds AND o.x = NULL
GROUP BY 1
"""


def assert_placed(script, text):
    at = 0
    for segment in script.source_map.segments:
        assert segment.start == at
        at = segment.end
        if segment.quality is Quality.EXACT:
            assert script.text[segment.start : segment.end] == text[segment.span.start : segment.span.end]


def test_a_model_of_sqlmesh():
    (script,) = sqlmesh.read(MESH, "m.sql")
    assert (script.name, script.dialect, script.target) == (
        "model shop.orders_daily",
        "snowflake",
        "shop.orders_daily",
    )
    assert script.runs == pytest.approx(365.25 / 12)
    assert "10 AS size, unknown_my_macro AS m, '@start_ds' as s, 'a@b.c' as mail" in script.text
    assert "BETWEEN unknown_start_ds AND unknown_end_ds AND o.x" in script.text
    assert [hole.any_sql for hole in script.holes] == [True, False, False]
    assert_placed(script, MESH)
    assert all(one.error is None for one in parse(script.text, "snowflake"))


def test_a_model_with_jinja():
    text = "MODEL (name a.b);\nJINJA_QUERY_BEGIN;\nselect {{ x }} from t where y = NULL\nJINJA_END;"
    (script,) = sqlmesh.read(text, "m.sql")
    assert "select unknown_x from t where y = NULL" in script.text
    assert script.target == "a.b"
    assert_placed(script, text)


@pytest.mark.parametrize(
    "text", ["MODEL (", "MODEL ()", "METRIC (name x)", "MODEL (name a);", "AUDIT (name a); select 1", ""]
)
def test_what_is_no_whole_model_costs_nothing(text):
    sqlmesh.read(text, "m.sql")


FORM = """config { type: "incremental", schema: "mart", bigquery: { partitionBy: "day", name: "zz" }, tags: ["a"] }
js { const LIMIT = 5; const x = "abc"; }
pre_operations { delete from ${self()} where day = NULL }
-- it's a comment { config
select *, '${x}' as y, ${fn("a")} as q from ${ref("orders")} o join ${ref("raw", "users")} using (id)
${when(incremental(), `where day > (select max(day) from ${self()})`)}
limit ${LIMIT}
"""


def test_a_file_of_dataform(tmp_path):
    (tmp_path / "workflow_settings.yaml").write_text("defaultProject: acme\ndefaultDataset: core\n")
    path = tmp_path / "definitions" / "daily.sqlx"
    path.parent.mkdir()
    path.write_text(FORM)
    full, incremental, before = dataform.read(FORM, str(path))
    assert (full.name, full.dialect, full.target) == ("incremental daily", "bigquery", "acme.mart.daily")
    assert "'abc' as y" in full.text
    assert "from `acme.core.orders` o join `acme.raw.users` using (id)" in full.text
    assert "limit 5" in full.text
    assert "max(day)" not in full.text
    assert "where day > (select max(day) from `acme.mart.daily`)" in incremental.text
    assert before.text.strip() == "delete from `acme.mart.daily` where day = NULL"
    for one in (full, incremental, before):
        assert_placed(one, FORM)
        assert all(statement.error is None for statement in parse(one.text, "bigquery"))


def test_findings_stand_in_both(tmp_path):
    (tmp_path / "m.sql").write_text(MESH)
    (tmp_path / "daily.sqlx").write_text(FORM)
    command = [sys.executable, "-m", "sqlopt", "check", "--format", "json", "--select", "SCN011"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["findings"]
    places = [(one["path"], one["start"]["line"], one["start"]["column"]) for one in found]
    assert places == [("daily.sqlx", 3, 46)], "in the model a macro may be any SQL, so nothing is said of it"


ODD = st.sampled_from([*"ab '\"`{}()$@;,-/*\n\\", "${", "MODEL (", "config {", "js {", "@DEF(a, b)", "@'x'"])


@settings(max_examples=200)
@given(st.lists(ODD, max_size=40).map("".join))
def test_no_text_is_too_odd(text):
    for script in [*sqlmesh.read("MODEL (name a.b);" + text, "m.sql"), *dataform.read(text, "m.sqlx")]:
        size = len(script.text)
        assert script.source_map.segments[-1].end in (0, size)
