"""A connection to BigQuery: the calls that read metadata, and what their errors mean."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from sqlopt.errors import CatalogError
from sqlopt.warehouses.bigquery.statements import BigQuery
from sqlopt.warehouses.door import Door, MissingRightError, missing_extra, retried, scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlopt.warehouses.address import Address

_LOGIN: Final = "log in with: gcloud auth application-default login"
_PERMISSION: Final = re.compile(r"\bbigquery\.\w+\.\w+")
_OPTIONS: Final = frozenset({"location"})


class Connection:
    """Lists datasets and tables, gets tables, and runs the listed statements; it can do nothing else.

    Credentials are Google's application default ones; with BIGQUERY_EMULATOR_HOST set there are none.
    """

    def __init__(self, address: Address) -> None:
        try:
            from google.api_core import exceptions
            from google.auth import exceptions as refused
            from google.auth.credentials import AnonymousCredentials
            from google.cloud import bigquery
        except ImportError:
            raise missing_extra("bigquery", "bigquery") from None
        unknown = sorted(set(address.options) - _OPTIONS)
        if unknown:
            raise CatalogError(f"bigquery: unknown option {unknown[0]!r} in the URL")
        self._bigquery, self._exceptions, self._refused = bigquery, exceptions, refused
        credentials = AnonymousCredentials() if os.environ.get("BIGQUERY_EMULATOR_HOST") else None  # type: ignore[no-untyped-call]
        try:
            self._client = bigquery.Client(
                project=address.host, location=address.options.get("location"), credentials=credentials
            )
        except refused.DefaultCredentialsError:
            raise CatalogError(f"bigquery: there are no application default credentials; {_LOGIN}") from None
        self.project: str = self._client.project
        self._door = Door(BigQuery, self._run, lambda name: "`" + name.replace("`", "") + "`")

    def datasets(self) -> list[str]:
        """Return the names of the project's datasets."""
        return [one.dataset_id for one in self._asked(lambda: list(self._client.list_datasets()), "")]

    def tables(self, dataset: str) -> Iterator[Any]:
        """Yield the entries of a dataset's tables."""
        name = f"{self.project}.{dataset}"
        yield from self._asked(lambda: self._client.list_tables(name, page_size=1000), dataset)

    def table(self, dataset: str, name: str) -> Any:
        """Return the resource of a table."""
        return self._asked(lambda: self._client.get_table(f"{self.project}.{dataset}.{name}"), dataset)

    def rows(self, statement: BigQuery, dataset: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a statement about ``dataset``."""
        return self._asked(lambda: self._door.rows(statement, values, (self.project, dataset)), dataset)  # type: ignore[no-any-return]

    def dry_run(self, statement: str, dataset: str | None) -> dict[str, Any]:
        """Return the job of a dry run: nothing is run, read or charged."""
        options = self._bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
        if dataset is not None:
            options.default_dataset = f"{self.project}.{dataset}"
        job = self._asked(lambda: self._client.query(statement, job_config=options), dataset or "")
        found: dict[str, Any] = job.to_api_repr()
        return found | {"statistics": job._properties.get("statistics", {})}  # noqa: SLF001 - no other way

    def close(self) -> None:
        """Close the connection."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _run(self, text: str, values: Sequence[Any]) -> list[Any]:
        kinds = [self._bigquery.ArrayQueryParameter(None, "STRING", list(one)) for one in values]
        options = self._bigquery.QueryJobConfig(query_parameters=kinds, use_query_cache=True)
        return [dict(row.items()) for row in self._client.query_and_wait(text, job_config=options)]

    def _asked(self, call: Callable[[], Any], dataset: str) -> Any:
        try:
            return retried(call, lambda error: isinstance(error, self._exceptions.ServerError))
        except self._refused.RefreshError as error:
            raise CatalogError(f"bigquery: the login has expired ({scrub(error)}); {_LOGIN}") from None
        except self._exceptions.Forbidden as error:
            raise MissingRightError(self._missing(scrub(error.message), dataset)) from None
        except self._exceptions.NotFound as error:
            raise MissingRightError(f"bigquery: {scrub(error.message)}") from None
        except (self._exceptions.GoogleAPIError, self._refused.GoogleAuthError, OSError) as error:
            raise CatalogError(f"bigquery: {scrub(error)}") from None

    def _missing(self, text: str, dataset: str) -> str:
        found = _PERMISSION.search(text)
        right = f"the right {found.group()} is missing" if found else "a right is missing"
        return f"bigquery: {text}; {right}; {self.grant(dataset)}"

    def grant(self, dataset: str) -> str:
        """Return the statement that grants what is needed to read metadata."""
        where = f"SCHEMA `{self.project}`.`{dataset}`" if dataset else f"PROJECT `{self.project}`"
        return f'GRANT `roles/bigquery.metadataViewer` ON {where} TO "user:YOU@EXAMPLE.COM"'
