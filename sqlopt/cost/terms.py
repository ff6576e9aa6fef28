"""What a user says of prices: edition, warehouse, currency, contract. What is left out comes from price lists."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from sqlopt.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZES: Final = ("XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL", "5XL", "6XL")
_SIZE_NAMES: Final = {
    "XSMALL": "XS", "SMALL": "S", "MEDIUM": "M", "LARGE": "L", "XLARGE": "XL", "XXLARGE": "2XL",
    "X2LARGE": "2XL", "XXXLARGE": "3XL", "X3LARGE": "3XL", "X4LARGE": "4XL", "X5LARGE": "5XL", "X6LARGE": "6XL",
}  # fmt: skip
_EDITIONS: Final = ("standard", "enterprise", "business_critical", "enterprise_plus")
_KINDS: Final = ("standard", "snowpark", "gen2")
_CLOUDS: Final = ("aws", "azure", "gcp")


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms that prices are computed by; every field may be left out.

    ``warehouse`` is a size (``M``), ``kind`` standard, snowpark or gen2 (with ``cloud``), ``clusters`` how many run
    at once. ``per_credit``, ``per_tib``, ``per_hour`` and ``per_slot_hour`` are contract prices in ``currency``
    that stand before any price list; ``slots`` has BigQuery charged by the slot hour. ``exchange`` is what one USD
    is in ``currency``: price lists are in USD, and rates change, so that it must be given.
    """

    edition: str | None = None
    warehouse: str | None = None
    kind: str = "standard"
    cloud: str | None = None
    clusters: int = 1
    currency: str = "USD"
    exchange: float | None = None
    per_credit: float | None = None
    per_tib: float | None = None
    per_hour: float | None = None
    per_slot_hour: float | None = None
    slots: int | None = None
    runs_per_month: float | None = None
    history: str | None = field(default=None, metadata={"path": True})

    def __post_init__(self) -> None:
        """Check what can be checked. Raises `ConfigError`."""
        if self.currency != "USD" and self.exchange is None and not self._contract:
            raise ConfigError(
                f"pricing: prices are known in USD; say what one USD is in {self.currency}: exchange = 0.9"
            )

    @property
    def _contract(self) -> bool:
        prices = (self.per_credit, self.per_tib, self.per_hour, self.per_slot_hour)
        return any(one is not None for one in prices)

    @property
    def per_usd(self) -> float:
        """What one USD is in the currency."""
        return 1.0 if self.currency == "USD" else self.exchange or 1.0

    @classmethod
    def of(cls, given: Mapping[str, Any], origin: str = "pricing") -> Terms:
        """Read the keys of a configuration. Raises `ConfigError` naming the key."""
        return cls(**dict(entry(key, value, origin) for key, value in given.items()))


def entry(key: str, value: Any, origin: str = "pricing") -> tuple[str, Any]:
    """Return one key of a configuration as the field that it is, checked. Raises `ConfigError` naming it."""
    name = key.replace("-", "_")
    known = [one.name for one in fields(Terms)]
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0].replace('_', '-')!r}?" if near else ""
        raise ConfigError(f"{origin}: unknown key {key!r}{hint}")
    return name, _checked(name, value, f"{origin}: {key}")


def size_name(given: str) -> str:
    """Return a warehouse size as price lists name it. Raises `ConfigError`."""
    plain = given.upper().replace("-", "").replace("_", "").replace(" ", "")
    name = _SIZE_NAMES.get(plain, plain)
    if name not in SIZES:
        raise ConfigError(f"unknown warehouse size {given!r}; it is one of {', '.join(SIZES)}")
    return name


def _checked(name: str, value: Any, where: str) -> Any:
    if name == "warehouse":
        return size_name(str(value))
    choices = {"edition": _EDITIONS, "kind": _KINDS, "cloud": _CLOUDS}.get(name)
    if choices is not None:
        plain = str(value).lower().replace("-", "_").replace(" ", "_")
        if plain not in choices:
            raise ConfigError(f"{where}: expected {' or '.join(choices)}, not {value!r}")
        return plain
    if name == "currency":
        code = str(value).upper()
        if len(code) != 3 or not code.isalpha():  # noqa: PLR2004 - ISO 4217
            raise ConfigError(f"{where}: expected a currency's three letters, not {value!r}")
        return code
    if name == "history":
        return str(value)
    whole = name in ("clusters", "slots")
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < 0:
        raise ConfigError(f"{where}: expected a {'whole ' if whole else ''}number, not {value!r}")
    return value
