"""``sqlopt suggest``: what the statements of files would profit from together."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import limits_options, notes, out, project, project_options, save
from sqlopt.report.suggest import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group()
def suggest() -> None:
    """Suggest what statements would profit from together: materialized views."""


@suggest.command()
@click.argument("paths", nargs=-1)
@click.option(
    "--runs-per-day",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="How often each statement runs; else its schedule says, else once.",
)
@click.option(
    "--refreshes-per-day",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="N",
    help="How often a view is refreshed, each time taken to be made anew.",
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Only the N views that save the most.")
@limits_options(least=0.05)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="How to show it."
)
@click.option("-o", "--output", metavar="FILE", help="Write to this file.")
@project_options
def mv(paths: tuple[str, ...], **given: Any) -> None:
    """Suggest materialized views for the statements of PATHS ('.' by default, '-' for standard input).

    A view is what two or more statements compute from the same tables. Each is shown with its DDL (a dynamic table or
    a plain table where the engine allows no materialized view of it, and why), the statements that profit, each as it
    is and as it would be, with how far it is proven that both give the same, and what a month saves net of refreshes
    and storage. Nothing is run or changed.
    """
    form, output = given.pop("form"), given.pop("output")
    wanted = {
        key: given.pop(key) for key in ("runs_per_day", "refreshes_per_day", "effort", "seconds", "top")
    }
    one = project(() if paths == ("-",) else paths, given)
    if paths == ("-",):
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
        found = one.suggest({"<stdin>": text}, **wanted)
    else:
        found = one.suggest(paths or (".",), progress=_progress(), **wanted)
    if output is None:
        out(render(found, form))
    else:
        save(Path(output), render(found, form))
    notes(found.problems, "warning")


def _progress() -> Callable[[int, int], None]:
    if not sys.stderr.isatty():
        return lambda *_: None
    from sqlopt.cli.progress import Bar

    return Bar()
