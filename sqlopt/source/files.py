"""Files and folders of SQL: which are checked, and what their bytes say."""

from __future__ import annotations

# os.path takes a tenth of pathlib's time, and this runs for every file.
# ruff: noqa: PTH110, PTH112, PTH118, PTH123
import codecs
import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlopt.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LARGEST = 32 * 1024 * 1024
"""Bytes above which a file is not analysed: a dump of data, whose tree would not fit in memory."""

_SKIPPED_FOLDERS = frozenset({"target", "dbt_packages", "node_modules", "venv", "site-packages"})
_SQL = (".sql", ".hql", ".ddl", ".pgsql", ".psql", ".bq", ".sql.j2", ".sql.jinja", ".sql.jinja2")
PROGRAMS = (".py", ".ipynb", ".sqlx")
"""Endings, in lower case, of files in which SQL stands among other text."""
_ENDINGS = (*_SQL, *PROGRAMS)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why bytes could not be read as they stand.

    ``start`` and ``end`` are code points of the decoded text. ``fatal`` says that the text is not to
    be analysed; otherwise it was decoded in a way that the message names.
    """

    message: str
    start: int = 0
    end: int = 0
    fatal: bool = True


def discover(
    paths: Iterable[str | os.PathLike[str]],
    skip: Callable[[str], bool] = lambda _: False,
    unreadable: Callable[[str, OSError], None] = lambda *_: None,
) -> Iterator[str]:
    """Yield the SQL files that ``paths`` name, each once, folders in order of name.

    A file that is named is taken whatever it is called and whatever ``skip`` says; in folders only
    ``*.sql`` counts, without hidden folders, build output, environments, and what ``skip`` refuses.
    A folder that can't be listed goes to ``unreadable``. Raises `SourceError` for a missing path.
    """
    seen: set[str] = set()
    for given in paths:
        path = os.path.normpath(given)
        if not os.path.lexists(path):
            raise SourceError(f"{path}: no such file or folder")
        for found in _walk(path, skip, unreadable) if os.path.isdir(path) else (path,):
            if found not in seen:
                seen.add(found)
                yield found


def _walk(
    folder: str, skip: Callable[[str], bool], unreadable: Callable[[str, OSError], None]
) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        unreadable(folder, error)
        return
    prefix = "" if folder == os.curdir else folder + os.sep
    for entry in ordered:
        name = entry.name
        path = prefix + name
        if name.casefold().endswith(_ENDINGS):
            if _is(entry.is_file) and not skip(path):
                yield path
        elif _is_open(entry) and not skip(path):
            yield from _walk(path, skip, unreadable)


def _is(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except OSError:
        return False


def _is_open(entry: os.DirEntry[str]) -> bool:
    """Whether to look into a folder. Links are not followed: they may lead in circles."""
    if entry.name.startswith(".") or entry.name in _SKIPPED_FOLDERS:
        return False
    if not _is(lambda: entry.is_dir(follow_symlinks=False)):
        return False
    return not os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def read_bytes(path: str | os.PathLike[str]) -> tuple[bytes, Problem | None]:
    """Return a file's bytes, or none of them and the problem that kept them from being read."""
    try:
        with open(path, "rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size <= LARGEST:
                return file.read(), None
    except OSError as error:
        return b"", Problem(f"the file can't be read: {error.strerror or error}")
    return b"", Problem(f"the file is larger than {LARGEST >> 20} MB and was not analysed")


def decode(data: bytes) -> tuple[str, Problem | None]:
    """Return the text of ``data``, without its byte order mark, and what was odd about it.

    UTF-8 and, with a mark, UTF-16 are read as such. Other bytes are taken as Latin-1, which keeps
    every character in its place, and the problem says so. A NUL character is fatal.
    """
    text, problem = _decode(data)
    nul = text.find("\0")
    if nul >= 0:
        hint = "; is it UTF-16 without a byte order mark?" if text.count("\0") * 3 > len(text) else ""
        return text, Problem(f"the file holds a NUL character{hint}", nul, nul + 1)
    return text, problem


def _decode(data: bytes) -> tuple[str, Problem | None]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), None
        except UnicodeDecodeError as error:
            return "", Problem(f"the file starts as UTF-16 but is not, at byte {error.start}")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return data.decode("latin-1"), Problem(
            f"the file is not UTF-8 (byte 0x{data[error.start]:02X}) and was read as Latin-1",
            error.start,
            error.start + 1,
            fatal=False,
        )


def read_text(path: str | os.PathLike[str]) -> str:
    """Return a file's text as `decode` gives it; empty when it can't be read any more."""
    return decode(read_bytes(path)[0])[0]


@cache
def glob(pattern: str) -> re.Pattern[str]:
    """Return a pattern as .gitignore writes them, for ``fullmatch`` on a path with ``/``.

    ``*`` and ``?`` stay within a folder, ``**`` crosses folders. Without a slash the pattern may
    match at any depth. What matches a folder matches all that is in it.
    """
    body = pattern.strip().removeprefix("./").rstrip("/")
    anywhere = "/" not in body
    body = body.removeprefix("/")
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|[^*?\[]+|\[", body)
    regex = "".join(_PIECES.get(part) or _literal(part) for part in parts)
    return re.compile(("(?:.*/)?" if anywhere else "") + regex + "(?:/.*)?", re.DOTALL)


_PIECES = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _literal(part: str) -> str:
    if part.startswith("[") and part.endswith("]"):
        inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inner[1:]}]" if inner.startswith("!") and len(inner) > 1 else f"[{inner}]"
    return re.escape(part)
