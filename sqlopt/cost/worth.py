"""What bytes saved are worth: credits and money, by the prices that the statement itself is priced by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.money import price
from sqlopt.cost.statement import seconds_of_bytes

if TYPE_CHECKING:
    from sqlopt.cost.calibration import Calibration
    from sqlopt.cost.terms import Terms


def worth(
    saving: Estimate | None, dialect: str, terms: Terms, calibration: Calibration | None
) -> tuple[Estimate, ...]:
    """Return a saving in bytes as credits and money, as far as the warehouse has a price for them.

    The minimum of bytes or seconds that a warehouse bills is left out: it is paid with and without the saving.
    """
    if saving is None or saving.unit != "bytes":
        return ()
    seconds = None
    if calibration is not None and saving.expected > 0:
        found = calibration.seconds(saving.expected, terms.warehouse, "")
        if found is not None:
            per_byte = found[0].times(1 / saving.expected)
            seconds = Estimate(
                per_byte.low * saving.low,
                found[0].expected,
                per_byte.high * saving.high,
                "seconds",
                Basis.HISTORY,
            )
    if seconds is None:
        seconds = seconds_of_bytes(saving, terms)
    bill = price(dialect, saving, seconds, terms, minimum=False)
    return tuple(one for one in (bill.credits, bill.money) if one is not None)
