"""A thousand hostile statements: none takes over twice the seconds that it may, nor memory without end.

The clock is that of the processors: how long others have them first is not ours to say. The engine is stopped by the
real one, so that on a quiet machine both say the same.
"""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from pathlib import Path
from random import Random

from sqlopt import Verdict
from sqlopt.rewrite.prove import effort
from sqlopt.rewrite.prove.engine import process
from tests.benchmarks.conftest import report
from tests.rewrite.bombs import proved

PAIRS = int(os.environ.get("SQLOPT_BOMBS", "1000"))
SECONDS = 1.0
MEGABYTES = 700


def processors():
    """The seconds that this process and the engine's took so far: those that ended, and those that wait."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    waiting = [_stat(one._popen.pid) for one in process._idle]  # noqa: SLF001 - where they are kept
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(waiting)


def _stat(pid):
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def peak():
    """The most megabytes that this process, and one of the engine's, held at a time."""
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    for one in process._idle:  # noqa: SLF001
        status = Path(f"/proc/{one._popen.pid}/status").read_text()  # noqa: SLF001
        held = status.split("VmHWM:")[1].split()[0]
        theirs = max(theirs, int(held) // 1024)
    return ours + theirs


def test_ceilings_hold(monkeypatch):
    monkeypatch.setattr(effort.time, "monotonic", time.process_time)
    chance, verdicts, slow, worst = Random(7), Counter(), [], 0.0
    for number in range(PAIRS):
        began = processors()
        name, found = proved(chance, number, SECONDS)
        took = processors() - began
        worst = max(worst, took)
        verdicts[found.verdict] += 1
        if took > 2 * SECONDS:
            slow.append((number, name, round(took, 2), found.reason))
        assert peak() < MEGABYTES, (number, name, peak())
    report(
        f"{PAIRS} hostile pairs at a ceiling of {SECONDS:g}",
        worst=worst / SECONDS,
        megabytes=peak(),
        **{str(one): verdicts[one] / PAIRS for one in Verdict},
    )
    assert not slow
