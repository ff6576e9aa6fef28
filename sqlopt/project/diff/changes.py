"""Which files say something else than before, and which are the same under another name."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.errors import SourceError
from sqlopt.source.files import decode, discover

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sqlopt.project.diff.revisions import Revisions
    from sqlopt.project.project import Project

_ALIKE = 0.6  # of a file's lines stay when it is renamed and edited
_MOST_PAIRS = 400


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that was changed, renamed, added (no ``before``) or removed (no ``after``); paths are relative."""

    before: str | None
    after: str | None

    @property
    def path(self) -> str:
        """The file's name now, or the last one that it had."""
        return self.after or self.before or ""


def changed_files(
    found: Revisions, projects: tuple[Project, Project], paths: Collection[str] = ()
) -> list[FileChange]:
    """Return the files whose SQL may have changed: by their own text, or by a macro or setting around them.

    Raises `SourceError` for a path that neither state has.
    """
    _verify(found, paths)
    moved = _surroundings(found.before) != _surroundings(found.after)
    if moved:
        found.complete()
    sides = [
        _sql_files(root, found.within, project, paths)
        for root, project in zip((found.before, found.after), projects, strict=True)
    ]
    same = {path for path in set(sides[0]) & set(sides[1]) if _alike(found.before / path, found.after / path)}
    texts = [
        {path: (root / path).read_bytes() for path in files if path not in same}
        for root, files in zip((found.before, found.after), sides, strict=True)
    ]
    both = (texts[0].keys() & texts[1].keys()) | same
    changes = [FileChange(path, path) for path in sorted(both - same)]
    if moved:
        changes += [
            FileChange(path, path)
            for path in sorted(same)
            if _renders_otherwise(path, (found.after / path).read_bytes(), found, projects)
        ]
    gone = {path: texts[0][path] for path in texts[0].keys() - both}
    come = {path: texts[1][path] for path in texts[1].keys() - both}
    renamed = _renamed(gone, come)
    changes += [FileChange(old, new) for old, new in renamed.items()]
    changes += [FileChange(path, None) for path in sorted(gone.keys() - renamed.keys())]
    changes += [FileChange(None, path) for path in sorted(come.keys() - set(renamed.values()))]
    return sorted(changes, key=lambda one: one.path)


def _verify(found: Revisions, paths: Iterable[str]) -> None:
    def missing(path: str) -> bool:
        return not any((root / found.within / path).exists() for root in (found.before, found.after))

    if any(map(missing, paths)):
        found.complete()  # it may be there, and no one changed it
    for path in filter(missing, paths):
        raise SourceError(f"{path}: in neither {found.base} nor {found.head}")


def _alike(one: Path, other: Path) -> bool:
    """Whether two files say the same: one is a link to the other, or their bytes are equal."""
    return one.samefile(other) or one.read_bytes() == other.read_bytes()


def _sql_files(root: Path, within: str, project: Project, paths: Collection[str]) -> list[str]:
    skips = project.config.skips if project.config else lambda _: False
    top = root / within
    start = [str(top / path) for path in paths if (top / path).exists()]
    if not paths and top.exists():
        start = [str(top)]
    if not start:
        return []
    return [relative_to(root, path) for path in discover(start, skips)]


def relative_to(root: Path, path: str) -> str:
    """Return a path below a state's folder as the repository names it."""
    top = f"{root}/"
    return path[len(top) :] if path.startswith(top) else Path(path).resolve().relative_to(root).as_posix()


def _surroundings(root: Path) -> dict[str, bytes]:
    """Return what other files' SQL may depend on: settings and macros."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for pattern in ("*.yml", "*.yaml", "*.toml", "*.jinja", "*.j2", "*.py", "macros/**/*.sql")
        for path in root.rglob(pattern)
    }


def _renders_otherwise(path: str, data: bytes, found: Revisions, projects: tuple[Project, Project]) -> bool:
    from sqlopt.project.embedded import read

    if b"{{" not in data and b"{%" not in data:
        return False
    text, _ = decode(data)
    readings = []
    for root, project in zip((found.before, found.after), projects, strict=True):
        place = str(root / path)
        readings.append(
            [
                (one.name, one.variant, one.text.replace(str(root), ""))
                for one in read(text, place, project.settings(place).dialect)
            ]
        )
    return readings[0] != readings[1]


def _renamed(gone: dict[str, bytes], come: dict[str, bytes]) -> dict[str, str]:
    """Pair files that went with files that came: the same bytes first, then those most alike."""
    pairs: dict[str, str] = {}
    free = dict(come)
    for old, data in sorted(gone.items()):
        new = next((path for path, other in free.items() if other == data), None)
        if new is not None:
            pairs[old] = new
            del free[new]
    left = [old for old in sorted(gone) if old not in pairs]
    if len(left) * len(free) > _MOST_PAIRS:
        return pairs
    ratio: Callable[[str, str], float] = lambda old, new: SequenceMatcher(  # noqa: E731
        None, gone[old].splitlines(), free[new].splitlines()
    ).ratio()
    scored = sorted(((ratio(old, new), old, new) for old in left for new in free), reverse=True)
    for score, old, new in scored:
        if score >= _ALIKE and old not in pairs and new not in pairs.values():
            pairs[old] = new
    return pairs
