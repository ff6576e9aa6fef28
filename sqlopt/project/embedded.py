"""A text checked through its reader: each script that stands in it, and the findings at their place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlopt.project.placed import Placed
from sqlopt.rules.finding import FileResult
from sqlopt.source.map import Script

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog
    from sqlopt.config import Settings
    from sqlopt.project.loading import Loaded
    from sqlopt.project.project import Project

_PROJECTS = 16
"""Catalogs of dbt projects that are kept: those of one repository, and in an editor its later states."""


def check(text: str, path: str, loaded: Loaded, project: Project) -> FileResult:
    """Check the SQL in ``text``, the file ``path``: as it stands, or what its reader finds in it."""
    from sqlopt.source.readers import reader

    read = reader(path, text, project.settings(path).dialect)
    if read is None:
        return _checked(Script(text, loaded.dialect), loaded.catalog, path, loaded, project)
    scripts = read(text, path)
    catalog = catalog_of(path, loaded, project)
    results = [
        _checked(replace(one, dialect=dialect_of(one, path, loaded, project)), catalog, path, loaded, project)
        for one in scripts
    ]
    absence = frozenset(one.id for one in loaded.rules.values() if one.absence)
    placed = Placed(text, scripts, lambda edited: read(edited, path), absence)
    return placed.merged(results, FileResult(path, text, loaded.dialect))


def read(text: str, path: str, dialect: str | None = None) -> list[Script]:
    """Return the SQL in ``text``, the file ``path``: as it stands, or what its reader finds in it."""
    from sqlopt.source.readers import reader

    found = reader(path, text, dialect)
    return [Script(text)] if found is None else found(text, path)


def dialect_of(script: Script, path: str, loaded: Loaded, project: Project) -> str:
    """Return the dialect of a script.

    What stands next to it in a program counts before any setting, since one program talks to several engines;
    what a project says of all its files counts only where no setting does.
    """
    settings: Settings = project.settings(path)
    if path.casefold().endswith((".py", ".ipynb")):
        return script.dialect or loaded.dialect
    return settings.dialect or script.dialect or loaded.dialect


def catalog_of(path: str, loaded: Loaded, project: Project) -> Catalog:
    """Return the catalog with what the dbt project around a file knows."""
    from sqlopt.source.readers import dbt_project

    around = dbt_project(path, project.settings(path).dialect)
    if around is None:
        return loaded.catalog
    key = around.digest()
    if key not in loaded.completed:
        if len(loaded.completed) > _PROJECTS:
            loaded.completed.clear()
        loaded.completed[key] = around.catalog(loaded.catalog)
    return loaded.completed[key]


def _checked(script: Script, catalog: Catalog, path: str, loaded: Loaded, project: Project) -> FileResult:
    from sqlopt.project.costing import calibration_of, terms_of
    from sqlopt.rules.run import check_text

    dialect = script.dialect or loaded.dialect
    terms = terms_of(project.settings(path))
    return check_text(
        script.text,
        dialect,
        catalog,
        loaded.rules,
        loaded.options,
        path,
        project.today,
        loaded.known,
        script.holes,
        terms,
        calibration_of(terms, dialect),
    )
