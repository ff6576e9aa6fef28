"""Jinja templates of SQL: rendered in a sandbox, every range of the result traced back to the template.

A template is rendered twice from one compiled form: plain, and with marks around each stretch of its text and
each of its expressions. The marks give the `SourceMap`, and only if the marked text without them is the plain
text; else the whole is known to be somewhere in the file, and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.source.map import Script

__all__ = ["is_template", "read"]


def is_template(text: str) -> bool:
    """Whether ``text`` holds Jinja's brackets."""
    return "{{" in text or "{%" in text or "{#" in text


def read(text: str, path: str, variables: Mapping[str, Any] | None = None) -> list[Script]:
    """Render a template that stands outside any dbt project.

    ``variables`` are what its names stand for, as far as they are known; any other name becomes an opaque
    placeholder, with a note. Never raises: a template that can't be rendered is a Script without text and with
    a note.
    """
    from sqlopt.source.jinja.loose import read_loose

    return read_loose(text, path, variables or {})
