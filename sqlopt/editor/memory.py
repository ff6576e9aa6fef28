"""Garbage collected between keystrokes, not within them.

Trees and scopes are many small objects in circles. Left to itself, Python's collector goes over all of them at any
moment, which takes longer than the analysis that it interrupts.
"""

from __future__ import annotations

import gc

_MOST = 40
"""Analyses after which garbage is collected even if nobody pauses: each leaves some 3 MB of a long model."""


class Memory:
    """The collector of a server's process, worked by hand from when the server begins."""

    def __init__(self) -> None:
        self._waiting = 0
        self._frozen = False

    def begin(self) -> None:
        """Stop collecting unasked."""
        gc.disable()

    def used(self) -> None:
        """Note that an analysis has left garbage; too much of it is collected."""
        self._waiting += 1
        if self._waiting > _MOST:
            self.tidy()

    def tidy(self) -> None:
        """Collect garbage: nobody waits. What is there at the first time, modules and rules, is there for good."""
        self._waiting = 0
        gc.collect()
        if not self._frozen:
            self._frozen = True
            gc.freeze()
