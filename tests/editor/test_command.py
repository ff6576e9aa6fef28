"""``sqlopt lsp`` as it is started: over TCP, without its extra, and what it says to a client that can do little."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys

import pytest
from lsprotocol import types

from tests.editor.conftest import PATHS, connect, make_client, written

ENVIRONMENT = {**os.environ, "PYTHONPATH": PATHS}


def test_without_its_extra_it_says_which():
    script = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['sqlopt', 'lsp'];"
        "from sqlopt.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'sqlopt[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_stdio_and_tcp_exclude_each_other():
    done = subprocess.run(
        [sys.executable, "-m", "sqlopt", "lsp", "--stdio", "--tcp", "1"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "exclude" in done.stderr


@pytest.mark.asyncio
async def test_it_serves_over_tcp(tmp_path):
    folder = written(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sqlopt", "lsp", "--tcp", str(port), env=ENVIRONMENT
    )
    try:
        client = make_client()
        for _ in range(100):
            try:
                await client.start_tcp("127.0.0.1", port)
                break
            except OSError:
                await asyncio.sleep(0.1)
        await client.initialize_session(
            types.InitializeParams(capabilities=types.ClientCapabilities(), root_uri=folder.as_uri())
        )
        uri = (folder / "a.sql").as_uri()
        text = "SELECT order_id FROM shop.sales.orders WHERE note = NULL"
        client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "sql", 1, text))
        )
        while uri not in client.pushed:
            await asyncio.wait_for(client.arrived.wait(), 20)
            client.arrived.clear()
        assert "SCN011" in [one.code for one in client.pushed[uri][1]]
        await client.shutdown_async(None)
        client.exit(None)
        assert await asyncio.wait_for(server.wait(), 20) == 0
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()


@pytest.mark.asyncio
async def test_lineage_of_the_folder_is_read_with_progress_and_told(tmp_path):
    folder = written(tmp_path)
    (folder / "daily.sql").write_text(
        "CREATE TABLE mart.daily AS SELECT order_date, SUM(total) AS revenue FROM shop.sales.orders GROUP BY 1;\n"
    )
    editor = await connect(folder)
    uri = editor.open("daily.sql", (folder / "daily.sql").read_text())
    document = types.TextDocumentIdentifier(uri)
    for _ in range(100):
        reports = [one for several in editor.client.progress_reports.values() for one in several]
        if any(
            isinstance(one, types.WorkDoneProgressEnd) or getattr(one, "kind", "") == "end" for one in reports
        ):
            break
        await asyncio.sleep(0.1)
    found = await editor.client.text_document_hover_async(
        types.HoverParams(document, editor.at(uri, "SUM(total", 5))
    )
    assert "`mart.daily.revenue`" in found.contents.value
    lenses = await editor.client.text_document_code_lens_async(types.CodeLensParams(document))
    assert "read by no table" in [one.command.title for one in lenses]
    reader = editor.open("top.sql", "SELECT revenue FROM mart.daily\n")
    (place,) = await editor.client.text_document_definition_async(
        types.DefinitionParams(types.TextDocumentIdentifier(reader), editor.at(reader, "daily", 1))
    )
    assert place.uri == uri
    page = await editor.client.workspace_execute_command_async(
        types.ExecuteCommandParams("sqlopt.explain", ["PRN002", uri])
    )
    assert page.startswith("#")
    assert [one.uri.endswith("PRN002.md") for one in editor.client.shown_documents] == [True]
    await editor.client.shutdown_session()
    await editor.client.stop()


@pytest.mark.asyncio
async def test_hints_and_lenses_are_switched_by_settings(tmp_path):
    folder = written(tmp_path)
    off = {"inlayHints": {"scans": False, "joins": True}, "codeLens": False}
    editor = await connect(folder, "neovim@v0.7", options={"sqlopt": off})
    uri = editor.open(
        "a.sql", "SELECT o.note FROM shop.sales.orders o JOIN shop.sales.users u USING (user_id)\n"
    )
    document = types.TextDocumentIdentifier(uri)
    whole = types.Range(types.Position(0, 0), types.Position(9, 0))
    hints = await editor.client.text_document_inlay_hint_async(types.InlayHintParams(document, whole))
    assert [one.label.endswith("rows") for one in hints] == [True]
    assert not await editor.client.text_document_code_lens_async(types.CodeLensParams(document))
    editor.client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams({"sqlopt": {"inlayHints": False, "codeLens": {"price": True}}})
    )
    hints = await editor.client.text_document_inlay_hint_async(types.InlayHintParams(document, whole))
    assert not hints
    assert await editor.client.text_document_code_lens_async(types.CodeLensParams(document))
    await editor.client.shutdown_session()
    await editor.client.stop()
