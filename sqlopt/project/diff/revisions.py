"""The two states that are compared, each as a folder of its own.

A commit's files are written out from git's objects, a working tree's or a folder's are copied, so that both sides
stand alike and nothing of the user's is touched. Only what sqlopt reads is taken: SQL, programs, settings, catalogs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sqlopt.config import CATALOGS, FILES
from sqlopt.errors import SourceError
from sqlopt.project.diff.git import GitError, Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

SUFFIXES: Final = frozenset(
    (".sql", ".ddl", ".hql", ".sqlx", ".py", ".ipynb", ".yml", ".yaml", ".toml", ".json", ".jinja", ".j2")
)
OWNERS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where a repository says who owns which files, in the order in which they are looked for."""
_LARGEST: Final = 32 << 20
_PRIVATE: Final = frozenset({".git", ".sqlopt_cache", "node_modules", ".venv", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Revisions:
    """Two folders with what they are called. ``within`` is the part that was asked about, relative to both."""

    before: Path
    after: Path
    base: str
    head: str
    within: str = "."
    notes: tuple[str, ...] = ()
    owners: str = ""
    """The first state's CODEOWNERS."""
    complete: Callable[[], None] = lambda: None
    """Writes out the statements that no one changed: of a large project they are rarely needed."""


@contextmanager
def revisions(base: str, head: str | None, folder: Path) -> Iterator[Revisions]:
    """Write out two states; ``base`` and ``head`` are commits, folders or files, ``head`` by default what is here.

    Of two commits the first is moved to where they part, as a pull request's is. The settings of the first state
    decide for both, the catalog of the second. Raises `GitError` and `SourceError`.
    """
    with tempfile.TemporaryDirectory(prefix="sqlopt-diff-") as place:
        before, after = Path(place).resolve() / "before", Path(place).resolve() / "after"
        for one in (before, after):
            (one / ".git").mkdir(parents=True)  # settings are looked for up to here
        repository = Repository.around(folder)
        commit = _commit(repository, base)
        if commit is not None and repository is not None:
            found = _of_commits(repository, (base, commit), head, folder, (before, after))
        else:
            found = _of_folders(base, head, folder, (before, after))
        notes = (*found.notes, *_settle(before, after))
        owners = next((path for path in (before / name for name in OWNERS) if path.is_file()), None)
        text = owners.read_text("utf-8", "replace") if owners is not None else ""
        yield Revisions(before, after, found.base, found.head, found.within, notes, text, found.complete)


def _commit(repository: Repository | None, name: str) -> str | None:
    if repository is None:
        return None
    known = repository.commit(name)
    if known is not None:
        return known
    return None if Path(name).exists() else repository.fetched(name)


def _of_commits(
    repository: Repository, base: tuple[str, str], head: str | None, folder: Path, to: tuple[Path, Path]
) -> Revisions:
    name, commit = base
    second = repository.fetched(head) if head is not None else None
    notes: list[str] = []
    tip = second or repository.commit("HEAD")
    parted = repository.merge_base(commit, tip) if tip is not None else None
    if parted is None and tip is not None:
        notes.append(f"{name} and {head or 'HEAD'} have no common commit here: compared as they are")
    within = folder.resolve().relative_to(repository.top.resolve()).as_posix()
    found = Revisions(to[0], to[1], name, head or "the working tree", within, tuple(notes))
    before = _listed(repository, parted or commit)
    if second is None:
        _write_out(repository, before, to[0])
        _copy(repository.top, to[1], repository.working_files())
        return found
    after = _listed(repository, second)
    same = {path: name for path, name in before.items() if after.get(path) == name}
    later = (
        {} if _of_one_piece((*before, *after)) else {path: same[path] for path in same if _stands_alone(path)}
    )
    for one in to:
        _make_folders(one, (*before, *after))
    _write_out(repository, {path: before[path] for path in before.keys() - later.keys()}, to[0])
    _write_out(repository, {path: after[path] for path in after.keys() - same.keys()}, to[1])
    _link(to, same.keys() - later.keys())

    def complete() -> None:
        _write_out(repository, later, to[0])
        _link(to, later)
        later.clear()

    return replace(found, complete=complete)


def _of_folders(base: str, head: str | None, folder: Path, to: tuple[Path, Path]) -> Revisions:
    other = head if head is not None else str(folder)
    pair = (Path(base), Path(other))
    for one in pair:
        if not one.exists():
            raise SourceError(f"{one}: no such file or folder, and no commit")
    if pair[0].is_file() != pair[1].is_file():
        raise SourceError(f"{base} and {other}: one is a file and the other a folder")
    for one, target in zip(pair, to, strict=True):
        if one.is_file():
            shutil.copyfile(one, target / pair[1].name)
        else:
            _copy(one, target, _walk(one))
    return Revisions(to[0], to[1], base, other)


def _walk(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not _PRIVATE.intersection(relative.parts):
            yield relative.as_posix()


def _wanted(path: str) -> bool:
    return PurePosixPath(path).suffix.casefold() in SUFFIXES or path in OWNERS


def _safe(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/") and not _PRIVATE.intersection(parts)


def _listed(repository: Repository, commit: str) -> dict[str, str]:
    """Return the objects of a commit's files that sqlopt reads, by path."""
    return {path: name for path, name in repository.blobs(commit) if _wanted(path) and _safe(path)}


def _of_one_piece(paths: Iterable[str]) -> bool:
    """Whether what a file says may depend on any other: a dbt project's models name each other."""
    return any(PurePosixPath(path).name == "dbt_project.yml" for path in paths)


def _stands_alone(path: str) -> bool:
    """Whether no other file's text depends on this one's, as it may on settings and macros."""
    found = PurePosixPath(path)
    return found.suffix.casefold() in {".sql", ".ddl", ".hql", ".sqlx"} and "macros" not in found.parts


def _make_folders(target: Path, paths: Iterable[str]) -> None:
    for folder in {os.path.dirname(path) for path in paths}:  # noqa: PTH120 - thousands of paths
        (target / folder).mkdir(parents=True, exist_ok=True)


def _write_out(repository: Repository, blobs: Mapping[str, str], target: Path) -> None:
    """Write files from their objects."""
    _make_folders(target, blobs)
    for path, data in zip(blobs, repository.contents(list(blobs.values())), strict=True):
        if len(data) <= _LARGEST:
            with open(f"{target}/{path}", "wb") as file:  # noqa: PTH123 - as above
                file.write(data)


def _link(to: tuple[Path, Path], paths: Iterable[str]) -> None:
    """Let the second state have files of the first."""
    for path in paths:
        if (to[0] / path).is_file():  # one too large is in neither
            os.link(to[0] / path, to[1] / path)


def _copy(source: Path, target: Path, paths: Iterator[str]) -> None:
    for path in paths:
        one = source / path
        if not _wanted(path) or not _safe(path) or one.is_symlink() or not one.is_file():
            continue
        if one.stat().st_size <= _LARGEST:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one, target / path)


def _settle(before: Path, after: Path) -> Iterator[str]:
    """Let both sides have the first one's settings and the second one's catalogs; yield what is to be said of it."""
    old, new = _named(before, FILES), _named(after, FILES)
    if old:
        changed = sorted(path for path in old | new if _bytes(before / path) != _bytes(after / path))
        for path in new - old:
            (after / path).unlink()
        for path in old:
            _replace(before / path, after / path)
        if changed:
            yield f"settings changed ({', '.join(changed)}): those of the first state hold for both"
    else:
        for path in new:
            _replace(after / path, before / path)
        if new:
            yield "the first state has no settings: those of the second hold for both"
    changed = []
    for path in sorted(_named(after, CATALOGS)):
        if _bytes(before / path) != _bytes(after / path):
            changed.append(path)
            _replace(after / path, before / path)
    if changed:
        yield f"catalogs changed ({', '.join(changed)}): both states are priced with the new ones"


def _named(folder: Path, names: tuple[str, ...]) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for name in names
        for path in folder.rglob(name)
        if name != "pyproject.toml" or b"[tool.sqlopt" in path.read_bytes()
    }


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _replace(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # it may be a link to the other
    os.link(source, target)  # one file, so that it is read once


__all__ = ["GitError", "Revisions", "revisions"]
