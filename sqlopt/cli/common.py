"""Options and manners that commands share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlopt.project import Project


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that a `Project` is made from; `project` takes them."""
    options = (
        click.option("--catalog", metavar="FILE", help="The catalog file to use for everything."),
        click.option("--dialect", metavar="NAME", help="The SQL dialect of everything."),
        click.option("--select", multiple=True, metavar="RULE", help="Only these rules: ids, names, packs."),
        click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules."),
        click.option("--extend-select", multiple=True, metavar="RULE", help="These rules too."),
        click.option("--pack", "packs", multiple=True, metavar="PATH", help="A folder or file of rules."),
        click.option("--config", "config_file", metavar="FILE", help="Use this configuration everywhere."),
        click.option("--default-database", metavar="NAME", help="Completes table names."),
        click.option("--default-schema", metavar="NAME", help="Completes table names."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def limits_options(least: float, more: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds --effort and --seconds (from ``least`` on): how much a proof may try, and take at most."""
    from sqlopt.rewrite.prove.effort import CEILING, Effort

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option(
            "--seconds",
            type=click.FloatRange(min=least),
            default=CEILING,
            show_default=True,
            help=f"How long a proof may take at most; one that would take longer is unknown{more}.",
        )(command)
        return click.option(
            "--effort",
            type=click.Choice([str(one) for one in Effort]),
            default=str(Effort.NORMAL),
            show_default=True,
            envvar="SQLOPT_EFFORT",
            help="How much a proof tries: steps of the rules, databases.",
        )(command)

    return add


def project(paths: Sequence[str], given: dict[str, Any]) -> Project:
    """Return the project for ``paths`` from what `project_options` gathered."""
    from sqlopt.project import Project

    overrides = {key.replace("_", "-"): value for key, value in given.items() if key != "config_file"}
    for key in ("select", "ignore", "extend-select"):
        overrides[key] = _words(overrides.get(key, ()))
    overrides["packs"] = list(overrides.get("packs", ()))
    return Project.from_config(_start(paths), overrides, given.get("config_file"))


def _words(values: Iterable[str]) -> list[str]:
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def _start(paths: Sequence[str]) -> str:
    """Return the working folder if a path lies in it, else the first path: its settings hold for the run."""
    here = Path.cwd()
    for path in paths:
        if Path(path).absolute().is_relative_to(here):
            return str(here)
    return paths[0] if paths else str(here)


def wants_color(choice: str, *, terminal: bool) -> bool:
    """Return whether to colour: as told, else as NO_COLOR, FORCE_COLOR and the terminal say."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR", "")
    if forced:
        return forced not in ("0", "false")
    return terminal and os.environ.get("TERM") != "dumb"


color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the output."
)


def out(pieces: Iterable[str]) -> None:
    """Write to standard output as UTF-8, whatever the locale."""
    stream = sys.stdout.buffer
    for piece in pieces:
        stream.write(piece.encode("utf-8", "backslashreplace"))
    stream.flush()


def save(path: Path, pieces: Iterable[str]) -> None:
    """Write a file beside its place and move it there, so that nobody reads half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    special = path.exists() and not path.is_file()  # a pipe or a device is written as it is
    try:
        with (path if special else beside).open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(pieces)
        if not special:
            beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.UsageError(f"{path}: can't be written: {error.strerror}") from error


def notes(lines: Iterable[str], kind: str = "note") -> None:
    """Write remarks to standard error."""
    from sqlopt.report.words import escape

    for line in lines:
        click.echo(f"{kind}: {escape(line)}", err=True)


def columns() -> int:
    """Return the width to draw for."""
    if not sys.stdout.isatty():
        return 110
    import shutil

    return min(shutil.get_terminal_size().columns, 140)
