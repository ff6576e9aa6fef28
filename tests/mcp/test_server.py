"""The server as a process: its command, HTTP on the loopback, progress, cancellation, completion."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import anyio
import fastmcp
import mcp
import pytest

from tests.mcp.conftest import Official, environment, server


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "sqlopt", "mcp", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=60,
        check=False,
        **options,
    )


def test_a_missing_extra_is_named():
    code = "import sys; sys.modules['mcp'] = None; from sqlopt.cli import main; sys.argv = ['sqlopt', 'mcp']; main()"
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment(), check=False
    )
    assert made.returncode == 2
    assert made.stderr == "error: the server for agents needs the extra `mcp`: pip install 'sqlopt[mcp]'\n"


def test_a_root_that_is_none():
    made = command("--root", "/nonexistent")
    assert made.returncode == 2
    assert "/nonexistent: no such folder" in made.stderr


def test_it_ends_with_its_input(folder):
    made = command(stdin=subprocess.DEVNULL, cwd=folder)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")


def test_options_of_the_command_hold(folder):
    """Paths given on the command line are relative to where it was called, not to the root."""
    options = (
        "--root",
        str(folder),
        "--catalog",
        "catalog.yml",
        "--ignore",
        "SCN011",
        "--dialect",
        "snowflake",
    )

    async def whole():
        process = mcp.StdioServerParameters(
            command=sys.executable,
            args=["-m", "sqlopt", "mcp", *options],
            env=environment(),
            cwd=folder.parent / "elsewhere",
        )
        async with mcp.Client(process) as client:
            found = await client.call_tool("analyze_sql", {"sql": "SELECT a FROM t WHERE b = NULL"})
            other = await client.call_tool("estimate_cost", {"sql": "SELECT id FROM shop.sales.orders"})
            listed = await client.call_tool("list_findings", {"paths": ["sql"]})
        return (one.structured_content for one in (found, other, listed))

    (folder.parent / "elsewhere").mkdir()
    (folder / "catalog.yml").rename(folder.parent / "elsewhere" / "catalog.yml")
    found, other, listed = asyncio.run(whole())
    assert found["findings"] == []
    assert other["statements"][0]["dialect"] == "snowflake"
    assert other["statements"][0]["run"]["bytes_scanned"] is not None
    assert listed["summary"]["files"] == 4


@pytest.fixture
def address(folder):
    """A server over HTTP, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "sqlopt", "mcp", "--http", str(port), "--root", str(folder)],
        env=environment(),
        stderr=subprocess.PIPE,
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(20)
        assert f"http://127.0.0.1:{port}/mcp".encode() in process.stderr.read()
        process.stderr.close()


def test_http(address):
    async def whole():
        async with mcp.Client(address) as client:
            found = await client.call_tool("analyze_sql", {"sql": "SELECT a FROM t WHERE b = NULL"})
            assert [one["rule"] for one in found.structured_content["findings"]] == ["SCN011"]
        async with fastmcp.Client(address) as client:
            found = await client.call_tool("list_findings", {"limit": 1})
            assert found.structured_content["summary"]["files"] == 4

    asyncio.run(whole())
    head = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    for more, code in (({"host": "evil.example"}, 421), ({"origin": "http://evil.example"}, 403)):
        request = urllib.request.Request(address, b"{}", {**head, **more})  # noqa: S310 - our own server
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(request, timeout=10)  # noqa: S310
        assert error.value.code == code
    port = int(address.split(":")[2].split("/")[0])
    here = {one[4][0] for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for other in here - {"127.0.0.1"}:  # only the loopback is served
        with pytest.raises(OSError), socket.create_connection((other, port), 1):  # noqa: PT011 - any refusal
            pass


def test_progress_is_told(play, folder):
    for place in range(30):
        (folder / "sql" / f"q{place:02}.sql").write_text(f"SELECT a{place} FROM t WHERE b = NULL")
    told = []

    async def heard(done, total, message):
        del message
        told.append((done, total))

    async def whole(client):
        await client.client.call_tool("list_findings", {}, progress_callback=heard)

    play(whole)
    assert told[-1] == (34, 34)


def test_a_cancelled_call_ends(folder):
    for place in range(400):
        (folder / "sql" / f"q{place:03}.sql").write_text(f"SELECT a{place} FROM t WHERE b = NULL;\n" * 20)

    async def whole():
        async with Official(server()) as client:
            with anyio.move_on_after(0.5) as scope:
                await client.ask("list_findings")
            assert scope.cancelled_caught
            assert (await client.ask("analyze_sql", sql="SELECT 1")).wrong is None

    asyncio.run(whole())


def test_completion(play):
    async def whole(client):
        for uri, name, start, wanted in (
            ("sqlopt://rules/{id}", "id", "scn01", "SCN011"),
            ("sqlopt://tables/{name}", "name", "shop.", "shop.sales.orders"),
        ):
            ref = mcp.types.ResourceTemplateReference(uri=uri)
            found = await client.client.complete(ref, {"name": name, "value": start})
            assert wanted in found.completion.values

    play(whole)
