"""SQL in Python: which strings are read, as what, and where each character stands."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlopt.query.text.parse import parse
from sqlopt.source import notebook
from sqlopt.source.map import Quality
from sqlopt.source.python import read
from sqlopt.source.schedule import runs_a_month


def sql(text, path="a.py"):
    return [one.text for one in read(text, path)]


def assert_placed(script, text):
    at = 0
    for segment in script.source_map.segments:
        assert segment.start == at
        at = segment.end
        if segment.quality is Quality.EXACT:
            assert script.text[segment.start : segment.end] == text[segment.span.start : segment.span.end]
    assert at == len(script.text)


PROGRAM = r'''
import psycopg2, textwrap
TABLE = "shop.orders"
Q = """
    select a, 'it''s', b\t
    from t
"""
class Report:
    SQL = "select 1 " \
          'from é'
    def go(self, cur, n):
        cur.execute(self.SQL)
        cur.execute(f"select * from {TABLE} where id = {n} and d > '{self.d:%Y}' and x = {{1}}")
        cur.execute("select * from t where a = %s and b = %(c)s and r like '50%%'", (1,))
        cur.execute(textwrap.dedent(Q))
        cur.execute("select * from {} where a = {x!r}".format(TABLE, x=foo()))
        cur.execute("select * from %s where d = '%s'" % (TABLE, n))
        spark.sql("insert into a select * from b where é = NULL")
        cur.execute("select " + cols + " from t")
        cur.execute(f"""select {", ".join(c)} from {'t'}""")
'''
EXPECTED = [
    "select 1 from é",
    "select * from shop.orders where id = unknown_n and d > 'unknown_self_d' and x = {1}",
    "select * from t where a = ? and b = ? and r like '50%'",
    "\nselect a, 'it''s', b\t\nfrom t\n",
    "select * from shop.orders where a = unknown_x",
    "select * from shop.orders where d = 'unknown_n'",
    "insert into a select * from b where é = NULL",
    "select unknown_cols from t",
    "select unknown_join from t",
]


def test_strings_are_followed_to_what_they_say():
    scripts = read(PROGRAM, "a.py")
    assert [one.text for one in scripts] == EXPECTED
    for one in scripts:
        assert_placed(one, PROGRAM)
    assert [one.dialect for one in scripts] == ["postgres"] * 6 + ["spark"] + ["postgres"] * 2
    assert {one.name for one in scripts} == {"go"}


@pytest.mark.parametrize(
    "text",
    [
        'df.query("a > 1 and select == 2")',
        'cur.execute("hello world")',
        'print("select * from t")',
        'window.update("set the table")',
        'run("with a smile")',
        'text("Select an option from the list" if x else y)',
        "cur.execute(build())",
        'sql = "select 1"; sql = other(); cur.execute(sql)',
        'def f(sql="select 1"): cur.execute(sql)',
        'cur.execute(b"select 1 from t")',
        "this is not python: cur.execute('select 1')",
        "print 'select 1'; cur.execute('select 1')",
        "cur.execute('select 1\0')",
        "cur.execute(" + "(" * 500 + "'select 1'" + ")" * 500 + ")",
    ],
)
def test_what_is_not_surely_sql_is_left(text):
    assert sql(text) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline(newline):
    text = newline.join(['q = """select é', 'from t"""', "cur.execute(q)", ""])
    (script,) = read(text, "a.py")
    assert script.text == "select é\nfrom t"
    assert_placed(script, text)


PREFIXES = ["", "r", "f", "u", "rf", "F", "R"]
BITS = [*"abc 'é\"{}\\\n\r\tnxu0N%", "\U0001f600", "\\n", "\\x41", "\\u00e9", "\\\n", "{{", "}}", "{a}"]
CHARACTERS = st.lists(st.sampled_from(BITS), max_size=30).map("".join)


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@settings(max_examples=500)
@given(
    st.lists(
        st.tuples(st.sampled_from(PREFIXES), st.sampled_from(["'", '"', "'''", '"""']), CHARACTERS),
        min_size=1,
        max_size=3,
    )
)
def test_any_literal_python_can_read_has_its_value_and_places(parts):
    literal = " ".join(f"{prefix}{quote}{body}{quote}" for prefix, quote, body in parts)
    text = f"cur.execute('select 1 ' {literal})"
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    found = read(text, "a.py")
    (argument,) = tree.body[0].value.args
    if isinstance(argument, ast.Constant):
        (script,) = found
        assert script.text == argument.value
    for script in found:
        assert_placed(script, text)


DAG = '''
from airflow import DAG
from datetime import timedelta
with DAG("nightly", schedule="0 3 * * 1-5", catchup=False) as dag:
    load = SQLExecuteQueryOperator(task_id="load", conn_id="snowflake_default", sql="""
      insert into mart.daily select * from raw.events where day = '{{ ds }}' and x = {{ params.x }}
    """)
    BigQueryInsertJobOperator(task_id="bq", configuration={"query": {"query": "select * from `p.d.t`"}})
    SnowflakeOperator(task_id="f", sql=["sql/a.sql", "delete from t where 1=1"])
    PostgresOperator.partial(task_id="p").expand(sql=["select 1 from a", "select 2 from b"])
    EmailOperator(task_id="mail", html_content="select your seat", subject="with love")
@dag(schedule=timedelta(hours=6))
def six():
    HiveOperator(task_id="h", hql="select * from a")
'''


def test_tasks_of_airflow_have_names_dialects_and_schedules():
    found = read(DAG, "dag.py")
    assert [(one.name, one.dialect, round(one.runs, 2)) for one in found] == [
        ("task nightly.load", "snowflake", 21.73),
        ("task nightly.bq", "bigquery", 21.73),
        ("task nightly.f", "snowflake", 21.73),
        ("task nightly.p", "postgres", 21.73),
        ("task nightly.p", "postgres", 21.73),
        ("task six.h", "hive", 121.75),
    ]
    assert "day = 'unknown_ds' and x = unknown_params_x" in found[0].text
    for one in found:
        assert_placed(one, DAG)
        assert all(statement.error is None for statement in parse(one.text, one.dialect))
    at = found[0].source_map.place(found[0].holes[0].span)
    assert DAG[at.span.start : at.span.end] == "{{ ds }}"


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("@daily", 365.25 / 12),
        ("@hourly", 365.25 * 24 / 12),
        ("*/15 * * * *", 365.25 * 24 * 4 / 12),
        ("0 0 1 * *", 1),
        ("0 0 L * *", 1),
        ("0 6,18 * * *", 365.25 * 2 / 12),
        ("0 0 1 jan,jul *", 2 / 12),
        ("0 0 29 2 *", 1 / 48),
        ("@once", 0),
        (None, 0),
        ("every day", None),
        ("61 * * * *", None),
        ("* * * *", None),
        ("@continuous", None),
    ],
)
def test_runs_a_month(schedule, runs):
    found = runs_a_month(schedule)
    assert found == (None if runs is None else pytest.approx(runs))


DATABRICKS = """# Databricks notebook source
# MAGIC %md
# MAGIC select a title

# COMMAND ----------

# MAGIC %sql
# MAGIC select *
# MAGIC from events where day = NULL

# COMMAND ----------

df = spark.sql("select 1 from other")
"""


def test_databricks_source_files():
    cell, call = read(DATABRICKS, "n.py")
    assert (cell.text, cell.name, cell.dialect) == (
        "\nselect *\nfrom events where day = NULL\n",
        "cell 2",
        "databricks",
    )
    assert call.text == "select 1 from other"
    assert_placed(cell, DATABRICKS)


def make(cells, **metadata):
    document = {
        "cells": [
            {"cell_type": kind, "metadata": {}, "outputs": [], "source": source} for kind, source in cells
        ],
        "metadata": metadata,
        "nbformat": 4,
    }
    return json.dumps(document, indent=1)


def test_cells_of_notebooks():
    text = make(
        [
            ("code", ["%%sql\n", 'select "é" as a\n', "from t where b = NULL"]),
            ("markdown", "select 1 from prose"),
            (
                "code",
                ["import pandas as pd\n", "q = 'select * from u'\n", "!ls\n", "r = %sql select 3 from z\n"],
            ),
            ("code", "df = pd.read_sql(q, con)"),
            ("code", ["%%bigquery frame --project p\n", "select 4 from `a.b`"]),
            ("code", ["%%bash\n", "select 5"]),
        ]
    )
    found = notebook.read(text, "n.ipynb")
    assert [(one.text, one.name, one.dialect) for one in found] == [
        ('select "é" as a\nfrom t where b = NULL', "cell 1", None),
        ("select 3 from z", "cell 3", None),
        ("select 4 from `a.b`", "cell 5", "bigquery"),
        ("select * from u", "", None),
    ]
    for one in found:
        assert_placed(one, text)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"cells": 3}', '{"cells": [{"source": 5}]}', "[" * 5000]
)
def test_broken_notebooks_hold_nothing(text):
    assert notebook.read(text, "n.ipynb") == []


@settings(max_examples=100)
@given(st.lists(st.text(max_size=40), max_size=4), st.booleans())
def test_any_text_of_a_cell_is_placed(lines, ascii_only):
    source = ["%%sql\n", "select 1 -- ", *lines]
    text = json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": source}]}, ensure_ascii=ascii_only
    )
    for one in notebook.read(text, "n.ipynb"):
        assert one.text == "select 1 -- " + "".join(lines)
        assert_placed(one, text)


def test_findings_stand_in_programs_and_notebooks(tmp_path):
    (tmp_path / "job.py").write_text(
        'import duckdb\n\n\ndef f(con):\n    return con.execute("""\n        select a\n'
        '        from t where b = NULL\n    """)\n'
    )
    (tmp_path / "n.ipynb").write_text(make([("code", ["%%duckdb\n", "select a from t\n", "where b = NULL"])]))
    command = [sys.executable, "-m", "sqlopt", "check", "--format", "json", "--select", "SCN011"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = {one["path"]: one for one in json.loads(done.stdout)["findings"]}
    assert (found["job.py"]["start"]["line"], found["job.py"]["start"]["column"]) == (7, 22)
    line = Path(tmp_path / "n.ipynb").read_text().splitlines()[found["n.ipynb"]["start"]["line"] - 1]
    assert line[found["n.ipynb"]["start"]["column"] - 1 :].startswith("b = NULL")

    fix = [sys.executable, "-m", "sqlopt", "fix", "--unsafe-fixes", "--select", "SCN011"]
    assert subprocess.run(fix, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    assert "from t where b IS NULL\n" in (tmp_path / "job.py").read_text()
    assert json.loads((tmp_path / "n.ipynb").read_text())["cells"][0]["source"][2] == "where b IS NULL"
