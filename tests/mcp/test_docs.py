"""The set-ups of docs/mcp.md, as a client takes them."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tomllib

import fastmcp

from sqlopt.mcp import tools
from tests.mcp.conftest import ROOT, environment

TEXT = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")


def test_the_first_set_up_works(folder):
    shown = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
    shown += [tomllib.loads(one) for one in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)]
    servers = [one["sqlopt"] for whole in shown for one in whole.values()]
    assert len(servers) == 4
    assert {one["command"] for one in servers} == {"sqlopt"}
    assert {tuple(one["args"][:2]) for one in servers} == {("mcp", "--root")}
    first = shown[0]["mcpServers"]["sqlopt"]
    first |= {"command": sys.executable, "args": ["-m", "sqlopt", *first["args"]]}
    first |= {"env": environment(), "cwd": str(folder)}

    async def whole():
        async with fastmcp.Client(shown[0]) as client:
            return [one.name for one in await client.list_tools()]

    assert asyncio.run(whole()) == list(tools.TOOLS)


def test_every_tool_and_resource_is_told():
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == list(tools.TOOLS)
    for uri in ("rules", "rules/{id}", "tables", "tables/{name}", "configuration", "report"):
        assert f"`sqlopt://{uri}`" in TEXT
