"""dbt itself builds a project, in an environment of its own, and our rendering is compared with its SQL.

dbt-core 1.12 asks for a parser that the package index does not hold; an override leaves it out.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlglot import tokenize

from sqlopt.catalog import Catalog
from sqlopt.source import dbt

SHOP = Path(__file__).parents[2] / "fixtures" / "dbt" / "shop"
NEEDED = ["dbt-core==1.12.*", "dbt-duckdb"]
LEFT_OUT = "dbt-core-experimental-parser; sys_platform == 'never'\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The shop as ``dbt build`` leaves it: (its folder, its manifest)."""
    base = tmp_path_factory.mktemp("dbt")
    override = base / "override.txt"
    override.write_text(LEFT_OUT)
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(base / "env")], check=True)
    python = str(base / "env" / "bin" / "python")
    subprocess.run(
        [*uv, "pip", "install", "-q", "--python", python, "--override", str(override), *NEEDED], check=True
    )
    folder = base / "shop"
    shutil.copytree(SHOP, folder)
    for command in ("deps", "build"):
        ran = subprocess.run(
            [
                str(base / "env" / "bin" / "dbt"),
                "--no-send-anonymous-usage-stats",
                command,
                "--profiles-dir",
                ".",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    return folder, manifest


def words(sql):
    return [token.text for token in tokenize(sql, read="duckdb")]


def without_ephemeral(compiled):
    """Undo what dbt does for ephemeral models: it puts each before the query, as a CTE."""
    name = r"__dbt__cte__(\w+)"
    alone = re.sub(
        rf"with\s+{name} as \((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*,?\s*", "", compiled, count=1
    )
    if alone != compiled and not alone.lstrip().startswith(("with", "select")):
        alone = "with " + alone
    return re.sub(name, r'"\1"', alone)


def test_our_rendering_is_dbts(built, monkeypatch):
    folder, manifest = built
    monkeypatch.setenv("HOME", str(folder))
    (folder / "target").rename(folder / "built")
    try:
        project = dbt.project(str(folder))
        compared = 0
        for node in manifest["nodes"].values():
            if not node.get("compiled_code") or node.get("test_metadata"):
                continue
            inside = (
                folder if node["package_name"] == "shop" else folder / "packages_local" / node["package_name"]
            )
            path = inside / node["original_file_path"]
            scripts = {one.variant: one for one in project.read(path.read_text(), str(path))}
            # dbt saw the table of an incremental model only after it had compiled it
            ours = scripts.get("full") or scripts[""]
            assert words(ours.text) == words(without_ephemeral(node["compiled_code"])), node["name"]
            if node["resource_type"] in ("model", "snapshot") and node["relation_name"]:
                assert ours.target == node["relation_name"].replace('"', "")
            compared += 1
        assert compared >= 9
    finally:
        (folder / "built").rename(folder / "target")


def test_artifacts_that_dbt_wrote_are_read(built, monkeypatch):
    folder, _ = built
    monkeypatch.setenv("HOME", str(folder))
    dbt.forget()
    project = dbt.project(str(folder))
    assert project.manifest.adapter == "duckdb"
    assert project.seconds["model.shop.orders"] > 0
    path = folder / "models/marts/orders.sql"
    (node,) = project.nodes["orders"]
    assert project.manifest.compiled(node, path.read_text()).strip().startswith("with")
    assert project.manifest.compiled(node, path.read_text() + "\n-- changed") is None
    assert project.catalog(Catalog()).table("shop.main.orders").unique == (("order_id",),)
