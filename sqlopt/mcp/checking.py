"""A check of many files by a server that is asked again and again: files that did not change are not checked anew.

What is known stays in memory, so that nothing is written; and there is one process, since others could only be
forked from threads.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.project.project import crashes, unknown
from sqlopt.rules.finding import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.project import Project
    from sqlopt.rules.finding import FileResult

    Known = dict[tuple[str, bytes], FileResult]

_MOST = 20_000
"""Results that are kept."""


def check(project: Project, files: list[str], known: Known, progress: Callable[[int, int], None]) -> Report:
    """Return what `Project.check_paths` does for files; ``known`` is taken from and added to.

    Raises `UnknownRuleError`, `PackError`, `ConfigError` and `CatalogError`, as that does.
    """
    counts = Counter(project.settings(path) for path in files)
    problems = {one: project.loaded(one).problem for one in counts or [project.settings("")]}
    if len(known) > _MOST:
        known.clear()
    day = str(project.today or date.today())  # noqa: DTZ011 - the user's own day
    results = []
    for done, path in enumerate(files, 1):
        found = _known(project, path, known, day)
        if found is None:
            key, found = project.check_file(path, Path(path))
            if key is not None and not crashes((found,)) and problems[project.settings(path)] is None:
                known[day, key] = found
        results.append(found)
        progress(done, len(files))
    every = tuple(results)
    broken = dict.fromkeys(one for one in problems.values() if one is not None)
    return Report(every, (*broken, *crashes(every)), (*project.notes(counts), *unknown(every)))


def _known(project: Project, path: str, known: Known, day: str) -> FileResult | None:
    from sqlopt.source.files import read_bytes

    data, problem = read_bytes(path)
    if problem is not None:
        return None
    found = known.get((day, project.key(project.settings(path), data, path)))
    return found and replace(found, path=path, text=Path(path))
