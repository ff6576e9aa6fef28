"""New findings as annotations beside the lines, and what a step hands on to others.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions (checked 2026-11-23): ten annotations
of a level are shown for a step; outputs and summaries are files, in which a delimiter must not be a line of the value.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlopt.report.words import saves_words, visible
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlopt.project.diff import Found

MOST: Final = 10
"""Annotations of a level that GitHub shows for one step."""
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SUMMARY: Final = 1_000_000


def commands(new: Sequence[Found]) -> Iterator[str]:
    """Yield workflow commands, of each level the ten that save most."""
    for severity, command in _COMMANDS.items():
        found = sorted(
            (one for one in new if one.finding.severity is severity),
            key=lambda one: -one.finding.saves("bytes"),
        )
        for one in found[:MOST]:
            saves = f" (saves {saves_words(one.finding)})" if one.finding.saving else ""
            fields = {
                "file": one.path,
                "line": str(one.line),
                "endLine": str(one.end_line or one.line),
                "title": f"{one.finding.rule} {one.finding.name}",
            }
            shown = ",".join(f"{key}={_property(value)}" for key, value in fields.items())
            yield f"::{command} {shown}::{_data(one.finding.message + saves)}"


def unshown(new: Sequence[Found]) -> int:
    """Return how many findings are no annotation."""
    counts = [sum(one.finding.severity is severity for one in new) for severity in _COMMANDS]
    return sum(max(count - MOST, 0) for count in counts)


def write_outputs(path: str, values: Mapping[str, str]) -> None:
    """Add outputs to the file that GITHUB_OUTPUT names; no value can end itself early."""
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        for name, value in values.items():
            delimiter = f"sqlopt_{secrets.token_hex(16)}"
            file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def write_summary(path: str, text: str) -> None:
    """Add to the job's summary, which takes a megabyte of a step."""
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        file.write(text.encode()[:_SUMMARY].decode("utf-8", "ignore") + "\n")


def _data(text: str) -> str:
    return visible(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
