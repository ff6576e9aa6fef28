"""The tools, one a file. Each is a function of a `Call` and the client's arguments; its docstring is what agents read.

Annotations are evaluated when a tool is registered, so these files have no ``from __future__ import annotations``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

TOOLS: Final = {
    "analyze_sql": "Check SQL",
    "estimate_cost": "Estimate cost",
    "rewrite_sql": "Rewrite SQL",
    "compare_sql": "Compare two statements",
    "column_lineage": "Column lineage",
    "impact_of_change": "Impact of a change",
    "explain_rule": "Explain a rule",
    "list_findings": "List findings",
    "suggest_physical_design": "Suggest physical design",
}
"""Every tool with its title."""


def load(name: str) -> "Callable[..., Any]":
    """Return a tool."""
    found: Callable[..., Any] = getattr(import_module(f"sqlopt.mcp.tools.{name}"), name)
    return found
