"""What a project's YAML files say of sources, models, tests and exposures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlopt.source.dbt.configs import plain
from sqlopt.source.dbt.layout import items, load_yaml, mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sqlopt.source.dbt.layout import Package

_REF = re.compile(r"ref\(\s*(?:['\"][^'\"]+['\"]\s*,\s*)?['\"]([^'\"]+)['\"]")
_SOURCE = re.compile(r"source\(\s*['\"]([^'\"]+)['\"]\s*,\s*['\"]([^'\"]+)['\"]")


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table of a source; ``described`` is what the YAML says of it."""

    database: str | None
    schema: str
    identifier: str
    described: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What uses models downstream; ``refs`` names models, ``sources`` (source, table); ``path`` its file."""

    name: str
    kind: str
    owner: str
    refs: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    path: str
    line: int = 1
    url: str | None = None


@dataclass
class Properties:
    """All YAML files of a project and its packages, those of the project first."""

    nodes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: dict[tuple[str, str], SourceTable] = field(default_factory=dict)
    exposures: list[Exposure] = field(default_factory=list)

    @classmethod
    def read(cls, packages: Iterable[Package]) -> Properties:
        """Read them; a file that is no YAML is passed over."""
        found = cls()
        for number, package in enumerate(packages):
            for path in package.property_files:
                document = load_yaml(path)
                if isinstance(document, dict):
                    found._take(document, path, with_exposures=number == 0)
        return found

    def node(self, name: str) -> Mapping[str, Any]:
        """Return what is said of a model, snapshot or seed."""
        return self.nodes.get(name, {})

    def source(self, source: str, table: str) -> SourceTable | None:
        """Return a source's table, or None where nothing declares it."""
        return self.sources.get((source, table))

    def _take(self, document: Mapping[str, Any], path: Path, *, with_exposures: bool) -> None:
        for kind in ("models", "snapshots", "seeds"):
            for one in map(mapping, items(document.get(kind))):
                if "name" in one:
                    self.nodes.setdefault(str(one["name"]), one)
        for source in map(mapping, items(document.get("sources"))):
            self._take_source(source)
        if with_exposures:
            for one in map(mapping, items(document.get("exposures"))):
                self.exposures.append(_exposure(one, path))

    def _take_source(self, source: Mapping[str, Any]) -> None:
        name = str(source.get("name"))
        config = mapping(source.get("config"))
        database = _text(source.get("database") or config.get("database"))
        schema = _text(source.get("schema") or config.get("schema")) or name
        for table in map(mapping, items(source.get("tables"))):
            called = str(table.get("name"))
            identifier = _text(table.get("identifier")) or called
            self.sources.setdefault((name, called), SourceTable(database, schema, identifier, table))


def _text(value: Any) -> str | None:
    found = plain(value)
    return found if isinstance(found, str) and found else None


def _exposure(one: Mapping[str, Any], path: Path) -> Exposure:
    depends = " ".join(map(str, items(one.get("depends_on"))))
    name = str(one.get("name"))
    owner = mapping(one.get("owner"))
    return Exposure(
        name,
        str(one.get("type") or "exposure"),
        str(owner.get("name") or owner.get("email") or ""),
        tuple(dict.fromkeys(_REF.findall(depends))),
        tuple(dict.fromkeys(_SOURCE.findall(depends))),
        str(path),
        _line(path, name),
        _text(one.get("url")),
    )


def _line(path: Path, name: str) -> int:
    from sqlopt.source.files import read_text

    for number, line in enumerate(read_text(str(path)).splitlines(), 1):
        if re.match(rf"\s*-?\s*name:\s*['\"]?{re.escape(name)}['\"]?\s*(#.*)?$", line):
            return number
    return 1
