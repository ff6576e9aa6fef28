"""The bar that a long run shows on standard error."""

from __future__ import annotations

import sys
import time

_WIDTH = 30
_FROM = 1.0
"""Seconds after which a run is long."""

_EVERY = 0.1


class Bar:
    """Called with the files done and their number; draws a bar, and takes it away at the end."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._drawn = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Draw, if the run is long and the last drawing some time ago."""
        now = time.monotonic()
        if done >= total:
            if self._drawn:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
            return
        if now - self._started < _FROM or now - self._drawn < _EVERY:
            return
        self._drawn = now
        filled = _WIDTH * done // max(total, 1)
        sys.stderr.write(f"\r{'━' * filled}{'─' * (_WIDTH - filled)} {done:,} of {total:,} files")
        sys.stderr.flush()
