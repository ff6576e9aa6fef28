"""The server: what the client asks, answered from analyses that are made in a thread of their own.

The event loop only takes over texts and hands out work, so that a cancellation, a change or a shutdown is heard
while SQL is being read. There is one worker: the analyses of a document come in the order of its versions, and one
whose text has changed meanwhile is not begun.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

import sqlopt
from sqlopt.editor import diagnostics as shown
from sqlopt.editor.analysis import LARGEST, Analysis, analyse, too_large
from sqlopt.editor.background import Lineages
from sqlopt.editor.memory import Memory
from sqlopt.editor.protocol import Outdated, Protocol
from sqlopt.editor.settings import Preferences
from sqlopt.editor.workspace import WATCHED, Projects, is_ours
from sqlopt.errors import SqloptError
from sqlopt.query.text.reuse import Kept

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from sqlopt.editor.documents import Document
    from sqlopt.editor.lineage import ProjectLineage
    from sqlopt.rules.finding import Finding

T = TypeVar("T")
PAUSE = 0.08
"""Seconds without a change after which a document is analysed, where diagnostics are pushed."""
IDLE = 1.0
"""Seconds without a change after which there is time for what nobody waits for."""
SETTLED = 3.0
"""Seconds without a change after which what can't be read is no longer taken for half-typed."""


class Server(LanguageServer):
    """Open documents with their projects and analyses. Its methods run on the event loop unless they say otherwise."""

    def __init__(self) -> None:
        super().__init__("sqlopt", sqlopt.__version__, protocol_cls=Protocol)
        self.documents: dict[str, Document] = {}
        self.projects = Projects()
        self.preferences = Preferences()
        self.pulls = False
        self.worker = ThreadPoolExecutor(1, "sqlopt")
        self._analyses: dict[str, Analysis] = {}
        self._kept: dict[str, Kept] = {}
        self._jobs: dict[str, tuple[Document, asyncio.Future[None]]] = {}
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._state = 0  # of what lies beside the documents: an analysis of an earlier one does not count
        self._settled: set[str] = set()
        self._said: set[str] = set()
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lineages = Lineages(self)
        self.memory = Memory()
        self._pages: tempfile.TemporaryDirectory[str] | None = None

    # ---- analyses

    async def analysis(self, uri: str) -> Analysis | None:
        """Return the analysis of a document as it is when the analysis is done; None for one that is not open."""
        while (document := self.documents.get(uri)) is not None:
            done = self._analyses.get(uri)
            if done is not None and done.document is document:
                return done
            await self._job(uri, document)
        return None

    async def now(self, uri: str) -> Analysis | None:
        """Return the analysis of a document as it is now. Raises `Outdated` if it changes meanwhile."""
        document = self.documents.get(uri)
        if document is None:
            return None
        done = self._analyses.get(uri)
        if done is None or done.document is not document:
            await self._job(uri, document)
            done = self._analyses.get(uri)
        if done is None or done.document is not self.documents.get(uri):
            raise Outdated
        return done

    async def ask(self, uri: str, question: Callable[[Analysis], T], otherwise: T) -> T:
        """Return what ``question``, asked in the worker, says of a document as it is by then.

        A question whose text has changed while it waited is asked of the new one: what is typed comes first.
        """
        while (found := await self.analysis(uri)) is not None:
            answer: tuple[T] | None = await self.work(self._answer, uri, found, question)
            if answer is not None:
                return answer[0]
        return otherwise

    def _answer(self, uri: str, found: Analysis, question: Callable[[Analysis], T]) -> tuple[T] | None:
        return (question(found),) if self.documents.get(uri) is found.document else None

    def work(self, task: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        """Return what ``task``, run in the worker, returns."""
        return asyncio.get_running_loop().run_in_executor(self.worker, task, *arguments)

    async def _job(self, uri: str, document: Document) -> None:
        known = self._jobs.get(uri)
        if known is None or known[0] is not document:
            known = document, asyncio.ensure_future(self._made(uri, document))
            self._jobs[uri] = known
        await asyncio.shield(known[1])

    async def _made(self, uri: str, document: Document) -> None:
        state = self._state
        try:
            found = await self.work(self._analyse, uri, document)
        finally:
            known = self._jobs.get(uri)
            if known is not None and known[0] is document:
                del self._jobs[uri]
        if found is not None and self.documents.get(uri) is document and self._state == state:
            self._analyses[uri] = found
            self._say_troubles()
        if len(document.text) > LARGEST:
            self._say_once(
                uri, f"{document.path}: larger than {LARGEST:,} characters; it is not analysed while open"
            )

    def _analyse(self, uri: str, document: Document) -> Analysis | None:
        """Analyse a document; in the worker. None if it has changed, and another analysis is on its way."""
        if self.documents.get(uri) is not document:
            return None
        if self.projects.outdated():
            self.projects.forget()
        project = self.projects.of(document.path)
        if len(document.text) > LARGEST or not is_ours(document) or self.projects.skips(project, document):
            return too_large(document, project)
        kept = self._kept.setdefault(uri, Kept())
        self.memory.used()
        try:
            return analyse(document, project, self._analyses.get(uri), kept)
        except SqloptError as error:
            self.projects.wrong(str(error), document.path)
            return analyse(document, self.projects.plain(document.path), self._analyses.get(uri), kept)

    # ---- diagnostics

    def changed(self, uri: str) -> None:
        """Note that a document was opened or changed: its diagnostics are due."""
        self._settled.discard(uri)
        self._later("tidy", "", IDLE, lambda _: self.start(self.work(self.memory.tidy)))
        self._later("settle", uri, SETTLED, self.settle)
        if not self.pulls:
            self._later("push", uri, PAUSE, lambda one: self.start(self.publish(one)))

    def closed(self, uri: str) -> None:
        """Forget a document."""
        for kind in ("push", "settle"):
            timer = self._timers.pop((kind, uri), None)
            if timer is not None:
                timer.cancel()
        self._analyses.pop(uri, None)
        self._kept.pop(uri, None)
        self._said.discard(uri)
        if not self.pulls:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def settle(self, uri: str) -> None:
        """Take the text for what it is meant to be, half-typed no longer."""
        found = self._analyses.get(uri)
        self._settled.add(uri)
        if found is None or found.good is None or uri not in self.documents:
            return
        if self.pulls:
            self.refresh()
        else:
            self.start(self.publish(uri))

    def shown(self, uri: str, found: Analysis) -> list[types.Diagnostic]:
        """Return a document's diagnostics as they are to be shown now; in the worker."""
        return shown.diagnostics(found, typing=uri not in self._settled)

    async def publish(self, uri: str) -> None:
        """Push the diagnostics of a document."""
        found = await self.analysis(uri)
        if found is None:
            return
        items = await self.work(self.shown, uri, found)
        if self.documents.get(uri) is found.document:
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, items, found.document.version)
            )

    def changed_outside(self) -> None:
        """Note that files have changed: what depends on them is made anew when they have stopped changing."""
        self._later("again", "", PAUSE, lambda _: self.again())

    def again(self) -> None:
        """Analyse everything again: a configuration, a catalog or another file has changed."""
        self.projects.changed = True
        self._state += 1
        self._analyses.clear()
        self._jobs.clear()
        self.read_lineage()
        if self.pulls:
            self.refresh()
        else:
            for uri in self.documents:
                self._later("push", uri, PAUSE, lambda one: self.start(self.publish(one)))

    def refresh(self, *, diagnostics: bool = True) -> None:
        """Make the client ask again for what it shows, as far as it can be told to."""
        can = self.client_capabilities.workspace
        if can is None:
            return
        if diagnostics and self.pulls and can.diagnostics and can.diagnostics.refresh_support:
            self.workspace_diagnostic_refresh(None)
        if can.inlay_hint and can.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)
        if can.code_lens and can.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)

    def _say_troubles(self) -> None:
        """Push what is wrong with configurations and catalogs; take back what no longer is."""
        found: defaultdict[str, list[types.Diagnostic]] = defaultdict(list)
        encoding = str(self.workspace.position_encoding or "utf-16")
        for uri, item in shown.troubles(list(self.projects.troubles.values()), encoding):
            found[uri].append(item)
        for uri in self._told - set(found):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        for uri, items in found.items():
            if uri not in self._told:
                self.say(items[0].message, types.MessageType.Warning)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items))
        self._told = set(found)

    # ---- lineage

    def lineage(self, uri: str) -> ProjectLineage | None:
        """Return the lineage of the folder that a document lies in, as far as it is made."""
        return self._lineages.of(uri)

    def read_lineage(self) -> None:
        """Make the lineage of the folders anew, in the background."""
        if self.preferences.graph:
            self._lineages.make([one.uri for one in self.workspace.folders.values()])

    # ---- the client

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a message to the person."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    def log_faults(self, uri: str, faults: Iterable[Finding]) -> None:
        """Log findings on rules whose fixes are refuted, with what refutes them, for a person to report."""
        for one in faults:
            words = "\n".join(
                [f"{uri}: {one.rule} {one.message}", *(f"{key}: {value}" for key, value in one.evidence)]
            )
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, words))

    async def show(self, name: str, markdown: str) -> None:
        """Open a page in the client, if it can show documents; one of a name takes the place of an earlier one."""
        can = self.client_capabilities.window
        if can is None or can.show_document is None or not can.show_document.support:
            return
        if self._pages is None:
            self._pages = tempfile.TemporaryDirectory(prefix="sqlopt-")
        path = Path(self._pages.name) / f"{re.sub(r'[^A-Za-z0-9-]', '-', name)}.md"
        path.write_text(markdown, encoding="utf-8")
        await self.window_show_document_async(types.ShowDocumentParams(path.as_uri(), take_focus=True))

    def _say_once(self, about: str, message: str) -> None:
        if about not in self._said:
            self._said.add(about)
            self.say(message, types.MessageType.Warning)

    @property
    def versioned(self) -> bool:
        """Whether the client takes edits of a document's version."""
        can = self.client_capabilities.workspace
        return bool(can and can.workspace_edit and can.workspace_edit.document_changes)

    async def begin(self) -> None:
        """Read the client's settings, then the lineage of its folders."""
        await self.read_preferences()
        self.read_lineage()

    async def read_preferences(self, pushed: Any = None) -> None:
        """Read the client's settings: as it sends them, or by asking for them."""
        can = self.client_capabilities.workspace
        if can is not None and can.configuration:
            asked = types.ConfigurationParams([types.ConfigurationItem(section="sqlopt")])
            answer = await self.workspace_configuration_async(asked)
            pushed = answer[0] if answer else None
        if pushed is not None:
            self.preferences = Preferences.read(pushed)

    async def watch(self) -> None:
        """Ask the client to tell of changed files, if it can."""
        can = self.client_capabilities.workspace
        watches = can.did_change_watched_files if can is not None else None
        if watches is None or not watches.dynamic_registration:
            return
        patterns = [types.FileSystemWatcher(one) for one in WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(patterns)
        wanted = types.Registration("sqlopt.watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await self.client_register_capability_async(types.RegistrationParams([wanted]))

    # ---- time

    def start(self, work: Any) -> None:
        """Run a coroutine by itself; what goes wrong in it is logged and nothing else."""
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Awaitable[Any]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - nobody waits for it, and the server goes on
            self.window_log_message(
                types.LogMessageParams(types.MessageType.Error, f"{type(error).__name__}: {error}")
            )

    def _later(self, kind: str, uri: str, seconds: float, act: Callable[[str], None]) -> None:
        timer = self._timers.pop((kind, uri), None)
        if timer is not None:
            timer.cancel()
        self._timers[kind, uri] = asyncio.get_running_loop().call_later(seconds, act, uri)

    def shutdown(self) -> None:
        """End the worker with the server; what it is at is not waited for."""
        self._lineages.end()
        if self._pages is not None:
            self._pages.cleanup()
        self.worker.shutdown(wait=False, cancel_futures=True)
        super().shutdown()  # type: ignore[no-untyped-call]
