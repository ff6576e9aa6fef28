"""``sqlopt mcp``: the server for agents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from sqlopt.cli.common import project, project_options
from sqlopt.errors import SqloptError

_EXTRA = ("mcp", "mcp_types", "pydantic", "anyio", "uvicorn", "starlette")


class AgentError(SqloptError):
    """The server for agents can't be started."""


@click.command()
@click.option(
    "--http", type=click.IntRange(1, 65535), metavar="PORT", help="Serve http://127.0.0.1:PORT/mcp instead."
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="FOLDER",
    help="A folder that may be read, '.' by default; may be given again. Settings are those of the first.",
)
@project_options
def mcp(http: int | None, roots: tuple[str, ...], **given: Any) -> None:
    """Serve agents over standard input and output (Model Context Protocol): tools that read, and never change.

    Only files below the roots are read for a client. SQL is never run on a warehouse.
    """
    try:
        from sqlopt.mcp.call import Workspace
        from sqlopt.mcp.roots import Roots
        from sqlopt.mcp.server import create
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise AgentError("the server for agents needs the extra `mcp`: pip install 'sqlopt[mcp]'") from error
    found = Roots(roots or (".",))
    for key in ("catalog", "config_file"):
        given[key] = given[key] and str(Path(given[key]).absolute())
    given["packs"] = tuple(str(Path(one).absolute()) if Path(one).exists() else one for one in given["packs"])
    os.chdir(found.folders[0])  # where a person would call `sqlopt check`
    base = given.pop("dialect")
    server = create(Workspace(found, lambda dialect: project((), {**given, "dialect": dialect or base})))
    if http is None:
        server.run("stdio")
    else:
        click.echo(f"serving http://127.0.0.1:{http}/mcp", err=True)
        server.run("streamable-http", host="127.0.0.1", port=http)
