"""`Project`: configuration, catalog, rules and cache behind one face for all surfaces."""

from sqlopt.project.about import new_rule
from sqlopt.project.project import Project

__all__ = ["Project", "new_rule"]
