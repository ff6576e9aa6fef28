"""``sqlopt rules``: which rules there are, their pages, and the start of a new one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from sqlopt.cli.common import color_option, out, project, project_options, wants_color


@click.group()
def rules() -> None:
    """List rules, show their pages, begin a new one."""


@rules.command("list")
@project_options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_rules(*, as_json: bool, **given: Any) -> None:
    """List the rules, those that a check here would use marked with '*'."""
    one = project((), given)
    rows = one.rule_table()
    if as_json:
        out([json.dumps(rows, indent=2) + "\n"])
        return
    widths = [max(len(row[key]) for row in rows) for key in ("id", "name", "pack")]
    for row in rows:
        mark = "*" if row["selected"] else " "
        rule, name, pack = (
            f"{row[key]:<{size}}" for key, size in zip(("id", "name", "pack"), widths, strict=True)
        )
        out([f"{mark} {rule}  {name}  {pack}  {row['severity']:<7}  {row['title']}\n"])


@rules.command()
@click.argument("rule")
@project_options
@color_option
def show(rule: str, color: str, **given: Any) -> None:
    """Show a rule's page."""
    from sqlopt.cli.explain import page

    page(project((), given).page(rule), colored=wants_color(color, terminal=sys.stdout.isatty()))


@rules.command()
@click.argument("pack")
@click.argument("name")
@click.option("--root", default="rules", metavar="FOLDER", help="The folder of packs.", show_default=True)
def new(pack: str, name: str, root: str) -> None:
    """Write the skeleton of a rule NAME in PACK, to be filled in."""
    from sqlopt.project import new_rule

    path = new_rule(pack, name, Path(root))
    click.echo(f"{path}: fill in the page, then the guard; `sqlopt check --pack {path.parent}` runs it")
