"""Which reader takes a file: SQL as it stands, or SQL inside templates, programs, notebooks and projects.

Readers are imported when a file needs them. Each gives the `Script` objects of a text and never runs it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sqlopt.source.files import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.source.dbt.dbt_project import DbtProject
    from sqlopt.source.map import Script

    Read = Callable[[str, str], list[Script]]


_SQLMESH = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:MODEL|AUDIT|METRIC)\s*\(", re.IGNORECASE | re.DOTALL)
_TEMPLATE = re.compile(r"\{[{%#]")


def reader(path: str, text: str, dialect: str | None = None) -> Read | None:
    """Return what reads the SQL out of ``text``, the file ``path``; None where it is SQL as it stands.

    ``dialect`` is what the settings say the SQL is, where they do.
    """
    name = path.casefold()
    if name.endswith(".py"):
        from sqlopt.source import python

        return python.read
    if name.endswith(".ipynb"):
        from sqlopt.source import notebook

        return notebook.read
    if name.endswith(".sqlx"):
        from sqlopt.source import dataform

        return dataform.read
    project = dbt_project(path, dialect)
    if project is not None:
        return project.read
    if _SQLMESH.match(text):
        from sqlopt.source import sqlmesh

        return sqlmesh.read
    from sqlopt.source import placeholders

    if placeholders.found(text):
        return placeholders.read
    if is_template(text):
        from sqlopt.source import jinja

        return jinja.read
    return None


def is_template(text: str) -> bool:
    """Whether a text has Jinja's signs in it."""
    return _TEMPLATE.search(text) is not None


def dbt_project(path: str, dialect: str | None = None) -> DbtProject | None:
    """Return the dbt project that a file of SQL belongs to."""
    from sqlopt.source import dbt

    folder = None if path.startswith("<") else dbt.find(path)
    return dbt.project(folder, dialect) if folder is not None else None


def surroundings(path: str) -> bytes:
    """Return what stands for all beside a file's own text that decides how it is read; parses no SQL."""
    if path.casefold().endswith(PROGRAMS):
        return os.path.abspath(path).encode("utf-8", "surrogatepass")  # noqa: PTH100 - runs for every file
    project = dbt_project(path)
    return project.digest() + path.encode("utf-8", "surrogatepass") if project is not None else b""
