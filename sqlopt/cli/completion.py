"""``sqlopt completion``: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print SHELL's completion script; for bash: eval "$(sqlopt completion bash)"."""
    from click.shell_completion import get_completion_class

    from sqlopt.cli import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    script = kind(cli, {}, "sqlopt", "_SQLOPT_COMPLETE")
    click.echo(script.source_template % script.source_vars())
