"""Whole comments, as a reader sees them: ``__snapshots__`` holds them, to be read when they change.

``pytest tests/diff/test_golden.py --snapshot-update`` writes them anew.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from markdown_it import MarkdownIt
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from sqlopt.project import Project
from sqlopt.report.pull_request import comment
from tests.diff.test_year import year as _year
from tests.diff.year import YEAR

year = _year
SHOWN = {
    "Say what daily is for": "nothing_changed",
    "All years in daily": "too_dear",
    "Only this year in daily again": "cheaper",
    "Paid orders by a CTE": "refactored",
    "Call it income": "a_column_renamed",
    "A list of all orders": "a_new_model",
    "All users of all time, accepted": "let_pass_by_a_label",
    "Missing notes": "a_mistake",
}


class Golden(SingleFileSnapshotExtension):
    """One Markdown file a comment."""

    _write_mode = WriteMode.TEXT
    file_extension = "md"


@pytest.mark.parametrize("message", SHOWN, ids=SHOWN.values())
def test_it_reads_as_before(message, year, monkeypatch, snapshot):
    folder, commits = year
    monkeypatch.chdir(folder)
    number = [one.message for one in YEAR].index(message)
    project = Project.from_config(".")
    project.today = dt.date(2026, 11, 23)
    text = comment(project.diff(commits[number], commits[number + 1], labels=YEAR[number].labels))
    for commit, name in zip(commits[number : number + 2], ("BASE", "HEAD"), strict=True):
        text = text.replace(commit[:10], name)
    assert text == snapshot(extension_class=Golden)
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert page.count("<details>") == page.count("</details>") == text.count("<summary>")
    assert ("<table>" in page) == ("| Model |" in text)
    words = re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", page, flags=re.DOTALL)
    assert not re.search(r"\\[-_(.]|\*\*|```", words)  # no mark-up is left that was not understood
