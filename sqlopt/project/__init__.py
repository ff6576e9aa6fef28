"""`Project`: configuration, catalog, rules and cache behind one face for all surfaces."""

from sqlopt.project.project import Project

__all__ = ["Project"]
