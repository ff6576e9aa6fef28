"""Work done in several processes: files checked, fixes judged. Workers hand back plain data, never trees."""

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
from typing import TYPE_CHECKING, TypeVar

from sqlopt.project.project import broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlopt.project.project import Project
    from sqlopt.rules.finding import FileResult

T = TypeVar("T")
R = TypeVar("R")

Answer = tuple[bytes | None, "FileResult"]

_LARGEST_CHUNK = 32
_projects: list[Project] = []


def check_all(project: Project, paths: list[str], jobs: int) -> Iterator[Answer]:
    """Check ``paths`` in ``jobs`` processes; yield each file's key and result as it is done.

    A worker that dies costs the file that killed it.
    """
    return each(project, paths, jobs, _check, _died)


def each(  # noqa: PLR0913, PLR0917 - what is done of what, and how
    project: Project,
    items: Sequence[T],
    jobs: int,
    work: Callable[[Project, T], R],
    died: Callable[[T], R],
    chunk: int = _LARGEST_CHUNK,
) -> Iterator[R]:
    """Do ``work`` of each item in ``jobs`` processes, ``chunk`` at a time at most; yield the answers as they come.

    ``work`` is a function of a module. An item that kills its process gets the answer of ``died``.
    """
    size = max(1, min(chunk, len(items) // (jobs * 4)))
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    lost = []
    with _pool(project, jobs) as pool:
        futures = {pool.submit(_do, work, several): several for several in chunks}
        try:
            for future in as_completed(futures):
                try:
                    yield from future.result()
                except BrokenProcessPool:
                    lost.append(futures[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for several in lost:
        yield from _alone(project, several, work, died)


def _alone(
    project: Project, items: Sequence[T], work: Callable[[Project, T], R], died: Callable[[T], R]
) -> Iterator[R]:
    """Do items in a process of their own, halving them until the one that kills it is known."""
    try:
        with _pool(project, 1) as pool:
            answers = pool.submit(_do, work, items).result()
    except BrokenProcessPool:
        if len(items) == 1:
            yield died(items[0])
            return
        middle = len(items) // 2
        yield from _alone(project, items[:middle], work, died)
        yield from _alone(project, items[middle:], work, died)
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


def _do(work: Callable[[Project, T], R], items: Sequence[T]) -> list[R]:
    return [work(_projects[0], one) for one in items]


def _check(project: Project, path: str) -> Answer:
    return project.check_file(path, Path(path))


def _died(path: str) -> Answer:
    return None, broken(path, "the process that checked it died", Path(path))
