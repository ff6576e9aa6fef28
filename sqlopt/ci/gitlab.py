"""``sqlopt ci gitlab``: the same in a merge request's pipeline: one note, and a code quality report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlopt.ci.rest import Rest
from sqlopt.ci.sticky import Notes, put
from sqlopt.errors import SqloptError
from sqlopt.report.pull_request import comment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.project.diff import DiffReport

_LIMIT = 900_000  # a note of GitLab's takes a million characters


class PipelineError(SqloptError):
    """A pipeline that is of no merge request, or lacks a token."""


def base_of(environment: Mapping[str, str]) -> str:
    """Return the commit that a merge request is compared with. Raises `PipelineError`."""
    for name in ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA"):
        if environment.get(name):
            return environment[name]
    raise PipelineError("CI_MERGE_REQUEST_DIFF_BASE_SHA is not set: run the job in merge request pipelines")


def labels_of(environment: Mapping[str, str]) -> list[str]:
    """Return the merge request's labels."""
    return [one for one in environment.get("CI_MERGE_REQUEST_LABELS", "").split(",") if one]


def tell(report: DiffReport, environment: Mapping[str, str], *, wanted: bool) -> str:
    """Leave one note on the merge request; return what was done. Raises `PipelineError` and `RestError`."""
    token = environment.get("SQLOPT_GITLAB_TOKEN") or environment.get("GITLAB_TOKEN")
    if not token:
        raise PipelineError(
            "SQLOPT_GITLAB_TOKEN is not set: a job's own token can't write notes; make a project access token "
            "with the scope api"
        )
    try:
        base = environment["CI_API_V4_URL"]
        place = f"/projects/{environment['CI_PROJECT_ID']}/merge_requests/{environment['CI_MERGE_REQUEST_IID']}/notes"
    except KeyError as error:
        raise PipelineError(f"{error.args[0]} is not set: run the job in merge request pipelines") from error
    rest = Rest(base.rstrip("/"), {"PRIVATE-TOKEN": token, "User-Agent": "sqlopt"})
    me = rest.get("/user")["id"]
    path = quote(place)

    def mine(one: dict[str, Any]) -> bool:
        return bool((one.get("author") or {}).get("id") == me)

    notes = Notes(
        lambda: rest.pages(f"{path}?per_page=100"),
        lambda body: rest.post(path, {"body": body}),
        lambda number, body: rest.patch(f"{path}/{number}", {"body": body}, "PUT"),
        lambda number: rest.delete(f"{path}/{number}"),
        mine,
    )
    return put(notes, comment(report, _LIMIT), wanted=wanted)
