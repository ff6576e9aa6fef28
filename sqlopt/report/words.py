"""The words and numbers that formats share: bytes, prices, counts, and text made safe to show."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sqlopt.cost.estimate import Basis
from sqlopt.cost.units import human_bytes
from sqlopt.rewrite.edits import Safety, Verdict
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.cost.estimate import Estimate
    from sqlopt.report.place import Lines
    from sqlopt.rewrite.edits import Fix
    from sqlopt.rules.finding import FileResult, Finding, Report

# All that a terminal might take for a command or that hides or reorders text.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


_CENT = 0.01


def amount(value: float, unit: str) -> str:
    """Return a quantity with its unit."""
    if unit == "bytes":
        return human_bytes(value)
    return f"{value:,.2f} {unit}" if value < 100 and value % 1 else f"{value:,.0f} {unit}"  # noqa: PLR2004


def price(saving: Estimate) -> str:
    """Return what a fix saves, as surely as it is known: ``2.0 TB a run``."""
    low, high, unit = saving.low, saving.high, saving.unit
    top = amount(high, unit)
    if amount(low, unit) == top:
        words = f"{top} a run"
    elif low <= 0:
        words = f"up to {top} a run"
    else:
        words = f"{amount(low, unit)} to {top} a run"
    return f"{words} (assumed)" if saving.basis is Basis.ASSUMED else words


def saves_words(finding: Finding) -> str:
    """Return what a finding's fix saves, in bytes and money; an empty text where that is not known."""
    if finding.saving is None:
        return ""
    if not finding.saving.high:
        return "nothing, by what is known"  # the engine is said to prune as it stands
    money = next((one for one in finding.worth if one.unit != "credits"), None)
    if money is None:
        return price(finding.saving)
    words = "<0.01 " + money.unit if 0 < money.expected < _CENT else f"{money.expected:,.2f} {money.unit}"
    return f"{price(finding.saving)}, about {words}"


def now_and_after(finding: Finding) -> str:
    """Return the bytes read now and after the fix, as far as the evidence holds them."""
    facts = {label.casefold(): value for label, value in finding.evidence}
    now = facts.get("bytes now") or facts.get("now")
    after = facts.get("bytes after") or facts.get("after")
    money = f" ({facts['price now']})" if "price now" in facts else ""
    return ", ".join(filter(None, (now and f"{now} now{money}", after and f"{after} after")))


def escape(text: str) -> str:
    """Return text with control characters, line breaks among them, shown as escapes."""
    text = text.replace("\r\n", "\n").replace("\n", "\\n").replace("\r", "\\r")
    return visible(text)


def visible(line: str) -> str:
    """Return one line's text with control characters shown as escapes; tabs stay."""
    return _CONTROL.sub(lambda found: _escaped(ord(found[0])), line)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004


class Item(NamedTuple):
    """A finding, or an error, with the file it stands in."""

    file: FileResult
    finding: Finding
    lines: Lines


def items(report: Report) -> Iterator[Item]:
    """Yield errors and findings, file by file, in order of position; a text is read once."""
    from sqlopt.report.place import Lines

    if report.order == "saving":
        yield from sorted(items(replace(report, order="place")), key=_by_saving)
        return
    for file in report.files:
        if file.findings or file.errors:
            lines = Lines(file.text)
            for finding in sorted((*file.errors, *file.findings), key=lambda one: (one.span, one.rule)):
                yield Item(file, finding, lines)


def _by_saving(item: Item) -> tuple[float, float]:
    """Errors first, then what saves the most money, then the most bytes."""
    if item.finding in item.file.errors:
        return -float("inf"), 0.0
    money = max((one.expected for one in item.finding.worth if one.unit != "credits"), default=0.0)
    return -money, -item.finding.saves("bytes")


def counts(report: Report) -> dict[Severity, int]:
    """Return how many findings and errors there are of each severity, gravest first."""
    found = dict.fromkeys(reversed(Severity), 0)
    for file in report.files:
        for finding in (*file.errors, *file.findings):
            found[finding.severity] += 1
    return found


def savings(report: Report, rule: str | None = None) -> dict[str, float]:
    """Return what fixing all findings, or those of one rule, would save a run, expected, by unit.

    Findings on one statement may speak of the same bytes, so each statement counts its greatest
    saving only: the sum says too little rather than too much.
    """
    best: dict[tuple[str, str, str], float] = {}
    for file in report.files:
        for finding in file.findings:
            if finding.saving is not None and rule in (None, finding.rule):
                key = (file.path, finding.statement or str(finding.span), finding.saving.unit)
                best[key] = max(best.get(key, 0.0), finding.saving.expected)
    total: dict[str, float] = {}
    for (_, _, unit), value in best.items():
        total[unit] = total.get(unit, 0.0) + value
    return total


def plural(count: int, noun: str, many: str = "") -> str:
    """Return ``1 file``, ``2 files``; ``2 info`` has no plural."""
    return f"{count:,} {noun}" if count == 1 or noun == Severity.INFO else f"{count:,} {many or noun + 's'}"


def sure(fix: Fix) -> str:
    """Return in a few words how sure a fix is: what its rule claims, and what is known of it."""
    proof = fix.proof
    if proof is None:
        return "checked when made" if fix.safety is Safety.EXACT else str(fix.safety)
    if proof.verdict is Verdict.UNKNOWN:
        return "unknown whether exact" if fix.safety is Safety.EXACT else str(fix.safety)
    known = {
        Verdict.PROVED: "proved",
        Verdict.TESTED: f"tested on {plural(proof.databases, 'database')}",
        Verdict.REFUTED: "refuted by an example",
    }[proof.verdict]
    return f"{fix.safety}, {known}"


def verdict_counts(found: Iterable[Finding]) -> str:
    """Return ``10 proved, 2 tested on 400 databases`` of findings with judged fixes, the surest first."""
    proofs = [one.fix.proof for one in found if one.fix is not None and one.fix.proof is not None]
    parts = []
    for verdict in Verdict:
        mine = [one.databases for one in proofs if one.verdict is verdict]
        if mine:
            words = f"{len(mine)} {verdict}"
            if verdict is Verdict.TESTED:
                low, high = min(mine), max(mine)
                words += f" on {low} to {high} databases" if low < high else f" on {plural(low, 'database')}"
            parts.append(words)
    return ", ".join(parts)
