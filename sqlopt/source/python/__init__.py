"""SQL in Python: the strings that are given to what runs SQL, in programs, DAGs and Databricks notebooks.

Files are read, never imported or run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.source.map import Script

__all__ = ["read"]

_HINT = re.compile(
    r"\b(?:select|insert|update|delete|merge|create|alter|drop|truncate|copy|with|unload|export)\b",
    re.IGNORECASE,
)
"""Without one of these words there is no SQL in a file, and it is not parsed."""
_CALLS = re.compile(
    r"\b(?:execute\w*|read_\w+|sql|query\w*|text|\w*Operator|\w*Sensor|fetch\w*|get_\w+|run|command|mogrify|"
    r"to_dataframe|scalars?|statement)\s*\("
)


def read(text: str, path: str) -> list[Script]:
    """Return the SQL in ``text``, the Python file ``path``; nothing for what is no Python. Never raises."""
    if text.startswith("# Databricks notebook source"):
        from sqlopt.source.python.databricks import read_databricks

        return read_databricks(text, path)
    if not (_HINT.search(text) and _CALLS.search(text)):
        return []
    from sqlopt.source.python.calls import scripts

    return scripts(text, path)
