"""``sqlopt plan``: an engine's plan, read, drawn and judged."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from sqlopt.cli.common import color_option, columns, notes, out, project, project_options, save, wants_color
from sqlopt.report.plan import FORMATS


@click.command()
@click.argument("file", metavar="FILE|-")
@project_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to show it.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file.")
@click.option(
    "--fail-on",
    type=click.Choice(("info", "warning", "error", "never")),
    default="never",
    help="Exit with 1 from this severity on.",
)
@color_option
def plan(file: str, **given: Any) -> None:
    """Show an engine's plan (EXPLAIN, profile, job, event log) and what is wrong with it.

    The kind is recognised from the content; of a file that ends in .sql it is our own plan, as `sqlopt cost` makes
    it from the catalog. Each operator shows its share of the time (of the cost where no
    time is known), its rows with the q-error of the estimate, partitions, bytes and spills; ▶ marks the
    costliest path.
    """
    from sqlopt.report import View
    from sqlopt.report.plan import render

    own = {key: given.pop(key) for key in ("form", "output", "fail_on", "color")}
    one = project(() if file == "-" else (file,), given)
    name = "<stdin>" if file == "-" else file
    read = one.plan(_text(file), name)
    terminal = own["output"] is None and sys.stdout.isatty()
    view = View(wants_color(own["color"], terminal=terminal), columns(), one.describe)
    pieces = render(read, own["form"], view)
    if own["output"] is None:
        out(pieces)
    else:
        save(Path(own["output"]), pieces)
    notes(read.report.crashed, "error")
    if read.report.crashed:
        sys.exit(2)
    if own["fail_on"] != "never":
        from sqlopt.rules.finding import Severity

        least = Severity(own["fail_on"])
        sys.exit(int(any(found.severity.at_least(least) for found in read.findings)))


def _text(file: str) -> str:
    """Return the document. Raises `SourceError` naming a file that can't be read."""
    from sqlopt.project.plans import text_of

    return text_of(sys.stdin.buffer.read() if file == "-" else None, file)
