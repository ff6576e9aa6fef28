"""A change as a comment on its pull request."""

from sqlopt.report.pull_request.comment import comment

__all__ = ["comment"]
