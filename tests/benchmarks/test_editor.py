"""A keystroke in a long model beside its whole analysis, in processor time; a fresh file beside `check` on it."""

from __future__ import annotations

import gc
import random
import statistics
import time
from itertools import islice

import sqlopt
from sqlopt.editor.analysis import analyse
from sqlopt.editor.diagnostics import diagnostics
from sqlopt.editor.documents import Document
from sqlopt.query.text.reuse import Kept
from tests.benchmarks.conftest import report
from tests.editor.conftest import written
from tests.editor.typing_model import keystrokes, model

KEYS = 100


def seconds(act):
    start = time.process_time()
    found = act()
    return time.process_time() - start, found


def test_a_keystroke_beside_the_whole(tmp_path):
    folder = written(tmp_path)
    project = sqlopt.Project.from_config(folder)
    path = str(folder / "model.sql")
    kept, before = Kept(), None

    def analysed(text, kept, before):
        document = Document("file:///model.sql", path, "sql", 1, text, "utf-16")
        found = analyse(document, project, before, kept)
        return found, diagnostics(found)

    text = model()
    before, _ = analysed(text, kept, before)
    keys, wholes, checks = [], [], []
    gc.collect()
    gc.disable()  # as the server does: `Memory` collects between keystrokes
    try:
        for number, typed in enumerate(islice(keystrokes(text, random.Random(8)), KEYS)):
            took, (before, _) = seconds(lambda typed=typed, before=before: analysed(typed, kept, before))
            keys.append(took)
            if number % 10 == 0:
                wholes.append(seconds(lambda typed=typed: analysed(typed, Kept(), None))[0])
                took, found = seconds(lambda typed=typed: project.check(typed, path))
                checks.append(took)
                assert found.files[0].findings == before.result.findings
                gc.collect()
    finally:
        gc.enable()
    slow = sorted(keys)[int(len(keys) * 0.95)]
    whole, check = statistics.median(wholes), statistics.median(checks)
    report(
        "a keystroke in a model of 1,000 lines, processor time",
        milliseconds_95=slow * 1_000,
        beside_check_95=slow / check,
        beside_whole_95=slow / whole,
    )
    report("a fresh file in the editor, processor time", beside_check=whole / check)
    assert slow <= 0.6 * whole
    assert whole <= 1.2 * check
