"""The action: a thin shell, into which nothing can be injected, run by a small runner of composite actions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.ci.test_github import WHOLE, outputs

ROOT = Path(__file__).parents[2]
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
FILES = (ROOT / "action.yml", *sorted((ROOT / ".github" / "workflows").glob("*.yml")))


def steps(path):
    """Yield (step, job) of an action or of a workflow's jobs."""
    document = yaml.safe_load(path.read_text())
    if "runs" in document:
        yield from ((step, {}) for step in document["runs"]["steps"])
    for job in document.get("jobs", {}).values():
        yield from ((step, job) for step in job["steps"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_expression_stands_in_a_script(path):
    for step, _ in steps(path):
        assert "${{" not in step.get("run", ""), step


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path):
    for step, _ in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]


def test_the_documented_workflows_are_pinned_and_ask_for_no_more():
    text = (ROOT / "docs" / "github.md").read_text()
    for uses in re.findall(r"uses: (\S+)", text):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", uses) or uses == "OWNER/sqlopt@COMMIT", uses
    (workflow, *_) = re.findall(r"```yaml\n(name: sqlopt.*?)```", text, re.DOTALL)
    document = yaml.safe_load(workflow)
    assert document["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert list(document[True]) == ["pull_request"]
    for script in re.findall(r"- run: (.*)", text):
        assert "${{" not in script


@pytest.mark.parametrize("path", FILES[1:], ids=lambda path: path.name)
def test_workflows_ask_for_no_more_than_to_read(path):
    document = yaml.safe_load(path.read_text())
    assert document["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in document["jobs"].values())


def test_every_input_is_handed_on():
    document = yaml.safe_load((ROOT / "action.yml").read_text())
    used = {
        name.removeprefix("inputs.")
        for step, _ in steps(ROOT / "action.yml")
        for value in step.get("env", {}).values()
        for name in EXPRESSION.findall(value)
        if name.startswith("inputs.")
    }
    assert used == set(document["inputs"])
    assert set(document["outputs"]) == {"json", "findings", "cost-delta"}


class Runner:
    """Runs an action's scripts as GitHub does: expressions in `env` only, files for outputs."""

    def __init__(self, action, folder, temporary, environment):
        self.document = yaml.safe_load(action.read_text())
        self.folder, self.temporary, self.environment = folder, temporary, environment

    def run(self, name, inputs):
        step = next(one for one in self.document["runs"]["steps"] if one.get("name") == name)
        defaults = {key: one.get("default", "") for key, one in self.document["inputs"].items()}
        values = {f"inputs.{key}": value for key, value in (defaults | inputs).items()}
        given = {
            key: EXPRESSION.sub(lambda found: str(values[found[1]]), value)
            for key, value in step["env"].items()
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={**self.environment, **given},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def runner(shop, hub, tmp_path):
    """An action on a pull request that is checked out."""
    shop.git("checkout", "-q", "-b", "feature;touch${IFS}hit")
    shop.write(models__daily_sql=WHOLE).commit()
    program = tmp_path / "runner" / "sqlopt" / "bin"
    program.mkdir(parents=True)
    (program / "sqlopt").write_text(f'#!/bin/sh\nexec {sys.executable} -m sqlopt "$@"\n')
    (program / "sqlopt").chmod(0o755)
    event = {
        "repository": {"full_name": "team/shop"},
        "pull_request": {
            "number": 7,
            "base": {"sha": shop.git("rev-parse", "main")},
            "head": {"sha": shop.git("rev-parse", "HEAD"), "repo": {"full_name": "team/shop"}},
            "labels": [],
        },
    }
    (tmp_path / "event.json").write_text(json.dumps(event))
    environment = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_API_URL": hub.url,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    return Runner(ROOT / "action.yml", shop.folder, tmp_path, environment)


def test_it_comments_and_hands_on_its_outputs(runner, hub, tmp_path):
    done = runner.run("Compare", {"token": "secret-token"})
    assert done.returncode == 0, done.stderr
    assert len(hub.comments) == 1
    assert outputs(tmp_path / "output")["findings"] == "1"
    assert not (runner.folder / "hit").exists()
    assert "secret-token" not in done.stdout + done.stderr


def test_inputs_are_values_and_no_code(runner, hub):
    evil = '"; touch hit; echo "$(touch hit)`touch hit`'
    done = runner.run("Compare", {"token": "secret-token", "catalog": evil, "paths": "models"})
    assert done.returncode == 2
    assert not (runner.folder / "hit").exists()
    assert hub.comments == []


def test_it_fails_where_it_is_told_to(runner):
    assert runner.run("Compare", {"token": "secret-token", "fail-on": "warning"}).returncode == 1
    assert runner.run("Compare", {"token": "secret-token", "fail-on": "never"}).returncode == 0
