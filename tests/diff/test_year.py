"""A year of a repository: the right verdict for each commit."""

from __future__ import annotations

import datetime as dt

import pytest

from sqlopt.project import Project
from sqlopt.report.pull_request import comment
from tests.diff.conftest import Repository
from tests.diff.year import START, YEAR

SAME = ("proved", "tested")


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """The repository and its commits, the first one before all."""
    folder = tmp_path_factory.mktemp("year") / "shop"
    folder.mkdir()
    shop = Repository(folder)
    shop.git("init", "-q", "-b", "main")
    for name, text in START.items():
        put(folder / name, text)
    commits = [shop.commit("the beginning")]
    for one in YEAR:
        if one.rename:
            (folder / one.rename[1]).parent.mkdir(parents=True, exist_ok=True)
            shop.git("mv", *one.rename)
        for name, text in one.files.items():
            put(folder / name, text)
        if one.file:
            text = (folder / one.file).read_text()
            for old, new in one.replace:
                assert old in text, (one.message, old)
                text = text.replace(old, new, 1)
            put(folder / one.file, text)
        commits.append(shop.commit(one.message))
    return folder, commits


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        path.unlink()
    else:
        path.write_text(text)


def name(table):
    """Return a table's last name, of a file that is a query the file's."""
    return table.removesuffix(".sql").replace("/", ".").rsplit(".", 1)[-1]


def sign(estimate):
    if estimate is None:
        return "?"
    return "+" if estimate.expected > 0.005 else "-" if estimate.expected < -0.005 else "0"


@pytest.mark.parametrize("number", range(len(YEAR)), ids=lambda number: YEAR[number].message)
def test_the_verdict_on_each_commit(number, year, monkeypatch):
    folder, commits = year
    monkeypatch.chdir(folder)
    wanted = YEAR[number]
    project = Project.from_config(".")
    project.today = dt.date(2026, 11, 23)
    report = project.diff(commits[number], commits[number + 1], labels=wanted.labels, effort="low")
    assert tuple((one.path, one.status) for one in report.statements) == wanted.statements
    if wanted.statements:
        assert sign(report.cost_delta) == wanted.cost
    assert {one.finding.rule for one in report.new if str(one.finding.severity) != "info"} == set(wanted.new)
    assert {one.finding.rule for one in report.fixed if str(one.finding.severity) != "info"} == set(
        wanted.fixed
    )
    changed = {(name(one.table), one.column, one.change) for one in report.columns}
    assert changed == set(wanted.columns)
    results = tuple(
        "same" if str(one.proof.verdict) in SAME else "other" for one in report.statements if one.proof
    )
    assert results == wanted.results
    assert report.gate.failed is wanted.stopped
    text = comment(report)
    assert text.startswith("### sqlopt\n\n**This change ")
    assert str(folder) not in text
    assert "/tmp" not in text  # noqa: S108 - where the two states lay is nobody's business


def test_there_are_thirty():
    assert len(YEAR) == 30
