"""The speed that the README states, as ratios in one run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import psutil

from sqlopt.query import understand
from sqlopt.rules.packs import load_packs
from sqlopt.rules.run import run_rules
from tests.benchmarks.conftest import cpu_seconds, interleaved, quiet, report, write_corpus
from tests.tpcds import catalog, queries

SQLOPT = [sys.executable, "-m", "sqlopt"]


def peer(name: str) -> str:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else str(shutil.which(name))


def test_cold_against_peers(corpus, tmp_path):
    (tmp_path / "sqruff.cfg").write_text("[sqruff]\ndialect = duckdb\n")
    (tmp_path / ".sqruff").write_text("[sqruff]\ndialect = duckdb\n")
    ours = [*SQLOPT, "check", str(corpus), "--dialect", "duckdb", "--no-cache", "--format", "concise"]
    theirs = [peer("sqruff"), "lint", str(corpus)]
    wall = interleaved(3, sqlopt=lambda: quiet(ours), sqruff=lambda: quiet(theirs, cwd=tmp_path))
    few = [str(path) for path in sorted(corpus.glob("*.sql"))[:40]]
    # The CPU time of a file is the slope between many files and few: the start is left out.
    sqlfluff = [peer("sqlfluff"), "lint", "--dialect", "duckdb", "--processes", "1"]
    their_cpu = (cpu_seconds([*sqlfluff, *few]) - cpu_seconds([*sqlfluff, *few[:5]])) / 35
    alone = [*SQLOPT, "check", "--dialect", "duckdb", "--no-cache", "--jobs", "1", "--format", "concise"]
    our_cpu = (cpu_seconds([*alone, str(corpus)]) - cpu_seconds([*alone, *few[:5]])) / 995
    report(
        "cold check of 1,000 files",
        wall_to_sqruff=wall["sqlopt"] / wall["sqruff"],
        cpu_a_file_to_sqlfluff=our_cpu / their_cpu,
    )
    assert wall["sqlopt"] <= wall["sqruff"]
    assert our_cpu <= 0.15 * their_cpu


def test_warm(corpus):
    command = [*SQLOPT, "check", str(corpus), "--dialect", "duckdb", "--format", "concise"]
    quiet(command)
    wall = interleaved(
        7, warm=lambda: quiet(command), click=lambda: quiet([sys.executable, "-c", "import click"])
    )
    report("warm check of 1,000 files", to_import_click=wall["warm"] / wall["click"])
    assert wall["warm"] <= 3 * wall["click"]


def test_rules_against_one_walk():
    """What the rules add once a statement is understood: spans, scans and predicates are asked for before."""
    rules = load_packs()
    tables = catalog()
    understood = [query for text in queries() for query in understand(text, "duckdb", tables)]
    chosen = {rule: one for rule, one in rules.items() if not one.dialects or "duckdb" in one.dialects}

    def walk():
        for query in understood:
            buckets: dict[type, list[object]] = {}
            for node in query.tree.walk(bfs=False):
                buckets.setdefault(type(node), []).append(node)

    def ask():
        for query in understood:
            run_rules(chosen, (query,), tables)

    ask()
    wall = interleaved(9, walk=walk, rules=ask)
    ratio = wall["rules"] / wall["walk"]
    report(f"{len(chosen)} rules on understood statements", to_one_bucketed_walk=ratio)
    assert ratio <= 0.18 * len(chosen)


def test_memory_at_ten_thousand_files(tmp_path):
    folder = write_corpus(tmp_path / "many", 10_000)
    process = psutil.Popen(
        [*SQLOPT, "check", str(folder), "--dialect", "duckdb", "-o", str(tmp_path / "out.txt")]
    )
    peak = 0
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        try:
            peak = max(
                peak, sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
            )
        except psutil.NoSuchProcess:
            break
        try:
            process.wait(0.1)
        except psutil.TimeoutExpired:
            continue
    report("10,000 files", peak_megabytes=peak / 2**20)
    assert peak < 400 * 2**20
