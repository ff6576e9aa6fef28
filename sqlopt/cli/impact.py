"""``sqlopt impact``: what a change of a table or column reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import out, project_options
from sqlopt.cli.lineage import asked
from sqlopt.report.lineage.impact import reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage.graph import LineageGraph


_USERS = {"exposure": "may show it", "task": "read by the task"}
"""How what stands beside the warehouse uses a column."""


@click.command()
@click.argument("words", nargs=-1, metavar="TABLE[.COLUMN] [PATHS]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@project_options
def impact(words: tuple[str, ...], form: str, **given: Any) -> None:
    """Show what breaks or changes if TABLE or TABLE.COLUMN is dropped or changed, and by which path.

    Whatever names the column breaks, perhaps behind a star that hands it on; what only rests on that changes.
    """
    name, made = asked(words, given, required=True)
    out(_json(made, str(name)) if form == "json" else _text(made, str(name)))


def _text(made: LineageGraph, name: str) -> Iterator[str]:
    from sqlopt.report.words import escape

    found = reached(made, name)
    if not found:
        yield f"Nothing here reads {escape(name)}.\n"
        return
    shown = [one for one in found if one["kind"] not in _USERS]
    for title, direct in (("breaks", True), ("changes", False)):
        for one in [one for one in shown if one["direct"] is direct]:
            what = ", ".join(one["columns"]) or f"rows ({one.get('rows', '')})"
            name_of = "" if one["name"] == one["path"] else f"{escape(one['name'])}  "
            yield f"{title}  {name_of}{escape(one['path'])}:{one['line']}  {escape(what)}\n"
            if not direct:
                yield f"         through {escape(' → '.join(one['through']))}\n"
    for one in [one for one in found if one["kind"] in _USERS]:
        yield f"{_USERS[one['kind']]}  {escape(one['name'])}  {escape(one['path'])}:{one['line']}\n"
        yield f"         through {escape(' → '.join(one['through']))}\n"
    broken = sum(one["direct"] for one in shown)
    yield f"{broken} of {len(shown)} name it themselves, the others rest on those or take it with a star.\n"


def _json(made: LineageGraph, name: str) -> Iterator[str]:
    import json

    yield json.dumps({"version": 1, "changed": name, "reached": reached(made, name)}, indent=2) + "\n"
