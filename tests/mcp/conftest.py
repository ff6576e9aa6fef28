"""A project to ask about, and clients: the official SDK's and fastmcp's, in memory and over stdio."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import fastmcp
import mcp
import pytest
from fastmcp.client.transports import StdioTransport

from sqlopt.mcp.call import Workspace
from sqlopt.mcp.roots import Roots
from sqlopt.mcp.server import create
from sqlopt.project import Project

ROOT = Path(__file__).parent.parent.parent
PATHS = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])

CATALOG = """
version: 1
dialect: bigquery
tables:
  shop.sales.orders:
    columns:
      id: {type: INT64, nullable: false, distinct: 1000000000}
      day: {type: DATE, nullable: false, distinct: 730, min: 2024-01-01, max: 2025-12-31}
      country: {type: STRING, nullable: false, distinct: 40, average_bytes: 2}
      total: {type: NUMERIC, nullable: false}
    primary_key: [id]
    partition_by: {column: day, granularity: day}
    rows: 1000000000
    bytes: 32000000000
"""
BY_DAY = """SELECT day, SUM(total) AS total
FROM shop.sales.orders
WHERE country = 'NL'
GROUP BY day
"""
BY_COUNTRY = """SELECT country, day, SUM(total) AS total
FROM shop.sales.orders
GROUP BY country, day
"""
MART = """CREATE TABLE shop.mart.daily AS
SELECT day, SUM(total) AS revenue FROM shop.sales.orders GROUP BY day;
CREATE TABLE shop.mart.best AS
SELECT MAX(revenue) AS best FROM shop.mart.daily;
"""
BAD = "SELECT id FROM shop.sales.orders WHERE EXTRACT(YEAR FROM day) = 2025 AND total = NULL -- é 😀\n"
YEAR = "SELECT total FROM shop.sales.orders WHERE EXTRACT(YEAR FROM day) = 2025\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The first root, in which the process works."""
    root = tmp_path / "shop"
    (root / "sql").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "sqlopt.toml").write_text('catalog = "catalog.yml"\n')
    (root / "catalog.yml").write_text(CATALOG)
    for name, text in {"by_day": BY_DAY, "by_country": BY_COUNTRY, "mart": MART, "bad": BAD}.items():
        (root / "sql" / f"{name}.sql").write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def server(*roots):
    """Return a server as `sqlopt mcp` makes it."""
    return create(
        Workspace(Roots(roots or (".",)), lambda dialect: Project.from_config(".", {"dialect": dialect}))
    )


def environment():
    return {**os.environ, "PYTHONPATH": PATHS}


class Asked:
    """What a client got: ``data`` is the structured answer, ``text`` what is beside it, ``wrong`` an error's text."""

    def __init__(self, result):
        self.data = result.structured_content
        self.text = result.content[0].text if result.content else ""
        self.wrong = self.text if result.is_error else None


class Official:
    """The official SDK's client; ``place`` is a server, or None for a process."""

    def __init__(self, place, *arguments):
        command = mcp.StdioServerParameters(
            command=sys.executable, args=["-m", "sqlopt", "mcp", *arguments], env=environment()
        )
        self.client = mcp.Client(command if place is None else place)

    async def __aenter__(self):
        await self.client.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.client.__aexit__(*error)

    async def ask(self, tool, **arguments):
        return Asked(await self.client.call_tool(tool, arguments))

    async def tools(self):
        return (await self.client.list_tools()).tools

    async def read(self, uri):
        return (await self.client.read_resource(uri)).contents[0].text


class Fast(Official):
    """fastmcp's client."""

    def __init__(self, place, *arguments):
        command = StdioTransport(
            sys.executable, ["-m", "sqlopt", "mcp", *arguments], env=environment(), keep_alive=False
        )
        self.client = fastmcp.Client(command if place is None else place)

    async def ask(self, tool, **arguments):
        return Asked(await self.client.call_tool(tool, arguments, raise_on_error=False))

    async def tools(self):
        return await self.client.list_tools()

    async def read(self, uri):
        return (await self.client.read_resource(uri))[0].text


CLIENTS = {
    "official in memory": (Official, True),
    "official over stdio": (Official, False),
    "fastmcp in memory": (Fast, True),
    "fastmcp over stdio": (Fast, False),
}


@pytest.fixture(params=CLIENTS)
def session(request, folder):
    """Run a coroutine function with each client in turn."""
    kind, memory = CLIENTS[request.param]

    def run(play):
        async def whole():
            place = (server(),) if memory else (None, "--root", str(folder))
            async with kind(*place) as client:
                return await play(client)

        return asyncio.run(whole())

    return run


@pytest.fixture
def ask(play):
    """Ask one tool, in memory."""

    def call(tool, *, roots=(".",), **arguments):
        return play(lambda client: client.ask(tool, **arguments), *roots)

    return call


@pytest.fixture
def play(folder):
    """Run a coroutine function with one client, in memory."""
    assert folder.is_dir()

    def run(what, *roots):
        async def whole():
            async with Official(server(*roots)) as client:
                return await what(client)

        return asyncio.run(whole())

    return run


@pytest.fixture
def sqlopt(folder):
    """Run a command as a person does; return its JSON."""
    import subprocess

    def call(*arguments, stdin=None):
        made = subprocess.run(
            [sys.executable, "-m", "sqlopt", *arguments, "--format", "json"],
            cwd=folder,
            input=stdin,
            capture_output=True,
            env=environment(),
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return json.loads(made.stdout)

    return call
