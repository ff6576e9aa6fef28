"""Materialized views for the statements of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlopt.project.costing import calibration_of, terms_of
from sqlopt.source.files import decode, discover, read_bytes
from sqlopt.span import line_and_column
from sqlopt.workload.choose import monthly
from sqlopt.workload.suggest import Asked, Suggested, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from sqlopt.project.project import Project
    from sqlopt.rewrite.prove.effort import Limits


def suggest_views(  # noqa: PLR0913 - one argument a setting
    project: Project,
    paths: Iterable[str | PathLike[str]] | Mapping[str, str],
    *,
    runs_per_day: float | None,
    refreshes_per_day: float,
    limits: Limits,
    top: int | None,
    progress: Callable[[int, int], None],
) -> Suggested:
    """Return the views that statements of files and folders, or of texts by their names, would profit from.

    Raises `SourceError`.
    """
    problems: list[str] = []
    texts = dict(paths) if isinstance(paths, Mapping) else _texts(project, paths, problems)
    asked = [
        one for path, text in texts.items() for one in _asked(project, path, text, runs_per_day, problems)
    ]
    terms = terms_of(project.settings(""))
    found = suggest(
        asked,
        terms,
        refreshes=monthly(refreshes_per_day),
        calibrations=lambda dialect: calibration_of(terms, dialect),
        limits=limits,
        top=top,
        progress=progress,
    )
    return replace(found, problems=(*problems, *found.problems))


def _texts(project: Project, paths: Iterable[str | PathLike[str]], problems: list[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in discover(paths, project.config.skips if project.config else lambda _: False):
        data, unread = read_bytes(path)
        text, problem = ("", unread) if unread else decode(data)
        if problem is not None and (problem.fatal or unread):
            problems.append(f"{path}: {problem.message}")
        else:
            texts[path] = text
    return texts


def _asked(
    project: Project, path: str, text: str, runs_per_day: float | None, problems: list[str]
) -> Iterator[Asked]:
    """Yield the statements of a file, of an incremental model those that run every day."""
    from sqlopt.project.embedded import catalog_of, dialect_of, read
    from sqlopt.query.understand import understand

    settings = project.settings(path)
    loaded = project.loaded(settings)
    catalog = catalog_of(path, loaded, project)
    scripts = read(text, path, settings.dialect)
    counted = {one.name: one.variant for one in scripts}  # the last reading is the one that runs every time
    stated = terms_of(settings).runs_per_month
    for script in scripts:
        if counted[script.name] != script.variant or any(hole.any_sql for hole in script.holes):
            continue
        dialect = dialect_of(script, path, loaded, project)
        for query in understand(script.text, dialect, catalog, project.today):
            line = line_and_column(text, script.source_map.place(query.statement.span).span.start)[0]
            if query.statement.tree is None:
                if query.statement.error is not None:
                    problems.append(f"{path}:{line}: {query.statement.error.message.splitlines()[0]}")
                continue
            runs = (
                monthly(runs_per_day) if runs_per_day is not None else stated or script.runs or monthly(1.0)
            )
            yield Asked(query, path, line, script.name, runs, bool(script.target))
