"""A small project to run commands in, with a rule pack of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sqlopt.project import new_rule

ROOT = Path(__file__).parent.parent.parent
PATHS = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
BAD = "SELECT a\nFROM t\nWHERE b = NULL\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with one bad and one good file, and the pack ``acme``, whose rule dislikes ``= NULL``."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "bad.sql").write_text(BAD)
    (tmp_path / "sql" / "good.sql").write_text("SELECT a FROM t WHERE b IS NULL")
    new_rule("acme", "equals-null", tmp_path / "packs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def run(folder):
    """Run the command line in a process of its own, as users do."""

    def call(*arguments, stdin=None, pack=True, cwd=folder, **environment):
        command = [sys.executable, "-m", "sqlopt", *arguments]
        if pack and arguments[0] in ("check", "explain", "baseline", "rules"):
            command += ["--pack", str(folder / "packs" / "acme"), "--select", "acme,SQL"]
        return subprocess.run(
            command,
            cwd=cwd,
            input=stdin,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": PATHS, **environment},
            encoding="utf-8" if not isinstance(stdin, bytes) else None,
            timeout=120,
            check=False,
        )

    return call
