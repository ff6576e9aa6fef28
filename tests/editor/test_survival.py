"""The server goes on: in flight, half-typed, too large, binary, misconfigured, replayed."""

from __future__ import annotations

import asyncio
import random

import psutil
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import sqlopt
from sqlopt.editor.features import create
from tests.editor.conftest import CATALOG, connect, process_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD = """SELECT o.order_id, 'é😀' AS mark
FROM shop.sales.orders AS o
WHERE o.note = NULL;

SELECT user_id
FROM shop.sales.users
WHERE email = NULL;
"""


def document(uri):
    return types.TextDocumentIdentifier(uri)


def long_text(statements):
    columns = ", ".join(f"CASE WHEN total > {n} THEN note ELSE 'x' END AS c{n}" for n in range(40))
    return "".join(
        f"SELECT {columns} FROM shop.sales.orders WHERE user_id = {n};\n" for n in range(statements)
    )


def rules(found):
    return [(one.code, one.range.start.line) for one in found]


async def hover(editor, uri, words):
    return await editor.client.text_document_hover_async(
        types.HoverParams(document(uri), editor.at(uri, words))
    )


async def test_half_typed_sql_keeps_what_was_known_around_it(code):
    uri = code.open("half.sql", GOOD)
    before = rules(await code.diagnostics(uri))
    assert len(before) == 3
    code.replace(uri, "SELECT user_id\n", "SELECT user_id, (\n")
    typing = rules(await code.diagnostics(uri))
    assert set(before) < set(typing)
    assert "SQL001" in [rule for rule, _ in typing]
    assert "1,000,000 rows" in (await hover(code, uri, "shop.sales.users")).contents.value
    code.save(uri)
    saved = await code.diagnostics(uri)
    project = sqlopt.Project.from_config(code.folder)
    report = project.check(code.texts[uri], str(code.folder / "half.sql"))
    assert sorted(one.code for one in saved) == sorted(one.rule for one in (*report.findings, *report.errors))
    code.replace(uri, ", (\n", "\n")
    assert rules(await code.diagnostics(uri)) == before


async def test_what_is_half_typed_for_long_is_taken_at_its_word(code):
    uri = code.open("slow.sql", GOOD)
    await code.diagnostics(uri)
    code.replace(uri, "SELECT user_id\n", "SELECT user_id, (\n")
    typing = await code.diagnostics(uri)
    assert len(typing) == 4
    refreshed = code.client.diagnostic_refresh_count
    for _ in range(60):
        await asyncio.sleep(0.1)
        if code.client.diagnostic_refresh_count > refreshed:
            break
    assert len(await code.diagnostics(uri)) == 3


async def test_lines_end_where_the_protocol_says(code):
    text = "SELECT '\f\v\u2028\x85 😀'\r\n, note\rFROM shop.sales.orders\nWHERE note = NULL\n"
    uri = code.open("lines.sql", text)
    (found,) = [one for one in await code.diagnostics(uri) if one.code == "SCN011"]
    assert found.range.start.line == 3
    assert found.range.start.character == len("WHERE ")
    code.client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, uri),
            [
                types.TextDocumentContentChangePartial(
                    types.Range(types.Position(3, 0), types.Position(3, 99)), "WHERE note IS NULL"
                )
            ],
        )
    )
    assert not [one for one in await code.diagnostics(uri) if one.code == found.code]


async def test_a_shutdown_while_a_request_is_in_flight_is_no_error(folder):
    editor = await connect(folder)
    uri = editor.open("long.sql", long_text(60))
    waiting = asyncio.ensure_future(editor.diagnostics(uri))
    page = asyncio.ensure_future(
        editor.client.workspace_execute_command_async(
            types.ExecuteCommandParams("sqlopt.explain", ["PRN002", uri])
        )
    )
    await asyncio.sleep(0.05)
    assert await asyncio.wait_for(editor.client.shutdown_async(None), 20) is None
    editor.client.exit(None)
    await asyncio.wait_for(process_of(editor).wait(), 20)
    assert process_of(editor).returncode == 0
    for one in (waiting, page):
        one.cancel()
    await editor.client.stop()


async def test_a_request_is_cancelled_while_sql_is_read(code):
    uri = code.open("long.sql", long_text(40))
    ids = []
    waiting = asyncio.ensure_future(
        code.client.protocol.send_request_async(
            types.TEXT_DOCUMENT_HOVER, types.HoverParams(document(uri), types.Position(0, 9)), msg_id="one"
        )
    )
    ids.append(waiting)
    await asyncio.sleep(0.05)
    code.client.cancel_request(types.CancelParams("one"))
    with pytest.raises(JsonRpcException, match="cancel"):
        await asyncio.wait_for(waiting, 20)
    small = code.open("small.sql", GOOD)
    assert await asyncio.wait_for(code.diagnostics(small), 20)


async def test_only_the_newest_text_is_answered_for(code):
    uri = code.open("typed.sql", long_text(20))
    waiting = []
    for number in range(15):
        code.edit(uri, 0, 0, f"-- {number}\n")
        waiting.append(asyncio.ensure_future(code.diagnostics(uri)))
        await asyncio.sleep(0)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert not isinstance(answers[-1], Exception)
    outdated = [one for one in answers if isinstance(one, JsonRpcException)]
    assert outdated
    assert {one.code for one in outdated} == {types.LSPErrorCodes.ServerCancelled.value}
    assert all(one.data == {"retriggerRequest": True} for one in outdated)


async def test_large_and_binary_documents_cost_only_themselves(code):
    large = code.open("large.sql", "SELECT 1;\n" * 1_000_000)
    assert await code.diagnostics(large) == []
    code.edit(large, 0, 0, " ")
    assert await code.diagnostics(large) == []
    assert len([one for one in code.client.messages if "larger than" in one.message]) == 1
    binary = code.open("binary.sql", "\x7fELF\0\1\2\ud7ff\ufffd\0" * 100)
    assert [one.code for one in await code.diagnostics(binary)] == ["SQL004"]
    await hover(code, binary, "ELF")
    assert await code.diagnostics(code.open("after.sql", GOOD))


async def test_a_broken_configuration_is_shown_and_mended(folder):
    (folder / "sqlopt.toml").write_text('dialect = "bigquery"\nselekt = ["ALL"]\n')
    editor = await connect(folder, "neovim@v0.7")
    uri = editor.open("a.sql", GOOD)
    assert len(await editor.diagnostics(uri)) == 3  # the catalog near the file counts, its dialect too
    config = editor.uri("sqlopt.toml")
    _, (found,) = editor.client.pushed[config]
    assert "selekt" in found.message
    assert found.range.start.line == 1
    (folder / "sqlopt.toml").write_text('dialect = "bigquery"\nignore = ["ALL"]\n')
    editor.client.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent(config, types.FileChangeType.Changed)])
    )
    editor.versions[uri] += 1
    editor.edit(uri, 0, 0, "\n")
    assert await editor.diagnostics(uri) == []
    assert not editor.client.pushed[config][1]
    await editor.client.shutdown_session()
    await editor.client.stop()


async def test_a_catalog_that_changes_or_vanishes_is_minded_without_being_told(folder):
    editor = await connect(folder)
    uri = editor.open("a.sql", "SELECT order_id FROM shop.sales.orders WHERE order_date > '2026-01-01'\n")
    assert "300,000,000 rows" in (await hover(editor, uri, "orders")).contents.value
    (folder / "catalog.yml").write_text(CATALOG.replace("rows: 300000000", "rows: 400000000 "))
    editor.edit(uri, 0, 0, "\n")
    assert "400,000,000 rows" in (await hover(editor, uri, "orders")).contents.value
    (folder / "catalog.yml").unlink()
    editor.edit(uri, 0, 0, "\n")
    assert "not in the catalog" in (await hover(editor, uri, "orders")).contents.value
    assert any("catalog.yml" in one.message for one in editor.client.messages)
    await editor.client.shutdown_session()
    await editor.client.stop()


async def test_each_folder_has_its_own_settings(tmp_path):
    folders = []
    for name, ignored in (("one", "[]"), ("two", '["ALL"]')):
        folder = tmp_path.resolve() / name
        folder.mkdir()
        (folder / "sqlopt.toml").write_text(f'ignore = {ignored}\ncatalog = "catalog.yml"\n')
        (folder / "catalog.yml").write_text(CATALOG)
        folders.append(folder)
    editor = await connect(tmp_path.resolve(), folders=folders)
    assert len(await editor.diagnostics(editor.open("one/a.sql", GOOD))) == 3
    assert await editor.diagnostics(editor.open("two/a.sql", GOOD)) == []
    (watched,) = editor.client.registered
    patterns = [one["globPattern"] for one in watched.register_options["watchers"]]
    assert "**/sqlopt.toml" in patterns
    await editor.client.shutdown_session()
    await editor.client.stop()


async def test_nothing_is_kept_of_a_notification():
    server = create()

    @server.feature("sqlopt/told")
    async def _(_params):
        await asyncio.sleep(0)

    for _ in range(10):
        server.protocol._handle_notification("sqlopt/told", None)  # noqa: SLF001 - as pygls calls it
    await asyncio.sleep(0.05)
    assert server.protocol._request_futures == {}  # noqa: SLF001


PIECES = [
    "SELECT ", "FROM shop.sales.orders ", "WHERE ", "note = NULL ", "(", ")", "'", "😀", "é", ";", "\n", "--", ",",
    "WITH a AS (SELECT * FROM shop.sales.users) ", "{{ ", " }}", "order_date", "\r\n", "/*", "*/", "\t", "$$", "a.",
]  # fmt: skip


async def test_an_hour_of_typing_ends_as_a_fresh_open(code):
    """Random edits, most of which leave broken SQL: no crash, nothing outside of the text, the same in the end."""
    dice = random.Random(8)
    uri = code.open("typed.sql", GOOD)
    process = psutil.Process(process_of(code).pid)
    sizes = []
    for number in range(1_500):
        text = code.texts[uri]
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice([0, 0, 0, 1, 3, 12]))
        code.edit(uri, start, end, dice.choice(PIECES) if len(text) < 3_000 else "")
        if number % 10 == 0:
            for one in await code.diagnostics(uri):
                text = code.texts[uri]
                last = code.position(text, len(text))
                assert (one.range.start.line, one.range.start.character) <= (last.line, last.character)
                assert (one.range.end.line, one.range.end.character) <= (last.line, last.character)
        if number % 50 == 0:
            place = types.Position(dice.randrange(10), dice.randrange(40))
            await code.client.text_document_hover_async(types.HoverParams(document(uri), place))
            await code.client.text_document_completion_async(types.CompletionParams(document(uri), place))
            await code.client.text_document_semantic_tokens_full_async(
                types.SemanticTokensParams(document(uri))
            )
            await code.client.text_document_document_symbol_async(types.DocumentSymbolParams(document(uri)))
            sizes.append(process.memory_info().rss)
    code.save(uri)
    assert await code.diagnostics(uri) == await code.diagnostics(code.open("fresh.sql", code.texts[uri]))
    code.edit(uri, 0, len(code.texts[uri]), GOOD)
    answer = await code.diagnostics(uri)
    assert len(answer) == 3
    assert answer == await code.diagnostics(code.open("fresh.sql", GOOD))
    tenth = max(len(sizes) // 10, 1)
    assert max(sizes[-tenth:]) < 1.2 * max(sizes[tenth : 2 * tenth])
