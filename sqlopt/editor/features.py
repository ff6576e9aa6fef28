"""What the client may ask, and who answers: the table of the protocol's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from sqlopt.editor import completion, hints, navigation, outline
from sqlopt.editor import diagnostics as shown
from sqlopt.editor import rename as renaming
from sqlopt.editor.actions import EXPLAIN, FIX_ALL, Actions, Offered
from sqlopt.editor.hover import hover
from sqlopt.editor.prices import PRICE, summary
from sqlopt.editor.server import Server
from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from sqlopt.editor.analysis import Analysis


def create() -> Server:
    """Return a server that answers all that sqlopt can answer."""
    server = Server()
    _life(server)
    _texts(server)
    _reading(server)
    _navigation(server)
    _acting(server)
    return server


def _life(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def _(ls: Server, params: types.InitializeParams) -> None:
        ls.memory.begin()
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
        ls.start(ls.begin())

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def _(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        given = params.settings
        await ls.read_preferences(given.get("sqlopt", given) if isinstance(given, dict) else None)
        ls.refresh()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def _(ls: Server, _params: types.DidChangeWatchedFilesParams) -> None:
        ls.changed_outside()

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


def _reading(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def _(ls: Server, params: types.HoverParams) -> types.Hover | None:
        lineage = ls.lineage(params.text_document.uri)
        return await ls.ask(
            params.text_document.uri, lambda one: hover(one, _offset(one, params), lineage), None
        )

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def _(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
        return await ls.ask(
            params.text_document.uri, lambda one: hints.inlay_hints(one, params.range, ls.preferences), []
        )

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def _(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
        lineage = ls.lineage(params.text_document.uri)
        return await ls.ask(
            params.text_document.uri, lambda one: hints.lenses(one, ls.preferences, lineage), []
        )

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=list(completion.TRIGGERS)),
    )
    async def _(ls: Server, params: types.CompletionParams) -> types.CompletionList:
        return await ls.ask(
            params.text_document.uri,
            lambda one: completion.complete(one, _offset(one, params)),
            types.CompletionList(is_incomplete=False, items=[]),
        )

    @server.feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        types.SemanticTokensLegend(list(outline.KINDS), list(outline.MODIFIERS)),
    )
    async def _(ls: Server, params: types.SemanticTokensParams) -> types.SemanticTokens:
        return types.SemanticTokens(await ls.ask(params.text_document.uri, outline.semantic_tokens, []))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def _(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        return await ls.ask(params.text_document.uri, outline.symbols, [])

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def _(ls: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        return await ls.ask(params.text_document.uri, outline.folding, [])

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    async def _(ls: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        return await ls.ask(params.text_document.uri, outline.links, [])


def _navigation(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def _(ls: Server, params: types.DefinitionParams) -> list[types.Location]:
        lineage = ls.lineage(params.text_document.uri)
        return await ls.ask(
            params.text_document.uri,
            lambda one: navigation.definition(one, _offset(one, params), lineage),
            [],
        )

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def _(ls: Server, params: types.ReferenceParams) -> list[types.Location]:
        declaration = params.context.include_declaration
        return await ls.ask(
            params.text_document.uri,
            lambda one: navigation.references(
                one, _offset(one, params), ls.documents, declaration=declaration
            ),
            [],
        )

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def _(ls: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        return await ls.ask(
            params.text_document.uri, lambda one: navigation.highlights(one, _offset(one, params)), []
        )

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def _(ls: Server, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        def prepared(one: Analysis) -> types.PrepareRenamePlaceholder | None:
            found = renaming.prepare(one, _offset(one, params))
            if found is None:
                return None
            return types.PrepareRenamePlaceholder(one.document.places.range(found[0]), found[1])

        return await ls.ask(params.text_document.uri, prepared, None)

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    async def _(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
        def renamed(one: Analysis) -> types.WorkspaceEdit:
            return renaming.rename(
                one, _offset(one, params), params.new_name, ls.documents, versioned=ls.versioned
            )

        try:
            return await ls.ask(params.text_document.uri, renamed, None)
        except SqloptError as error:
            raise JsonRpcException(str(error), types.LSPErrorCodes.RequestFailed.value) from error


def _acting(server: Server) -> None:
    kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorExtract, FIX_ALL]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True),
    )
    async def _(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        context = params.context
        automatic = context.trigger_kind == types.CodeActionTriggerKind.Automatic
        limits = None if automatic else ls.preferences.proof

        def offered(one: Analysis) -> Offered:
            return Actions(one, versioned=ls.versioned, limits=limits).offered(params.range, context.only)

        uri = params.text_document.uri
        found = await ls.ask(uri, offered, Offered())
        ls.log_faults(uri, found.faults)
        return found.actions

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def _(ls: Server, params: types.CodeAction) -> types.CodeAction:
        data = params.data
        uri = data.get("uri") if isinstance(data, dict) else data
        if params.edit is not None or not isinstance(uri, str):
            return params

        def chosen(one: Analysis) -> Offered:
            return Actions(one, versioned=ls.versioned, limits=ls.preferences.proof).chosen(data)

        found = await ls.ask(uri, chosen, Offered())
        ls.log_faults(uri, found.faults)
        if found.message:
            ls.say(found.message, types.MessageType.Warning)
        params.edit = next((one.edit for one in found.actions), types.WorkspaceEdit(changes={}))
        return params

    _commands(server)


def _commands(server: Server) -> None:
    @server.command(EXPLAIN)
    async def _(ls: Server, rule: str, uri: str) -> str | None:
        page = await ls.ask(uri, lambda one: one.project.page(rule), None)
        if page is not None:
            await ls.show(rule, page)
        return page

    @server.command(PRICE)
    async def _(ls: Server, uri: str) -> dict[str, str] | None:
        return await ls.ask(uri, summary, None)


def _offset(one: Analysis, params: Any) -> int:
    """Return the code point that a request is about."""
    return one.document.places.offset(params.position)
