"""What the client may ask, and who answers: the table of the protocol's methods."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from sqlopt.editor import diagnostics as shown
from sqlopt.editor.server import Server


def create() -> Server:
    """Return a server that answers all that sqlopt can answer."""
    server = Server()
    _life(server)
    _texts(server)
    return server


def _life(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def _(ls: Server, params: types.InitializeParams) -> None:
        can = params.capabilities.text_document
        ls.pulls = can is not None and can.diagnostic is not None
        if ls.pulls:
            _pull(ls)
        if isinstance(params.initialization_options, dict):
            ls.preferences = ls.preferences.read(
                params.initialization_options.get("sqlopt", params.initialization_options)
            )

    @server.feature(types.INITIALIZED)
    async def _(ls: Server, _params: types.InitializedParams) -> None:
        ls.start(ls.watch())
        ls.start(ls.read_preferences())

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def _(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        given = params.settings
        await ls.read_preferences(given.get("sqlopt", given) if isinstance(given, dict) else None)
        ls.refresh()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def _(ls: Server, _params: types.DidChangeWatchedFilesParams) -> None:
        ls.again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def _(ls: Server, _params: types.DidChangeWorkspaceFoldersParams) -> None:
        ls.again()


def _texts(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def _(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        ls.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def _(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        ls.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def _(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        ls.settle(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def _(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.closed(params.text_document.uri)


def _pull(server: Server) -> None:
    """Answer for diagnostics: only a client that can ask for them is offered it, and is pushed none."""
    options = types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=False, identifier="sqlopt"
    )

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def _(ls: Server, params: types.DocumentDiagnosticParams) -> Any:
        uri = params.text_document.uri
        found = await ls.now(uri)
        items = await ls.work(ls.shown, uri, found) if found is not None else []
        identity = shown.identity(items)
        if identity == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(identity)
        return types.RelatedFullDocumentDiagnosticReport(items, result_id=identity)
