"""The lineage of whole folders, made beside the answers in processes of their own, with progress the client shows."""

from __future__ import annotations

import asyncio
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from sqlopt.editor.lineage import ProjectLineage, parse

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Iterable

    from sqlopt.editor.server import Server

_LARGEST = 1 << 30
"""Bytes of the longest line that is read: a lineage of thousands of files."""


class Lineages:
    """The lineage of each workspace folder. A newer wish ends the making of an older one."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: dict[str, ProjectLineage] = {}
        self._making: dict[str, Process] = {}
        self._turns: dict[str, int] = {}

    def of(self, uri: str) -> ProjectLineage | None:
        """Return the lineage of the innermost folder around a document."""
        around = [one for one in self._made if uri == one or uri.startswith(one.rstrip("/") + "/")]
        return self._made[max(around, key=len)] if around else None

    def make(self, folders: Iterable[str]) -> None:
        """Make the lineage of folders (URIs) anew."""
        for uri in folders:
            path = to_fs_path(uri)
            if path is not None:
                self._stop(uri)
                self._turns[uri] = self._turns.get(uri, 0) + 1
                self._server.start(self._one(uri, path, self._turns[uri]))

    def end(self) -> None:
        """Stop what is under way."""
        for uri in list(self._making):
            self._stop(uri)

    def _stop(self, uri: str) -> None:
        process = self._making.pop(uri, None)
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()

    async def _one(self, uri: str, path: str, turn: int) -> None:
        token = await self._begin(path)
        try:
            if self._turns[uri] == turn:
                process = self._making[uri] = await asyncio.create_subprocess_exec(
                    *(
                        sys.executable,
                        "-P",
                        "-m",
                        "sqlopt.editor.lineage",
                        path,
                    ),  # -P: nothing of the folder's own
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    limit=_LARGEST,
                )
                await self._read(uri, process, token, turn)
                await process.wait()
        finally:
            if token is not None:
                self._server.work_done_progress.end(token, types.WorkDoneProgressEnd())

    async def _read(self, uri: str, process: Process, token: str | None, turn: int) -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async for line in process.stdout:
            if token is not None and self._cancelled(token):
                self._stop(uri)
            elif line.startswith(b"{"):
                found = await self._server.work(parse, line)
                if found is not None and self._turns[uri] == turn:
                    self._made[uri] = found
                    self._server.refresh(diagnostics=False)
            elif token is not None:
                done, total = map(int, line.split())
                self._report(token, done, total)

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
