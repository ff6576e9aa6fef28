"""The folders that a client may ask about: nothing outside is read for it, by whatever path."""

from __future__ import annotations

# Names are normalised as `sqlopt.source.files` does, which works with os.path.
# ruff: noqa: PTH100, PTH109, PTH118
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class RootsError(SqloptError):
    """A path that is none, or lies outside the roots."""


class Roots:
    """Folders, their links resolved. The process works in the first: paths in it are shown relative to it.

    Raises `RootsError` for one that is no folder.
    """

    def __init__(self, folders: Sequence[str | os.PathLike[str]] = (".",)) -> None:
        for one in folders:
            if not os.path.isdir(one):  # noqa: PTH112
                raise RootsError(f"{os.fspath(one)}: no such folder, so it can't be a root")
        self.folders = tuple(dict.fromkeys(Path(os.path.realpath(one)) for one in folders))

    def path(self, given: str) -> str:
        """Return the path of a file or folder as a client named it: absolute, or relative to one of the roots.

        Raises `RootsError` for one outside, where links in it lead outside, and for one that does not exist.
        """
        found = [self._inside(os.path.join(root, given)) for root in self.folders]
        inside = [one for one in found if one is not None]
        if not inside:
            raise RootsError(f"{given}: outside the folders that may be read: {self}")
        here = next(filter(os.path.lexists, inside), None)
        if here is None:
            raise RootsError(f"{given}: no such file or folder in {self}")
        return here

    def named(self, given: str) -> str:
        """Return the path of a file that need not exist. Raises `RootsError` for one outside."""
        found = self._inside(os.path.join(self.folders[0], given))
        if found is None:
            raise RootsError(f"{given}: outside the folders that may be read: {self}")
        return found

    def all(self) -> list[str]:
        """Return the roots themselves, as paths."""
        return [self._shown(str(one)) for one in self.folders]

    def kept(self, paths: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return the paths whose links stay inside the roots, and the others."""
        inside: list[str] = []
        outside: list[str] = []
        for path in paths:
            (inside if self._inside(os.path.abspath(path)) is not None else outside).append(path)
        return inside, outside

    def _inside(self, path: str) -> str | None:
        """Return a path as it is shown, if it leads inside the roots both as it is written and by its links."""
        try:
            written = os.path.normpath(path)
            real = Path(os.path.realpath(written))
        except ValueError:  # a NUL character
            return None
        if not any(real.is_relative_to(root) for root in self.folders):
            return None
        return self._shown(written)

    @staticmethod
    def _shown(path: str) -> str:
        here = os.getcwd()
        return os.path.relpath(path, here) if Path(path).is_relative_to(here) else path

    def __str__(self) -> str:
        return ", ".join(map(str, self.folders))
