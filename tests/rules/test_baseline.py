from __future__ import annotations

import json

import pytest
from sqlglot import exp

from sqlopt.catalog import Catalog
from sqlopt.errors import SqloptError
from sqlopt.rules import Hit, Rule
from sqlopt.rules.baseline import Baseline, BaselineError, write
from sqlopt.rules.finding import Report
from sqlopt.rules.run import check_text


class Equality(Rule):
    id, name, pack = "ZZA001", "equality", "zoo"
    match = (exp.EQ,)

    def guard(self, target, context):
        yield Hit(context.query.span(target), "found")


SQL = "SELECT a FROM t WHERE a = 1;\nSELECT b FROM t WHERE b = 1 AND b = 2;\n"

NEW = "SELECT c FROM t WHERE c = 1;"


def report(*texts):
    files = [check_text(text, "duckdb", Catalog(), [Equality], path=path) for path, text in texts]
    return Report(tuple(files))


@pytest.fixture
def baseline(tmp_path):
    Baseline.of(report((str(tmp_path / "q" / "a.sql"), SQL)), tmp_path).save(tmp_path / "base.json")
    return Baseline.load(tmp_path / "base.json")


def left(baseline, path, sql):
    return [one.span.of(sql) for one in baseline.apply(report((str(path), sql))).findings]


def test_what_was_there_is_not_reported_wherever_it_moved(baseline, tmp_path):
    path = tmp_path / "q" / "a.sql"
    assert left(baseline, path, SQL) == []
    one, two = SQL.splitlines()
    moved = "\n\n".join(["-- moved", two, one.replace(" FROM", "\nFROM")])
    assert left(baseline, path, moved) == []


def test_what_is_new_is_reported(baseline, tmp_path):
    path = tmp_path / "q" / "a.sql"
    assert left(baseline, path, f"{SQL}{NEW}") == ["c = 1"]
    assert left(baseline, path, SQL + SQL.splitlines()[0]) == ["a = 1"], "the same statement once more"
    assert left(baseline, tmp_path / "q" / "b.sql", SQL) == ["a = 1", "b = 1", "b = 2"], "another file"


def test_the_file_holds_relative_paths_and_no_lines(tmp_path):
    data = json.loads(write(report((str(tmp_path / "q" / "a.sql"), SQL)), tmp_path))
    assert [(one["path"], one["rule"], one["count"]) for one in data["findings"]] in (
        [("q/a.sql", "ZZA001", 1), ("q/a.sql", "ZZA001", 2)],
        [("q/a.sql", "ZZA001", 2), ("q/a.sql", "ZZA001", 1)],
    )
    assert set(data["findings"][0]) == {"path", "rule", "statement", "count"}


def test_it_works_from_another_folder(baseline, tmp_path, monkeypatch):
    (tmp_path / "q").mkdir()
    monkeypatch.chdir(tmp_path / "q")
    assert left(baseline, "a.sql", SQL) == []


def test_prune_drops_what_is_mended_and_files_that_are_gone(baseline, tmp_path):
    path = str(tmp_path / "q" / "a.sql")
    same, removed = baseline.prune(report((path, SQL)))
    assert (removed, dict(same.known)) == (0, dict(baseline.known))
    fewer, removed = baseline.prune(report((path, SQL.replace("a = 1", "a > 1"))))
    assert removed == 1
    assert sum(fewer.known.values()) == 2
    gone, removed = baseline.prune(report())
    assert (removed, dict(gone.known)) == (3, {})
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "a.sql").write_text(SQL)
    _, removed = baseline.prune(report())
    assert removed == 0, "a file that was not checked keeps its entries"


def test_an_unparsable_statement_can_be_known_but_a_crash_never(tmp_path):
    class Crashes(Equality):
        def guard(self, _target, _context):
            raise ValueError

    sql = "SELECT (a FROM FROM;\nSELECT a FROM t WHERE a = 1"
    before = Report((check_text(sql, "duckdb", Catalog(), [Crashes], path=str(tmp_path / "a.sql")),))
    assert [one.rule for one in before.errors] == ["SQL001", "SQL003"]
    assert [one.rule for one in Baseline.of(before, tmp_path).apply(before).errors] == ["SQL003"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 9}',
        '{"version": 1, "findings": 3}',
        '{"version": 1, "findings": [{"path": 1}]}',
    ],
)
def test_a_broken_file_is_named(tmp_path, text):
    path = tmp_path / "base.json"
    path.write_text(text)
    with pytest.raises(BaselineError, match=r"base\.json"):
        Baseline.load(path)
    assert issubclass(BaselineError, SqloptError)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BaselineError, match=r"none\.json"):
        Baseline.load(tmp_path / "none.json")


def test_a_failed_write_leaves_the_old_file(baseline, tmp_path):
    with pytest.raises(BaselineError, match="nowhere"):
        baseline.save(tmp_path / "nowhere" / "base.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base.json"]
