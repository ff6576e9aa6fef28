"""A relation as templates see it: printed as the adapter writes it, its parts at hand."""

from __future__ import annotations

from typing import Any


class Relation:
    """``database.schema.identifier``, each perhaps unknown; ``type`` is table, view, or None."""

    def __init__(  # noqa: PLR0913 - the parts of a name, and how they are written
        self,
        database: str | None,
        schema: str | None,
        identifier: str | None,
        *,
        quotes: tuple[str, str] = ('"', '"'),
        quoted: bool = False,
        kind: str | None = None,
    ) -> None:
        self.database = database
        self.schema = schema
        self.identifier = identifier
        self.type = kind
        self._quotes = quotes
        self._quoted = quoted

    @property
    def name(self) -> str | None:
        """The identifier."""
        return self.identifier

    table = name
    alias = name

    @property
    def dataset(self) -> str | None:
        """BigQuery's word for the schema."""
        return self.schema

    @property
    def project(self) -> str | None:
        """BigQuery's word for the database."""
        return self.database

    @property
    def is_view(self) -> bool:
        """Whether it is a view."""
        return self.type == "view"

    @property
    def is_table(self) -> bool:
        """Whether it is a table."""
        return self.type != "view"

    is_cte = False

    def _with(self, **changes: Any) -> Relation:
        fields = {"quotes": self._quotes, "quoted": self._quoted, "kind": self.type}
        names = {"database": self.database, "schema": self.schema, "identifier": self.identifier}
        for key, value in changes.items():
            (names if key in names else fields)[key] = value
        return Relation(**names, **fields)  # type: ignore[arg-type]

    def include(self, database: bool = True, schema: bool = True, identifier: bool = True) -> Relation:
        """Return the relation with only these parts."""
        return self._with(
            database=self.database if database else None,
            schema=self.schema if schema else None,
            identifier=self.identifier if identifier else None,
        )

    def quote(self, database: bool = True, schema: bool = True, identifier: bool = True) -> Relation:  # noqa: ARG002 - as templates call it
        """Return the relation with its identifier quoted or not."""
        return self._with(quoted=identifier)

    def without_identifier(self) -> Relation:
        """Return the schema it lies in."""
        return self.include(identifier=False)

    def incorporate(self, path: Any = None, type: str | None = None, **_: Any) -> Relation:  # noqa: A002 - as templates call it
        """Return the relation with other parts."""
        return self._with(**(path or {}), kind=type or self.type)

    def replace_path(self, **parts: Any) -> Relation:
        """Return the relation with other names."""
        return self._with(**parts)

    def information_schema(self, view: str | None = None) -> str:
        """Return the information schema beside it."""
        parts = [self.database, "information_schema", view]
        return ".".join(one for one in parts if one)

    def render(self) -> str:
        """Return it as it is printed."""
        opening, closing = self._quotes if self._quoted else ("", "")
        parts = (self.database, self.schema, self.identifier)
        return ".".join(f"{opening}{one}{closing}" for one in parts if one)

    @property
    def dotted(self) -> str:
        """Its name without quotes."""
        return ".".join(one for one in (self.database, self.schema, self.identifier) if one)

    def __str__(self) -> str:
        """Return it as it is printed."""
        return self.render()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Relation) and other.dotted.casefold() == self.dotted.casefold()

    def __hash__(self) -> int:
        return hash(self.dotted.casefold())

    def __add__(self, other: Any) -> str:
        return self.render() + str(other)

    def __radd__(self, other: Any) -> str:
        return str(other) + self.render()
