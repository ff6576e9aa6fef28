"""Real Neovims, headless: the one that PyPI's wheel brings (UTF-8) and Debian's 0.7.2 (UTF-16)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.editors.test_vscode import CATALOG, ROOT

PLUGIN = ROOT / "editors" / "neovim"
SQL = """SELECT order_id, 'é' AS mark
FROM shop.sales.orders
WHERE 'é😀' <> note AND EXTRACT(YEAR FROM order_date) = 2026
"""
MENDED = SQL.replace(
    "EXTRACT(YEAR FROM order_date) = 2026",
    "order_date >= DATE '2026-01-01' AND order_date < DATE '2027-01-01'",
)
PACKAGES = (
    *("neovim", "neovim-runtime", "libluajit-5.1-2", "libluajit-5.1-common", "libmsgpackc2", "libtermkey1"),
    *("libtree-sitter0", "libunibilium4", "libvterm0", "lua-luv", "libuv1"),
)
SERVER = (
    "import os, runpy, sys; open(sys.argv[1], 'w').write(str(os.getpid())); "
    "sys.argv = ['sqlopt', 'lsp']; runpy.run_module('sqlopt', run_name='__main__')"
)


def of_wheel(_kept):
    return [str(Path(sys.executable).parent / "nvim")], {}


def of_debian(kept):
    """Debian's own, unpacked into a folder of its own: the system is left as it is."""
    root = kept / "root"
    if not (root / "usr" / "bin" / "nvim").exists():
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-qq"], check=True, capture_output=True)
        subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=kept, check=True, capture_output=True)
        for package in kept.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    libraries = next((root / "usr" / "lib").glob("*-linux-gnu"))
    given = {
        "LD_LIBRARY_PATH": str(libraries),
        "VIMRUNTIME": str(root / "usr" / "share" / "nvim" / "runtime"),
    }
    return [str(root / "usr" / "bin" / "nvim")], given


def debian_12():
    """Whether apt has the packages of Debian 12, whose Neovim the test is about."""
    about = Path("/etc/os-release")
    return shutil.which("apt-get") and about.exists() and 'VERSION_ID="12"' in about.read_text()


FOUND = [of_wheel, of_debian] if debian_12() else [of_wheel]


@pytest.fixture(scope="module", params=FOUND, ids=lambda one: one.__name__)
def saw(request, tmp_path_factory):
    """What one Neovim saw and did."""
    command, given = request.param(request.config.cache.mkdir("neovim"))
    folder = tmp_path_factory.mktemp("shop").resolve()
    (folder / "sqlopt.toml").write_text('catalog = "catalog.yml"\ndialect = "bigquery"\n')
    (folder / "catalog.yml").write_text(CATALOG)
    (folder / "models").mkdir()
    (folder / "models" / "a.sql").write_text(SQL)
    plugin = shutil.copytree(PLUGIN, folder / "plugin")  # where :helptags may write
    out, pid = folder / "saw.json", folder / "pid"
    words = [sys.executable, "-c", SERVER, str(pid)]
    drive = Path(__file__).parent / "neovim_drive.lua"
    environment = {
        **os.environ, **given, "FILE": str(folder / "models" / "a.sql"), "WORDS": json.dumps(words), "OUT": str(out),
        "PLUGIN": str(plugin), "XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        [*command, "--headless", "-u", "NONE", "-i", "NONE", "--cmd", f"set runtimepath^={plugin}", "-S", str(drive)],
        env=environment, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert out.exists(), done.stdout + done.stderr
    return {**json.loads(out.read_text()), "pid": int(pid.read_text()), "folder": folder}


def test_findings_are_shown_once_and_where_they_are(saw):
    assert saw["diagnostics"] == [["PRN002", "EXTRACT(YEAR FROM order_date) = 2026"]]
    assert Path(saw["root"]) == saw["folder"]


def test_each_speaks_its_own_units(saw):
    assert saw["encoding"] == ("utf-16" if saw["version"] == "7" else "utf-8")


def test_a_hover_says_what_is_read(saw):
    assert "shop.sales.orders" in saw["hover"]
    assert "300,000,000 rows" in saw["hover"]


def test_a_fix_is_chosen_and_made(saw):
    assert any("range" in one for one in saw["actions"])
    assert saw["fixed"] == MENDED
    assert saw["undone"]


def test_all_fixes_at_once_are_those_of_the_command_line(saw):
    copy = saw["folder"] / "models" / "b.sql"
    copy.write_text(SQL)
    subprocess.run([sys.executable, "-m", "sqlopt", "fix", "-q", str(copy)], check=True, cwd=ROOT)
    assert saw["all"] == copy.read_text() == MENDED


def test_a_rule_is_explained(saw):
    assert "PRN002" in saw["page"]


def test_nothing_is_left_running(saw):
    for _ in range(100):
        try:
            os.kill(saw["pid"], 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the server runs on")
