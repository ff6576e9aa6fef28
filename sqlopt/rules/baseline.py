"""The baseline: findings that a project has for now, so that only new ones are reported.

A finding is known by its file, its rule and its statement's tokens, never by its line, so that text
moved about or laid out anew stays known. A file that has a fault twice may have it twice, not thrice.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.errors import SqloptError
from sqlopt.rules.own import UnparsableStatement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlopt.rules.finding import FileResult, Finding, Report

Key = tuple[str, str, str]
"""(path relative to the baseline's folder with forward slashes, rule id, statement fingerprint)."""

VERSION = 1


class BaselineError(SqloptError):
    """A baseline file that can't be read or written."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many findings of each key are known; ``root`` is the folder of the baseline file."""

    known: Mapping[Key, int]
    root: Path

    @classmethod
    def of(cls, report: Report, root: str | Path) -> Baseline:
        """Return the baseline that knows all of ``report``."""
        folder = Path(root)
        return cls(
            Counter(key for file in report.files for key in _keys(file, folder)),
            folder,
        )

    @classmethod
    def load(cls, path: str | Path) -> Baseline:
        """Read a baseline file. Raises `BaselineError` naming it."""
        try:
            data = json.loads(Path(path).read_text("utf-8"))
        except OSError as error:
            raise BaselineError(f"{path}: the baseline can't be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise BaselineError(f"{path}: the baseline is no JSON: {error}") from error
        return cls(_entries(data, path), Path(path).absolute().parent)

    def text(self) -> str:
        """Return the baseline as JSON, one entry a line, sorted, so that changes read well in a diff."""
        entries = [
            json.dumps({"path": path, "rule": rule, "statement": statement, "count": count})
            for (path, rule, statement), count in sorted(self.known.items())
        ]
        lines = ",\n".join(f"    {entry}" for entry in entries)
        body = f"\n{lines}\n  " if entries else ""
        return f'{{\n  "version": {VERSION},\n  "findings": [{body}]\n}}\n'

    def save(self, path: str | Path) -> None:
        """Write the baseline to ``path``, all of it or nothing. Raises `BaselineError`."""
        _write_whole(Path(path), self.text())

    def apply(self, report: Report) -> Report:
        """Return ``report`` without the known findings, in each file the first ones of a key."""
        return replace(report, files=tuple(self._without_known(file) for file in report.files))

    def _without_known(self, file: FileResult) -> FileResult:
        left = {key: self.known[key] for key in set(_keys(file, self.root)) if key in self.known}
        if not left:
            return file
        path = _relative(file.path, self.root)

        def new(finding: Finding) -> bool:
            key = (path, finding.rule, finding.statement)
            left[key] = left.get(key, 0) - 1
            return left[key] < 0

        return replace(
            file,
            findings=tuple(one for one in file.findings if new(one)),
            errors=tuple(one for one in file.errors if not _can_be_known(one) or new(one)),
        )

    def prune(self, report: Report) -> tuple[Baseline, int]:
        """Return the baseline without what ``report`` no longer holds, and how many findings that were.

        ``report`` is of a run without a baseline. Entries of files that it does not cover stay, unless
        the file is gone.
        """
        now = Baseline.of(report, self.root).known
        covered = {_relative(file.path, self.root) for file in report.files}
        kept: dict[Key, int] = {}
        for key, count in self.known.items():
            path = key[0]
            left = (
                min(count, now.get(key, 0))
                if path in covered
                else count
                if (self.root / path).exists()
                else 0
            )
            if left:
                kept[key] = left
        return Baseline(kept, self.root), sum(self.known.values()) - sum(kept.values())


def write(report: Report, root: str | Path) -> str:
    """Return the text of the baseline file, to stand in the folder ``root``, that knows ``report``."""
    return Baseline.of(report, root).text()


def _keys(file: FileResult, root: Path) -> Iterable[Key]:
    path = _relative(file.path, root)
    known = [*file.findings, *(one for one in file.errors if _can_be_known(one))]
    return ((path, finding.rule, finding.statement) for finding in known)


def _can_be_known(error: Finding) -> bool:
    """Whether it is a statement that can't be parsed, not a crash or an unreadable file."""
    return error.rule == UnparsableStatement.id


def _relative(path: str, root: Path) -> str:
    try:
        relative = os.path.relpath(path, root)
    except ValueError:  # another drive
        relative = path
    return relative.replace(os.sep, "/")


def _entries(data: Any, path: str | Path) -> dict[Key, int]:
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise BaselineError(f"{path}: no baseline of version {VERSION}; write it anew")
    known: dict[Key, int] = {}
    entries = data.get("findings")
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        match entry:
            case {"path": str(file), "rule": str(rule), "statement": str(statement), "count": int(count)}:
                known[file, rule, statement] = count
            case _:
                raise BaselineError(f"{path}: finding {number} needs a path, rule, statement and count")
    return known


def _write_whole(path: Path, text: str) -> None:
    """Write a file by renaming a finished one over it."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BaselineError(f"{path}: the baseline can't be written: {error.strerror}") from error
