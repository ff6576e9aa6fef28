"""Other tools' own lineage tests, scored as ../shared/corpora/lineage/score.py does."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tests.lineage import adapters

CORPORA = Path(__file__).parents[3] / "shared" / "corpora" / "lineage"


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside this checkout")
@pytest.mark.parametrize(
    ("corpus", "adapter", "least"),
    [
        ("datahub", adapters.datahub, 45),
        ("datahub_multi", adapters.datahub_multi, 24),
        ("sqllineage_col", adapters.sqllineage, 89),
        ("openlineage_col", adapters.openlineage, 18),
    ],
    ids=["datahub", "datahub_multi", "sqllineage", "openlineage"],
)
def test_score(corpus, adapter, least):
    spec = importlib.util.spec_from_file_location("score", CORPORA / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    cases = [json.loads(line) for line in (CORPORA / f"{corpus}.jsonl").read_text("utf-8").splitlines()]
    wrong = []
    for case in cases:
        result = score.score_case(case, adapter({key: case[key] for key in case if key != "expect"}))
        if not all(result.get(key, True) for key in ("exact", "tables_in", "tables_out")):
            wrong.append((case["id"] if "id" in case else case["sql"], result))
    assert len(cases) - len(wrong) >= least, wrong
