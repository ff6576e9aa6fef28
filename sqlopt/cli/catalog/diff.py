"""``sqlopt catalog diff``: what changed in the tables, and which queries that breaks."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import color_option, out, project, project_options, wants_color

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog.diff import Change
    from sqlopt.project.drift import Drifted


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.argument("paths", nargs=-1)
@project_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How to show it.",
)
@color_option
def diff(old: str, new: str, paths: tuple[str, ...], form: str, color: str, **given: Any) -> None:
    """Compare two catalog files, and say which queries in PATHS break or change.

    Exits with 1 if a query breaks.
    """
    from sqlopt.catalog import Catalog
    from sqlopt.catalog.diff import changes
    from sqlopt.project.drift import drift

    if given["catalog"]:
        raise click.UsageError("OLD and NEW are the catalogs; --catalog has no place here")
    found = list(changes(Catalog.load(old), Catalog.load(new)))
    drifted: list[Drifted] = []
    if paths:
        one = project(paths, {**given, "catalog": old})
        drifted = list(drift(one, one.files(paths), found))
    paint = wants_color(color, terminal=sys.stdout.isatty())
    pieces = {"text": _text, "json": _json, "markdown": _markdown}[form]
    out(pieces(found, drifted, bool(paths), paint))
    sys.exit(int(any(one.breaks for one in drifted)))


def _text(found: list[Change], drifted: list[Drifted], asked: bool, color: bool) -> Iterator[str]:
    from sqlopt.report.terminal import Paint
    from sqlopt.report.words import visible

    paint = Paint(color=color)
    styles = {"added": "green", "removed": "red"}
    for one in found:
        mark = {"added": "+", "removed": "-"}.get(one.kind, "~")
        yield paint(f"{mark} {visible(str(one))}", styles.get(one.kind, "yellow")) + "\n"
    if not found:
        yield "Nothing changed.\n"
    for reached in drifted:
        verb = paint("breaks ", "red", "bold") if reached.breaks else paint("changes", "yellow")
        yield f"{verb}  {visible(reached.path)}:{reached.line}  {visible(reached.change.name)}: {reached.why}\n"
    if asked and found:
        yield f"{_summary(drifted)}\n"


def _summary(drifted: list[Drifted]) -> str:
    broken = {one.path for one in drifted if one.breaks}
    changed = {one.path for one in drifted} - broken
    if not drifted:
        return "No query is reached."
    files = "file" if len(broken) + len(changed) == 1 else "files"
    return f"{len(broken)} broken, {len(changed)} changed {files}."


def _json(found: list[Change], drifted: list[Drifted], asked: bool, color: bool) -> Iterator[str]:
    del asked, color
    data = {
        "version": 1,
        "changes": [
            {"kind": one.kind, "table": one.table, "column": one.column or None, "what": one.what or None,
             "before": one.before, "after": one.after}
            for one in found
        ],
        "queries": [
            {"path": one.path, "line": one.line, "changed": one.change.name, "breaks": one.breaks, "why": one.why}
            for one in drifted
        ],
    }  # fmt: skip
    yield json.dumps(data, indent=2, default=str) + "\n"


def _markdown(found: list[Change], drifted: list[Drifted], asked: bool, color: bool) -> Iterator[str]:
    del color
    from sqlopt.report.words import visible

    yield "### Tables\n\n" if found else "Nothing changed.\n"
    for one in found:
        yield f"- {_code(visible(str(one)))}\n"
    if asked and found:
        yield f"\n### Queries\n\n{_summary(drifted)}\n"
    for number, reached in enumerate(drifted):
        yield "\n| | where | what | why |\n|---|---|---|---|\n" if number == 0 else ""
        verb = "**breaks**" if reached.breaks else "changes"
        where = _code(f"{visible(reached.path)}:{reached.line}")
        yield f"| {verb} | {where} | {_code(visible(reached.change.name))} | {reached.why} |\n"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}".replace("|", "\\|")
