"""``sqlopt check``: the main job."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import (
    color_option,
    columns,
    notes,
    out,
    project,
    project_options,
    save,
    wants_color,
)
from sqlopt.report import FORMATS, View, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlopt.project import Project
    from sqlopt.rules.finding import Report

_FAIL_ON = ("info", "warning", "error", "never")


@click.command()
@click.argument("paths", nargs=-1)
@project_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="full", help="How to report.")
@click.option("-o", "--output", metavar="FILE", help="Write the report to this file.")
@click.option("--statistics", is_flag=True, help="Only how often each rule fired, and what that costs.")
@click.option(
    "--sort", type=click.Choice(("place", "saving")), default="place", help="What saves most first."
)
@click.option("--min-saving", metavar="AMOUNT", help="Only what saves so much a run: 5GB, 1credit, 10USD.")
@click.option("--fail-on", type=click.Choice(_FAIL_ON), help="Exit with 1 from this severity on.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even where there are findings.")
@click.option(
    "--baseline", metavar="FILE", help="Leave out the findings of this baseline, not the usual one."
)
@click.option("--no-baseline", is_flag=True, help="Report what the baseline knows, too.")
@click.option("--stdin-filename", metavar="PATH", help="The path that '-' stands for.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these paths out.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to use.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option("--show-unread", is_flag=True, help="List the places that were not read.")
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Findings only.")
def check(paths: tuple[str, ...], **given: Any) -> None:
    """Check SQL files and folders ('.' by default, '-' for standard input).

    Exits with 0 if all is well, 1 if there are findings at or above the threshold (statements that can't
    be parsed among them), 2 if something could not be done.
    """
    paths = paths or (".",)
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("'-' stands alone: standard input is one file")
    if given["statistics"] and given["form"] not in ("full", "concise"):
        raise click.UsageError("--statistics goes with the formats full and concise; json has them always")
    run = Run(paths, given)
    if given["watch"]:
        if "-" in paths:
            raise click.UsageError("standard input can't be watched")
        from sqlopt.cli.watch import watch

        watch(run.once, run.watched)
    else:
        sys.exit(run.once())


class Run:
    """One call of the command; `once` checks and reports, and can do so again."""

    def __init__(self, paths: tuple[str, ...], given: dict[str, Any]) -> None:
        own = (
            "form", "output", "sort", "min_saving", "statistics", "exit_zero", "stdin_filename", "no_cache",
            "no_baseline", "watch", "color", "show_unread",
        )  # fmt: skip
        from sqlopt.cost.units import parse_amount

        self.paths = paths
        self.least = parse_amount(given["min_saving"]) if given["min_saving"] else None
        self.own = {key: given[key] for key in (*own, "quiet")}
        self.settings = {key: value for key, value in given.items() if key not in self.own}

    def project(self) -> Project:
        """Return the project as the configuration now says."""
        named = self.own["stdin_filename"] or "."
        return project((named,) if self.paths == ("-",) else self.paths, self.settings)

    def once(self) -> int:
        """Check, report, and return the exit code."""
        one = self.project()
        report = self._checked(one)
        if not self.own["no_baseline"]:
            report = one.without_known(report)
        if self.least is not None:
            report = report.saving_at_least(*self.least)
        self._write(replace(report, order=self.own["sort"]), one)
        if not self.own["quiet"]:
            notes(report.notes)
        notes(report.crashed, "error")
        return _code(report, "never" if self.own["exit_zero"] else one.run_setting("fail-on"))

    def watched(self) -> list[str]:
        """Return the files on which the answer depends."""
        return self.project().files(self.paths, configuration=True)

    def _checked(self, one: Project) -> Report:
        if self.paths == ("-",):
            data = sys.stdin.buffer.read()
            return one.check_bytes(data, self.own["stdin_filename"] or "<stdin>")
        bar = sys.stderr.isatty() and not self.own["quiet"]
        return one.check_paths(self.paths, cache=not self.own["no_cache"], progress=_bar() if bar else None)

    def _write(self, report: Report, one: Project) -> None:
        target = self.own["output"]
        terminal = target is None and sys.stdout.isatty()
        view = View(
            color=wants_color(self.own["color"], terminal=terminal),
            width=columns(),
            describe=one.describe,
            summary=not self.own["quiet"],
            show_unread=self.own["show_unread"],
        )
        pieces = self._pieces(report, view)
        if target is None:
            out(pieces)
        else:
            save(Path(target), pieces)

    def _pieces(self, report: Report, view: View) -> Iterator[str]:
        if not self.own["statistics"]:
            return render(report, self.own["form"], view)
        from sqlopt.report.summary import statistics
        from sqlopt.report.terminal import Paint

        return (f"{line}\n" for line in statistics(report, Paint(color=view.color)))


def _bar() -> Callable[[int, int], None]:
    from sqlopt.cli.progress import Bar

    return Bar()


def _code(report: Report, fail_on: str) -> int:
    if report.crashed:
        return 2
    if fail_on == "never":
        return 0
    from sqlopt.rules.finding import Severity

    least = Severity(fail_on)
    return int(any(one.severity.at_least(least) for one in (*report.errors, *report.findings)))
