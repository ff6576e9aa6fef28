"""What two texts are proved with: the catalog, the dialect and the SQL that the settings of a place name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.errors import SourceError

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog
    from sqlopt.project.project import Project


@dataclass(frozen=True, slots=True)
class Known:
    """The catalog and dialect that the settings of a place name."""

    catalog: Catalog
    dialect: str

    def query(self, text: str, path: str | None) -> str:
        """Return the SQL of a text: of a file with a template, as it is rendered.

        Raises `SourceError` where a part of it is not known, or where several queries stand in it.
        """
        from sqlopt.project.embedded import read

        scripts = read(text, path or "<text>", self.dialect)
        if any(hole.any_sql for one in scripts for hole in one.holes):
            raise SourceError(f"{path}: a part of the template that may be any SQL is not known")
        # An incremental model is rendered twice: whole, and what a run adds.
        if not scripts or (len(scripts) > 1 and not (path or "").endswith(".sql")):
            raise SourceError(f"{path}: {len(scripts) or 'no'} queries stand in it; one is compared")
        return scripts[0].text


def known_of(project: Project, path: str) -> Known:
    """Return what the settings that hold for ``path`` know. Raises `SqloptError` as `Project.loaded` does."""
    from sqlopt.project.embedded import catalog_of

    loaded = project.loaded(project.settings(path))
    return Known(catalog_of(path, loaded, project), loaded.dialect)
