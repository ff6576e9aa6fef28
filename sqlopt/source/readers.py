"""Which reader takes a file: SQL as it stands, or SQL inside templates, programs, notebooks and projects.

Readers are imported when a file needs them. Each gives the `Script` objects of a text and never runs it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlopt.source.files import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.source.map import Script

    Read = Callable[[str, str], list[Script]]


def reader(path: str, text: str) -> Read | None:  # noqa: ARG001
    """Return what reads the SQL out of ``text``, the file ``path``; None where it is SQL as it stands."""
    return None


def surroundings(path: str) -> bytes:
    """Return what stands for all beside a file's own text that decides how it is read; parses no SQL."""
    if path.casefold().endswith(PROGRAMS):
        return os.path.abspath(path).encode("utf-8", "surrogatepass")  # noqa: PTH100 - runs for every file
    return b""
