"""``sqlopt check`` as users meet it: what it prints where, and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

BAD = "SELECT {} FROM t WHERE b = NULL"
ROOT = Path(__file__).parent.parent.parent
PATHS = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def acme(folder):
    return ["--pack", str(folder / "packs" / "acme"), "--select", "acme,SQL"]


def test_findings_go_to_stdout_and_notes_to_stderr(run):
    done = run("check", "sql", "--format", "concise")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith(
        os.path.join("sql", "bad.sql") + ":3:7: warning ACM001 equals-null:"  # noqa: PTH118
    )
    assert "no catalog" in done.stderr
    assert "no catalog" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["sql/good.sql"], 0),
        (["sql/bad.sql"], 1),
        (["sql/bad.sql", "--fail-on", "error"], 0),
        (["sql/bad.sql", "--fail-on", "never"], 0),
        (["sql/bad.sql", "--exit-zero"], 0),
        (["nowhere.sql"], 2),
        (["sql", "--select", "no-such-rule"], 2),
        (["sql", "--dialect", "klingon"], 2),
        (["sql", "--catalog", "nowhere.yml"], 2),
        (["sql", "--no-such-option"], 2),
        (["sql", "--format", "nonsense"], 2),
        (["sql", "-"], 2),
    ],
)
def test_exit_codes(run, arguments, code):
    done = run("check", *arguments, "--no-cache")
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code == 2:
        assert done.stderr


def test_a_statement_that_can_not_be_parsed_is_a_finding(run, folder):
    (folder / "sql" / "broken.sql").write_text("SELECT (a FROM t;\nSELECT a FROM t WHERE b = NULL")
    done = run("check", "sql/broken.sql", "--format", "concise", "--fail-on", "error")
    assert done.returncode == 1
    assert "broken.sql:1:" in done.stdout
    assert "error SQL001" in done.stdout
    assert "broken.sql:2:" in done.stdout


def test_standard_input_has_the_settings_of_its_name(run, folder):
    (folder / "sqlopt.toml").write_text('[per-path]\n"quiet/**" = {ignore = ["ACM001"]}')
    sql = "SELECT a FROM t WHERE b = NULL"
    loud = run("check", "-", "--format", "concise", stdin=sql)
    assert (loud.returncode, loud.stdout.startswith("<stdin>:1:23: warning ACM001")) == (1, True)
    quiet = run("check", "-", "--stdin-filename", "quiet/x.sql", "--format", "concise", stdin=sql)
    assert quiet.returncode == 0


def test_the_warm_run_says_the_same_and_loads_nothing_heavy(run, folder):
    (folder / "catalog.yml").write_text("version: 1\ntables: {t: {columns: {a: {}, b: {}}}}")
    first = run("check", "sql", "--format", "concise")
    script = (
        "import sys\n"
        "from sqlopt.cli import cli\n"
        "try:\n"
        "    cli(sys.argv[1:], prog_name='sqlopt')\n"
        "finally:\n"
        "    heavy = {'sqlglot', 'yaml', 'rich', 'duckdb', 'jsonschema', 'networkx', 'concurrent.futures'}\n"
        "    print('LOADED', sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    again = subprocess.run(
        [sys.executable, "-c", script, "check", "sql", "--format", "concise", *acme(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert again.stdout == first.stdout
    assert again.returncode == first.returncode == 1
    assert "LOADED []" in again.stderr


def test_changes_are_seen_by_the_warm_run(run, folder):
    def findings():
        return json.loads(run("check", "sql", "--format", "json").stdout)["findings"]

    assert len(findings()) == 1
    (folder / "sql" / "good.sql").write_text("SELECT a FROM t WHERE b = NULL")
    assert len(findings()) == 2
    rule = folder / "packs" / "acme" / "equals_null.py"
    rule.write_text(rule.read_text().replace("say what is wrong here", "never so"))
    assert all("never so" in one["message"] for one in findings())
    (folder / "sqlopt.toml").write_text('exclude = ["bad.sql"]')
    assert len(findings()) == 1


def test_a_damaged_cache_costs_a_note(run, folder):
    run("check", "sql")
    for file in (folder / ".sqlopt_cache").glob("cache.db*"):
        file.write_bytes(b"\x00junk" * 3000)
    done = run("check", "sql", "--format", "concise")
    assert done.returncode == 1
    assert "ACM001" in done.stdout
    assert "damaged" in done.stderr


def test_odd_files_are_told_and_the_others_checked(run, folder):
    sql = folder / "sql"
    (sql / "nul.sql").write_bytes(b"SELECT\n\0 1")
    (sql / "latin.sql").write_bytes("SELECT 'é' FROM t WHERE b = NULL".encode("latin-1"))
    (sql / "wide.sql").write_text("SELECT a FROM t WHERE b = NULL", encoding="utf-16")
    (sql / "empty.sql").touch()
    (sql / "sick.sql").symlink_to("/proc/self/mem")  # opens, but can't be read, even by root
    locked = sql / "locked"
    locked.mkdir()
    (locked / "x.sql").write_text("SELECT 1")
    locked.chmod(0)
    try:
        done = run("check", "sql", "--format", "concise")
    finally:
        locked.chmod(0o755)
    assert done.returncode == 1
    assert "nul.sql:2:1: error SQL004 unreadable-file: the file holds a NUL character" in done.stdout
    assert "latin.sql:1:9: info SQL004" in done.stdout
    assert "sick.sql:1:1: error SQL004 unreadable-file: the file can't be read" in done.stdout
    assert os.geteuid() == 0 or "locked:1:1: error SQL004" in done.stdout
    for name in ("bad", "latin", "wide"):
        assert f"{name}.sql" in "".join(line for line in done.stdout.splitlines() if "ACM001" in line)
    assert "empty.sql" not in done.stdout


@pytest.mark.parametrize(
    "text", ["tables: [", "version: 1\ntables: {t: {colums: {}}}", "\x00", "version: 99\ntables: {}"]
)
def test_a_broken_catalog_is_named_and_the_rest_goes_on(run, folder, text):
    (folder / "catalog.yml").write_text(text)
    for _ in range(2):  # the second time from the cache, which must not swallow it
        done = run("check", "sql", "--format", "concise")
        assert done.returncode == 2
        assert "catalog.yml" in done.stderr
        assert "bad.sql:3:7: warning ACM001" in done.stdout


def test_a_rule_that_raises_costs_that_rule(run, folder):
    from sqlopt.project import new_rule

    path = new_rule("acme", "second-rule", folder / "packs")
    path.write_text(path.read_text().replace("yield Hit(", "raise ValueError('oops'); yield Hit("))
    for _ in range(2):
        done = run("check", "sql", "--format", "concise")
        assert done.returncode == 2
        assert "ACM001" in done.stdout
        assert "second-rule" in done.stderr
        assert "oops" in done.stderr


def test_many_files_in_many_processes_say_the_same(run, folder):
    for number in range(60):
        (folder / "sql" / f"n{number:02}.sql").write_text(BAD.format(number))
    alone = run("check", "sql", "--format", "concise", "--no-cache", "--jobs", "1")
    many = run("check", "sql", "--format", "concise", "--jobs", "3")
    warm = run("check", "sql", "--format", "concise")
    assert alone.stdout == many.stdout == warm.stdout
    assert alone.stdout.count("ACM001") == 61


def test_a_worker_that_dies_costs_its_file(run, folder):
    rule = folder / "packs" / "acme" / "equals_null.py"
    rule.write_text(
        rule.read_text().replace(
            "        if isinstance",
            "        if 'deadly' in target.sql():\n"
            "            __import__('os')._exit(9)\n"
            "        if isinstance",
        )
    )
    for number in range(40):
        (folder / "sql" / f"n{number:02}.sql").write_text(BAD.format(number))
    (folder / "sql" / "n17.sql").write_text("SELECT 1 WHERE deadly = 1")
    done = run("check", "sql", "--format", "concise", "--jobs", "2")
    assert done.returncode == 2
    assert done.stdout.count("ACM001") == 40
    assert "n17.sql" in done.stderr
    assert "died" in done.stderr


def test_killed_at_any_moment_it_leaves_a_good_cache_and_no_orphans(run, folder):
    for number in range(120):
        (folder / "sql" / f"n{number:03}.sql").write_text(BAD.format(number))
    whole = run("check", "sql", "--format", "concise", "--no-cache").stdout
    command = [sys.executable, "-m", "sqlopt", "check", "sql", "--jobs", "2", *acme(folder)]
    for turn in range(6):
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": PATHS},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.15 + 0.12 * turn)
        workers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.wait()
        assert psutil.wait_procs(workers, timeout=10)[1] == []
        done = run("check", "sql/n000.sql", "--format", "concise")
        assert "note: " not in done.stderr.replace("note: 1 file has no catalog", "")
    assert run("check", "sql", "--format", "concise").stdout == whole


def test_statistics(run):
    done = run("check", "sql", "--statistics")
    assert done.stdout.split() == ["1", "ACM001", "equals-null"]
    assert run("check", "sql", "--statistics", "--format", "sarif").returncode == 2


def test_the_report_can_be_a_file(run, folder):
    done = run("check", "sql", "--format", "json", "-o", "report.json")
    assert done.stdout == ""
    assert json.loads((folder / "report.json").read_text())["summary"]["warning"] == 1
    assert not list(folder.glob(".report*"))
    assert run("check", "sql", "-o", "no/such/folder.txt").returncode == 2


def test_quiet_leaves_only_findings(run):
    done = run("check", "sql", "--format", "concise", "-q")
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(run, arguments, environment, colored):
    assert ("\x1b[" in run("check", "sql", *arguments, **environment).stdout) is colored


def test_output_is_utf_8_whatever_the_locale(run):
    done = run("check", "sql", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1
    assert "│" in done.stdout


def test_a_reader_that_goes_early_is_no_error(folder):
    pipe = '"$1" -m sqlopt check sql --color never | head -c 1'
    done = subprocess.run(
        ["sh", "-c", pipe, "sh", sys.executable],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_watch_checks_again_after_a_change(folder):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sqlopt",
            "check",
            "sql",
            "--watch",
            "--format",
            "concise",
            "-q",
            *acme(folder),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PATHS},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        assert "bad.sql" in process.stdout.readline()
        time.sleep(0.2)
        (folder / "sql" / "bad.sql").write_text("SELECT 1")
        (folder / "sql" / "other.sql").write_text("SELECT a FROM t WHERE b = NULL")
        assert "other.sql" in process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def test_a_file_of_ten_megabytes_ends(run, folder):
    row = "('some text of moderate length', 12345, NULL),\n"
    text = "INSERT INTO t VALUES\n" + row * (10_000_000 // len(row)) + "('end', 1, 2);"
    (folder / "sql" / "big.sql").write_text(text)
    done = run("check", "sql", "--format", "concise")
    assert done.returncode in (0, 1)
    assert "bad.sql:3:7: warning ACM001" in done.stdout


def test_baseline_hides_what_is_known_until_it_is_pruned(run, folder):
    assert run("baseline", "write", "sql").returncode == 0
    known = ["--format", "concise"]
    assert run("check", "sql", *known).returncode == 0
    assert run("check", "sql", "--baseline", "sqlopt-baseline.json").returncode == 0
    assert run("check", "sql", "--no-baseline").returncode == 1
    (folder / "sql" / "bad.sql").write_text("\n\n-- moved\n" + (folder / "sql" / "bad.sql").read_text())
    assert run("check", "sql", *known).returncode == 0
    (folder / "sql" / "new.sql").write_text("SELECT z FROM t WHERE b = NULL")
    done = run("check", "sql", *known)
    assert done.returncode == 1
    assert "new.sql" in done.stdout
    assert "bad.sql" not in done.stdout
    (folder / "sql" / "bad.sql").write_text("SELECT 1")
    assert "1 finding removed" in run("baseline", "prune", "sql").stdout
