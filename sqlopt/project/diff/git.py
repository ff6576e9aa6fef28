"""The few questions that are asked of git. No hook, filter or program of the repository is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never")
_DEEPER = (50, 500)
_FILE = "100"  # a blob's mode begins so: no link, no submodule


class GitError(SqloptError):
    """A question that git did not answer; the text says what would help."""


class Repository:
    """A clone, named by its top folder."""

    def __init__(self, top: Path) -> None:
        self.top = top

    @classmethod
    def around(cls, folder: Path) -> Repository | None:
        """Return the repository that holds a folder, or None."""
        try:
            done = _run(["rev-parse", "--show-toplevel"], folder)
        except (OSError, subprocess.SubprocessError):
            return None
        return cls(Path(done.stdout.decode().strip())) if done.returncode == 0 else None

    def commit(self, ref: str) -> str | None:
        """Return the commit that a name stands for; None if it has none here."""
        if ref.startswith("-") or "\0" in ref:
            raise GitError(f"{ref}: no name of a commit")
        done = _run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"], self.top)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def fetched(self, ref: str) -> str:
        """Return the commit of a name, asking the remote for it if it is not here. Raises `GitError`."""
        found = self.commit(ref)
        if found is not None:
            return found
        name = ref.removeprefix("origin/").removeprefix("refs/heads/")
        done = _run(
            ["fetch", "--no-tags", "--quiet", "--depth=1", "--end-of-options", "origin", name], self.top
        )
        found = self.commit("FETCH_HEAD") if done.returncode == 0 else None
        if found is None:
            raise GitError(
                f"{ref}: neither a commit of {self.top} nor to be had from its remote; fetch it first, or name a "
                "folder (on GitHub: actions/checkout with fetch-depth: 0)"
            )
        return found

    def merge_base(self, base: str, head: str) -> str | None:
        """Return where two commits part, deepening a shallow clone as far as it takes; None if they never met."""
        found = self._merge_base(base, head)
        if found is not None or not self._is_shallow():
            return found
        for depth in (*(f"--deepen={number}" for number in _DEEPER), "--unshallow"):
            if _run(["fetch", "--no-tags", "--quiet", depth, "origin", base, head], self.top).returncode:
                _run(["fetch", "--no-tags", "--quiet", depth, "origin"], self.top)
            found = self._merge_base(base, head)
            if found is not None:
                return found
        return None

    def _merge_base(self, base: str, head: str) -> str | None:
        done = _run(["merge-base", base, head], self.top)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def _is_shallow(self) -> bool:
        return _run(["rev-parse", "--is-shallow-repository"], self.top).stdout.strip() == b"true"

    def blobs(self, commit: str) -> Iterator[tuple[str, str]]:
        """Yield (path, object) of a commit's files; links and submodules are left out."""
        done = _run(["ls-tree", "-r", "-z", "--full-tree", commit], self.top)
        if done.returncode:
            raise GitError(f"{commit}: its files can't be listed: {_said(done)}")
        for entry in done.stdout.split(b"\0"):
            if entry:
                about, path = entry.split(b"\t", 1)
                mode, _, name = about.decode().split(" ")
                if mode.startswith(_FILE):
                    yield os.fsdecode(path), name

    def contents(self, names: Sequence[str]) -> Iterator[bytes]:
        """Yield the contents of objects, in their order; what a partial clone lacks is fetched by git."""
        asked = "".join(f"{name}\n" for name in names).encode()
        done = _run(["cat-file", "--batch"], self.top, asked)
        at = 0
        for name in names:
            end = done.stdout.index(b"\n", at)
            words = done.stdout[at:end].split()
            if len(words) != 3:  # noqa: PLR2004 - name, kind, size
                raise GitError(f"object {name} is missing: {_said(done)}")
            size = int(words[2])
            yield done.stdout[end + 1 : end + 1 + size]
            at = end + 1 + size + 1

    def working_files(self) -> Iterator[str]:
        """Yield the working tree's files: what is tracked or new, without what is ignored."""
        done = _run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], self.top)
        yield from dict.fromkeys(os.fsdecode(one) for one in done.stdout.split(b"\0") if one)


def _run(words: list[str], folder: Path, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    return subprocess.run(  # noqa: S603 - no shell; names of commits come behind --end-of-options
        ["git", *_SAFE, *words],  # noqa: S607 - the user's git
        cwd=folder,
        input=given,
        capture_output=True,
        check=False,
        env=environment,
        timeout=600,
    )


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return (
        done.stderr.decode(errors="replace").strip().splitlines()[-1] if done.stderr.strip() else "no answer"
    )
