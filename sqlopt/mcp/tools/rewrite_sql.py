"""``rewrite_sql``: the fixes that `sqlopt check` offers, each with its proof, and what `sqlopt fix` makes of a text."""

import time
from dataclasses import asdict
from typing import Any

from sqlopt.mcp.answers import Rewrite, Rewrites
from sqlopt.mcp.call import Call
from sqlopt.mcp.tools.parameters import SECONDS, Cursor, Dialect, Effort, Limit, Seconds, Sql, TextPath
from sqlopt.project import Project
from sqlopt.project.fixing import Fixed, fix_text
from sqlopt.report.records import record
from sqlopt.report.words import Item, items
from sqlopt.rewrite.edits import Fix, Proof, Safety, Verdict
from sqlopt.rewrite.prove.effort import Effort as Amount
from sqlopt.rewrite.prove.effort import Limits
from sqlopt.rules.finding import Finding

_PAGE = 10  # each is proven anew, which takes a second
_LONGEST = 20_000  # characters of the rewritten text
_SHORT = 4_000
_PATIENCE = 15.0  # seconds, for the text with all fixes


def rewrite_sql(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    sql: Sql,
    dialect: Dialect = None,
    path: TextPath = None,
    effort: Effort = "normal",
    seconds: Seconds = SECONDS,
    cursor: Cursor = None,
    limit: Limit = _PAGE,
) -> Rewrites:
    """Rewrite SQL to cost less: each rewrite as edits, with how sure it is that the result stays the same.

    safety: exact keeps the result; needs facts does under premises to be confirmed; changes results does not. proof
    is what is known of this rewrite: its verdict, the declared facts it rests on, a counterexample where it is
    refuted. rewritten is the text with all rewrites that are both exact and proved. Edits are never made for you.
    """

    def make() -> tuple[dict[str, Any], list[tuple[Item, "_Proofs"]]]:
        proofs = _Proofs(call.project(dialect), call.path(path), Limits(Amount(effort), seconds))
        text = call.text(sql)
        report = proofs.project.check(text, proofs.path)
        every = list(items(report))
        wrong = [
            f"{one.file.path}:{one.lines.place(one.finding.span.start).line}: {one.finding.message}"
            for one in every
            if one.finding in one.file.errors
        ]
        found = [(one, proofs) for one in every if one.finding.fix is not None]
        return {**_head(proofs, text, offered=bool(found)), "errors": wrong}, found

    page = call.page((cursor, limit), make, lambda one: _shown(*one), "rewrites")
    return Rewrites(**page.head, rewrites=page.items, next_cursor=page.next_cursor, left_out=page.left_out)


class _Proofs:
    """The proofs of one text's fixes, each asked for once."""

    def __init__(self, project: Project, path: str, limits: Limits) -> None:
        self.project = project
        self.path = path
        self.limits = limits
        self._known: dict[tuple[str, Fix], Proof | None] = {}

    def of(self, text: str, fix: Fix) -> Proof | None:
        """Return what is known of a fix; None in a template."""
        if fix.proof is not None:
            return fix.proof
        if (text, fix) not in self._known:
            limits = self.limits
            self._known[text, fix] = self.project.proof(text, fix, self.path, limits.seconds, limits.effort)
        return self._known[text, fix]

    def fixed(self, text: str) -> tuple[Fixed, bool]:
        """Return the text with each fix that is exact and proved, and whether the time was enough."""
        end = time.monotonic() + _PATIENCE

        def wanted(finding: Finding, now: str) -> bool:
            fix = finding.fix
            if fix is None or fix.safety is not Safety.EXACT or time.monotonic() > end:
                return False
            proof = self.of(now, fix)
            return proof is not None and proof.verdict is Verdict.PROVED

        found = fix_text(self.project, text, self.path, wanted)
        return found, time.monotonic() <= end


def _head(proofs: _Proofs, text: str, *, offered: bool) -> dict[str, Any]:
    fixed, enough = proofs.fixed(text) if offered else (Fixed(text), True)
    notes = [] if enough else ["there was no time to prove all fixes: rewritten may lack some"]
    rewritten = fixed.text if fixed.text != text else None
    if rewritten is not None and len(rewritten) > _LONGEST:
        notes.append(
            f"rewritten has {len(rewritten):,} characters and is left out: make the edits one by one"
        )
        rewritten = None
    return {
        "rewritten": rewritten,
        "applied": [one.rule for one in fixed.applied],
        "notes": notes,
    }


def _shown(item: Item, proofs: _Proofs) -> Rewrite:
    fix = item.finding.fix
    assert fix is not None  # noqa: S101 - only those with one are kept
    proof = proofs.of(item.file.text, fix)
    after = fix.apply(item.file.text)
    data = record(item)
    return Rewrite.of(
        {
            **data,
            **data["fix"],
            "text_after": after if len(after) <= _SHORT else None,
            "proof": None if proof is None else asdict(proof),
        }
    )
