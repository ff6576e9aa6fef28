"""From bytes and seconds to credits and money, by each warehouse's price list and the user's terms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.warehouses.pricing import Figure, prices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.cost.terms import Terms

_TIB: Final = 2**40
_GIB: Final = 2**30
_TB: Final = 1e12
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Price:
    """Credits and money of one run, each None where nothing is known; ``because`` says by what prices."""

    credits: Estimate | None = None
    money: Estimate | None = None
    because: tuple[str, ...] = ()


def billed_bytes(processed: Iterable[float]) -> float:
    """Return the bytes that BigQuery bills a statement for, from those it processes of each table.

    At least 10 MB a table, and the whole rounded up to a MiB (figures ``minimum_per_table`` and ``rounding`` of
    warehouses/bigquery/pricing.toml). A statement without tables is free.
    """
    figures = prices("bigquery")
    least, unit = float(figures["minimum_per_table"].value), float(figures["rounding"].value)
    total = sum(max(one, least) for one in processed)
    return math.ceil(total / unit) * unit


def credits_per_hour(terms: Terms) -> tuple[float, str]:
    """Return the credits that the warehouse of ``terms`` burns in an hour, and by what figures."""
    figures = prices("snowflake")
    size = terms.warehouse or "XS"
    name = "credits_per_hour_snowpark" if terms.kind == "snowpark" else "credits_per_hour"
    figure = figures[name]
    if size not in figure.value:
        size = next(iter(figure.value))
    rate = float(figure.value[size])
    words = [f"{size} warehouse: {rate:g} credits an hour ({figure.status}: {figure.source})"]
    if terms.kind == "gen2":
        gen2 = figures["gen2_multiplier"]
        factor = float(gen2.value[terms.cloud or "aws"])
        rate *= factor
        words.append(f"generation 2: times {factor:g} ({gen2.status}: {gen2.source})")
    if terms.warehouse is None:
        words.append("the warehouse's size is assumed: set `warehouse`")
    return rate * terms.clusters, "; ".join(words)


def price(
    dialect: str, billed: Estimate | None, seconds: Estimate | None, terms: Terms, *, minimum: bool = True
) -> Price:
    """Return what a run costs that is billed for these bytes and takes these seconds.

    Without ``minimum`` it is the price of so much more: the least that is billed for any run is left out.
    """
    if dialect == "snowflake":
        return _snowflake(seconds, terms, minimum=minimum)
    if dialect == "bigquery" and terms.slots is not None:
        return _slots(seconds, terms, minimum=minimum)
    if billed is not None and (dialect == "bigquery" or terms.per_tib is not None):
        return _by_bytes(dialect, billed, terms)
    if seconds is not None and terms.per_hour is not None:
        money = seconds.times(terms.per_hour / _HOUR, terms.currency)
        return Price(None, money, (f"{terms.per_hour:g} {terms.currency} an hour, as set",))
    return Price()


def cloud_services(used: float, compute: float) -> float:
    """Return the credits of cloud services that are billed for a day: what goes beyond a tenth of its compute."""
    return max(used - float(prices("snowflake")["cloud_services_free"].value) * compute, 0.0)


def storage(dialect: str, size: float, terms: Terms) -> Price:
    """Return what a month of storing so many bytes costs, where that has a price: Snowflake and BigQuery.

    BigQuery's is a range: its lower end is the price of what nobody changed for 90 days.
    """
    figure = prices(dialect).get({"snowflake": "storage", "bigquery": "storage_logical"}.get(dialect, ""))
    if figure is None:
        return Price()
    if dialect == "snowflake":
        money = Estimate.exactly(size / _TB * float(figure.value) * terms.per_usd, terms.currency)
    else:
        high, low = float(figure.value["active"]), float(figure.value["long_term"])
        factor = size / _GIB * terms.per_usd
        money = Estimate(low * factor, high * factor, high * factor, terms.currency)
    return Price(None, money, (f"storage, {figure.basis}", *_exchanged(terms)))


def _by_bytes(dialect: str, billed: Estimate, terms: Terms) -> Price:
    if terms.per_tib is not None:
        words = f"{terms.per_tib:g} {terms.currency} a TiB, as set"
        return Price(None, billed.times(terms.per_tib / _TIB, terms.currency), (words,))
    figure = prices(dialect)["on_demand"]
    money = billed.times(figure.value / _TIB * terms.per_usd, terms.currency)
    return Price(None, money, (f"on demand, {figure.basis}", *_exchanged(terms)))


def _slots(seconds: Estimate | None, terms: Terms, *, minimum: bool) -> Price:
    """BigQuery editions: slots by the second, at least a minute."""
    if seconds is None:
        return Price()
    figures = prices("bigquery")
    least = float(figures["editions_minimum"].value) if minimum else 0.0
    hourly, words = terms.per_slot_hour, f"{terms.per_slot_hour} {terms.currency} a slot hour, as set"
    if hourly is None:
        figure = figures["slot_hour"]
        edition = terms.edition or "standard"
        if edition not in figure.value:
            return Price(because=(f"the price of a slot hour of {edition} is not known: set per-slot-hour",))
        hourly = float(figure.value[edition]) * terms.per_usd
        words = f"{edition} edition, {figure.basis}"
    factor = hourly * (terms.slots or 0) / _HOUR
    money = Estimate(
        max(seconds.low, least) * factor,
        max(seconds.expected, least) * factor,
        max(seconds.high, least) * factor,
        terms.currency,
        seconds.basis,
    )
    return Price(None, money, (words, *_exchanged(terms)))


def _snowflake(seconds: Estimate | None, terms: Terms, *, minimum: bool) -> Price:
    if seconds is None:
        return Price()
    rate, words = credits_per_hour(terms)
    least = float(prices("snowflake")["billing"].value["minimum"]) if minimum else 0.0
    # A running warehouse bills by the second; one that the statement wakes bills a minute at least.
    found = Estimate(
        seconds.low * rate / _HOUR,
        seconds.expected * rate / _HOUR,
        max(seconds.high, least) * rate / _HOUR,
        "credits",
        seconds.basis,
    )
    money, per_credit = _credits_in_money(found, terms)
    wake = f"at most, a warehouse that it wakes bills {least:g} seconds"
    return Price(found, money, (words, wake, *per_credit, *_exchanged(terms)))


def _credits_in_money(found: Estimate, terms: Terms) -> tuple[Estimate, tuple[str, ...]]:
    if terms.per_credit is not None:
        words = f"{terms.per_credit:g} {terms.currency} a credit, as set"
        return found.times(terms.per_credit, terms.currency), (words,)
    listed, by_region = prices("snowflake")["credit"], prices("snowflake")["credit_by_region"]
    editions = [terms.edition] if terms.edition in listed.value else list(listed.value)
    usual = terms.edition if terms.edition in listed.value else "enterprise"
    low = min(float(by_region.value[one][0]) for one in editions)
    high = max(float(by_region.value[one][1]) for one in editions)
    money = Estimate(
        found.low * low * terms.per_usd,
        found.expected * float(listed.value[usual]) * terms.per_usd,
        found.high * high * terms.per_usd,
        terms.currency,
        Basis.ASSUMED if len(editions) > 1 else found.basis,
    )
    said = [f"{usual} edition, {_short(listed)}", f"ends by region, {_short(by_region)}"]
    if len(editions) > 1:
        said.append("the edition is assumed: set `edition`")
    return money, tuple(said)


def _short(figure: Figure) -> str:
    return f"{figure.unit} ({figure.status} source of {figure.date}: {figure.source})"


def _exchanged(terms: Terms) -> tuple[str, ...]:
    if terms.currency == "USD" or terms.exchange is None:
        return ()
    return (f"1 USD = {terms.exchange:g} {terms.currency}, as set",)
