"""No fix before its verdict: the one place where it is decided which fixes are made, offered, asked about, or never.

All that makes or offers fixes comes here: `sqlopt fix`, `explain`, a pull request's suggestions, the editor, agents.
"""

from sqlopt.project.gate.gate import DEFAULT, Gate, Rewrite
from sqlopt.project.gate.labels import labelled
from sqlopt.project.gate.ruling import Ruling, fault, judged, ruling

__all__ = ["DEFAULT", "Gate", "Rewrite", "Ruling", "fault", "judged", "labelled", "ruling"]
