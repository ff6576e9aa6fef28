"""Where a warehouse is: a URL or a profile, taken apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Address:
    """An engine and how to reach it.

    ``options`` go to the client. ``secrets`` are those that only a profile may give; they are in no text that
    this class makes.
    """

    engine: str
    host: str | None = None
    user: str | None = None
    port: int | None = None
    path: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, url: str) -> Address:
        """Take a URL apart. Raises `CatalogError`, for one that holds a password too."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise CatalogError(f"not a URL: {error}") from None
        if parts.password is not None:
            raise CatalogError(
                f"{parts.scheme}: no password in the URL, please: it would stay in the shell's history; "
                "leave it to the client's own places (connections.toml, .pgpass, PGPASSWORD)"
            )
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        wrong = sorted(
            set(options) & {"password", "token", "passcode", "private_key_file_pwd", "private_key"}
        )
        if wrong:
            raise CatalogError(
                f"{parts.scheme}: no {wrong[0]} in the URL, please; see the client's own places"
            )
        path = tuple(unquote(part) for part in parts.path.split("/") if part)
        user = unquote(parts.username) if parts.username else None
        return cls(parts.scheme.lower(), _host(parts.netloc), user, port, path, options)

    def part(self, place: int) -> str | None:
        """Return the part of the path at ``place``, or None."""
        return self.path[place] if place < len(self.path) else None


def _host(netloc: str) -> str | None:
    """Return the host as written: project and account names keep their case."""
    host = netloc.rpartition("@")[2]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return unquote(host.partition(":")[0]) or None
