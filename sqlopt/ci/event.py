"""What GitHub says of the run: the repository, the pull request, its labels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Mapping


class EventError(SqloptError):
    """A run that is for no pull request, or whose event can't be read."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request; ``base`` and ``head`` are commits, ``fork`` says that its branch is another repository's."""

    repository: str
    number: int
    base: str
    head: str
    fork: bool
    labels: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> PullRequest:
        """Read GITHUB_EVENT_PATH. Raises `EventError` saying what is missing."""
        path = environment.get("GITHUB_EVENT_PATH")
        if not path:
            raise EventError("GITHUB_EVENT_PATH is not set: `sqlopt ci github` runs in GitHub Actions")
        try:
            data = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise EventError(f"{path}: the event can't be read: {error}") from error
        return cls.read(data)

    @classmethod
    def read(cls, data: Any) -> PullRequest:
        """Read an event's document. Raises `EventError`."""
        try:
            pull, repository = data["pull_request"], data["repository"]["full_name"]
            head = pull["head"]["repo"]
            return cls(
                str(repository),
                int(pull["number"]),
                _sha(pull["base"]["sha"]),
                _sha(pull["head"]["sha"]),
                head is None or head["full_name"] != repository,
                tuple(str(one["name"]) for one in pull.get("labels", ())),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise EventError("the event is of no pull request: run the workflow on `pull_request`") from error


def _sha(text: Any) -> str:
    name = str(text)
    if not name or not all(one in "0123456789abcdef" for one in name):
        raise ValueError(name)
    return name
