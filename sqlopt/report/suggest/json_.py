"""Suggestions as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.workload.suggest import Suggested


def render(found: Suggested) -> Iterator[str]:
    """Yield one JSON object."""
    yield json.dumps(found.to_dict(), indent=2)
    yield "\n"
