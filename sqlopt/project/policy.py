"""The gate: what a change may not exceed, by path, owner or label. The first state's settings decide."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from sqlopt.project.diff.report import DiffReport, Found, GateResult, StatementChange
from sqlopt.rules.finding import Severity
from sqlopt.source.files import glob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_UNITS: Final = {
    "money-per-month": ("money", True),
    "money-per-run": ("money", False),
    "bytes-per-run": ("bytes_scanned", False),
}


def judge(
    report: DiffReport, gate: Mapping[str, Any], labels: Iterable[str] = (), owners: str = ""
) -> GateResult:
    """Return whether the gate stops a change that has these labels. ``owners`` is the text of CODEOWNERS.

    The gate's own limits hold for the change as a whole; each table of ``when`` holds for the statements and
    findings of its paths and owners, if the change has one of its labels (or it names none).
    """
    given = {one.casefold() for one in labels}
    owned = _owners(owners)
    reasons = list(_exceeded(gate, report.statements, report.new, report.currency, ""))
    for rule in gate.get("when", ()):
        wanted = {one.casefold() for one in rule.get("labels", ())}
        if wanted and not wanted & given:
            continue

        def covers(path: str, rule: Mapping[str, Any] = rule) -> bool:
            paths, people = rule.get("paths"), rule.get("owners")
            by_path = paths is None or any(glob(one).fullmatch(path) for one in paths)
            return by_path and (people is None or bool(set(people) & owned(path)))

        where = ", ".join((*rule.get("paths", ()), *rule.get("owners", ()), *sorted(wanted)))
        statements = [one for one in report.statements if covers(one.path)]
        found = [one for one in report.new if covers(one.path)]
        reasons += _exceeded(rule, statements, found, report.currency, where)
    label = gate.get("override-label", "")
    overridden = label if label and label.casefold() in given and reasons else ""
    return GateResult(bool(reasons) and not overridden, tuple(reasons), overridden)


def _exceeded(
    limits: Mapping[str, Any],
    statements: Sequence[StatementChange],
    new: Sequence[Found],
    currency: str,
    where: str,
) -> Iterable[str]:
    place = f" ({where})" if where else ""
    least = limits.get("fail-on", "never")
    if least != "never":
        grave = [one for one in new if one.finding.severity.at_least(Severity(least))]
        if grave:
            count = "1 new finding is" if len(grave) == 1 else f"{len(grave)} new findings are"
            yield f"{count} of severity {least} or graver{place}"
    for key, (unit, monthly) in _UNITS.items():
        limit = limits.get(key)
        parts = [one.difference(unit, monthly=monthly) for one in statements] if limit is not None else []
        more = sum(one.expected for one in parts if one is not None)
        if limit is not None and more > limit:
            span = "a month" if monthly else "a run"
            yield f"{_shown(more, unit, currency)} more {span}, and {_shown(limit, unit, currency)} are allowed{place}"


def _shown(value: float, unit: str, currency: str) -> str:
    from sqlopt.cost.units import human_bytes

    return human_bytes(value) if unit == "bytes_scanned" else f"{value:,.2f} {currency}"


def _owners(text: str) -> Callable[[str], set[str]]:
    """Return who owns a path: the last line of CODEOWNERS that fits says so."""
    rules = []
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if words and not words[0].startswith("["):
            rules.append((words[0], set(words[1:])))

    def owned(path: str) -> set[str]:
        found: set[str] = set()
        for pattern, people in rules:
            if _fits(pattern, path):
                found = people
        return found

    return owned


def _fits(pattern: str, path: str) -> bool:
    plain = pattern.lstrip("/")
    if plain.endswith("/"):
        return path.startswith(plain) or (not pattern.startswith("/") and f"/{plain}" in f"/{path}")
    if "/" not in plain:
        return any(fnmatchcase(part, plain) for part in path.split("/"))
    return fnmatchcase(path, plain) or path.startswith(f"{plain}/")
