"""What dbt left in target/manifest.json: names of relations, and SQL as it compiled it.

Schemas: https://schemas.getdbt.com/dbt/manifest/v12.json, and v10, v11 (checked 2026-11-23); dbt Fusion writes
v12, too. Only what is used is kept, since a manifest may hold 100 MB.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlopt.source.dbt.layout import items, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlopt.source.dbt.layout import Node

Names = tuple[str | None, str | None, str | None]
_VERSION = re.compile(r"/v(\d+)(?:\.json)?")
_OLDEST = 10
_KINDS = ("model", "snapshot", "seed", "analysis", "test")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A node of the manifest. ``written`` is its text as dbt read it, ``checksum`` of that, stripped."""

    names: Names
    written: str | None
    checksum: str | None
    compiled: str | None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest; empty where there is none that can be read."""

    adapter: str | None = None
    nodes: Mapping[tuple[str, str], Compiled] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], Names] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest of version 10 or later."""
        try:
            data = mapping(json.loads(path.read_bytes()))
        except (OSError, ValueError, RecursionError):
            return cls()
        metadata = mapping(data.get("metadata"))
        version = _VERSION.search(str(metadata.get("dbt_schema_version")))
        if version is None or int(version.group(1)) < _OLDEST:
            return cls()
        nodes = {}
        for one in map(mapping, mapping(data.get("nodes")).values()):
            if one.get("resource_type") in _KINDS:
                nodes[str(one.get("package_name")), str(one.get("name"))] = _node(one)
        sources = {
            (str(one.get("source_name")), str(one.get("name"))): _names(one)
            for one in map(mapping, mapping(data.get("sources")).values())
        }
        adapter = metadata.get("adapter_type")
        return cls(adapter if isinstance(adapter, str) else None, nodes, sources)

    def relation(self, node: Node) -> Names | None:
        """Return the names of a node's relation: the node as dbt last saw it, whatever its text is now."""
        found = self.nodes.get((node.package, node.name))
        return found.names if found is not None and node.kind in ("model", "snapshot", "seed") else None

    def source(self, source: str, table: str) -> Names | None:
        """Return the names of a source's table."""
        return self.sources.get((source, table))

    def compiled(self, node: Node, text: str) -> str | None:
        """Return a node's SQL as dbt compiled it, if its text is still ``text``.

        Late versions of dbt Core take the checksum in a way of their own, so that the text counts first.
        """
        found = self.nodes.get((node.package, node.name))
        if found is None or not found.compiled:
            return None
        if found.written is not None and found.written.split() == text.split():
            return found.compiled
        checksum = hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()
        return found.compiled if found.checksum == checksum else None


def _node(one: Mapping[str, Any]) -> Compiled:
    compiled = one.get("compiled_code")
    checksum = mapping(one.get("checksum")).get("checksum")
    written = one.get("raw_code")
    return Compiled(
        _names(one),
        written if isinstance(written, str) else None,
        checksum if isinstance(checksum, str) else None,
        compiled if isinstance(compiled, str) else None,
        tuple(map(str, items(mapping(one.get("depends_on")).get("nodes")))),
    )


def _names(one: Mapping[str, Any]) -> Names:
    if mapping(one.get("config")).get("materialized") == "ephemeral":
        return None, None, _word(one.get("alias") or one.get("name"))
    identifier = one.get("identifier") or one.get("alias") or one.get("name")
    return _word(one.get("database")), _word(one.get("schema")), _word(identifier)


def _word(value: Any) -> str | None:
    return str(value) if value else None
