"""What an answer depends on beside the text: rules, settings, catalog and day, as one digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import sqlopt

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog
    from sqlopt.config import Settings
    from sqlopt.project.project import Project


def context(project: Project, settings: Settings) -> bytes:
    """Return the digest for all files of equal ``settings``. Neither parses a catalog nor loads rules."""
    from sqlopt.rules.packs import fingerprint

    mentioned = repr(project.config.selectors()) if project.config else ""
    given = _of_catalog(project.catalog) if project.catalog is not None else ""
    parts = (
        sqlopt.__version__,
        fingerprint(settings.pack_paths),
        repr(replace(settings, catalog=settings.catalog and _of_file(settings.catalog))),
        str(project.today or date.today()),  # noqa: DTZ011 - the user's own day
        mentioned,
        given,
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


def _of_file(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return str(error)


def _of_catalog(catalog: Catalog) -> str:
    """Catalogs are plain data, whose repr is all that they say."""
    parts = (catalog.dialect, catalog.default_database, catalog.default_schema, catalog.tables)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
