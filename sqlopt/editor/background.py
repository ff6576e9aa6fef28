"""The lineage of whole folders, made beside the answers in a thread of its own, with progress the client shows."""

from __future__ import annotations

import asyncio
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from sqlopt.editor.lineage import ProjectLineage, load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.editor.server import Server


_STEP = 0.05
"""Seconds between two looks at whether somebody still types."""


class Stopped(Exception):  # noqa: N818 - no error: the client or the server has ended it
    """The making of a lineage was ended."""


class Lineages:
    """The lineage of each workspace folder. One is made at a time; a newer wish ends the one under way."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: dict[str, ProjectLineage] = {}
        self._worker = ThreadPoolExecutor(1, "sqlopt-lineage")
        self._turn = 0

    def of(self, uri: str) -> ProjectLineage | None:
        """Return the lineage of the innermost folder around a document."""
        around = [one for one in self._made if uri == one or uri.startswith(one.rstrip("/") + "/")]
        return self._made[max(around, key=len)] if around else None

    def make(self, folders: Iterable[str]) -> None:
        """Make the lineage of folders (URIs) anew."""
        self._turn += 1
        for uri in folders:
            path = to_fs_path(uri)
            if path is not None:
                self._server.start(self._one(uri, path, self._turn))

    def end(self) -> None:
        """Stop what is under way."""
        self._turn += 1
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _one(self, uri: str, path: str, turn: int) -> None:
        loop = asyncio.get_running_loop()
        # Rules are imported in one thread alone: the worker's.
        await self._server.work(self._server.projects.of, str(Path(path) / "any.sql"))
        token = await self._begin(path)

        def progress(done: int, total: int) -> None:
            while self._server.busy and self._turn == turn:
                time.sleep(_STEP)  # answers come first
            if self._turn != turn or (token is not None and self._cancelled(token)):
                raise Stopped
            if token is not None:
                loop.call_soon_threadsafe(self._report, token, done, total)

        try:
            found = await loop.run_in_executor(self._worker, load, path, progress)
            if found is not None and self._turn == turn:
                self._made[uri] = found
                self._server.refresh(diagnostics=False)
        except Stopped:
            pass
        finally:
            if token is not None:
                self._server.work_done_progress.end(token, types.WorkDoneProgressEnd())

    async def _begin(self, path: str) -> str | None:
        can = self._server.client_capabilities.window
        if can is None or not can.work_done_progress:
            return None
        token = str(uuid.uuid4())
        shown = self._server.work_done_progress
        await shown.create_async(token)
        title = f"sqlopt: lineage of {Path(path).name}"
        shown.begin(token, types.WorkDoneProgressBegin(title, cancellable=True, percentage=0))
        return token

    def _cancelled(self, token: str) -> bool:
        future = self._server.work_done_progress.tokens.get(token)
        return future is not None and future.cancelled()

    def _report(self, token: str, done: int, total: int) -> None:
        share = 100 * done // max(total, 1)
        self._server.work_done_progress.report(
            token, types.WorkDoneProgressReport(message=f"{done} of {total} files", percentage=share)
        )
