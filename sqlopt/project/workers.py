"""Files checked in several processes. Workers hand back findings, never trees or texts."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.project.project import broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.project import Project
    from sqlopt.rules.finding import FileResult

Answer = tuple[bytes | None, "FileResult"]

_LARGEST_CHUNK = 32
_projects: list[Project] = []


def check_all(project: Project, paths: list[str], jobs: int) -> Iterator[Answer]:
    """Check ``paths`` in ``jobs`` processes; yield each file's key and result as it is done.

    A worker that dies costs the file that killed it.
    """
    size = max(1, min(_LARGEST_CHUNK, len(paths) // (jobs * 4)))
    chunks = [paths[start : start + size] for start in range(0, len(paths), size)]
    lost = []
    with _pool(project, jobs) as pool:
        futures = {pool.submit(_check, chunk): chunk for chunk in chunks}
        try:
            for future in as_completed(futures):
                try:
                    yield from future.result()
                except BrokenProcessPool:
                    lost.append(futures[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for chunk in lost:
        yield from _alone(project, chunk)


def _alone(project: Project, paths: list[str]) -> Iterator[Answer]:
    """Check files in a process of their own, halving them until the one that kills it is known."""
    try:
        with _pool(project, 1) as pool:
            answers = pool.submit(_check, paths).result()
    except BrokenProcessPool:
        if len(paths) == 1:
            yield None, broken(paths[0], "the process that checked it died", Path(paths[0]))
            return
        middle = len(paths) // 2
        yield from _alone(project, paths[:middle])
        yield from _alone(project, paths[middle:])
    else:
        yield from answers


def _pool(project: Project, jobs: int) -> ProcessPoolExecutor:
    """Forked workers share the rules and the catalog that are loaded already."""
    forks = sys.platform.startswith("linux") and "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if forks else None)
    return ProcessPoolExecutor(jobs, context, _start, (project, os.getpid()))


def _start(project: Project, parent: int) -> None:
    """Make a process ready: it obeys its parent alone, and goes when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_outlive, args=(parent,), daemon=True).start()
    gc.freeze()  # what is shared is never garbage; looking at it would copy it
    gc.set_threshold(50_000)  # trees are many small objects: looking after every 700 costs a tenth
    _projects[:] = [project]


def _outlive(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _check(paths: list[str]) -> list[Answer]:
    return [_projects[0].check_file(path, Path(path)) for path in paths]
