"""The design's layers: a room imports only from those below it."""

from __future__ import annotations

import subprocess
from pathlib import Path


def test_data_flows_one_way_through_the_rooms():
    done = subprocess.run(
        ["lint-imports", "--no-cache"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
