"""A pull request of 20 changed models in a project of 2,000, beside a cold check of all of them."""

from __future__ import annotations

import shutil
import statistics
import sys

from sqlopt.catalog.file import dump
from sqlopt.warehouses.duckdb.catalog import read_parquet
from tests.benchmarks.conftest import cpu_seconds, report, write_corpus
from tests.diff.conftest import Repository
from tests.tpcds import write_parquet

MODELS, CHANGED, ROUNDS = 2_000, 20, 3


def test_a_pull_request_beside_a_cold_check(tmp_path):
    folder = write_corpus(tmp_path / "shop", MODELS)
    dump(read_parquet(write_parquet(tmp_path / "data", 0.01)), folder / "catalog.yml")
    shop = Repository(folder)
    shop.git("init", "-q", "-b", "main")
    shop.commit("all")
    shop.git("checkout", "-q", "-b", "feature")
    for path in sorted(folder.glob("*.sql"))[:: MODELS // CHANGED]:
        path.write_text(path.read_text().replace("LIMIT 100", "LIMIT 99") + "-- changed\n")
    shop.commit("twenty")
    run = [sys.executable, "-m", "sqlopt"]
    times = {"diff": [], "check": []}
    for _ in range(ROUNDS):
        times["diff"].append(cpu_seconds([*run, "diff", "main", "feature", "--seconds", "0"], cwd=folder))
        shutil.rmtree(folder / ".sqlopt_cache", ignore_errors=True)
        times["check"].append(cpu_seconds([*run, "check", ".", "--exit-zero"], cwd=folder))
    ratio = statistics.median(times["diff"]) / statistics.median(times["check"])
    report("a pull request of 20 of 2,000 models", to_a_cold_check=ratio)
    assert ratio <= 0.15
