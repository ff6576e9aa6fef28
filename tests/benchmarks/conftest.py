"""What the benchmarks share: the corpus, and medians of interleaved runs.

Run them with ``pytest tests/benchmarks -o addopts= -s``. Each prints ratios of medians measured in turns
in one run; absolute times mean nothing on a shared machine and are not printed.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.tpcds import queries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write_corpus(folder: Path, count: int) -> Path:
    """Write ``count`` distinct files: TPC-DS's queries with their whole numbers changed."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = queries()
    for number in range(count):
        text = texts[number % len(texts)]
        turn = number // len(texts)
        if turn:
            text = re.sub(
                r"\b(19|20)(\d\d)\b", lambda found, t=turn: f"{found[1]}{(int(found[2]) + t) % 100:02d}", text
            )
            text = f"-- variant {turn}\n{text}"
        (folder / f"q{number:05d}.sql").write_text(text.rstrip().rstrip(";") + "\n")
    return folder


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """A thousand distinct files."""
    return write_corpus(tmp_path_factory.mktemp("corpus"), 1_000)


def interleaved(rounds: int, **jobs: Callable[[], object]) -> dict[str, float]:
    """Run the jobs in turns and return each one's median wall time in seconds."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def cpu_seconds(command: list[str], **kwargs: object) -> float:
    """Return the CPU time, user and system, that a command and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def quiet(command: list[str], **kwargs: object) -> subprocess.CompletedProcess[bytes]:
    """Run a command without its output."""
    return subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs
    )


def report(title: str, **ratios: float) -> None:
    """Print one line a ratio."""
    for name, ratio in ratios.items():
        print(f"\n{title}: {name} = {ratio:.3f}", end=os.linesep)  # noqa: T201 - a benchmark's answer
