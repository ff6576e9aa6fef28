"""A check of many files: what the cache knows, and the rest in as many processes as are wanted."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.project.project import crashes, unknown, unreadable
from sqlopt.rules.finding import Report
from sqlopt.source.files import Problem, discover, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.cache import Cache
    from sqlopt.config import Settings
    from sqlopt.project.project import Project
    from sqlopt.rules.finding import FileResult

_PARALLEL_FROM = 20
"""Files to check from which on further processes are worth their start."""

_LOOKED_UP = 500


class Run:
    """One run of `Project.check_paths`. It holds results, never texts."""

    def __init__(
        self, project: Project, *, jobs: int | None, cache: bool, progress: Callable[[int, int], None] | None
    ) -> None:
        self.project = project
        self.jobs = jobs or (project.config.run("jobs") if project.config else None) or processors()
        self.results: dict[str, FileResult] = {}
        self.counts: Counter[Settings] = Counter()
        self.problems: dict[str, None] = {}
        self._keys: dict[str, bytes] = {}
        self._keeps = cache
        self._progress = progress or (lambda *_: None)

    def report(self, paths: list[str | os.PathLike[str]]) -> Report:
        """Check ``paths`` and return what was found, in the order of discovery."""
        config = self.project.config
        found = list(discover(paths, config.skips if config else lambda _: False, self._unlisted))
        notes: tuple[str, ...] = ()
        if self._keeps:
            notes = self._cached(found)
        else:
            for path in found:
                self.counts[self.project.settings(path)] += 1
            self._check(found, None)
        order = {path: place for place, path in enumerate(found)}
        files = tuple(sorted(self.results.values(), key=lambda one: order.get(one.path, -1)))
        return Report(
            files,
            (*self.problems, *crashes(files)),
            (*notes, *self.project.notes(self.counts), *unknown(files)),
        )

    def _unlisted(self, folder: str, error: OSError) -> None:
        problem = Problem(f"the folder can't be listed: {error.strerror or error}")
        self.results[folder] = unreadable(folder, problem)

    def _cached(self, found: list[str]) -> tuple[str, ...]:
        from datetime import date

        from sqlopt.cache import Cache

        root = self.project.config.root if self.project.config else Path.cwd()
        day = str(self.project.today or date.today())  # noqa: DTZ011 - the user's own day
        with Cache(root, day) as cache:
            missing = [path for batch in _batches(found, _LOOKED_UP) for path in self._look_up(batch, cache)]
            self._check(missing, cache)
            refuted = list(self._label(cache))
        return (*cache.notes, *refuted)

    def _label(self, cache: Cache) -> Iterator[str]:
        """Put in what is known of fixes; yield a note on each that is refuted, and take it out."""
        from sqlopt.project.gate import labelled

        for path in [path for path, one in self.results.items() if any(each.fix for each in one.findings)]:
            key = self._keys.get(path)
            if key is not None:
                self.results[path], notes = labelled(self.results[path], key, cache)
                yield from notes

    def _look_up(self, paths: list[str], cache: Cache) -> Iterator[str]:
        """Take what the cache knows of ``paths``; yield the others."""
        from sqlopt.cache import result

        keys: dict[str, bytes] = {}
        for path in paths:
            settings = self.project.settings(path)
            self.counts[settings] += 1
            data, problem = read_bytes(path)
            if problem:
                self.results[path] = unreadable(path, problem)
            else:
                keys[path] = self.project.key(settings, data, path)
        self._keys |= keys
        known = cache.get(list(set(keys.values())))
        for path, key in keys.items():
            found = result(known[key], path, Path(path)) if key in known else None
            if found is None:
                yield path
            else:
                self.results[path] = found

    def _check(self, paths: list[str], cache: Cache | None) -> None:
        """Check files and remember the answers, but those that a crash or a broken catalog marks."""
        spoilt = self._load(paths)
        total = len(self.results) + len(paths)
        for key, result in self._answers(paths):
            self.results[result.path] = result
            if cache and key and not crashes((result,)) and self.project.settings(result.path) not in spoilt:
                cache.put(key, result)
            self._progress(len(self.results), total)

    def _load(self, paths: Iterable[str]) -> set[Settings]:
        """Load what the files need, so that mistakes show before the work and workers inherit it.

        Returns the settings whose catalog can't be read.
        """
        wanted = dict.fromkeys(self.project.settings(path) for path in paths)
        if not self.counts:
            wanted[self.project.settings("")] = None  # with no file at all a wrong rule name still counts
        problems = {settings: self.project.loaded(settings).problem for settings in wanted}
        self.problems.update((problem, None) for problem in problems.values() if problem)
        return {settings for settings, problem in problems.items() if problem}

    def _answers(self, paths: list[str]) -> Iterable[tuple[bytes | None, FileResult]]:
        if self.jobs > 1 and len(paths) > _PARALLEL_FROM:
            from sqlopt.project.workers import check_all

            return check_all(self.project, paths, self.jobs)
        return (self.project.check_file(path, Path(path)) for path in paths)


def _batches(paths: list[str], size: int) -> Iterator[list[str]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))


def processors() -> int:
    """Return how many processes may run at once here."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1
