"""The program of the engine's own process: DuckDB behind two pipes, within limits that the operating system keeps.

It is run by its path and imports nothing of sqlopt, so that it starts quickly. The first message says where modules
are found, DuckDB's configuration and the most memory (bytes, or None); each further one is a list of statements with
the most rows that are wanted of each (None for all), and is answered by a list: rows, or the name and text of an error.
"""

import os
import pickle
import signal
import sys
import threading
import time
from typing import Any, BinaryIO

_MOST_BYTES = 8 << 20  # of a result, in tests
_PAUSE = 2.0  # seconds between looks at whether the parent lives


def main() -> None:
    """Answer until the parent has no more to ask, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to answer: it closes the pipe
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    for stream in (0, 1):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    path, config, memory = pickle.load(questions)  # noqa: S301 - what sqlopt itself says
    sys.path[:] = path
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    try:
        import duckdb
    except ImportError as error:
        _say(answers, [pickle.dumps((type(error).__name__, str(error)))])
        return
    connection = duckdb.connect(config=config)
    if memory is not None:
        _limit(memory)
    _say(answers, [pickle.dumps([])])
    while True:
        try:
            asked = pickle.load(questions)  # noqa: S301
        except EOFError:
            return
        _answer(answers, connection, asked, None if memory is None else _MOST_BYTES)


def _answer(
    answers: BinaryIO, connection: Any, asked: list[tuple[str, int | None]], most: int | None
) -> None:
    _say(answers, [_run(connection, *one, most) for one in asked])


def _run(connection: Any, statement: str, rows: int | None, most: int | None) -> bytes:
    try:
        done = connection.execute(statement)
        data = pickle.dumps(done.fetchall() if rows is None else done.fetchmany(rows) if rows else [])
        if most is not None and len(data) > most:
            data = pickle.dumps(("Large", "the result is too large"))
    except Exception as error:  # noqa: BLE001 - the parent judges
        return pickle.dumps((type(error).__name__, str(error)))
    return data


def _say(answers: BinaryIO, found: list[bytes]) -> None:
    pickle.dump(found, answers)
    answers.flush()


def _limit(memory: int) -> None:
    """Let the operating system refuse memory beyond a limit, files and core dumps; Windows has no such limits."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a system that knows the limit by name only
            continue


def _follow(parent: int) -> None:
    """End when the parent has ended, in the midst of a statement too."""
    while os.getppid() == parent:
        time.sleep(_PAUSE)
    os._exit(0)


if __name__ == "__main__":
    main()
