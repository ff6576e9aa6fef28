"""``sqlopt baseline``: accept what there is, so that only what is new is reported."""

from __future__ import annotations

from typing import Any

import click

from sqlopt.cli.common import notes, project, project_options


@click.group()
def baseline() -> None:
    """Accept the findings that there are; `sqlopt check --baseline` then reports only new ones."""


@baseline.command("write")
@click.argument("paths", nargs=-1)
@project_options
@click.option(
    "--baseline", "file", metavar="FILE", help="The baseline (configured, or sqlopt-baseline.json)."
)
def write_baseline(paths: tuple[str, ...], file: str | None, **given: Any) -> None:
    """Write a baseline that knows all findings in PATHS."""
    paths = paths or (".",)
    one = project(paths, {**given, "baseline": file})
    report = one.check_paths(paths)
    notes((*report.notes, *report.crashed))
    where, count = one.write_baseline(report)
    click.echo(f"{where}: {count} known {'finding' if count == 1 else 'findings'}")


@baseline.command()
@click.argument("paths", nargs=-1)
@project_options
@click.option(
    "--baseline", "file", metavar="FILE", help="The baseline (configured, or sqlopt-baseline.json)."
)
def prune(paths: tuple[str, ...], file: str | None, **given: Any) -> None:
    """Remove from a baseline what PATHS no longer hold."""
    paths = paths or (".",)
    one = project(paths, {**given, "baseline": file})
    report = one.check_paths(paths)
    notes((*report.notes, *report.crashed))
    where, count = one.prune_baseline(report)
    click.echo(f"{where}: {count} {'finding' if count == 1 else 'findings'} removed")
