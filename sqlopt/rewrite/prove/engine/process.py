"""The engine's own process, as its parent sees it: started once, leased for one proof after another.

A statement may be anybody's. What takes too much memory is refused by the operating system, what takes too long is
killed with its process, and neither does any harm here: the next proof starts a new process. Processes end with their
parent. Threads that prove side by side have one each; a forked child takes none over from its parent.
"""

from __future__ import annotations

import atexit
import io
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlopt.rewrite.prove.pair import Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM = str(Path(__file__).with_name("child.py"))
_PLAIN: Final = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_SEALED: Final[dict[str, Any]] = {
    **_PLAIN,
    "threads": 1,
    "enable_external_access": "false",
    "memory_limit": "256MB",
    "temp_directory": "",
}
"""Without files, without network."""
_MEMORY = 420 << 20  # bytes of data; with the program's text it takes some 60 more
_IDLE = 4  # processes that wait for the next proof
_LEASES = 300  # proofs of one process, before what it may have left behind counts
_SAFE = {("datetime", None), ("decimal", "Decimal"), ("uuid", "UUID"), ("pytz", None)}

Error = tuple[str, str]
"""The name of an exception's class, and its text."""
Answer = list[tuple[Any, ...]] | Error


class Ended(Exception):  # noqa: N818 - what became of the process, not a defect
    """The process ended by itself, or was killed: ``expired`` says whether because the time was over."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__("the engine's process ended")
        self.expired = expired


class Process:
    """A process with an empty DuckDB. Raises `Unsupported` where none can be started.

    ``sealed`` ones read nothing and take little memory; others read the user's own files.
    """

    def __init__(self, *, sealed: bool) -> None:
        if getattr(sys, "frozen", False) or not sys.executable:
            raise Unsupported("tests need a Python of its own to run, which a packed program has not")
        self.sealed = sealed
        self.expired = False
        self.leases = 0
        self._lock = threading.Lock()
        self._timer = threading.Timer(0.0, self._expire)
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-S", "-B", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise Unsupported("the process that tests run in can't be started") from error
        path = [one for one in sys.path if one]  # not the working folder
        self._send((path, _SEALED if sealed else _PLAIN, _MEMORY if sealed else None))

    def begin(self, seconds: float) -> None:
        """Lease the process for so many seconds; it is killed when they are over. Waits until it is ready.

        Raises `Unsupported` and `Ended`.
        """
        lease = self.leases
        self._timer = threading.Timer(max(seconds, 0.0), self._expire, (lease,))
        self._timer.daemon = True
        self._timer.start()
        if lease == 0 and self._receive()[0]:
            raise Unsupported("DuckDB is not installed: pip install duckdb")

    def ask(self, statements: Sequence[tuple[str, int | None]]) -> list[Answer]:
        """Run statements, each with the most rows that are wanted of it (None: all). Raises `Ended`."""
        self._send(list(statements))
        return self._receive()

    def end(self) -> None:
        """End the lease."""
        with self._lock:
            self._timer.cancel()
            self.leases += 1

    def close(self) -> None:
        """End the process."""
        if self._popen.poll() is None:
            self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not yet written
                    continue

    def forget(self) -> None:
        """Let go of a process that is the parent's of this one."""
        self._popen.returncode = 0  # it is not this process that waits for it
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                pipe.close()  # nothing is buffered between two leases

    @property
    def lives(self) -> bool:
        """Whether it can be asked more."""
        return self._popen.poll() is None

    def _expire(self, lease: int) -> None:
        with self._lock:
            if lease == self.leases:
                self.expired = True
                self._popen.kill()

    def _send(self, message: object) -> None:
        pipe = self._popen.stdin
        try:
            pickle.dump(message, pipe)  # type: ignore[arg-type]  # it is a pipe
            pipe.flush()  # type: ignore[union-attr]
        except (OSError, ValueError) as error:
            raise Ended(expired=self.expired) from error

    def _receive(self) -> list[Answer]:
        try:
            found = _Values(self._popen.stdout).load()  # type: ignore[arg-type]
            return [_Values(io.BytesIO(one)).load() for one in found]
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise Ended(expired=self.expired) from error


class _Values(pickle.Unpickler):
    """Reads values of results and nothing else: the other side ran anybody's statement."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _SAFE or (module.split(".", 1)[0], None) in _SAFE:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no value")


_idle: list[Process] = []
_lock = threading.Lock()


def lease(seconds: float, *, sealed: bool) -> Process:
    """Return a process for so many seconds; `release` it. Raises `Unsupported` and `Ended`."""
    one = None
    with _lock:
        while sealed and _idle and one is None:
            one = _idle.pop()
            if not one.lives:
                one.close()
                one = None
    one = one or Process(sealed=sealed)
    try:
        one.begin(seconds)
    except BaseException:
        one.close()
        raise
    return one


def release(one: Process) -> None:
    """Give a process back."""
    one.end()
    with _lock:
        if one.sealed and one.lives and not one.expired and one.leases < _LEASES and len(_idle) < _IDLE:
            _idle.append(one)
            return
    one.close()


def _close() -> None:
    while _idle:
        _idle.pop().close()


def _forget() -> None:
    global _lock  # noqa: PLW0603 - another thread of the parent may hold it for ever
    _lock = threading.Lock()
    while _idle:
        _idle.pop().forget()


atexit.register(_close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
