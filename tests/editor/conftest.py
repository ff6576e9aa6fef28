"""A server as editors start it, and clients with the profiles of real editors."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

ROOT = Path(__file__).parent.parent.parent
PATHS = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])

CATALOG = """
version: 1
dialect: bigquery
tables:
  shop.sales.orders:
    columns:
      order_id: {type: INT64, nullable: false, distinct: 300000000}
      user_id: {type: INT64}
      order_date: {type: DATE, nullable: false, min: 2020-01-01, max: 2026-11-20}
      note: {type: STRING, average_bytes: 24}
      total: {type: FLOAT64}
    primary_key: [order_id]
    partition_by: {column: order_date, granularity: day}
    rows: 300000000
    bytes: 96636764160
  shop.sales.users:
    columns:
      user_id: {type: INT64, nullable: false}
      email: {type: STRING, tags: [pii]}
    primary_key: [user_id]
    rows: 1000000
    bytes: 96636764
"""


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path)


def written(path):
    (path / "sqlopt.toml").write_text('catalog = "catalog.yml"\ndialect = "bigquery"\n')
    (path / "catalog.yml").write_text(CATALOG)
    return path.resolve()


class Editor:
    """A client that keeps the texts as an editor does, and speaks the units that were agreed on."""

    def __init__(self, client, folder, initialized):
        self.client = client
        self.folder = folder
        self.can = initialized.capabilities
        self.texts = {}
        self.versions = {}

    def uri(self, name):
        return (self.folder / name).as_uri()

    def open(self, name, text, language="sql"):
        uri = self.uri(name)
        self.texts[uri], self.versions[uri] = text, 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text))
        )
        return uri

    def units(self, text):
        encoding = self.can.position_encoding or "utf-16"
        if encoding == "utf-32":
            return len(text)
        return len(text.encode(str(encoding).replace("utf-16", "utf-16-le"))) // (
            2 if "16" in encoding else 1
        )

    def position(self, text, offset):
        start = text.rfind("\n", 0, offset) + 1
        return types.Position(text.count("\n", 0, offset), self.units(text[start:offset]))

    def offset(self, text, position):
        lines = text.split("\n")
        start = sum(len(one) + 1 for one in lines[: position.line])
        units = 0
        for at, char in enumerate(lines[position.line]):
            if units >= position.character:
                return start + at
            units += self.units(char)
        return start + len(lines[position.line])

    def slice(self, text, span):
        return text[self.offset(text, span.start) : self.offset(text, span.end)]

    def edit(self, uri, start, end, text):
        """Replace ``start:end`` (code points) as typing does."""
        old = self.texts[uri]
        span = types.Range(self.position(old, start), self.position(old, end))
        self.texts[uri] = old[:start] + text + old[end:]
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [types.TextDocumentContentChangePartial(span, text)],
            )
        )

    def replace(self, uri, old, new):
        at = self.texts[uri].index(old)
        self.edit(uri, at, at + len(old), new)

    def save(self, uri):
        Path(uri.removeprefix("file://")).write_text(self.texts[uri])
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def at(self, uri, words, shift=0):
        """Return where ``words`` stand, plus ``shift`` characters."""
        text = self.texts[uri]
        return self.position(text, text.index(words) + shift)

    def apply(self, uri, edits):
        """Return the text of a document after edits."""
        text = self.texts[uri]
        placed = [
            (self.offset(text, one.range.start), self.offset(text, one.range.end), one.new_text)
            for one in edits
        ]
        for start, end, new in sorted(placed, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    async def diagnostics(self, uri):
        """Return the diagnostics of a document as it is now, pulled or pushed."""
        if self.can.diagnostic_provider:
            answer = await self.client.text_document_diagnostic_async(
                types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            )
            return list(answer.items)
        while self.client.pushed.get(uri, (0, ()))[0] != self.versions[uri]:
            await asyncio.wait_for(self.client.arrived.wait(), 20)
            self.client.arrived.clear()
        return list(self.client.pushed[uri][1])


def profile(name):
    can = client_capabilities(name)
    if name == "visual-studio-code":  # the profile is of 1.65; since 1.73 it pulls
        can.text_document.diagnostic = types.DiagnosticClientCapabilities(
            dynamic_registration=True, related_document_support=True
        )
        can.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        can.general.position_encodings = ["utf-16"]
    if name == "neovim@v0.7":
        can.text_document.diagnostic = None
    return can


async def connect(folder, name="visual-studio-code", options=None, folders=None):
    """Start a server and initialize a session with an editor's profile."""
    config = ClientServerConfig(
        server_command=[sys.executable, "-m", "sqlopt", "lsp"],
        server_env={**os.environ, "PYTHONPATH": PATHS},
        client_factory=make_client,
    )
    client = await config.start()
    found = await client.initialize_session(
        types.InitializeParams(
            capabilities=profile(name),
            workspace_folders=[types.WorkspaceFolder(one.as_uri(), one.name) for one in folders or [folder]],
            root_uri=folder.as_uri(),
            initialization_options=options,
        )
    )
    return Editor(client, folder, found)


def make_client():
    client = LanguageClient(converter_factory=default_converter)
    ours = (types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, types.CLIENT_REGISTER_CAPABILITY)
    register_lsp_features(
        client, {name: act for name, act in DEFAULT_CLIENT_FEATURES.items() if name not in ours}
    )
    client.pushed, client.arrived, client.registered = {}, asyncio.Event(), []

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _(params: types.PublishDiagnosticsParams):
        client.pushed[params.uri] = (params.version, params.diagnostics)
        client.arrived.set()

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def _(params: types.RegistrationParams):
        client.registered += params.registrations

    return client


@pytest_asyncio.fixture(params=["visual-studio-code", "neovim@v0.11", "neovim@v0.7"])
async def editor(request, folder):
    one = await connect(folder, request.param)
    yield one
    await one.client.shutdown_session()
    await one.client.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def code(tmp_path_factory):
    """One server for all tests of a module, with the profile of VS Code."""
    one = await connect(written(tmp_path_factory.mktemp("work")), options={"proof": {"seconds": 5}})
    yield one
    await one.client.shutdown_session()
    await one.client.stop()


def process_of(editor):
    """Return the server's process."""
    return editor.client._server  # noqa: SLF001 - pygls keeps it there
