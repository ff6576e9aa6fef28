"""Sentences and cells about a change: sums, differences, verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.units import human_bytes

if TYPE_CHECKING:
    from sqlopt.cost.estimate import Estimate
    from sqlopt.project.costing import CostedStatement
    from sqlopt.project.diff import DiffReport, StatementChange
    from sqlopt.rewrite.edits import Proof

_CENT = 0.005
_VERDICTS = (
    (("refuted",), "gives another result", "give other results"),
    (("proved", "tested"), "keeps its result", "keep their results"),
    (("unknown",), "may give another result", "may give other results"),
)


def headline(report: DiffReport) -> str:
    """Return what the change does, in a sentence."""
    if not report.changed:
        return "This change costs nothing more and breaks nothing that can be seen."
    parts = [_cost(report)]
    if report.new:
        parts.append(count(len(report.new), "new finding"))
    if report.fixed:
        parts.append(f"{count(len(report.fixed), 'finding')} fixed")
    gone = [one for one in report.columns if one.change == "removed" and one.reaches]
    if gone:
        parts.append(f"{count(len(gone), 'column')} removed that others read")
    verdicts = [str(one.proof.verdict) for one in report.statements if one.proof is not None]
    for known, one, many in _VERDICTS:
        number = sum(found in known for found in verdicts)
        if number:
            parts.append(count(number, f"changed query {one}", f"changed queries {many}"))
    return "This change " + ", ".join(parts) + "."


def _cost(report: DiffReport) -> str:
    for unit, monthly, span in (
        ("money", True, "a month"),
        ("money", False, "a run"),
        ("bytes_scanned", False, "a run"),
    ):
        total, unknown = report.total(unit, monthly=monthly)
        if total is not None:
            more = f" (of {count(unknown, 'statement')} that is not known)" if unknown else ""
            if abs(total.expected) < (_CENT if unit == "money" else 1):
                return f"costs as much as before {span}{more}"
            verb = "costs" if total.expected > 0 else "saves"
            return f"{verb} {amount(total, sign=False)} {'more ' if verb == 'costs' else ''}{span}{more}"
    return "has a cost that is not known" if report.statements else "changes no statement"


def amount(one: Estimate | None, *, sign: bool = False) -> str:
    """Return an estimate's expected value with its unit; ``unknown`` for none."""
    if one is None:
        return "unknown"
    value = one.expected if sign else abs(one.expected)
    mark = "+" if sign and value > 0 else "-" if sign and value < 0 else ""
    size = abs(value)
    if one.unit == "bytes":
        return f"{mark}{human_bytes(size)}" if size else "0 B"
    words = f"{size:,.2f}" if size >= _CENT or not size else "<0.01"
    return f"{mark}{words} {one.unit}"


def spread(one: Estimate | None) -> str:
    """Return an estimate with the range that it may have, for a cell."""
    if one is None:
        return "unknown"
    if one.low == one.high:
        return amount(one)
    ends = [amount(type(one)(end, end, end, one.unit, one.basis)) for end in (one.low, one.high)]
    return f"{amount(one)} ({ends[0]} to {ends[1]})"


def side(one: CostedStatement | None) -> str:
    """Return what a statement costs a run, for a cell: bytes and money."""
    if one is None:
        return "none"
    parts = [amount(one.cost.bytes_scanned)]
    price = one.cost.money or one.cost.credits
    if price is not None:
        parts.append(amount(price))
    return ", ".join(parts)


def difference(one: StatementChange) -> str:
    """Return what changed in a statement's cost, for a cell."""
    parts = [amount(one.difference("bytes_scanned"), sign=True)]
    price = one.difference("money")
    if price is not None:
        parts.append(amount(price, sign=True))
    month = one.difference("money", monthly=True)
    if month is not None:
        parts.append(f"{amount(month, sign=True)} a month")
    return ", ".join(dict.fromkeys(parts))


def verdict(proof: Proof | None) -> str:
    """Return what is known of a result, in a few words."""
    if proof is None:
        return ""
    return {
        "proved": "same result: proved",
        "tested": "same result on generated databases",
        "refuted": "another result",
        "unknown": "result: unknown",
    }[str(proof.verdict)]


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its word: ``1 column``, ``2 columns``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
