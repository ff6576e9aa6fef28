"""How much work something is: what Python executes is the same on any machine, a time is not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def lines(act: Callable[[], object]) -> int:
    """Return how many lines Python executes to do something; what C code does inside of one counts nothing."""
    count = 0

    def trace(frame, event, argument):  # noqa: ARG001 - as `sys.settrace` wants it
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def is_linear(act: Callable[[int], object], size: int) -> bool:
    """Whether twice the size is about twice the work."""
    return lines(lambda: act(2 * size)) < 2.5 * lines(lambda: act(size))
