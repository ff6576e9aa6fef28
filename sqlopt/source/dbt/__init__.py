"""dbt projects, read without dbt: models rendered, YAML and artifacts as facts.

What dbt's words mean is documented at https://docs.getdbt.com/reference/dbt-jinja-functions (checked
2026-11-23).
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.source.dbt.dbt_project import DbtProject

__all__ = ["find", "forget", "project"]

_FRESH = 1.0
"""Seconds for which a project's files are taken to be as they were: a check reads many files of one project."""


def find(path: str) -> str | None:
    """Return the folder of the dbt project that ``path`` lies in, or None."""
    return _folder(os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120 - runs for every file


@lru_cache(maxsize=4096)
def _folder(folder: str) -> str | None:
    above = os.path.dirname(folder)  # noqa: PTH120
    outer = None if above == folder else _folder(above)
    if not os.path.isfile(os.path.join(folder, "dbt_project.yml")):  # noqa: PTH113, PTH118
        return outer
    return outer if outer is not None and _is_package(folder, outer) else folder


def _is_package(folder: str, outer: str) -> bool:
    """Whether the project in ``folder`` is a package of the one in ``outer``, and so read as part of it."""
    from pathlib import Path

    from sqlopt.source.dbt.layout import Package, packages

    root = Package.read(Path(outer))
    return any(one.folder.samefile(folder) for one in packages(root)[1:])


_KEPT: dict[tuple[str, str | None], tuple[float, DbtProject]] = {}


def forget() -> None:
    """Look at every project's files again, however short a time ago they were looked at."""
    _KEPT.clear()
    _folder.cache_clear()


def project(folder: str, dialect: str | None = None) -> DbtProject:
    """Return the project in ``folder``, as its files are now.

    ``dialect`` says what the warehouse is where the project itself does not: no profile and no manifest.
    """
    from sqlopt.source.dbt.dbt_project import DbtProject
    from sqlopt.source.dbt.layout import stamp

    now = time.monotonic()
    kept = _KEPT.get((folder, dialect))
    if kept is not None and now - kept[0] < _FRESH:
        return kept[1]
    state = stamp(folder)
    found = kept[1] if kept is not None and kept[1].stamp == state else DbtProject(folder, dialect, state)
    _KEPT[folder, dialect] = (now, found)
    return found
