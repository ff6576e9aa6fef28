"""``--watch``: check again whenever a file changes. It asks the files' times, which works everywhere."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import click

from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY = 0.5


def watch(check: Callable[[], int], files: Callable[[], list[str]]) -> None:
    """Call ``check`` now and after each change of ``files``, until interrupted."""
    before: dict[str, tuple[int, int]] | None = None
    while True:
        try:
            now = _times(files())
            if now != before:
                if sys.stdout.isatty():
                    click.clear()
                check()
                click.echo("Watching for changes; Ctrl-C ends it.", err=True)
        except SqloptError as error:
            now = {str(error): (0, 0)}
            if now != before:
                click.echo(f"error: {error}", err=True)
        before = now
        time.sleep(_EVERY)


def _times(paths: list[str]) -> dict[str, tuple[int, int]]:
    found = {}
    for path in paths:
        try:
            stat = os.stat(path)  # noqa: PTH116 - as quick as can be, for every file twice a second
        except OSError:
            continue
        found[path] = (stat.st_mtime_ns, stat.st_size)
    return found
