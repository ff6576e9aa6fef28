"""What stays of a finding when lines move: the fingerprints by which trackers know it again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlopt.report.words import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.words import Item
    from sqlopt.rules.finding import Report


def identified(report: Report) -> Iterator[tuple[Item, str]]:
    """Yield each item with a fingerprint of its file, rule and statement, unique within the report."""
    seen: dict[str, int] = {}
    for item in items(report):
        file, finding, _ = item
        known = finding.statement or finding.message
        text = "\0".join((uri(file.path), finding.rule, known))
        count = seen[text] = seen.get(text, -1) + 1
        whole = f"{text}\0{count}".encode("utf-8", "surrogatepass")
        yield item, hashlib.sha256(whole).hexdigest()[:32]


def uri(path: str) -> str:
    """Return a path as trackers compare it: with ``/``, relative to the working folder where it can be."""
    from pathlib import Path

    one = Path(path)
    if one.is_absolute() and one.is_relative_to(Path.cwd()):
        one = one.relative_to(Path.cwd())
    return one.as_posix()
