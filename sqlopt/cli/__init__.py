"""The command line. A command is a module; it is imported when it is called, and nothing else is."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

import sqlopt
from sqlopt.errors import SqloptError

_COMMANDS = (
    "check",
    "fix",
    "prove",
    "explain",
    "lineage",
    "impact",
    "plan",
    "cost",
    "diff",
    "ci",
    "suggest",
    "rules",
    "baseline",
    "catalog",
    "config",
    "doctor",
    "lsp",
    "mcp",
    "completion",
)
INTERNAL, INTERRUPTED = 2, 130


class _Commands(click.Group):
    """A group whose commands are modules of this package, each with a command of its own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"sqlopt.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from sqlopt.config import did_you_mean

            ctx.fail(f"no such command {args[0]!r}{did_you_mean(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Turn errors into a line on standard error and exit code 2."""
        try:
            return super().invoke(ctx)
        except SqloptError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(INTERNAL)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get("SQLOPT_DEBUG"):
                raise
            click.echo(
                f"internal error: {type(error).__name__}: {error}\n"
                "This is a defect of sqlopt. Please report it; SQLOPT_DEBUG=1 shows where it happened.",
                err=True,
            )
            ctx.exit(INTERNAL)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(sqlopt.__version__, prog_name="sqlopt")
def cli() -> None:
    """Say what SQL costs before it runs, and how to make it cheaper without changing its result."""


def main() -> None:
    """Run the command line."""
    cli(prog_name="sqlopt")
