"""Reports as people and machines read them: one module a format, all from the same `Report`.

A format module has ``render(report, view)``, which yields pieces of text. ``FORMATS`` names them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlopt.rules.finding import Report

FORMATS = (
    "full",
    "concise",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "rdjson",
    "markdown",
)
_MODULES = {"json": "json_", "jsonl": "json_lines"}
"""A format's module, where it is not the format's name."""


@dataclass(frozen=True, slots=True)
class View:
    """How a report is wanted. ``describe`` gives a rule's (title, page as Markdown) by its id."""

    color: bool = False
    width: int = 100
    describe: Callable[[str], tuple[str, str] | None] = lambda _: None
    summary: bool = True
    show_unread: bool = False


def render(report: Report, form: str, view: View | None = None) -> Iterator[str]:
    """Yield ``report`` in one of `FORMATS`."""
    module = import_module(f"sqlopt.report.{_MODULES.get(form, form)}")
    yield from module.render(report, view or View())
