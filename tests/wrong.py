"""A house rule that is wrong on purpose: it calls exact what changes the rows."""

from __future__ import annotations

import json

RULE = [
    {
        "id": "WRG001",
        "name": "greater-is-greater-or-equal",
        "message": ":x > :y could as well be :x >= :y",
        "severity": "warning",
        "pattern": ":x > :y",
        "rewrite": ":x >= :y",
        "exact": True,
        "bad": ["SELECT a FROM t WHERE a > 1"],
        "good": ["SELECT a FROM t WHERE a >= 1"],
    }
]
TEXT = "SELECT a FROM t WHERE a > 1\n"


def write_pack(folder):
    """Write the rule as a pack; return its path."""
    path = folder / "wrong.yml"
    path.write_text(json.dumps(RULE))
    return path
