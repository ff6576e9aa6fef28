"""What a client may read beside the tools' answers: rules, tables, the configuration, the last report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from sqlopt.errors import SqloptError
from sqlopt.mcp.call import Call, Workspace, catalog_at
from sqlopt.mcp.pages import first, head_of

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from sqlopt.catalog import Catalog, Table

_JSON, _MARKDOWN = "application/json", "text/markdown"
_WHOLE = 200_000
"""Characters of a list."""


def add(server: MCPServer[Any], work: Workspace) -> None:
    """Add the resources to a server."""
    found = _Resources(work)
    plain = (
        (
            "rules",
            "Rules",
            "Every rule: id, name, severity, dialects, whether it is checked here.",
            found.rules,
        ),
        (
            "tables",
            "Tables",
            "The tables of the catalog, with rows, bytes and number of columns.",
            found.tables,
        ),
        (
            "configuration",
            "Configuration",
            "The settings in force, and where each comes from.",
            found.configuration,
        ),
        ("report", "Last report", "The last report of analyze_sql or list_findings.", found.report),
    )
    for name, title, words, read in plain:
        server.resource(f"sqlopt://{name}", name=name, title=title, description=words, mime_type=_JSON)(read)
    server.resource(
        "sqlopt://rules/{id}",
        name="rule",
        title="A rule's page",
        description="Why a rule matters, when its rewrite keeps the result, examples and sources.",
        mime_type=_MARKDOWN,
    )(found.rule)
    server.resource(
        "sqlopt://tables/{name}",
        name="table",
        title="A table of the catalog",
        description="What is known of a table: columns, types, keys, partitions, statistics.",
        mime_type=_JSON,
    )(found.table)


class _Resources:
    def __init__(self, work: Workspace) -> None:
        self._work = work

    def rules(self) -> str:
        return _text({"rules": self._call().project().rule_table()})

    def rule(self, id: str) -> str:  # noqa: A002 - the template's word
        try:
            return self._call().project().page(id)
        except SqloptError as error:
            raise ResourceNotFoundError(str(error)) from error

    def tables(self) -> str:
        every = list(self._catalog().tables.values())
        rows = [
            {
                "name": one.name,
                "kind": one.kind,
                "columns": len(one.columns),
                "rows": one.rows,
                "bytes": one.bytes,
            }
            for one in every
        ]
        shown = first(rows, _WHOLE)
        return _text({"tables": shown, "left_out": len(rows) - len(shown)})

    def table(self, name: str) -> str:
        from difflib import get_close_matches

        from sqlopt.catalog.file import render_table

        catalog = self._catalog()
        found: Table | None = catalog.table(name)
        if found is None:
            near = get_close_matches(name, [one.name for one in catalog.tables.values()], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ResourceNotFoundError(f"no table {name!r} is in the catalog{hint}")
        data = json.loads("{" + render_table(found, as_json=True) + "}")
        return _text(head_of(data))

    def configuration(self) -> str:
        rows = self._call().project().effective_settings(".")
        return _text(
            {"settings": [{"key": key, "value": value, "origin": origin} for key, value, origin in rows]}
        )

    def report(self) -> str:
        found = self._work.report
        if found is None:
            raise ResourceNotFoundError("there is no report yet: call list_findings or analyze_sql")
        shown = first(found["findings"], _WHOLE)
        return _text({**found, "findings": shown, "left_out": len(found["findings"]) - len(shown)})

    def _call(self) -> Call:
        return Call(self._work, "", lambda *_: None)

    def _catalog(self) -> Catalog:
        return catalog_at(self._call().project(), "x.sql")[0]


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=str)
