"""Two states of a real repository, compared."""

from __future__ import annotations

import json
import subprocess

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli
from sqlopt.errors import SqloptError
from sqlopt.project import Project
from sqlopt.rewrite.edits import Verdict
from tests.diff.conftest import DAILY, SETTINGS, WEEKLY


def diff(base="HEAD", head=None, **given):
    return Project.from_config(".").diff(base, head, **{"seconds": 0, **given})


@pytest.mark.usefixtures("shop")
def test_nothing_changed():
    report = diff()
    assert not report.changed
    assert not report.gate.failed


def test_layout_comments_and_order_are_no_change(shop):
    laid_out = "-- said anew\n" + DAILY.replace("\n", "\n   ").replace("SELECT", "select").replace(
        "SUM", "sum"
    )
    shop.write(models__daily_sql=laid_out)
    report = diff()
    assert report.statements == ()
    assert report.same == 1
    shop.write(models__daily_sql=DAILY, models__both_sql=DAILY + WEEKLY).commit()
    shop.write(models__both_sql=WEEKLY + DAILY)
    assert diff().statements == ()


def test_what_a_change_costs_a_run_and_a_month(shop):
    shop.write(models__daily_sql=DAILY.replace("WHERE order_date >= DATE '2026-01-01'\n", ""))
    (one,) = diff(seconds=60).statements
    assert one.status == "changed"
    run, month = one.difference("money"), one.difference("money", monthly=True)
    assert run.expected > 0
    assert month.expected == pytest.approx(run.expected * 30)
    assert one.difference("bytes_scanned").expected > 0
    assert one.proof.verdict is Verdict.REFUTED
    assert "INSERT INTO" in one.proof.counterexample


def test_findings_that_are_new_fixed_and_unchanged(shop):
    shop.write(models__daily_sql=DAILY.replace("WHERE order_date >= DATE '2026-01-01'\n", ""))
    report = diff()
    assert {one.finding.rule for one in report.new} == {"PRN001"}
    assert report.new[0].path == "models/daily.sql"
    shop.commit()
    shop.write(models__daily_sql=DAILY)
    back = diff()
    assert {one.finding.rule for one in back.fixed} == {"PRN001"}
    assert back.new == ()
    # A finding stays the same one when its statement is edited elsewhere.
    shop.git("checkout", "-q", ".")
    shop.write(
        models__daily_sql=DAILY.replace("WHERE order_date >= DATE '2026-01-01'\n", "").replace(
            "orders\n", "n\n", 1
        )
    )
    again = diff()
    assert (again.new, again.fixed) == ((), ())
    assert again.unchanged >= 1


def test_a_refactoring_that_keeps_its_result_is_said_to(shop):
    body = DAILY.split("AS\n", 1)[1]
    inner = f"WITH x AS (\n{body.rstrip().rstrip(';')})\nSELECT order_date, revenue, orders FROM x;\n"
    shop.write(models__daily_sql=f"CREATE OR REPLACE TABLE shop.d.daily AS\n{inner}")
    (one,) = diff(seconds=60).statements
    assert one.proof.verdict in (Verdict.PROVED, Verdict.TESTED)
    assert diff().columns == ()


def test_columns_and_all_that_reads_them(shop):
    shop.write(
        models__daily_sql=DAILY.replace(
            "SUM(amount) AS revenue", "CAST(SUM(amount) AS FLOAT64) AS revenue"
        ).replace(", COUNT(*) AS orders", ", MAX(amount) AS largest")
    )
    changes = {(one.column, one.change): one for one in diff().columns}
    assert set(changes) == {("revenue", "retyped"), ("orders", "removed"), ("largest", "added")}
    assert ("shop.d.weekly", "table") in changes["revenue", "retyped"].reaches


@pytest.mark.parametrize("committed", [False, True])
def test_a_removed_column_that_is_still_read(shop, committed):
    shop.write(models__daily_sql=DAILY.replace("SUM(amount) AS revenue, ", ""))
    (one,) = (diff("HEAD~", shop.commit()) if committed else diff()).columns
    assert (one.column, one.change) == ("revenue", "removed")
    assert ("shop.d.weekly", "table") in one.reaches


def test_renamed_added_and_removed_files(shop):
    shop.git("mv", "models/daily.sql", "models/by_day.sql")
    shop.write(models__users_sql="SELECT user_id FROM shop.d.users;\n")
    (shop.folder / "models" / "weekly.sql").unlink()
    report = diff()
    assert {(one.path, one.status) for one in report.statements} == {
        ("models/users.sql", "added"),
        ("models/weekly.sql", "removed"),
    }


def test_a_branch_is_compared_from_where_it_left(shop):
    shop.git("checkout", "-q", "-b", "feature")
    shop.write(models__users_sql="SELECT user_id FROM shop.d.users;\n").commit()
    shop.git("checkout", "-q", "main")
    shop.write(models__weekly_sql=WEEKLY.replace("WEEK", "MONTH")).commit()
    report = diff("main", "feature")
    assert [one.path for one in report.statements] == ["models/users.sql"]


def test_a_shallow_clone_fetches_what_it_needs(shop, tmp_path, monkeypatch):
    for number in range(3):
        shop.write(**{f"models__m{number}_sql": f"SELECT {number} AS n;\n"}).commit()
    shop.git("checkout", "-q", "-b", "feature", "HEAD~2")
    shop.write(models__new_sql="SELECT 1 AS one;\n").commit()
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--branch=feature", f"file://{shop.folder}", str(clone)],
        check=True,
    )
    monkeypatch.chdir(clone)
    report = diff("main")
    assert [one.path for one in report.statements] == ["models/new.sql"]
    assert report.notes == ()


@pytest.mark.usefixtures("shop")
def test_what_can_not_be_had_is_said():
    with pytest.raises(SqloptError, match="fetch it first"):
        diff("no-such-branch")
    with pytest.raises(SqloptError, match="no name of a commit"):
        diff("--output=/tmp/x")


def test_folders_and_files(shop, tmp_path):
    other = tmp_path / "other"
    (other / "models").mkdir(parents=True)
    (other / "models" / "daily.sql").write_text(DAILY.replace("2026-01-01", "2026-02-01"))
    report = Project("catalog.yml").diff(str(shop.folder), str(other), seconds=0)
    assert {one.status for one in report.statements} == {"changed", "removed"}
    a, b = tmp_path / "a.sql", tmp_path / "b.sql"
    a.write_text("SELECT 1 AS x")
    b.write_text("SELECT 2 AS x")
    (one,) = diff(str(a), str(b), seconds=60).statements
    assert one.proof.verdict is Verdict.REFUTED


def test_the_base_decides_the_settings(shop):
    gate = SETTINGS + '[gate]\nfail-on = "warning"\nmoney-per-month = 1\noverride-label = "cost-ok"\n'
    shop.write(sqlopt_toml=gate).commit()
    shop.write(
        sqlopt_toml=SETTINGS + '[gate]\nfail-on = "never"\n',
        models__daily_sql=DAILY.replace("WHERE order_date >= DATE '2026-01-01'\n", ""),
    )
    report = diff()
    assert report.gate.failed
    assert any("1 new finding is of severity warning" in one for one in report.gate.reasons)
    assert any("USD are allowed" in one for one in report.gate.reasons)
    assert any("settings changed (sqlopt.toml)" in one for one in report.notes)
    allowed = diff(labels=["Cost-OK"])
    assert not allowed.gate.failed
    assert allowed.gate.overridden == "cost-ok"


def test_gates_by_path_and_owner(shop):
    (shop.folder / ".github").mkdir()
    (shop.folder / ".github" / "CODEOWNERS").write_text("* @all\n/models/finance/ @finance\n")
    gate = '[gate]\n[[gate.when]]\nowners = ["@finance"]\nfail-on = "info"\n'
    gate += '[[gate.when]]\npaths = ["adhoc/**"]\nbytes-per-run = "1 GB"\n'
    shop.write(sqlopt_toml=SETTINGS + gate).commit()
    whole = "SELECT user_id, amount FROM shop.d.orders;\n"
    shop.write(models__other_sql=whole)
    assert not diff().gate.failed
    shop.write(models__finance__all_sql=whole, adhoc__all_sql=whole)
    reasons = diff().gate.reasons
    assert len(reasons) == 2
    assert "@finance" in reasons[0]
    assert "adhoc/**" in reasons[1]


def test_only_the_paths_asked_for(shop):
    shop.write(models__daily_sql="SELECT 1 AS n", adhoc__new_sql="SELECT 2 AS n", adhoc__old_sql="SELECT 3")
    head = shop.commit()
    assert [one.path for one in diff("HEAD~", head, paths=["adhoc/new.sql"]).statements] == ["adhoc/new.sql"]
    assert [one.path for one in diff("HEAD~", head, paths=["models"]).statements] == ["models/daily.sql"]
    assert not diff("HEAD~", head, paths=["models/weekly.sql"]).statements  # it is there, and as it was
    with pytest.raises(SqloptError, match=r"typo\.sql: in neither HEAD~ nor"):
        diff("HEAD~", head, paths=["models/typo.sql"])


@pytest.mark.parametrize("committed", [False, True])
def test_a_macro_changes_the_models_that_use_it(shop, committed):
    shop.write(macros__recent_sql="{% macro recent() %}order_date >= DATE '2026-01-01'{% endmacro %}\n")
    (shop.folder / "dbt_project.yml").write_text(
        "name: shop\nversion: '1'\nprofile: shop\nmodel-paths: [models]\n"
    )
    shop.write(
        models__daily_sql="SELECT order_date, amount FROM shop.d.orders WHERE {{ recent() }}\n"
    ).commit()
    shop.write(macros__recent_sql="{% macro recent() %}TRUE{% endmacro %}\n")
    report = diff("HEAD~", shop.commit()) if committed else diff()
    assert [one.path for one in report.statements] == ["models/daily.sql"]
    assert report.statements[0].difference("bytes_scanned").expected > 0


def test_on_the_command_line(shop):
    shop.write(models__daily_sql=DAILY.replace("WHERE order_date >= DATE '2026-01-01'\n", ""))
    run = CliRunner().invoke(cli, ["diff", "HEAD", "--seconds", "0"])
    assert run.exit_code == 0, run.output
    assert "more a month" in run.output
    assert "PRN001" in run.output
    assert "HEAD compared with the working tree: 1 file changed" in run.output
    data = json.loads(CliRunner().invoke(cli, ["diff", "HEAD", "--seconds", "0", "--format", "json"]).output)
    assert data["total"]["money_month"]["expected"] > 0
    assert data["findings"]["new"][0]["rule"] == "PRN001"
    shop.git("checkout", "-q", ".")
    shop.write(sqlopt_toml=SETTINGS + '[gate]\nfail-on = "info"\n').commit()
    shop.write(models__all_sql="SELECT * FROM shop.d.orders;\n")
    assert CliRunner().invoke(cli, ["diff", "HEAD"]).exit_code == 1
    assert CliRunner().invoke(cli, ["diff", "HEAD", "--exit-zero"]).exit_code == 0


@pytest.mark.parametrize(
    "name", ["$(touch hit).sql", "a`touch hit`.sql", "x;touch hit.sql", "@all [x](y).sql", "<b>.sql"]
)
def test_names_are_names(shop, name):
    (shop.folder / "models" / name).write_text("SELECT * FROM shop.d.orders;\n")
    run = CliRunner().invoke(cli, ["diff", "HEAD", "--format", "markdown"])
    assert run.exit_code == 0, run.output
    assert not (shop.folder / "hit").exists()
    assert "PRN001" in run.output


def test_links_and_submodules_are_not_followed(shop, tmp_path):
    secret = tmp_path / "secret.sql"
    secret.write_text("SELECT 'secret' AS s")
    (shop.folder / "models" / "link.sql").symlink_to(secret)
    shop.commit()
    shop.git("rm", "-q", "models/link.sql")
    report = diff()
    assert report.statements == ()
