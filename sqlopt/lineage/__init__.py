"""Column-level lineage: what feeds what, and how."""

from sqlopt.lineage.edge import ColumnRef, Edge, Kind, Transformation
from sqlopt.lineage.result import Lineage
from sqlopt.lineage.script import trace

__all__ = ["ColumnRef", "Edge", "Kind", "Lineage", "Transformation", "trace"]
