"""No fix before its verdict: the one place where it is decided which fixes are made, offered, asked about, or never.

All that makes or offers fixes comes here: `sqlopt fix`, `explain`, a pull request's suggestions, the editor, agents.
What judges is in `gate.gate`; what is here a check may ask, which judges nothing and is to start fast.
"""

from sqlopt.project.gate.labels import labelled
from sqlopt.project.gate.ruling import Ruling, fault, judged, ruling

__all__ = ["Ruling", "fault", "judged", "labelled", "ruling"]
