"""The other commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli

ROOT = Path(__file__).parent.parent.parent
PATHS = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
HEAVY = {"sqlglot", "yaml", "rich", "duckdb", "jsonschema", "networkx", "sqlite3", "concurrent.futures"}


def test_version_loads_nothing_heavy():
    script = "import sys\nfrom sqlopt.cli import main\ntry:\n    main()\nfinally:\n    print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, "--version"],
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    version, modules = done.stdout.splitlines()
    assert version.startswith("sqlopt, version ")
    assert not HEAVY & set(modules.split())


def test_every_command_has_help():
    runner = CliRunner()
    shown = runner.invoke(cli, ["--help"]).output
    for command in cli.list_commands(None):  # type: ignore[arg-type]
        assert command in shown
        assert runner.invoke(cli, [command, "--help"]).exit_code == 0


def test_a_misspelt_command_is_met_with_the_nearest():
    done = CliRunner().invoke(cli, ["chekc"])
    assert done.exit_code == 2
    assert "did you mean 'check'" in done.output


def test_explain_a_rule_by_id_and_name(run):
    by_id, by_name = run("explain", "ACM001"), run("explain", "equals-null")
    assert by_id.stdout == by_name.stdout
    assert "**Why**" in by_id.stdout
    unknown = run("explain", "ACM002")
    assert unknown.returncode == 2
    assert "did you mean" in unknown.stderr


def test_explain_a_rule_in_colour_shows_its_text_as_text(run):
    shown = run("explain", "ACM001", "--color", "always").stdout
    assert "\x1b[" in shown
    assert "equals-null" in shown


def test_explain_a_place(run):
    done = run("explain", "sql/bad.sql:3")
    assert done.returncode == 0
    assert "ACM001" in done.stdout
    assert "What this was computed from" in done.stdout
    assert run("explain", "sql/bad.sql:3:7").returncode == 0
    nothing = run("explain", "sql/bad.sql:1")
    assert nothing.returncode == 1
    assert "there are some at line 3" in nothing.stderr
    assert run("explain", "sql/nowhere.sql:1").returncode == 2


def test_rules_list_marks_the_selected(run):
    lines = run("rules", "list").stdout.splitlines()
    assert any(line.startswith("* ACM001  equals-null") for line in lines)
    assert any(line.startswith("  PRN") for line in lines)
    rows = json.loads(run("rules", "list", "--json").stdout)
    assert {"id", "name", "pack", "severity", "selected", "title"} <= rows[0].keys()


def test_rules_show_is_the_page(run):
    assert run("rules", "show", "ACM001").stdout == run("explain", "ACM001").stdout


def test_a_new_rule_works_at_once(run, folder):
    done = run("rules", "new", "house", "my-rule", "--root", "mine", pack=False)
    assert done.returncode == 0, done.stderr
    assert (folder / "mine" / "house" / "my_rule.py").is_file()
    given = ["--pack", "mine/house", "--select", "my-rule", "--format", "concise"]
    checked = run("check", "sql", *given, pack=False)
    assert "HOU001 my-rule" in checked.stdout
    assert run("rules", "new", "house", "my-rule", "--root", "mine", pack=False).returncode == 2


def test_config_show_tells_origins(run, folder):
    (folder / "sqlopt.toml").write_text('dialect = "snowflake"\n[rules.ACM001]\n')
    lines = run("config", "show", "--origin").stdout.splitlines()
    assert f'dialect = "snowflake"  # {folder / "sqlopt.toml"}' in lines
    assert 'fail-on = "warning"  # default' in lines
    assert run("config", "show").stdout.splitlines()[0] == 'dialect = "snowflake"'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("dialekt = 1", "did you mean 'dialect'"),
        ('ignore = ["NOSUCH"]', "NOSUCH"),
        ('[per-path]\n"nowhere" = {ignore = ["NOSUCH"]}', "NOSUCH"),
        ("[rules.ACM001]\nrows = 3", "unknown option 'rows'"),
        ('packs = ["no-such-pack"]', "no-such-pack"),
    ],
)
def test_mistakes_in_the_configuration_end_the_run(run, folder, text, complaint):
    (folder / "sqlopt.toml").write_text(text)
    done = run("check", "sql")
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "ACM001" not in done.stdout


def test_doctor(run, folder):
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    for what in ("sqlopt:", "configuration:", "rules:", "catalog:", "cache:"):
        assert what in done.stdout
    (folder / "catalog.yml").write_text("tables: [")
    broken = run("doctor")
    assert broken.returncode == 2
    assert "catalog.yml" in broken.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(run, shell):
    done = run("completion", shell)
    assert done.returncode == 0
    assert "_SQLOPT_COMPLETE" in done.stdout


def test_completion_completes(run):
    done = run("", pack=False, _SQLOPT_COMPLETE="bash_complete", COMP_WORDS="sqlopt ch", COMP_CWORD="1")
    assert "check" in done.stdout


def test_a_configuration_never_runs_python_of_the_repository(run, folder):
    trap = folder / "trap"
    trap.mkdir()
    (trap / "evil.py").write_text("open('ran', 'w').close()")
    for text in ('packs = ["trap"]', 'packs = ["trap/evil.py"]', 'packs = ["evil"]'):
        (folder / "sqlopt.toml").write_text(text)
        assert run("check", "sql").returncode == 2
        assert not (folder / "ran").exists()
