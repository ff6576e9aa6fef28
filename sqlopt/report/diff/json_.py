"""``json``: all of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.diff import DiffReport


def render(report: DiffReport) -> Iterator[str]:
    """Yield the report's plain data."""
    yield json.dumps(report.to_dict(), indent=2) + "\n"
