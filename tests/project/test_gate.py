"""The gate: no fix is made or offered before its verdict, and one that is refuted never is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sqlopt.catalog import Catalog
from sqlopt.project import Project
from sqlopt.project.fixing import fix_text
from sqlopt.project.gate import Ruling, fault, judged, ruling
from sqlopt.project.gate.gate import Gate
from sqlopt.rewrite.edits import Edit, Fix, Proof, Safety, Verdict
from sqlopt.rewrite.prove.effort import Effort, Limits
from sqlopt.rules.own import RefutedFix
from sqlopt.span import Span
from tests import wrong

FIXTURES = Path(__file__).parents[2] / "fixtures"
LOW = Limits(Effort.LOW)
TABLES = "CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (a)); CREATE TABLE u (a INT, d INT)"


def sqlopt(folder, *arguments):
    command = [sys.executable, "-m", "sqlopt", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def project(dialect="duckdb", **more):
    return Project(Catalog.from_ddl(TABLES, dialect), dialect, **more)


def judge(before, old, new, path="<text>", of=None):
    """Return what the gate says of putting ``new`` in the place of ``old``."""
    edits = []
    for one, other in zip(
        [old] if isinstance(old, str) else old, [new] if isinstance(new, str) else new, strict=True
    ):
        at = before.index(one)
        edits.append(Edit(Span(at, at + len(one)), other))
    return Gate(of or project(), LOW).judge(before, path, [edits])[0]


@pytest.mark.parametrize(
    ("safety", "verdict", "expected"),
    [
        (Safety.EXACT, Verdict.PROVED, Ruling.MADE),
        (Safety.EXACT, Verdict.TESTED, Ruling.MADE),
        (Safety.EXACT, Verdict.UNKNOWN, Ruling.ASKED),
        (Safety.EXACT, None, Ruling.ASKED),
        (Safety.EXACT, Verdict.REFUTED, Ruling.NEVER),
        (Safety.NEEDS_FACTS, Verdict.PROVED, Ruling.ASKED),
        (Safety.NEEDS_FACTS, Verdict.REFUTED, Ruling.ASKED),
        (Safety.CHANGES_RESULTS, None, Ruling.ASKED),
    ],
)
def test_what_becomes_of_a_fix(safety, verdict, expected):
    assert ruling(Fix("x", (), safety, verdict and Proof(verdict))) is expected


# ---- a rule that is wrong


@pytest.fixture
def folder(tmp_path):
    wrong.write_pack(tmp_path)
    (tmp_path / "sqlopt.toml").write_text('dialect = "duckdb"\nselect = ["WRG001"]\npacks = ["wrong.yml"]\n')
    (tmp_path / "a.sql").write_text(wrong.TEXT)
    return tmp_path


@pytest.mark.parametrize("more", [(), ("--unsafe-fixes",), ("--interactive",)])
def test_a_refuted_fix_is_never_made_and_its_rule_is_to_blame(folder, more):
    done = sqlopt(folder, "fix", *more)
    assert (folder / "a.sql").read_text() == wrong.TEXT
    assert "fault: a.sql:1: WRG001" not in done.stdout
    assert "a.sql:1: SQL010 the fix of WRG001" not in done.stdout
    assert "the fix of WRG001 (greater-is-greater-or-equal) is refuted and is not made" in done.stderr
    assert "please report" in done.stderr
    assert "INSERT INTO t" in done.stderr
    assert "1 refuted and not made" in done.stdout
    assert "Make it?" not in done.stdout


def test_json_tells_of_the_fault(folder):
    done = sqlopt(folder, "fix", "--diff", "--format", "json")
    assert done.returncode == 0
    (file,) = json.loads(done.stdout)["files"]
    assert (file["path"], file["made"], file["left"]) == ("a.sql", [], [])
    (found,) = file["faults"]
    assert (found["rule"], found["line"]) == ("SQL010", 1)
    assert found["evidence"]["rule"] == "WRG001"
    assert "INSERT INTO t" in found["evidence"]["counterexample"]


def test_a_check_offers_it_no_more_once_it_is_known(folder):
    before = json.loads(sqlopt(folder, "check", "--format", "json").stdout)
    assert before["findings"][0]["fix"]["proof"] is None
    assert "(checked when made)" in sqlopt(folder, "check").stdout
    assert "suggestions" not in sqlopt(folder, "check", "--format", "rdjson").stdout
    explained = sqlopt(folder, "explain", "a.sql:1").stdout
    assert "refuted" in explained
    assert "please report" in explained
    after = sqlopt(folder, "check", "--format", "json")
    assert json.loads(after.stdout)["findings"][0]["fix"] is None
    assert "the fix of WRG001 (greater-is-greater-or-equal) is refuted" in after.stdout + after.stderr


def test_others_of_its_statement_are_made(folder):
    (folder / "sqlopt.toml").write_text('dialect = "duckdb"\npacks = ["wrong.yml"]\n')
    text = "SELECT DISTINCT b, COUNT(*) AS n FROM t WHERE a > 1 GROUP BY b\n"
    (folder / "a.sql").write_text(text)
    assert "Made 1 fix in 1 file" in sqlopt(folder, "fix").stdout
    assert (folder / "a.sql").read_text() == text.replace("DISTINCT ", "")


# ---- what is judged, and by what


def test_a_label_shows_once_the_verdict_is_known(tmp_path):
    (tmp_path / "sqlopt.toml").write_text('dialect = "duckdb"\n')
    (tmp_path / "a.sql").write_text("SELECT DISTINCT b, COUNT(*) AS n FROM t GROUP BY b\n")
    assert "fix (checked when made): leave DISTINCT out" in sqlopt(tmp_path, "check").stdout
    done = sqlopt(tmp_path, "fix", "--diff")
    assert done.returncode == 1
    assert "Would make 1 fix in 1 file (1 " in done.stderr
    assert "fix (exact, " in sqlopt(tmp_path, "check").stdout
    (found,) = json.loads(sqlopt(tmp_path, "check", "--format", "json").stdout)["findings"]
    assert found["fix"]["proof"]["verdict"] in ("proved", "tested")
    (tmp_path / "a.sql").write_text("SELECT DISTINCT c, COUNT(*) AS n FROM t GROUP BY c\n")
    assert "fix (checked when made)" in sqlopt(tmp_path, "check").stdout


def test_two_fixes_that_are_wrong_as_one_are_made_one_after_the_other(tmp_path):
    """Each of two conditions that say the same may go, but not both."""
    rules = [
        {
            "id": f"TWO00{number}",
            "name": f"two-{number}",
            "message": "said twice",
            "pattern": pattern,
            "rewrite": "TRUE",
            "exact": True,
            "bad": [f"SELECT a FROM t WHERE {pattern.replace(':x', 'a')} AND 1 = a AND a = 1"],
            "good": ["SELECT a FROM t"],
        }
        for number, pattern in enumerate((":x = 1", "1 = :x"))
    ]
    path = tmp_path / "two.yml"
    path.write_text(json.dumps(rules))
    one = Project(dialect="duckdb", packs=[path], select=["TWO"])
    fixed = fix_text(Gate(one, LOW), "SELECT a FROM t WHERE a = 1 AND 1 = a", "a.sql")
    assert fixed.text in ("SELECT a FROM t WHERE TRUE AND 1 = a", "SELECT a FROM t WHERE a = 1 AND TRUE")
    assert len(fixed.applied) == 1
    assert len(fixed.faults) == 1  # of what is left the other one's fix is wrong


def test_an_unknown_fix_waits_for_unsafe_fixes_and_says_why(tmp_path):
    text = "SELECT DISTINCT own_fn(b) AS b, COUNT(*) AS n FROM t GROUP BY own_fn(b)\n"
    (tmp_path / "a.sql").write_text(text)
    done = sqlopt(tmp_path, "fix", "--dialect", "snowflake")
    assert (tmp_path / "a.sql").read_text() == text
    assert "1 left: unknown (--unsafe-fixes): " in done.stdout
    assert "OWN_FN" in done.stdout.upper()
    done = sqlopt(tmp_path, "fix", "--dialect", "snowflake", "--unsafe-fixes")
    assert "Made 1 fix in 1 file (1 unknown)" in done.stdout
    assert (tmp_path / "a.sql").read_text() == text.replace("DISTINCT ", "")


def test_what_needs_facts_is_made_when_asked_for_with_its_verdict_said(tmp_path):
    (tmp_path / "a.sql").write_text("SELECT a FROM t WHERE b = NULL\n")
    done = sqlopt(tmp_path, "fix", "--unsafe-fixes")
    assert "(1 refuted)" in done.stdout
    assert (tmp_path / "a.sql").read_text() == "SELECT a FROM t WHERE b IS NULL\n"


@pytest.mark.parametrize(
    ("before", "old", "new", "verdict", "why"),
    [
        ("SELECT a FROM t -- c", "-- c", "", Verdict.PROVED, "comments and layout"),
        ("SELECT a FROM t WHERE b = 1", "b = 1", "1 = b", Verdict.PROVED, ""),
        ("SELECT a FROM t WHERE b > 1", "b > 1", "b >= 1", Verdict.REFUTED, "differ"),
        ("SELECT a FROM t", "a", "d", Verdict.UNKNOWN, "nothing has d any more"),
        ("SELECT a AS k FROM t", "a AS k", "a AS m", Verdict.REFUTED, "k, would be called m"),
        ("SELECT COUNT(a) FROM t", "COUNT(a)", "COUNT(*)", Verdict.UNKNOWN, "column 1 has no alias"),
        ("SELECT COUNT(a) AS n FROM t", "COUNT(a)", "COUNT(*)", Verdict.PROVED, ""),
        ("SELECT a FROM t", "FROM t", "FROM t; SELECT 1", Verdict.UNKNOWN, "2 statements of 1"),
        ("SELECT a FROM t", "FROM t", "FROM (t", Verdict.UNKNOWN, "parsed"),
        ("DELETE FROM t WHERE b = 1", "b = 1", "1 = b", Verdict.PROVED, ""),
        ("DELETE FROM t WHERE b > 1", "b > 1", "b >= 1", Verdict.REFUTED, "differ"),
    ],
)
def test_what_the_gate_says(before, old, new, verdict, why):
    proof = judge(before, old, new)
    assert proof.verdict is verdict, proof
    assert why in proof.reason


def test_a_template_is_judged_as_it_is_rendered(tmp_path):
    shutil.copytree(FIXTURES / "dbt" / "shop", tmp_path / "shop")
    path = tmp_path / "shop" / "models" / "marts" / "wide.sql"
    text = (
        "{% set wanted = ['new', 'paid'] %}\nselect order_id from {{ ref('stg_orders') }}\n"
        "where order_id > 5 and status in ({% for one in wanted %}'{{ one }}'{% if not loop.last %}, {% endif %}"
        "{% endfor %})\n"
    )
    path.write_text(text)
    one = Project.from_config(str(tmp_path / "shop"))
    assert judge(text, "order_id > 5", "5 < order_id", str(path), one).verdict is Verdict.PROVED
    assert judge(text, "order_id > 5", "order_id >= 5", str(path), one).verdict is Verdict.REFUTED
    unknown = text.replace("order_id > 5", "status > '{{ env_var(\"NOBODY_KNOWS\") }}'")
    path.write_text(unknown)
    proof = judge(unknown, "select order_id", "select  order_id ", str(path), one)
    assert proof.verdict is Verdict.PROVED  # not a word changes
    proof = judge(unknown, "status in (", "(status) in (", str(path), one)
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.reason == "a value or type of the template is not known"


# ---- by the block around a change, and by the text alone

CTES = (
    "WITH o AS (SELECT own_fn(c) AS x, b FROM t), p AS ({}) "
    "SELECT other_fn(p.n) AS m, o.b FROM p JOIN o ON o.x = p.x"
)


@pytest.mark.parametrize(
    ("inner", "old", "new", "sure"),
    [
        ("SELECT DISTINCT x, COUNT(*) AS n FROM o GROUP BY x", "DISTINCT ", "", True),
        ("SELECT x, b AS n FROM o WHERE b = 1 ORDER BY b", " ORDER BY b", "", True),
        ("SELECT x, b AS n FROM o WHERE b > 1", "b > 1", "b >= 1", False),
        ("SELECT DISTINCT x, b AS n FROM o", "DISTINCT ", "", False),
    ],
)
def test_what_stands_around_need_not_be_understood(inner, old, new, sure):
    proof = judge(CTES.format(inner), old, new)
    assert (proof.verdict in (Verdict.PROVED, Verdict.TESTED)) is sure, proof


@pytest.mark.parametrize("head", ["CREATE TABLE o AS ", "INSERT INTO o ", ""])
def test_the_order_of_what_is_stored_or_shown_is_kept(head):
    proof = judge(f"{head}SELECT own_fn(b) AS x FROM t ORDER BY b", " ORDER BY b", "")
    assert proof.verdict is Verdict.UNKNOWN
    proof = judge(f"{head}SELECT b FROM t ORDER BY b", " ORDER BY b", "")
    assert proof.verdict is Verdict.REFUTED


def test_a_block_that_depends_on_the_rows_around_it_is_none():
    text = "SELECT own_fn(t.a) AS x FROM t WHERE EXISTS (SELECT d FROM u WHERE u.a = t.a AND u.d = 1 AND u.d = 1)"
    assert judge(text, " AND u.d = 1)", ")").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("SELECT own_fn(q.a) AS x FROM (SELECT a, b FROM t) q", ", b", ""),
        (
            "WITH q AS (SELECT own_fn(a) AS a, MAX(b) OVER () AS m FROM t) SELECT a FROM q",
            ", MAX(b) OVER () AS m",
            "",
        ),
        ("SELECT own_fn(q.n) AS x FROM (SELECT COUNT(*) AS n, MIN(b) AS m FROM t) q", ", MIN(b) AS m", ""),
        ("SELECT own_fn(q.a) AS x FROM (SELECT a, b FROM t ORDER BY b LIMIT 3) q", ", b FROM", " FROM"),
    ],
)
def test_a_column_that_nothing_reads_may_go_whatever_else_there_is(before, old, new):
    proof = judge(before, old, new)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "nothing reads the columns that go")


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("SELECT own_fn(q.k) AS x FROM (SELECT 'k' AS k, MIN(b) AS m FROM t) q", ", MIN(b) AS m", ""),
        ("SELECT own_fn(q.a) AS x FROM (SELECT DISTINCT b AS a, c FROM t) q", ", c", ""),
        ("SELECT own_fn(q.a) AS x FROM (SELECT a, b FROM t GROUP BY ALL) q", ", b", ""),
        ("SELECT own_fn(q.a) AS x FROM (SELECT a, b FROM t ORDER BY 2 LIMIT 3) q", ", b", ""),
        (
            "SELECT own_fn(q.a) AS x FROM (SELECT a, b + 1 AS c FROM t ORDER BY c LIMIT 3) q",
            ", b + 1 AS c",
            "",
        ),
        (
            "SELECT own_fn(q.a) AS x FROM (SELECT a, UNNEST([1, 2]) AS b FROM t) q",
            ", UNNEST([1, 2]) AS b",
            "",
        ),
        ("SELECT own_fn(q.a) AS x FROM (SELECT a, own_fn(b) AS b FROM t) q", ", own_fn(b) AS b", ""),
        ("SELECT own_fn(q.a) AS x FROM (SELECT a, d FROM u) q NATURAL JOIN (SELECT d FROM u) r", ", d", ""),
        (
            "SELECT own_fn(q.a) AS x FROM (SELECT a, d FROM u UNION SELECT a, b FROM t) q",
            [", d", ", b"],
            ["", ""],
        ),
    ],
)
def test_a_column_that_decides_on_rows_may_not(before, old, new):
    assert judge(before, old, new).verdict is Verdict.UNKNOWN


def test_verdicts_are_kept_by_what_they_follow_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "SELECT DISTINCT a FROM t"
    rewrite = [Edit(Span(7, 16), "")]
    one = project("postgres")
    with Gate(one, LOW, keeps=True) as gate:
        assert gate.judge(text, "a.sql", [rewrite])[0].verdict is Verdict.PROVED
    other = Project(Catalog.from_ddl("CREATE TABLE t (a INT)", "postgres"), "postgres")
    with Gate(other, LOW, keeps=True) as gate:
        assert gate.judge(text, "a.sql", [rewrite])[0].verdict is Verdict.REFUTED

    def never(*_, **__):
        raise AssertionError("it was judged before")

    monkeypatch.setattr("sqlopt.rewrite.prove.prove", never)
    with Gate(one, LOW, keeps=True) as gate:
        assert gate.judge(text, "a.sql", [rewrite])[0].verdict is Verdict.PROVED


def test_many_processes_say_the_same():
    text = ";\n".join(f"SELECT DISTINCT a, b + {n} AS k FROM t" for n in range(6))
    rewrites = [[Edit(Span(at, at + 9), "")] for at in range(len(text)) if text.startswith("DISTINCT ", at)]
    alone = Gate(project("postgres"), LOW).judge(text, "a.sql", rewrites)
    assert Gate(project("postgres"), LOW, jobs=2).judge(text, "a.sql", rewrites) == alone
    assert {one.verdict for one in alone} == {Verdict.PROVED}


def test_a_fault_names_rule_place_and_counterexample():
    found = project(select=["AGG003"]).check("SELECT DISTINCT b, COUNT(*) AS n FROM t GROUP BY b").findings[0]
    proof = Proof(Verdict.REFUTED, counterexample="INSERT INTO t", reason="the results differ")
    made = fault(judged(found, proof))
    assert (made.rule, made.name, made.severity) == (RefutedFix.id, RefutedFix.name, RefutedFix.severity)
    assert (made.rule, made.span, made.statement) == ("SQL010", found.span, found.statement)
    assert dict(made.evidence) == {
        "rule": "AGG003",
        "fix": "leave DISTINCT out",
        "reason": "the results differ",
        "counterexample": "INSERT INTO t",
    }
