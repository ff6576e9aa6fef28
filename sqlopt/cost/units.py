"""How quantities are written for people."""

from __future__ import annotations

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB", "EB")
_STEP = 1024


def human_bytes(count: float) -> str:
    """Return bytes as people say them, in steps of 1,024 as warehouses bill them: ``2.0 TB``."""
    size, unit = float(count), 0
    while round(size, 1) >= _STEP and unit < len(_UNITS) - 1:
        size /= _STEP
        unit += 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def human_share(share: float) -> str:
    """Return a share from 0 to 1 as a percentage: ``0.3%``, never 0% for something that is left."""
    if 0 < share < 0.001:  # noqa: PLR2004 - below a tenth of a percent
        return "<0.1%"
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"  # noqa: PLR2004 - one decimal below ten percent
