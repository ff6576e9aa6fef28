"""``sqlopt ci github``: a pull request's change judged, and said in one comment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlopt.ci.annotations import commands, unshown, write_outputs, write_summary
from sqlopt.ci.rest import Rest, RestError
from sqlopt.ci.review import known, suggestions
from sqlopt.ci.sticky import Notes, put
from sqlopt.report.pull_request import comment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlopt.ci.event import PullRequest
    from sqlopt.project.diff import DiffReport

WHEN: Final = ("always", "changed", "threshold")
_API: Final = "https://api.github.com"
_BOT: Final = "github-actions[bot]"
_REFUSED: Final = (401, 403, 404)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the result is wanted. ``when`` is one of `WHEN`: ``threshold`` comments where the gate stops."""

    when: str = "changed"
    suggest: bool = True


def server(environment: Mapping[str, str]) -> Rest | None:
    """Return GitHub's API with the token of the run; None without a token."""
    token = environment.get("GITHUB_TOKEN", "")
    if not token:
        return None
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "sqlopt",
    }
    return Rest(environment.get("GITHUB_API_URL", _API).rstrip("/"), headers)


def tell(
    report: DiffReport,
    pull: PullRequest,
    environment: Mapping[str, str],
    wishes: Wishes,
    say: Callable[[str], None],
) -> None:
    """Say what a change does: annotations, the job's summary, outputs, one comment, one review.

    What may not be written (a fork's token can only read) is noted, and stands in the summary all the same.
    """
    for line in commands(report.new):
        say(line)
    text = comment(report)
    hidden = unshown(report.new)
    if "GITHUB_STEP_SUMMARY" in environment:
        more = f"\n\n{hidden} more findings have no annotation.\n" if hidden else ""
        write_summary(environment["GITHUB_STEP_SUMMARY"], text + more)
    if "GITHUB_OUTPUT" in environment:
        delta = report.cost_delta
        write_outputs(
            environment["GITHUB_OUTPUT"],
            {
                "json": json.dumps(report.to_dict()),
                "findings": str(len(report.new)),
                "cost-delta": f"{delta.expected:.2f}" if delta is not None else "",
            },
        )
    rest = server(environment)
    if rest is None:
        say("::notice::no GITHUB_TOKEN: the comment stands in the job's summary")
        return
    try:
        say(f"comment {_comment(rest, pull, text, _wanted(report, wishes))}")
        if wishes.suggest:
            _review(rest, pull, report)
    except RestError as error:
        if error.status not in _REFUSED:
            raise
        why = "of a fork, whose token can only read" if pull.fork else "without `pull-requests: write`"
        say(f"::notice::no comment: the pull request is {why}; it stands in the job's summary")


def _wanted(report: DiffReport, wishes: Wishes) -> bool:
    if wishes.when == "always":
        return True
    stopped = report.gate.failed or bool(report.gate.overridden)
    return stopped if wishes.when == "threshold" else report.changed


def _comment(rest: Rest, pull: PullRequest, text: str, wanted: bool) -> str:
    path = f"/repos/{pull.repository}"

    def mine(one: dict[str, Any]) -> bool:
        user = one.get("user") or {}
        return user.get("login") == me

    me = _me(rest)
    notes = Notes(
        lambda: rest.pages(f"{path}/issues/{pull.number}/comments?per_page=100"),
        lambda body: rest.post(f"{path}/issues/{pull.number}/comments", {"body": body}),
        lambda number, body: rest.patch(f"{path}/issues/comments/{number}", {"body": body}),
        lambda number: rest.delete(f"{path}/issues/comments/{number}"),
        mine,
    )
    return put(notes, text, wanted=wanted)


def _me(rest: Rest) -> str:
    """Return who writes: the workflow's own token may not ask, and writes as the bot."""
    try:
        return str(rest.get("/user")["login"])
    except RestError as error:
        if error.status in _REFUSED:
            return _BOT
        raise


def _review(rest: Rest, pull: PullRequest, report: DiffReport) -> None:
    path = f"/repos/{pull.repository}/pulls/{pull.number}"
    written: dict[str, set[int]] = {}
    for one in report.new:
        if one.inside:
            written.setdefault(one.path, set()).update(range(one.line, one.end_line + 1))
    if not any(one.inside and one.finding.fix is not None for one in report.new):
        return
    there = known(str(one.get("body")) for one in rest.pages(f"{path}/comments?per_page=100"))
    made = suggestions(report.new, written, there)
    if not made:
        return
    try:
        rest.post(f"{path}/reviews", {"commit_id": pull.head, "event": "COMMENT", "comments": made})
    except RestError as error:
        if error.status != 422:  # noqa: PLR2004 - a line that the diff does not show: the comment has it all
            raise
