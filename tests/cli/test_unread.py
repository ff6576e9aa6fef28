"""What was not read is told at the end of ``check``, ``cost`` and ``lineage``, and listed on demand."""

from __future__ import annotations

import json

import pytest

import sqlopt

TEXT = """SELECT fee FROM loan FOR JSON AUTO;
SELECT a FROM loan;
EXEC settle_all 1;
"""
FIRST, SECOND = 1, 3


@pytest.fixture
def told(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("due.sql").write_text(TEXT, encoding="utf-8")

    def ask(command, *arguments):
        return run(command, "due.sql", "--dialect", "tsql", *arguments, cwd=tmp_path).stdout

    return ask


@pytest.mark.parametrize("command", ["check", "cost", "lineage"])
def test_one_line_counts_the_places_and_names_the_first(told, command):
    last = told(command).splitlines()[-1]
    assert last.startswith(f"2 places were not read, first due.sql:{FIRST}")
    assert "--show-unread" in last


@pytest.mark.parametrize("command", ["check", "cost", "lineage"])
def test_show_unread_lists_every_place(told, command):
    lines = told(command, "--show-unread").splitlines()
    head = lines.index("2 places were not read:")
    assert [line.strip().split(":")[1] for line in lines[head + 1 :]] == [str(FIRST), str(SECOND)]


@pytest.mark.parametrize("command", ["check", "cost", "lineage"])
def test_json_holds_the_places(told, command):
    found = json.loads(told(command, "--format", "json"))["unread"]
    assert [one["path"] for one in found] == ["due.sql", "due.sql"]
    assert ["document" in one["what"] for one in found] == [True, False]
    lines = [one["line"] if "line" in one else one["start"]["line"] for one in found]
    assert lines == [FIRST, SECOND]


@pytest.mark.parametrize("command", ["check", "cost", "lineage"])
def test_nothing_is_said_where_all_is_read(run, tmp_path, command):
    tmp_path.joinpath("plain.sql").write_text("SELECT a FROM loan;\n", encoding="utf-8")
    done = run(command, "plain.sql", "--dialect", "duckdb", cwd=tmp_path)
    assert "not read" not in done.stdout


def test_a_cached_answer_says_it_too(told):
    assert told("check").splitlines()[-1] == told("check").splitlines()[-1]
    assert told("lineage").splitlines()[-1] == told("lineage").splitlines()[-1]


def test_the_library_holds_the_places():
    project = sqlopt.Project(dialect="tsql")
    for found in (project.check(TEXT).unread, project.lineage(TEXT).unread):
        assert [one.span.of(TEXT) for one in found] == TEXT.rstrip(";\n").split(";\n")[::2]
    assert [len(one.unread) for one in project.cost(TEXT)] == [1, 0, 1]


def test_places_of_a_template_are_those_of_its_file():
    text = "{% if true %}\nSELECT fee FROM loan FOR JSON AUTO{% endif %}\n"
    (found,) = sqlopt.Project(dialect="tsql").check(text, "models/due.sql").files
    assert [one.span.of(text) for one in found.unread] == ["SELECT fee FROM loan FOR JSON AUTO"]
