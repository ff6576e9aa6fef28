"""Redshift's EXPLAIN: PostgreSQL's text, with ``XN`` before the operators.

Source: https://docs.aws.amazon.com/redshift/latest/dg/c-the-query-plan.html (checked 2026-11-23).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlopt.warehouses.postgres import explain as postgres

if TYPE_CHECKING:
    from sqlopt.plan import Plan

_SIGN = re.compile(r"^\s*(?:->\s*)?(?:XN|LD) [A-Z]", re.MULTILINE)


def is_text(text: str) -> bool:
    """Whether a text is a plan of Redshift."""
    return bool(_SIGN.search(text[:10_000]))


def read_text(text: str) -> Plan:
    """Read EXPLAIN's text. Raises `PlanError`."""
    return postgres.read_text(text, "redshift")
