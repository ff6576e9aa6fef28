"""A small REST client: pages, retries, limits and time-outs, and errors that say what to do."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_ATTEMPTS: Final = 4
_LONGEST_WAIT: Final = 60.0
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_MOST_PAGES: Final = 100


class RestError(SqloptError):
    """A request that was refused or not answered. ``status`` is 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Rest:
    """A server's API below ``base``. The token stands in a header and nowhere else."""

    base: str
    headers: Mapping[str, str]
    timeout: float = 30.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def get(self, path: str) -> Any:
        """Return what stands at ``path``. Raises `RestError`."""
        return self._send("GET", path, None)[0]

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the items of a list, page after page."""
        url: str | None = path
        for _ in range(_MOST_PAGES):
            if url is None:
                return
            found, headers = self._send("GET", url, None)
            yield from found
            match = _NEXT.search(headers.get("link", ""))
            url = self._own(match[1]) if match else None

    def post(self, path: str, data: Mapping[str, Any]) -> Any:
        """Make something new. Raises `RestError`."""
        return self._send("POST", path, data)[0]

    def patch(self, path: str, data: Mapping[str, Any], method: str = "PATCH") -> Any:
        """Change what is there. Raises `RestError`."""
        return self._send(method, path, data)[0]

    def delete(self, path: str) -> None:
        """Take something away. Raises `RestError`."""
        self._send("DELETE", path, None)

    def _own(self, url: str) -> str:
        """Return a page's address, which must be of the same server: the token goes nowhere else."""
        if urlsplit(url)[:2] != urlsplit(self.base)[:2]:
            raise RestError(f"the next page is on another server: {urlsplit(url).netloc}")
        return url

    def _send(self, method: str, path: str, data: Mapping[str, Any] | None) -> tuple[Any, dict[str, str]]:
        url = path if "://" in path else f"{self.base}{path}"
        if urlsplit(url).scheme not in ("https", "http"):
            raise RestError(f"{self.base}: no address of a server")
        body = None if data is None else json.dumps(data).encode()
        for attempt in range(1, _ATTEMPTS + 1):
            request = urllib.request.Request(url, body, dict(self.headers), method=method)  # noqa: S310 - checked above
            if body is not None:
                request.add_header("Content-Type", "application/json")
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                    text = answer.read()
                    headers = {key.lower(): value for key, value in answer.headers.items()}
                    return (json.loads(text) if text else None), headers
            except urllib.error.HTTPError as error:
                wait = _wait(error, attempt)
                if wait is None or attempt == _ATTEMPTS or (method == "POST" and error.code >= 500):  # noqa: PLR2004
                    raise RestError(f"{method} {urlsplit(url).path}: {_said(error)}", error.code) from None
                self.sleep(wait)
            except (TimeoutError, OSError, ValueError) as error:
                # A POST that was not answered may have been done: another would make it twice.
                if attempt == _ATTEMPTS or method == "POST":
                    reason = getattr(error, "reason", error)
                    raise RestError(f"{method} {urlsplit(url).path}: no answer: {reason}") from None
                self.sleep(min(2.0**attempt, _LONGEST_WAIT))
        raise AssertionError


def _wait(error: urllib.error.HTTPError, attempt: int) -> float | None:
    """Return how long to wait before another try, or None where it would be of no use.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api (checked 2026-11-23): Retry-After
    says how many seconds; without requests left, x-ratelimit-reset says when there will be more.
    """
    after = error.headers.get("retry-after")
    if after is not None and after.isdigit():
        return min(float(after), _LONGEST_WAIT)
    if error.headers.get("x-ratelimit-remaining") == "0":
        reset = error.headers.get("x-ratelimit-reset", "")
        left = float(reset) - time.time() if reset.isdigit() else 0.0
        return max(left, 0.0) + 1 if left <= _LONGEST_WAIT else None
    return min(2.0**attempt, _LONGEST_WAIT) if error.code in _BUSY else None


def _said(error: urllib.error.HTTPError) -> str:
    try:
        message = json.loads(error.read()).get("message", "")
    except (ValueError, AttributeError, OSError):
        message = ""
    return f"{error.code} {message or error.reason}"
