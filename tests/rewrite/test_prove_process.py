"""The engine's own process: what it refuses, how it ends, what its values look like, and who shares it."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from math import isnan
from pathlib import Path
from uuid import UUID

import pytest

import sqlopt
from sqlopt import Catalog, Verdict
from sqlopt.rewrite.prove.engine import process
from sqlopt.rewrite.prove.engine.process import Ended, lease, release

K = Catalog.from_ddl("CREATE TABLE k(lo INT, w VARCHAR)", "duckdb")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system keeps no such limits")
FINE = ("SELECT w FROM k", "SELECT reverse(reverse(w)) FROM k")


def proof(before, after, **more):
    return sqlopt.prove(before, after, catalog=K, **{"effort": "low", **more})


def still_works():
    return proof(*FINE).verdict is Verdict.TESTED


@pytest.fixture
def engine():
    one = lease(60.0, sealed=True)
    yield one
    release(one)


def pid_of(one):
    return one._popen.pid  # noqa: SLF001 - which process it is, is nobody else's business


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pid):
    """Wait until a process is gone; a test that waits for ever is stopped by its runner."""
    while alive(pid):
        time.sleep(0.05)
    return True


# ---- what a statement may not do


@LINUX
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT LENGTH(repeat('{}', 2000000000)) AS n",
        "SELECT repeat('{}', 20000000) AS n FROM range(60)",
        "SELECT list(range || '{}') AS n FROM range(100000000)",
    ],
)
def test_memory_bombs_are_unknown_and_small(statement):
    found = proof(statement.format("x"), statement.format("y"))
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, "it takes more memory than tests may")
    assert still_works()


@pytest.mark.parametrize(
    "statement",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) AS n FROM r",
        "SELECT count(*) AS n FROM range(100000000000) a, range(100000) b",
    ],
)
def test_what_never_ends_is_killed_at_the_ceiling(statement):
    found = proof(statement, "SELECT 1 AS n", seconds=0.5)
    assert (found.verdict, "ceiling of 0.5 seconds" in found.reason) == (Verdict.UNKNOWN, True)
    assert still_works()


def test_results_too_large_to_be_compared_are_no_results():
    found = proof("SELECT range AS n FROM range(1000000)", "SELECT range + 0 AS n FROM range(1000000)")
    assert found.verdict is Verdict.UNKNOWN
    assert "more than 20,000 rows" in found.reason


def test_an_engine_that_ends_is_unknown_and_the_next_proof_works(monkeypatch):
    asked = process.Process.ask

    def killed(self, statements):
        self._popen.kill()  # as the system does where memory is short
        return asked(self, statements)

    with monkeypatch.context() as patched:
        patched.setattr(process.Process, "ask", killed)
        found = proof(*FINE)
    assert found.verdict is Verdict.UNKNOWN
    assert "ended over it" in found.reason
    assert still_works()


@LINUX
def test_statements_write_no_files(engine, tmp_path):
    (answer,) = engine.ask([(f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'", None)])
    assert isinstance(answer, tuple)
    assert not list(tmp_path.iterdir())


# ---- errors in our words


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("SELECT own_function(lo) FROM k", "the function own_function is not known there"),
        ("SELECT substr(lo) FROM k", "substring takes other arguments there"),
        ("SELECT lo FROM k GROUP BY w", "neither grouped nor aggregated"),
        ("SELECT lo FROM k WHERE w > ALL (SELECT {'a': 1})", "not"),
    ],
)
def test_an_error_of_the_engine_is_told_in_our_words(after, words):
    found = proof("SELECT lo FROM k", after)
    assert found.verdict is Verdict.UNKNOWN
    assert words in found.reason
    assert "Error" not in found.reason
    assert any(one.startswith("DuckDB: ") for one in found.notes)


def test_failures_at_run_time_are_told_in_our_words():
    found = proof("SELECT CAST(w AS INT) AS n FROM k", "SELECT lo AS n FROM k WHERE lo > 5")
    assert "Error" not in " ".join((found.reason, *found.notes))


# ---- values


def test_values_travel_as_they_are(engine):
    ((row,),) = engine.ask(
        [
            (
                """SELECT 1.50::DECIMAL(5, 2), 170141183460469231731687303715884105727::HUGEINT, 'nan'::DOUBLE,
                DATE '2024-02-29', TIMESTAMP '2024-02-29 12:30:00.000001', TIME '10:00', INTERVAL 3 DAY,
                [1, NULL], {'a': 1, 'b': ['x']}, MAP {'k': 2.5::DECIMAL(2, 1)}, '\\x01'::BLOB, TRUE, NULL,
                UUID '00000000-0000-0000-0000-000000000001', TIMESTAMPTZ '2024-01-01 00:00:00+00'""",
                None,
            )
        ]
    )
    assert isnan(row[2])
    assert row[:2] == (Decimal("1.50"), 2**127 - 1)
    assert str(row[0]) == "1.50"
    assert row[3:14] == (
        date(2024, 2, 29), datetime(2024, 2, 29, 12, 30, 0, 1), clock(10), timedelta(days=3), [1, None],  # noqa: DTZ001
        {"a": 1, "b": ["x"]}, {"k": Decimal("2.5")}, b"\x01", True, None, UUID(int=1),
    )  # fmt: skip
    assert row[14] == datetime(2024, 1, 1, tzinfo=UTC)


def test_only_values_are_read_from_the_process():
    with pytest.raises(pickle.UnpicklingError, match="no value"):
        process._Values(io.BytesIO(pickle.dumps(subprocess.Popen))).load()  # noqa: SLF001


def test_each_answer_is_that_of_its_statement(engine):
    found = engine.ask([("CREATE TABLE t(a INT)", 0), ("SELECT nothing", None), ("SELECT 1, 2", 1)])
    assert (found[0], found[1][0], found[2]) == ([], "BinderException", [(1, 2)])


# ---- who shares it


def test_one_process_serves_one_proof_after_another_and_keeps_nothing():
    first = lease(60.0, sealed=True)
    first.ask([("CREATE TABLE test_left(a INT)", 0)])
    release(first)
    again = lease(60.0, sealed=True)
    assert again is first
    release(again)
    other = Catalog.from_ddl("CREATE TABLE k(w INT)", "duckdb")
    assert proof(*FINE).verdict is Verdict.TESTED
    found = sqlopt.prove("SELECT w + 1 AS n FROM k", "SELECT 1 + w * 1.0 AS n FROM k", catalog=other)
    assert found.verdict is not Verdict.UNKNOWN


def test_threads_prove_side_by_side():
    found = []
    threads = [threading.Thread(target=lambda: found.append(proof(*FINE))) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 3
    assert len(set(map(str, found))) == 1


def _prove_in_child(results):
    results.put((proof(*FINE).verdict, os.getpid()))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_forked_child_has_a_process_of_its_own():
    assert still_works()
    mine = lease(60.0, sealed=True)
    release(mine)
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    child = context.Process(target=_prove_in_child, args=(results,))
    child.start()
    verdict, pid = results.get()
    child.join()
    assert (verdict, pid != os.getpid(), child.exitcode) == (Verdict.TESTED, True, 0)
    again = lease(60.0, sealed=True)
    assert again is mine
    assert again.ask([("SELECT 1", None)]) == [[(1,)]]
    release(again)


SCRIPT = """
import sys, time
from sqlopt.rewrite.prove.engine.process import lease
one = lease(600.0, sealed=True)
print(one._popen.pid, flush=True)
{}
"""


@LINUX
@pytest.mark.parametrize(
    "then",
    ["time.sleep(600)", "one.ask([('SELECT count(*) FROM range(100000000000) a, range(1000) b', None)])"],
    ids=["idle", "busy"],
)
def test_the_process_ends_with_its_parent(then):
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(then)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as parent:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert gone(pid)


@LINUX
def test_no_process_is_left_as_a_zombie():
    one = lease(0.1, sealed=True)
    with pytest.raises(Ended) as caught:
        one.ask([("SELECT count(*) FROM range(100000000000) a, range(1000) b", None)])
    assert caught.value.expired
    release(one)
    assert not Path(f"/proc/{pid_of(one)}").exists()


def test_without_a_python_to_run_the_verdict_is_unknown(monkeypatch):
    monkeypatch.setattr(process, "_idle", [])
    monkeypatch.setattr(sys, "executable", "")
    found = proof(*FINE)
    assert (found.verdict, "Python of its own" in found.reason) == (Verdict.UNKNOWN, True)
