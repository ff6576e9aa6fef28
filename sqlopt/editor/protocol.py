"""pygls's protocol with our own documents, and without three of its traps.

pygls 2.1 splits lines at characters that are no line breaks to the protocol (form feeds, U+2028), its ``shutdown``
fails while another request is in flight, and it keeps a future for each notification for ever; see `Protocol`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from sqlopt.editor.documents import Document, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sqlopt.editor.server import Server


class Protocol(LanguageServerProtocol):
    """The protocol's own part: documents are kept in the server's ``documents``, by URI."""

    _server: Server

    def _execute_handler(
        self,
        msg_id: Any,
        handler: Any,
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Call a handler, and forget its future when it is done; pygls does so for requests alone."""

        def done(future: Any) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, done, args, kwargs)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: Any) -> Generator[Any, Any, None]:
        """Cancel what is in flight, and answer.

        pygls 2.1 walks over its table of requests while cancelling takes them out of it, and so answers with
        an error.
        """
        yield from ()
        current = self.msg_id
        for number, future in list(self._request_futures.items()):
            if number != current and not future.done():
                future.cancel()
        self._shutdown = True

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(
        self, params: types.DidOpenTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Take a document over from the client."""
        given = params.text_document
        self._server.documents[given.uri] = Document(
            given.uri,
            path_of(given.uri, given.language_id),
            given.language_id,
            given.version,
            given.text,
            str(self.workspace.position_encoding or "utf-16"),
        )
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Make the client's changes."""
        uri = params.text_document.uri
        known = self._server.documents.get(uri)
        if known is not None:
            self._server.documents[uri] = known.changed(params.content_changes, params.text_document.version)
            yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(
        self, params: types.DidCloseTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Give a document back to the client."""
        self._server.documents.pop(params.text_document.uri, None)
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


class Outdated(JsonRpcException):
    """The answer would be of a text that is no longer there; the client asks again."""

    CODE = types.LSPErrorCodes.ServerCancelled.value
    MESSAGE = "the document has changed"

    def __init__(self) -> None:
        super().__init__(self.MESSAGE, self.CODE, {"retriggerRequest": True})
