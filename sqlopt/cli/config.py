"""``sqlopt config``: what is set, and where."""

from __future__ import annotations

import json
from typing import Any

import click

from sqlopt.cli.common import out, project, project_options


@click.group()
def config() -> None:
    """Show the settings that are in force."""


@config.command()
@click.argument("path", default=".")
@project_options
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
def show(path: str, *, origin: bool, **given: Any) -> None:
    """Show the settings for PATH, a file or a folder, as TOML."""
    rows = project((path,), given).effective_settings(path)
    for key, value, where in rows:
        line = f"{key} = {_toml(value)}" if value is not None else f"# {key} is not set"
        out([f"{line}  # {where}\n" if origin else f"{line}\n"])


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, default=str, ensure_ascii=False)
