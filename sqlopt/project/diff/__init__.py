"""Two states of a repository compared: what a change costs, what it breaks, and whether it keeps its results."""

from sqlopt.project.diff.report import ColumnChange, DiffReport, Found, GateResult, StatementChange

__all__ = ["ColumnChange", "DiffReport", "Found", "GateResult", "StatementChange"]
