"""How quantities are written for people."""

from __future__ import annotations

import re

from sqlopt.errors import ConfigError

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


_AMOUNT = re.compile(r"\s*([0-9][0-9_,]*\.?[0-9]*|\.[0-9]+)\s*([A-Za-z]+)\s*")


def parse_amount(text: str) -> tuple[float, str]:
    """Return (value, unit) of ``5GB``, ``1credit``, ``10USD``: unit is bytes, credits or a currency.

    Raises `ConfigError`.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ConfigError(f"{text!r} is no amount; write 5GB, 1credit or 10USD")
    value, word = float(found[1].replace(",", "").replace("_", "")), found[2].upper()
    plain = word.replace("IB", "B") if word != "IB" else word
    if plain in _UNITS:
        return value * _STEP ** _UNITS.index(plain), "bytes"
    if word in ("CREDIT", "CREDITS"):
        return value, "credits"
    if len(word) == 3:  # noqa: PLR2004 - a currency's letters
        return value, word
    raise ConfigError(f"{found[2]!r} in {text!r} is no unit; write 5GB, 1credit or 10USD")
