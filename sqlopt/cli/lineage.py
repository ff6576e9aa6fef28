"""``sqlopt lineage``: what feeds a table or column, and what it feeds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import notes, out, project, project_options, save
from sqlopt.report.lineage import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.lineage.graph import LineageGraph


@click.command()
@click.argument("words", nargs=-1, metavar="[TABLE[.COLUMN]] [PATHS]...")
@click.option("--upstream", "--up", is_flag=True, help="Only what feeds it.")
@click.option("--downstream", "--down", is_flag=True, help="Only what it feeds.")
@click.option("--depth", type=click.IntRange(min=1), metavar="N", help="Follow at most N steps.")
@click.option("--rows", is_flag=True, help="Also follow what only decides on rows: filters, joins, groups.")
@click.option(
    "--tag", metavar="TAG", help="Where the values of columns with this tag arrive unmasked, and how."
)
@click.option("--doc", is_flag=True, help="A page (Markdown) on what TABLE.COLUMN rests on.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to show it.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--show-unread", is_flag=True, help="List the places that were not read.")
@project_options
def lineage(words: tuple[str, ...], **given: Any) -> None:
    """Show the column-level lineage of SQL files: what feeds TABLE or TABLE.COLUMN, and what it feeds.

    Words that exist as files or folders are PATHS ('.' by default); another one names what to look at. Without
    one, all tables are shown with what they are made of.
    """
    from sqlopt.report.lineage.view import View

    keys = ("upstream", "downstream", "depth", "rows", "form", "output", "tag", "doc", "show_unread")
    own = {key: given.pop(key) for key in keys}
    name, made = asked(words, given, required=own["doc"])
    if own["tag"] is not None or own["doc"]:
        from sqlopt.report.lineage import pages

        page = pages.travels(made, own["tag"]) if own["tag"] is not None else pages.metric(made, str(name))
        _put(page, own["output"])
        return
    view = View(made, show_unread=own["show_unread"])
    if name is not None:
        start = made.find(name)
        both = own["upstream"] == own["downstream"]
        search = {"depth": own["depth"], "rows": own["rows"]}
        up = {one: made.reach([one], upstream=True, **search) for one in start if both or own["upstream"]}
        down = {one: made.reach([one], **search) for one in start if both or own["downstream"]}
        view = View(made, up, down, own["show_unread"])
    _put(render(view, own["form"]), own["output"])


def _put(pieces: Iterable[str], output: str | None) -> None:
    if output is None:
        out(pieces)
    else:
        save(Path(output), pieces)


def asked(
    words: tuple[str, ...], given: dict[str, Any], *, required: bool
) -> tuple[str | None, LineageGraph]:
    """Return the name among ``words`` and the graph of the paths among them; its troubles go to stderr."""
    paths = [word for word in words if Path(word).exists()]
    names = [word for word in words if word not in paths]
    if len(names) > 1:
        raise click.UsageError(f"one table or column at a time: {', '.join(names)} are no files")
    if required and not names:
        raise click.UsageError("name a table or column, such as sales.orders.total")
    from sqlopt.cli.progress import Bar

    bar = (Bar(),) if sys.stderr.isatty() else ()
    cache = not given.pop("no_cache", False)
    made = project(paths, given).graph(paths or ["."], *bar, cache=cache)
    notes([f"{one.path}:{one.line}: {one.message}" for one in made.troubles])
    return (names[0] if names else None), made
