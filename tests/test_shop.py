"""The example warehouse says what fixtures/shop/EXPECTED.md promises, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlopt.project import Project
from sqlopt.span import line_and_column

SHOP = Path(__file__).parents[1] / "fixtures" / "shop"
NEAR = 3  # a finding may stand on a neighbouring line of the same clause


def rows(heading):
    text = (SHOP / "EXPECTED.md").read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return cells[2:]


EXPECTED = [(name, int(line), rule) for name, line, rule, _ in rows("Findings")]
SILENT = [row[0] for row in rows("Silence")]


@pytest.fixture(scope="module")
def found():
    report = Project.from_config(SHOP).check_paths([SHOP], cache=False, jobs=1)
    assert not report.errors
    return {
        Path(file.path).resolve().relative_to(SHOP).as_posix(): [
            (finding.rule, line_and_column(file.text, finding.span.start)[0]) for finding in file.findings
        ]
        for file in report.files
    }


@pytest.mark.parametrize(("name", "line", "rule"), EXPECTED)
def test_the_mistake_is_found(found, name, line, rule):
    assert any(one == rule and abs(place - line) <= NEAR for one, place in found[name]), found[name]


@pytest.mark.parametrize("name", SILENT)
def test_good_sql_is_left_alone(found, name):
    assert found[name] == []


def test_every_file_is_judged_and_nothing_else_is_said(found):
    assert set(found) == {name for name, _, _ in EXPECTED} | set(SILENT)
    promised = {(name, rule) for name, _, rule in EXPECTED}
    assert {(name, rule) for name, all_of_it in found.items() for rule, _ in all_of_it} <= promised
