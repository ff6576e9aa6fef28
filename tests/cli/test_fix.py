"""`sqlopt fix`: what it changes, what it leaves alone, and that it is done after one run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sqlopt.project import Project
from sqlopt.project.fixing import fix_text
from sqlopt.rewrite.edits import Edit, Fix, Proof, Safety, Verdict
from sqlopt.rules.finding import FileResult, Finding, Report, Severity
from sqlopt.span import Span

FIXTURES = Path(__file__).parents[2] / "fixtures"
TEXT = """-- who pays  (checked by hand)
SELECT   a.id,  -- keep me
       a.name
FROM (SELECT id, name, unused FROM people) AS a
WHERE a.name = NULL
"""


def sqlopt(folder, *arguments, stdin=None):
    command = [sys.executable, "-m", "sqlopt", "fix", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, input=stdin)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.sql").write_text(TEXT)
    return tmp_path


def test_only_fixes_that_keep_the_result_are_made_by_themselves(folder):
    done = sqlopt(folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "a.sql").read_text() == TEXT.replace("id, name, unused FROM", "id, name FROM")
    assert "a.sql: SCN" in done.stdout
    assert "a.sql: SCN002 (proved)" in done.stdout
    assert "Made 1 fix in 1 file (1 proved)." in done.stdout


def test_the_others_are_made_when_asked_for_and_a_second_run_does_nothing(folder):
    assert sqlopt(folder, "--unsafe-fixes").returncode == 0
    fixed = (folder / "a.sql").read_text()
    assert fixed == TEXT.replace("id, name, unused FROM", "id, name FROM").replace("= NULL", "IS NULL")
    again = sqlopt(folder, "--unsafe-fixes")
    assert "Nothing to fix." in again.stdout
    assert (folder / "a.sql").read_text() == fixed


def test_diff_changes_nothing_and_says_so(folder):
    done = sqlopt(folder, "--diff")
    assert done.returncode == 1
    assert (
        "-FROM (SELECT id, name, unused FROM people) AS a\n+FROM (SELECT id, name FROM people) AS a\n"
        in done.stdout
    )
    assert "\x1b" not in done.stdout
    assert (folder / "a.sql").read_text() == TEXT
    assert sqlopt(folder, "--diff", "--select", "PRN").returncode == 0


def test_standard_input_comes_back_fixed(folder):
    done = sqlopt(folder, "-", "--unsafe-fixes", stdin="SELECT a FROM t WHERE b = NULL\n")
    assert done.stdout == "SELECT a FROM t WHERE b IS NULL\n"


def test_asked_about_each(folder):
    done = sqlopt(folder, "--interactive", stdin="n\ny\n")
    assert done.returncode == 0, done.stderr
    kept = (folder / "a.sql").read_text()
    assert (kept == TEXT.replace("= NULL", "IS NULL")) != (kept == TEXT.replace(", unused", ""))
    assert "(exact, proved: nothing reads the columns that go)" in done.stdout
    assert "(changes results, refuted by an example: " in done.stdout
    assert sqlopt(folder, "-i", stdin="q\n").returncode == 0
    assert (folder / "a.sql").read_text() == kept


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_newlines_marks_modes_and_links_stay(tmp_path, newline, mark):
    path = tmp_path / "b.sql"
    text = f"SELECT 'é'{newline}FROM t{newline}WHERE a = NULL{newline}"
    path.write_bytes(mark + text.encode())
    path.chmod(0o640)
    (tmp_path / "link.sql").symlink_to(path)
    assert sqlopt(tmp_path, "--unsafe-fixes", "link.sql").returncode == 0
    assert path.read_bytes() == mark + text.replace("= NULL", "IS NULL").encode()
    assert (tmp_path / "link.sql").is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(set(os.listdir(tmp_path)) - {".sqlopt_cache"}) == ["b.sql", "link.sql"]  # noqa: PTH208


def test_bytes_that_are_no_text_are_left(tmp_path):
    (tmp_path / "c.sql").write_bytes(b"SELECT '\xff' FROM t WHERE a = NULL")
    done = sqlopt(tmp_path, "--unsafe-fixes")
    assert done.returncode == 2
    assert "left as it is" in done.stderr
    assert (tmp_path / "c.sql").read_bytes() == b"SELECT '\xff' FROM t WHERE a = NULL"


def test_a_template_is_fixed_where_it_stands(tmp_path):
    shutil.copytree(FIXTURES / "dbt" / "shop", tmp_path / "shop")
    path = tmp_path / "shop" / "models" / "marts" / "wide.sql"
    text = "{% set a = 1 %}\nselect   status from {{ ref('stg_orders') }}\nwhere status = NULL -- {{ a }}\n"
    path.write_text(text)
    assert sqlopt(tmp_path / "shop", "--unsafe-fixes").returncode == 0
    assert path.read_text() == text.replace("= NULL", "IS NULL")


def test_only_what_the_fix_names_goes_from_a_template(tmp_path):
    shutil.copytree(FIXTURES / "dbt" / "shop", tmp_path / "shop")
    path = tmp_path / "shop" / "models" / "marts" / "wide.sql"
    text = (
        "{{ config(materialized='table') }}\n{% set wanted = ['new', 'paid'] %}\n"
        "WITH o AS (\n  select order_id,\n    status -- {{ wanted }}\n  FROM {{ ref('stg_orders') }}\n"
        "  {% if true %} where status in ({% for one in wanted %}'{{ one }}'{% if not loop.last %}, {% endif %}"
        "{% endfor %}) {% endif %}\n  and order_id > 5\n  order by order_id)\n"
        "SELECT status, count(*) as n FROM o GROUP BY status\n"
    )
    path.write_text(text)
    assert sqlopt(tmp_path / "shop").returncode == 0
    # Without the sort nobody needs the column any more: a second pass drops it.
    sorted_no_more = text.replace("\n  order by order_id)", ")")
    assert path.read_text() == sorted_no_more.replace("select order_id,\n    status", "select status")


def test_the_example_is_fixed_in_one_run_and_checks_no_worse(tmp_path):
    shutil.copytree(FIXTURES / "shop", tmp_path / "shop")
    assert sqlopt(tmp_path / "shop", "--unsafe-fixes").returncode == 0
    assert "Nothing to fix." in sqlopt(tmp_path / "shop", "--unsafe-fixes").stdout
    project = Project.from_config(str(tmp_path / "shop"), {}, None)
    for path in sorted((FIXTURES / "shop").rglob("*.sql")):
        same = tmp_path / "shop" / path.relative_to(FIXTURES / "shop")
        before = project.check(path.read_text(), str(same))
        after = project.check(same.read_text(), str(same))
        assert len(after.errors) <= len(before.errors)
        assert len(after.findings) <= len(before.findings)


class Pretending:
    """A project whose rule fixes ``bad`` as the test says."""

    def __init__(self, to, only_alone=False):
        self.to = to
        self.only_alone = only_alone

    def check(self, text, path):
        spans = [Span(at, at + 3) for at in range(len(text)) if text.startswith("bad", at)]
        fix = lambda span: Fix("make it good", (Edit(span, self.to),), Safety.EXACT)  # noqa: E731
        found = [
            Finding("ACM001", "bad", Severity.WARNING, f"bad {n}", span, fix(span))
            for n, span in enumerate(spans)
        ]
        broken = [Finding("SQL001", "broken", Severity.ERROR, "broken", Span(0, 1))] if "((" in text else []
        return Report((FileResult(path, text, "duckdb", tuple(found), tuple(broken), statements=1),))


class Trusting:
    """A gate that calls everything proved."""

    def __init__(self, project):
        self.project = project

    def judge(self, text, path, rewrites):
        return [Proof(Verdict.PROVED) for _ in rewrites]


def test_a_fix_that_breaks_the_text_is_withdrawn():
    fixed = fix_text(Trusting(Pretending("((")), "bad, bad", "x.sql")
    assert fixed.text == "bad, bad"
    assert len(fixed.withdrawn) == 2


def test_a_fix_that_mends_nothing_is_withdrawn_and_ends():
    fixed = fix_text(Trusting(Pretending("bad ")), "bad, bad", "x.sql")
    assert fixed.text == "bad, bad"
    assert not fixed.applied
