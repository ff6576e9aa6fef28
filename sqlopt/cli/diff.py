"""``sqlopt diff``: what lies between two states."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import limits_options, notes, out, project, project_options, save
from sqlopt.report.diff import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command()
@click.argument("base")
@click.argument("head", required=False)
@click.option(
    "--path", "paths", multiple=True, metavar="PATH", help="Only this file or folder; may be repeated."
)
@click.option("--label", "labels", multiple=True, metavar="NAME", help="A label of the change, for the gate.")
@limits_options(least=0, more="; 0 for no proofs")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if the policy stops the change.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to show it.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file.")
@project_options
def diff(base: str, head: str | None, **given: Any) -> None:
    """Show what a change costs, what it breaks, and whether it keeps its results.

    BASE and HEAD are commits, branches, folders or files; HEAD is by default what stands here. A branch is
    compared from where it left BASE, as a pull request is. Statements that were only moved or laid out anew are
    no change. The settings of BASE decide, its [gate] too.

    Exits with 1 if the gate stops the change.
    """
    form, output, lenient = given.pop("form"), given.pop("output"), given.pop("exit_zero")
    wanted = {key: given.pop(key) for key in ("paths", "labels", "effort", "seconds")}
    report = project((), given).diff(base, head, progress=_progress(), **wanted)
    pieces = render(report, form)
    if output is None:
        out(pieces)
    else:
        save(Path(output), pieces)
    if form == "text":
        notes(report.notes)
    notes(report.problems, "warning")
    sys.exit(1 if report.gate.failed and not lenient else 0)


def _progress() -> Callable[[int, int], None]:
    if not sys.stderr.isatty():
        return lambda *_: None
    from sqlopt.cli.progress import Bar

    return Bar()
