"""One operator tree for every engine's plan, and for our own. Knows no engine's format."""

from sqlopt.plan.tree import Insight, Kind, Note, Operator, Plan, PlanError, Totals

__all__ = ["Insight", "Kind", "Note", "Operator", "Plan", "PlanError", "Totals"]
