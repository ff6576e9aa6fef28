"""A connection to Snowflake, through its door, and what its errors mean."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sqlopt.errors import CatalogError
from sqlopt.warehouses.door import Door, MissingRightError, Row, missing_extra, retried, scrub
from sqlopt.warehouses.snowflake.statements import Snowflake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.warehouses.address import Address

_CLIENT_OPTIONS: Final = frozenset(
    {"role", "warehouse", "authenticator", "connection", "private_key_file", "host", "port", "protocol"}
)
_LOGIN: Final = ("390100", "390144", "390195", "390197", "390422", "Incorrect username or password")
_EXPIRED: Final = ("390111", "390112", "390114", "390318", "expired")
_PASSING: Final = ("HTTP 429", "HTTP 502", "HTTP 503", "HTTP 504", "timed out", "Connection reset")


def open_door(address: Address) -> tuple[Door, Connection]:
    """Connect to the account of ``address``; credentials are those of connections.toml or a profile.

    Snowflake has no read-only sessions: the door's list is what keeps this one so. Raises `CatalogError`.
    """
    connection = Connection(address)
    return Door(Snowflake, connection.run, quoted), connection


def quoted(name: str) -> str:
    """Return an identifier that stands for exactly this name."""
    return '"' + name.replace('"', '""') + '"'


class Connection:
    """Opens the connection and puts errors into words."""

    def __init__(self, address: Address) -> None:
        try:
            import snowflake.connector
        except ImportError:
            raise missing_extra("snowflake", "snowflake") from None
        unknown = sorted(set(address.options) - _CLIENT_OPTIONS)
        if unknown:
            raise CatalogError(f"snowflake: unknown option {unknown[0]!r} in the URL")
        options: dict[str, Any] = dict(address.options)
        if "connection" in options:
            options["connection_name"] = options.pop("connection")
        given = {
            "account": address.host,
            "user": address.user,
            "database": address.part(0),
            **options,
            **address.secrets,
        }
        self._parameters = {key: value for key, value in given.items() if value is not None}
        self._secrets = tuple(address.secrets.values())
        self._client: Any = snowflake.connector
        self._connection: Any = None
        self.role = self._parameters.get("role") or "YOUR_ROLE"
        self.database = address.part(0)

    def run(self, text: str, values: Sequence[Any]) -> list[Row]:
        """Return the rows of a statement, each a mapping by its columns' names in lower case."""

        def attempt() -> list[Row]:
            with self._open().cursor(self._client.DictCursor) as cursor:
                cursor.execute(text, tuple(values) or None)
                return [{name.lower(): value for name, value in row.items()} for row in cursor]

        try:
            return retried(attempt, self._passing)
        except self._client.Error as error:
            raise self._explained(error) from None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with suppress(self._client.Error):
                self._connection.close()

    @property
    def place(self) -> str:
        """The account's name."""
        return str(self._connection.account) if self._connection is not None else ""

    def _open(self) -> Any:
        if self._connection is None:
            self._connection = self._client.connect(
                login_timeout=60,
                request_timeout=120,
                session_parameters={"QUERY_TAG": "sqlopt catalog sync"},
                **self._parameters,
            )
        return self._connection

    def _passing(self, error: BaseException) -> bool:
        """Whether to try again. The client itself repeats requests that were not answered."""
        return isinstance(error, self._client.OperationalError) and any(
            word in str(error) for word in _PASSING
        )

    def _explained(self, error: Any) -> CatalogError:
        text = scrub(getattr(error, "msg", None) or error, *self._secrets)
        number = getattr(error, "errno", None)
        database = quoted(self.database) if self.database else "YOUR_DATABASE"
        role = self.role if self.role == "YOUR_ROLE" else quoted(self.role)
        if any(word in text for word in _EXPIRED):
            return CatalogError(
                f"snowflake: {text}; the login has expired: log in again, or renew the token in connections.toml"
            )
        if any(word in text for word in _LOGIN):
            return CatalogError(f"snowflake: {text}; see user and authenticator in connections.toml")
        if number == 606 or "No active warehouse" in text:  # noqa: PLR2004 - Snowflake's number
            return CatalogError(
                f"snowflake: {text}; name one (?warehouse=NAME) that the role may use: "
                f"GRANT USAGE ON WAREHOUSE NAME TO ROLE {role}"
            )
        if number in (2003, 2043, 3001) or "not authorized" in text or "Insufficient privileges" in text:
            return MissingRightError(
                f"snowflake: {text}; the right may be missing: GRANT USAGE ON DATABASE {database} TO ROLE {role}"
            )
        if "Could not connect to Snowflake backend" in text or "Failed to connect" in text:
            return CatalogError(f"snowflake: {text}; see the account's name")
        return CatalogError(f"snowflake: {text}")
