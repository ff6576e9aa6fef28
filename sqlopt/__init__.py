"""sqlopt: what a query will cost, what it will touch, and how to make it cheaper.

>>> import sqlopt
>>> project = sqlopt.Project(catalog=sqlopt.Catalog(), dialect="postgres")
>>> [finding.rule for finding in project.check("SELECT 1 WHERE 2 = NULL").findings]
['SCN011']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlopt.catalog import Catalog, Column, Table
    from sqlopt.cost.estimate import Basis, Estimate
    from sqlopt.errors import SqloptError
    from sqlopt.plan import Operator, Plan, PlanError
    from sqlopt.project import Project
    from sqlopt.rewrite.edits import Edit, Fix, Proof, Safety, Verdict
    from sqlopt.rewrite.prove import prove
    from sqlopt.rules.finding import Finding, Report, Severity
    from sqlopt.span import Span

__version__ = "0.1.0"

__all__ = [
    "Basis",
    "Catalog",
    "Column",
    "Edit",
    "Estimate",
    "Finding",
    "Fix",
    "Operator",
    "Plan",
    "PlanError",
    "Project",
    "Proof",
    "Report",
    "Safety",
    "Severity",
    "Span",
    "SqloptError",
    "Table",
    "Verdict",
    "prove",
]

# Where each public name lives. They load on first use: `sqlopt --version` must not wait for a parser.
_HOMES = {
    "Basis": "sqlopt.cost.estimate",
    "Catalog": "sqlopt.catalog",
    "Column": "sqlopt.catalog",
    "Edit": "sqlopt.rewrite.edits",
    "Estimate": "sqlopt.cost.estimate",
    "Finding": "sqlopt.rules.finding",
    "Fix": "sqlopt.rewrite.edits",
    "Operator": "sqlopt.plan",
    "Plan": "sqlopt.plan",
    "PlanError": "sqlopt.plan",
    "Project": "sqlopt.project",
    "Proof": "sqlopt.rewrite.edits",
    "Report": "sqlopt.rules.finding",
    "Safety": "sqlopt.rewrite.edits",
    "Severity": "sqlopt.rules.finding",
    "Span": "sqlopt.span",
    "SqloptError": "sqlopt.errors",
    "Table": "sqlopt.catalog",
    "Verdict": "sqlopt.rewrite.edits",
    "prove": "sqlopt.rewrite.prove",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sqlopt' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
