"""``rewrite_sql``: the fixes that `sqlopt check` offers, each with its proof, and what `sqlopt fix` makes of a text."""

import time
from dataclasses import asdict
from typing import Any

from sqlopt.mcp.answers import Rewrite, Rewrites
from sqlopt.mcp.call import Call
from sqlopt.mcp.tools.parameters import SECONDS, Cursor, Dialect, Effort, Limit, Seconds, Sql, TextPath
from sqlopt.project import Project
from sqlopt.project.fixing import Fixed, fix_text
from sqlopt.project.gate import Ruling, fault, judged, ruling
from sqlopt.project.gate.gate import Gate
from sqlopt.report.records import record
from sqlopt.report.words import Item, items
from sqlopt.rewrite.prove.effort import Effort as Amount
from sqlopt.rewrite.prove.effort import Limits

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
    refuted. rewritten is the text with all rewrites that are exact and proved, or tested. One whose rule calls it
    exact and that is refuted comes without edits: fault says so, and is to be reported. Edits are never made for you.
    """

    def make() -> tuple[dict[str, Any], list[tuple[Item, Any]]]:
        project, where = call.project(dialect), call.path(path)
        limits = Limits(Amount(effort), seconds)
        text = call.text(sql)
        gate = Gate(project, limits)
        every = list(items(project.check(text, where)))
        wrong = [
            f"{one.file.path}:{one.lines.place(one.finding.span.start).line}: {one.finding.message}"
            for one in every
            if one.finding in one.file.errors
        ]
        found = [(one, gate) for one in every if one.finding.fix is not None]
        return {**_head(project, text, where, limits, offered=bool(found)), "errors": wrong}, found

    page = call.page((cursor, limit), make, lambda one: _shown(*one), "rewrites")
    return Rewrites(**page.head, rewrites=page.items, next_cursor=page.next_cursor, left_out=page.left_out)


def _head(project: Project, text: str, path: str, limits: Limits, *, offered: bool) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE
    gate = Gate(project, limits, deadline=deadline)
    fixed = fix_text(gate, text, path) if offered else Fixed(text)
    notes = []
    if time.monotonic() > deadline:
        notes.append("there was no time to judge all fixes: rewritten may lack some")
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


def _shown(item: Item, gate: Gate) -> Rewrite:
    text, finding = item.file.text, item.finding
    assert finding.fix is not None  # noqa: S101 - only those with one are kept
    if finding.fix.proof is None:
        finding = judged(finding, gate.judge(text, item.file.path, [finding.fix.edits])[0])
    fix = finding.fix
    assert fix is not None  # noqa: S101
    refuted = ruling(fix) is Ruling.NEVER
    after = fix.apply(text)
    data = record(item._replace(finding=finding))
    given = {**data, **data["fix"], "proof": asdict(fix.proof) if fix.proof is not None else None}
    given["text_after"] = after if len(after) <= _SHORT and not refuted else None
    if refuted:
        given |= {"edits": [], "fault": fault(finding).message}
    return Rewrite.of(given)
