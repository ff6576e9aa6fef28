"""``sqlopt lsp``: the language server, for editors."""

from __future__ import annotations

import click

from sqlopt.errors import SqloptError


class EditorError(SqloptError):
    """The language server can't be started."""


@click.command()
@click.option("--stdio", is_flag=True, help="Speak over standard input and output: the default.")
@click.option(
    "--tcp", type=click.IntRange(0, 65535), metavar="PORT", help="Wait for one client on this port."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to wait on, with --tcp.")
def lsp(stdio: bool, tcp: int | None, host: str) -> None:
    """Serve editors: findings, prices, lineage and fixes while typing (Language Server Protocol)."""
    if stdio and tcp is not None:
        raise click.UsageError("--stdio and --tcp exclude each other")
    try:
        from sqlopt.editor.features import create
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        raise EditorError("the language server needs the extra `lsp`: pip install 'sqlopt[lsp]'") from error
    import logging

    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it logs requests that were cancelled as errors
    server = create()
    if tcp is None:
        server.start_io()
    else:
        server.start_tcp(host, tcp)
