"""What becomes of a fix by its rule's claim and its verdict."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Safety, Verdict
from sqlopt.rules.finding import Finding, Severity

if TYPE_CHECKING:
    from sqlopt.rewrite.edits import Fix, Proof

REFUTED = ("SQL010", "refuted-fix")


class Ruling(StrEnum):
    """What may be done with a fix."""

    MADE = "made"
    """It is made by itself: its rule says that it is exact, and that is proved or tested."""
    ASKED = "asked"
    """It is made where a person asks for it, with what is known of it."""
    NEVER = "never"
    """It is neither made nor offered, whatever is asked for: its rule says that it is exact, and it is refuted."""


def ruling(fix: Fix) -> Ruling:
    """Return what may be done with a fix.

    ============================  ===============  =======  =======
    claim of the rule             proved, tested   unknown  refuted
    ============================  ===============  =======  =======
    exact                         made             asked    never
    needs facts, changes results  asked            asked    asked
    ============================  ===============  =======  =======

    A fix that is not judged yet is as good as unknown. One that needs facts or changes results may be refuted and
    right: the database that refutes it may lack the facts, or show the change that the person wants.
    """
    if fix.safety is not Safety.EXACT or fix.proof is None or fix.proof.verdict is Verdict.UNKNOWN:
        return Ruling.ASKED
    return Ruling.NEVER if fix.proof.verdict is Verdict.REFUTED else Ruling.MADE


def judged(finding: Finding, proof: Proof) -> Finding:
    """Return a finding whose fix carries its verdict."""
    return finding if finding.fix is None else replace(finding, fix=replace(finding.fix, proof=proof))


def fault(finding: Finding) -> Finding:
    """Return the finding that a refuted fix is: a fault of its rule, for a person to report."""
    proof = finding.fix.proof if finding.fix is not None else None
    evidence = [("rule", finding.rule)]
    if finding.fix is not None:
        evidence.append(("fix", finding.fix.title))
    if proof is not None:
        evidence.append(("reason", proof.reason))
        if proof.counterexample is not None:
            evidence.append(("counterexample", proof.counterexample))
    return Finding(
        *REFUTED,
        Severity.WARNING,
        f"the fix of {finding.rule} ({finding.name}) is refuted and is not made; please report this fault of the rule",
        finding.span,
        evidence=tuple(evidence),
        statement=finding.statement,
    )
