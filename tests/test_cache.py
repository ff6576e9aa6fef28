"""The cache: it remembers, and no fault of it is an error."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sqlopt import cache as module
from sqlopt.cache import Cache, result, state
from sqlopt.rules.finding import FileResult, Finding, Severity
from sqlopt.span import Span

FINDING = Finding("PRN001", "partition-filter-missing", Severity.WARNING, "no filter", Span(3, 7))


def answer(path="a.sql", message="no filter"):
    finding = Finding("PRN001", "partition-filter-missing", Severity.WARNING, message, Span(3, 7))
    return FileResult(path, "SELECT 1", "duckdb", (finding,), (), 1)


def test_what_is_put_is_got_again(tmp_path):
    with Cache(tmp_path, "2026-01-01") as cache:
        cache.put(b"k", answer())
        cache.put(b"long", answer(message="x" * 10_000))
    with Cache(tmp_path, "2026-01-01") as cache:
        found = cache.get([b"k", b"long", b"other"])
        assert cache.notes == []
    again = result(found[b"k"], "b.sql", "SELECT 1")
    assert again is not None
    assert (again.path, again.findings, again.cached) == ("b.sql", answer().findings, True)
    assert found[b"long"]["findings"][0]["message"] == "x" * 10_000
    assert set(found) == {b"k", b"long"}


def test_it_keeps_itself_out_of_git(tmp_path):
    with Cache(tmp_path, "d"):
        assert (tmp_path / ".sqlopt_cache" / ".gitignore").read_text() == "*\n"


def test_entries_of_other_days_go(tmp_path):
    with Cache(tmp_path, "2026-01-01") as cache:
        cache.put(b"old", answer())
    with Cache(tmp_path, "2026-01-02") as cache:
        cache.put(b"new", answer())
    with Cache(tmp_path, "2026-01-02") as cache:
        assert set(cache.get([b"old", b"new"])) == {b"new"}


def test_it_stays_below_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 400_000)
    for turn in range(12):
        with Cache(tmp_path, "d") as cache:
            for number in range(200):
                noise = random.Random(f"{turn} {number}").randbytes(300).hex()
                cache.put(f"{turn} {number}".encode(), answer(message=noise))
    assert (tmp_path / ".sqlopt_cache" / "cache.db").stat().st_size < 800_000
    with Cache(tmp_path, "d") as cache:
        assert cache.get([b"11 199"])
        assert not cache.get([b"0 0"])


@pytest.mark.parametrize(
    "junk", [b"", b"no database at all, but long enough" * 50, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_file_that_is_no_cache_is_replaced(tmp_path, junk):
    path = tmp_path / ".sqlopt_cache" / "cache.db"
    path.parent.mkdir()
    path.write_bytes(junk)
    with Cache(tmp_path, "d") as cache:
        cache.put(b"k", answer())
        assert bool(cache.notes) == bool(junk)
    with Cache(tmp_path, "d") as cache:
        assert cache.get([b"k"])
        assert cache.notes == []


def test_pages_overwritten_with_junk_are_survived(tmp_path):
    with Cache(tmp_path, "d") as cache:
        for number in range(500):
            cache.put(str(number).encode(), answer(message="x" * 1000))
    path = tmp_path / ".sqlopt_cache" / "cache.db"
    data = bytearray(path.read_bytes())
    data[4096:-4096] = b"\xaa" * (len(data) - 8192)
    path.write_bytes(bytes(data))
    with Cache(tmp_path, "d") as cache:
        assert cache.get([b"7"]) == {}
        cache.put(b"k", answer())
        cache.close()
        assert any("damaged" in note for note in cache.notes)
    with Cache(tmp_path, "d") as cache:
        cache.put(b"k", answer())
    with Cache(tmp_path, "d") as cache:
        assert cache.get([b"k"])


def test_damaged_entries_count_as_missing(tmp_path):
    with Cache(tmp_path, "d") as cache:
        cache.put(b"k", answer())
    with sqlite3.connect(tmp_path / ".sqlopt_cache" / "cache.db") as connection:
        connection.execute("UPDATE results SET value = x'00ff'")
    with Cache(tmp_path, "d") as cache:
        assert cache.get([b"k"]) == {}
    assert result({"findings": 7}, "a", "b") is None


def test_a_locked_cache_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    with Cache(tmp_path, "d") as cache:
        cache.put(b"k", answer())
    with sqlite3.connect(tmp_path / ".sqlopt_cache" / "cache.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with Cache(tmp_path, "d") as cache:
            cache.put(b"l", answer())
        assert any("locked" in note for note in cache.notes)
        other.execute("ROLLBACK")
    with Cache(tmp_path, "d") as cache:
        assert cache.get([b"k"])


def test_a_place_that_can_not_be_written_is_a_note(tmp_path):
    (tmp_path / ".sqlopt_cache").write_text("a file where the folder should be")
    with Cache(tmp_path, "d") as cache:
        cache.put(b"k", answer())
        assert cache.get([b"k"]) == {}
    assert cache.notes
    assert state(tmp_path)[0]


def test_killed_at_any_moment_it_stays_whole(tmp_path):
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sqlopt.cache import Cache\n"
        "from sqlopt.rules.finding import FileResult\n"
        "print('ready', flush=True)\n"
        "number = 0\n"
        "while True:\n"
        "    with Cache(Path(sys.argv[1]), 'd') as cache:\n"
        "        for _ in range(450):\n"
        "            number += 1\n"
        "            cache.put(f'{sys.argv[2]} {number}'.encode(), FileResult('a', 'x' * 99, 'duckdb'))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    for turn in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), str(turn)], stdout=subprocess.PIPE, env=environment
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + 0.03 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with Cache(tmp_path, "d") as cache:
            cache.put(b"after", answer())
            cache.close()
            assert cache.notes == []
        with sqlite3.connect(tmp_path / ".sqlopt_cache" / "cache.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
