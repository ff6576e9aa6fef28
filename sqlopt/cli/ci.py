"""``sqlopt ci``: in the pipelines of GitHub and GitLab."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import limits_options, project, project_options, save

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.project import Project
    from sqlopt.project.diff import DiffReport

_WHEN = ("always", "changed", "threshold")
_FAIL_ON = ("info", "warning", "error", "never")


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option(
            "--path", "paths", multiple=True, envvar="SQLOPT_PATHS", metavar="PATH", help="Only these."
        ),
        click.option(
            "--fail-on",
            type=click.Choice(_FAIL_ON),
            envvar="SQLOPT_FAIL_ON",
            help="Fail from this severity of new findings on; besides the gate.",
        ),
        click.option(
            "--cost-threshold",
            type=float,
            envvar="SQLOPT_COST_THRESHOLD",
            metavar="MONEY",
            help="Fail if a month costs so much more; besides the gate.",
        ),
        click.option(
            "--comment-when",
            type=click.Choice(_WHEN),
            default="changed",
            envvar="SQLOPT_COMMENT_WHEN",
            help="When to make a comment; one that is there is kept up to date.",
        ),
        limits_options(least=0, more="; 0 for no proofs"),
    )
    for option in reversed(options):
        command = option(command)
    return project_options(command)


@click.group()
def ci() -> None:
    """Judge a pull or merge request in its pipeline."""


@ci.command()
@click.option(
    "--sarif", envvar="SQLOPT_SARIF", metavar="FILE", help="Write the changed files' findings as SARIF too."
)
@_options
def github(**given: Any) -> None:
    """Compare a pull request with its base: annotations, the job's summary, outputs, one comment, suggestions.

    Runs in GitHub Actions on `pull_request`, with GITHUB_TOKEN. The settings and the gate of the base branch
    decide. No code of the pull request is run.
    """
    from sqlopt.ci import github as here
    from sqlopt.ci.event import PullRequest

    own = {
        key: given.pop(key)
        for key in ("fail_on", "cost_threshold", "comment_when", "effort", "seconds", "sarif", "paths")
    }
    pull = PullRequest.from_environment(os.environ)
    one = project((), _settings(given))
    report = one.diff(
        pull.base,
        pull.head,
        paths=own["paths"],
        labels=pull.labels,
        effort=own["effort"],
        seconds=own["seconds"],
    )
    here.tell(report, pull, os.environ, here.Wishes(own["comment_when"]), click.echo)
    if own["sarif"]:
        _findings(one, report, Path(own["sarif"]), "sarif")
    sys.exit(_code(report, own["fail_on"], own["cost_threshold"]))


@ci.command()
@click.option("--code-quality", metavar="FILE", help="Write a code quality report here too.")
@_options
def gitlab(**given: Any) -> None:
    """Compare a merge request with its base: one note, and a code quality report.

    Runs in merge request pipelines of GitLab, with SQLOPT_GITLAB_TOKEN, a project access token with the scope api.
    """
    from sqlopt.ci import gitlab as here

    own = {
        key: given.pop(key)
        for key in ("fail_on", "cost_threshold", "comment_when", "effort", "seconds", "code_quality", "paths")
    }
    one = project((), _settings(given))
    report = one.diff(
        here.base_of(os.environ),
        os.environ.get("CI_COMMIT_SHA") or "HEAD",
        paths=own["paths"],
        labels=here.labels_of(os.environ),
        effort=own["effort"],
        seconds=own["seconds"],
    )
    wanted = own["comment_when"] == "always" or (
        report.gate.failed if own["comment_when"] == "threshold" else report.changed
    )
    click.echo(f"note {here.tell(report, os.environ, wanted=wanted)}")
    if own["code_quality"]:
        _findings(one, report, Path(own["code_quality"]), "gitlab")
    sys.exit(_code(report, own["fail_on"], own["cost_threshold"]))


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the project, as given or else as the environment has them."""
    named = {"catalog": "SQLOPT_CATALOG", "dialect": "SQLOPT_DIALECT", "config_file": "SQLOPT_CONFIG"}
    return given | {key: given.get(key) or os.environ.get(name) or None for key, name in named.items()}


def _code(report: DiffReport, fail_on: str | None, threshold: float | None) -> int:
    """Return 1 if the gate, or what was asked for here, stops the change; say why on standard error."""
    from sqlopt.project.policy import judge

    asked: dict[str, Any] = {}
    if fail_on is not None:
        asked["fail-on"] = fail_on
    if threshold is not None:
        asked["money-per-month"] = threshold
    result = judge(report, asked)
    for reason in (*(report.gate.reasons if report.gate.failed else ()), *result.reasons):
        click.echo(f"stopped: {reason}", err=True)
    return 1 if report.gate.failed or result.failed else 0


def _findings(one: Project, report: DiffReport, path: Path, form: str) -> None:
    """Write all findings of the changed files that are here."""
    from sqlopt.report import View, render

    names = [*(each.path for each in report.statements), *(each.path for each in report.new)]
    files = [name for name in dict.fromkeys(names) if Path(name).is_file()]
    found = one.check_paths(files, cache=False) if files else one.check("")
    save(path, render(found, form, View(describe=one.describe)))
