"""Rules over plans: the same findings and reports as rules over SQL, from what an engine says it does or did."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.units import human_bytes, human_share
from sqlopt.rules.finding import FileResult, Finding
from sqlopt.rules.own import RuleCrashed
from sqlopt.rules.rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Operator, Plan

_log = logging.getLogger(__name__)


class PlanRule(Rule):
    """A detection in a plan. Its page's examples are blocks of ``plan`` in place of ``sql``."""

    match = "plan"

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        """Yield a hit for each fault in ``plan``; what the plan does not say is no fault."""
        raise NotImplementedError


def check_plan(
    plan: Plan,
    text: str,
    rules: Mapping[str, type[Rule]],
    options: Mapping[str, Mapping[str, Any]] | None = None,
    path: str = "<plan>",
) -> FileResult:
    """Run the plan rules among ``rules`` over a plan; ``text`` is its document.

    Nothing in the plan makes this raise: rules that fail are in the result's errors.
    """
    found: list[Finding] = []
    errors: list[Finding] = []
    for rule in rules.values():
        if not issubclass(rule, PlanRule):
            continue
        settings = {**rule.options, **(options or {}).get(rule.id, {})}
        try:
            hits = list(rule().look(plan, settings))
        except Exception as error:  # noqa: BLE001 - a rule may be anyone's code
            _log.debug("rule %s", rule.id, exc_info=True)
            message = f"left out: {rule.id} ({rule.pack}/{rule.name}): {type(error).__name__}: {error}"
            errors.append(Finding(RuleCrashed.id, RuleCrashed.name, RuleCrashed.severity, message, plan.span))
            continue
        found += [_finding(rule, hit) for hit in hits]
    found.sort(key=lambda one: (one.span, one.rule, one.message))
    return FileResult(path, text, plan.engine, tuple(found), tuple(errors), 1)


def _finding(rule: type[Rule], hit: Hit) -> Finding:
    severity = hit.severity or rule.severity
    return Finding(
        rule.id, rule.name, severity, hit.message, hit.span, None, hit.saving, hit.related, hit.evidence
    )


_SECONDS = {"bigquery": "slot seconds", "duckdb": "thread seconds"}
"""What engines that count the time of all workers count it in."""


def seconds_spent(plan: Plan, operator: Operator) -> Estimate | None:
    """Return up to the operator's own seconds, as a saving; None if the plan does not say them.

    How much of them a remedy saves is not known: half is assumed, and marked so.
    """
    if not operator.seconds:
        return None
    unit = _SECONDS.get(plan.engine, "seconds")
    return Estimate(0.0, operator.seconds / 2, operator.seconds, unit, Basis.ASSUMED)


def bytes_read(operator: Operator) -> Estimate | None:
    """Return up to the bytes that the operator reads, as a saving; None if the plan does not say them."""
    if not operator.bytes:
        return None
    return Estimate(0.0, operator.bytes / 2, operator.bytes, "bytes", Basis.ASSUMED)


def evidence(operator: Operator) -> tuple[tuple[str, str], ...]:
    """Return what the plan says of an operator, as evidence for a finding."""
    pairs: list[tuple[str, str | None]] = [
        ("operator", operator.name),
        ("table", operator.table),
        ("rows estimated", _count(operator.estimated_rows)),
        ("rows out", _count(operator.actual_rows)),
        ("bytes now", None if operator.bytes is None else human_bytes(operator.bytes)),
        ("seconds", None if operator.seconds is None else f"{operator.seconds:,.3f}"),
        ("share of the plan", None if operator.share is None else human_share(operator.share)),
    ]
    if operator.partitions_total is not None and operator.partitions_scanned is not None:
        pairs.append(("partitions", f"{operator.partitions_scanned:,} of {operator.partitions_total:,}"))
    return tuple((label, value) for label, value in pairs if value is not None)


def _count(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}"
