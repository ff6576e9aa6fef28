"""What a client may read beside the tools' answers: rules, tables, the configuration, the last report."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp_types import Completion, CompletionArgument

from sqlopt.errors import SqloptError, UnknownRuleError
from sqlopt.mcp.call import Call, Workspace, catalog_at
from sqlopt.mcp.pages import first, head_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp.server import MCPServer

    from sqlopt.catalog import Catalog
    from sqlopt.project import Project

_JSON, _MARKDOWN = "application/json", "text/markdown"
_WHOLE = 200_000
"""Characters of a list."""
_NAMES = 100
"""Names that one completion may give, by the protocol."""


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

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]
    async def complete(ref: Any, argument: CompletionArgument, context: Any) -> Completion | None:
        del context
        uri = getattr(ref, "uri", "")
        known = {"sqlopt://rules/{id}": "id", "sqlopt://tables/{name}": "name"}
        return await found.complete(known[uri], argument.value) if uri in known else None


class _Resources:
    """What each address gives. What a person can put right becomes a `ResourceError`."""

    def __init__(self, work: Workspace) -> None:
        self._work = work

    def rules(self) -> str:
        with self._project() as project:
            return _text({"rules": project.rule_table()})

    def rule(self, id: str) -> str:  # noqa: A002 - the template's word
        with self._project() as project:
            try:
                return project.page(id)
            except UnknownRuleError as error:
                raise ResourceNotFoundError(str(error)) from error

    def tables(self) -> str:
        with self._catalog() as catalog:
            rows = [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "columns": len(one.columns),
                    "rows": one.rows,
                    "bytes": one.bytes,
                }
                for one in catalog.tables.values()
            ]
        shown = first(rows, _WHOLE)
        return _text({"tables": shown, "left_out": len(rows) - len(shown)})

    def table(self, name: str) -> str:
        from sqlopt.catalog.file import render_table
        from sqlopt.config import did_you_mean

        with self._catalog() as catalog:
            found = catalog.table(name)
            if found is None:
                near = did_you_mean(name, catalog.tables)
                raise ResourceNotFoundError(f"no table {name!r} is in the catalog{near}")
            data = json.loads("{" + render_table(found, as_json=True) + "}")
        return _text(head_of(data))

    def configuration(self) -> str:
        with self._project() as project:
            rows = project.effective_settings(".")
        return _text(
            {"settings": [{"key": key, "value": value, "origin": origin} for key, value, origin in rows]}
        )

    def report(self) -> str:
        found = self._work.report
        if found is None:
            raise ResourceNotFoundError("there is no report yet: call list_findings or analyze_sql")
        shown = first(found["findings"], _WHOLE)
        return _text({**found, "findings": shown, "left_out": len(found["findings"]) - len(shown)})

    async def complete(self, kind: str, start: str) -> Completion:
        """Return what may stand for the variable of a template, ``id`` or ``name``."""
        names = await to_thread.run_sync(self._names, kind)
        found = [one for one in names if one.casefold().startswith(start.casefold())]
        return Completion(values=found[:_NAMES], total=len(found), has_more=len(found) > _NAMES)

    def _names(self, kind: str) -> list[str]:
        if kind == "id":
            with self._project() as project:
                return list(project.rules)
        with self._catalog() as catalog:
            return [one.name for one in catalog.tables.values()]

    @contextmanager
    def _project(self) -> Iterator[Project]:
        try:
            with self._work.turn():
                yield Call(self._work, "", lambda *_: None).project()
        except SqloptError as error:
            raise ResourceError(str(error)) from error

    @contextmanager
    def _catalog(self) -> Iterator[Catalog]:
        with self._project() as project:
            yield catalog_at(project, "x.sql")[0]


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=str)
