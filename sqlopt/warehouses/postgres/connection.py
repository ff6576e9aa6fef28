"""A read-only connection to a PostgreSQL server, through its door, and what its errors mean."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sqlopt.errors import CatalogError
from sqlopt.warehouses.door import Door, Row, missing_extra, retried, scrub
from sqlopt.warehouses.postgres.statements import Postgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.warehouses.address import Address

_OPTIONS: Final = (
    "-c default_transaction_read_only=on -c search_path=pg_catalog -c DateStyle=ISO,YMD -c TimeZone=UTC"
)
_CLIENT_OPTIONS: Final = frozenset(
    {"service", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "connect_timeout", "hostaddr"}
    | {"target_session_attrs", "gssencmode", "channel_binding", "require_auth"}
)
# Connection lost, server starting or stopping, too many connections, cancelled for a conflict with recovery.
_PASSING: Final = ("08", "57P01", "57P02", "57P03", "53300", "40001", "40P01")


def open_door(address: Address) -> tuple[Door, Connection]:
    """Connect to the server of ``address``; libpq adds what PG* variables, .pgpass and services say.

    Every transaction is read-only, which the server itself sees to. Raises `CatalogError`.
    """
    connection = Connection(address)
    return Door(Postgres, connection.run), connection


class Connection:
    """Opens the connection, opens it again when it is lost, and puts errors into words."""

    def __init__(self, address: Address) -> None:
        try:
            import psycopg
        except ImportError:
            raise missing_extra("postgresql", "postgres") from None
        unknown = sorted(set(address.options) - _CLIENT_OPTIONS)
        if unknown:
            raise CatalogError(f"postgresql: unknown option {unknown[0]!r} in the URL")
        given = {
            "host": address.host,
            "port": address.port,
            "user": address.user,
            "dbname": address.part(0),
            **address.options,
            **address.secrets,
        }
        self._parameters = {key: value for key, value in given.items() if value is not None}
        self._secrets = tuple(address.secrets.values())
        self._psycopg = psycopg
        self._connection: Any = None

    def run(self, text: str, values: Sequence[Any]) -> list[Row]:
        """Return the rows of a statement, run in a read-only transaction of its own."""

        def attempt() -> list[Row]:
            connection = self._open()
            with connection.transaction(), connection.cursor() as cursor:
                return list(cursor.execute(text, values or None).fetchall())

        try:
            return retried(attempt, self._passing)
        except self._psycopg.Error as error:
            raise self._explained(error) from None

    def explain(self, text: str, path: str) -> Any:
        """Return what EXPLAIN says of a statement, with a search path; as prepared, it can be one statement only."""

        def attempt() -> Any:
            connection = self._open()
            with connection.transaction(force_rollback=True), connection.cursor() as cursor:
                cursor.execute("SELECT pg_catalog.set_config('search_path', %s, true)", (path,))
                return cursor.execute(text, prepare=True).fetchone()[0]

        try:
            return retried(attempt, self._passing)
        except self._psycopg.Error as error:
            raise self._explained(error) from None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with suppress(self._psycopg.Error):
                self._connection.close()

    @property
    def place(self) -> str:
        """The server's host, without credentials; ``local`` for a socket."""
        host = str(self._connection.info.host) if self._connection is not None else ""
        return "local" if host.startswith("/") or not host else host

    def _open(self) -> Any:
        if self._connection is None or self._connection.closed:
            parameters: dict[str, Any] = {"connect_timeout": 15, **self._parameters}
            parameters["application_name"] = "sqlopt"
            try:
                self._connection = self._psycopg.connect(**parameters, options=_OPTIONS)
            except self._psycopg.OperationalError as error:
                if "unsupported startup parameter" not in str(error):  # a pooler that knows no options
                    raise
                self._connection = self._psycopg.connect(**parameters)
            self._connection.read_only = True
        return self._connection

    def _passing(self, error: BaseException) -> bool:
        if not isinstance(error, self._psycopg.OperationalError):
            return False
        state = error.sqlstate
        if state is not None:
            return state.startswith(_PASSING)
        # Without a state it is the client's word: a connection that was there and is lost is worth another try.
        lost = self._connection is not None and self._connection.closed
        return lost or any(word in str(error) for word in ("starting up", "too many clients"))

    def _explained(self, error: Exception) -> CatalogError:
        text = scrub(error, *self._secrets)
        state = getattr(error, "sqlstate", None) or ""
        user = self._parameters.get("user") or "YOU"
        database = self._parameters.get("dbname") or user
        hint = ""
        if "permission denied for database" in text or "CONNECT privilege" in text:
            hint = f'the right CONNECT is missing: GRANT CONNECT ON DATABASE "{database}" TO "{user}"'
        elif "password authentication failed" in text or "no password supplied" in text:
            hint = "give the password in ~/.pgpass or PGPASSWORD"
        elif "no pg_hba.conf entry" in text:
            hint = "pg_hba.conf of the server lets this user or address not in"
        elif "is not permitted to log in" in text:
            hint = f'the right to log in is missing: ALTER ROLE "{user}" LOGIN'
        elif state == "42501" or "permission denied" in text:
            hint = f'a right is missing: GRANT pg_read_all_data TO "{user}"'
        elif (
            "Connection refused" in text or "could not translate host" in text or "failed to resolve" in text
        ):
            hint = "no server answers there; see host and port"
        return CatalogError(f"postgresql: {text}" + (f"; {hint}" if hint else ""))
