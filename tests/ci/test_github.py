"""``sqlopt ci github`` against a server that holds GitHub's description of itself to it."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from sqlopt.ci.rest import Rest, RestError
from sqlopt.cli import cli
from tests import wrong
from tests.ci.conftest import BOT
from tests.diff.conftest import DAILY, SETTINGS

WHOLE = DAILY.replace("WHERE order_date >= DATE '2026-01-01'\n", "")
REDUNDANT = """SELECT DISTINCT order_date, COUNT(*) AS n
FROM shop.d.orders
WHERE order_date >= '2026-01-01'
GROUP BY order_date;
"""
PROVING = ("--effort", "low", "--seconds", "60")


@pytest.fixture
def run(shop, hub, tmp_path, monkeypatch):
    """Make a pull request of files, and run the command on it; return the result and the outputs."""

    def running(*words, labels=(), fork=False, files=None, **environment):
        if files is not None:
            shop.git("checkout", "-q", "-B", "feature", "main")
            shop.write(**files).commit("a change")
        event = {
            "repository": {"full_name": "team/shop"},
            "pull_request": {
                "number": 7,
                "base": {"sha": shop.git("rev-parse", "main")},
                "head": {
                    "sha": shop.git("rev-parse", "HEAD"),
                    "repo": {"full_name": "stranger/shop" if fork else "team/shop"},
                },
                "labels": [{"name": one} for one in labels],
            },
        }
        path = tmp_path / "event.json"
        path.write_text(json.dumps(event))
        for name in ("output", "summary"):
            (tmp_path / name).write_text("")
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
        monkeypatch.setenv("GITHUB_API_URL", hub.url)
        monkeypatch.setenv("GITHUB_TOKEN", "secret-token")
        monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(cli, ["ci", "github", "--seconds", "0", *words])
        assert "secret-token" not in done.output
        return done

    return running


def outputs(path):
    """Read GITHUB_OUTPUT as GitHub does."""
    found = {}
    lines = iter(path.read_text().split("\n"))
    for line in lines:
        if "<<" in line:
            name, delimiter = line.split("<<", 1)
            value = []
            for each in lines:
                if each == delimiter:
                    break
                value.append(each)
            found[name] = "\n".join(value)
    return found


def test_one_comment_with_what_it_costs(run, hub, tmp_path):
    done = run(files={"models__daily_sql": WHOLE})
    assert done.exit_code == 0, done.output
    (comment,) = hub.comments
    assert comment["body"].startswith("### sqlopt\n\n**This change costs")
    assert "<!-- sqlopt:comment sha256=" in comment["body"]
    assert (
        "::warning file=models/daily.sql,line=3,endLine=3,title=PRN001 partition-filter-missing::"
        in done.output
    )
    found = outputs(tmp_path / "output")
    assert found["findings"] == "1"
    assert float(found["cost-delta"]) > 0
    assert json.loads(found["json"])["findings"]["new"][0]["rule"] == "PRN001"
    assert "This change costs" in (tmp_path / "summary").read_text()


def test_twice_on_the_same_head_sends_nothing(run, hub):
    run(files={"models__daily_sql": WHOLE})
    before = [dict(one) for one in hub.comments]
    hub.requests.clear()
    done = run()
    assert "comment unchanged" in done.output
    assert hub.comments == before
    assert {method for method, _, _ in hub.requests} == {"GET"}


def test_the_comment_is_brought_up_to_date(run, hub):
    run(files={"models__daily_sql": WHOLE})
    number = hub.comments[0]["id"]
    done = run(files={"models__daily_sql": DAILY + "\n-- no change\n"})
    assert "comment updated" in done.output
    assert [one["id"] for one in hub.comments] == [number]
    assert "costs nothing more" in hub.comments[0]["body"]


def test_nothing_to_say_makes_no_comment(run, hub):
    assert "comment none" in run(files={"models__daily_sql": DAILY + "-- said\n"}).output
    assert hub.comments == []
    assert "comment created" in run("--comment-when", "always").output


def test_a_race_of_two_runs_leaves_one_comment(run, hub):
    def another():
        hub.before_create = lambda: None
        hub.comments.append(
            {"id": 50, "body": "older\n<!-- sqlopt:comment sha256=" + "0" * 64 + " -->", "user": BOT}
        )

    hub.before_create = another
    run(files={"models__daily_sql": WHOLE})
    assert [one["id"] for one in hub.comments] == [50]
    assert "This change costs" in hub.comments[0]["body"]


def test_a_mark_of_somebody_else_is_not_ours(run, hub):
    forged = {
        "id": 1,
        "body": "<!-- sqlopt:comment sha256=" + "0" * 64 + " -->",
        "user": {"login": "mallory", "id": 2},
    }
    hub.comments.append(dict(forged))
    run(files={"models__daily_sql": WHOLE})
    assert hub.comments[0] == forged
    assert len(hub.comments) == 2


def test_the_comment_is_found_on_a_later_page(run, hub):
    run(files={"models__daily_sql": WHOLE})
    hub.page = 2
    others = [{"id": number, "body": "hello", "user": {"login": "x", "id": 9}} for number in range(1, 6)]
    hub.comments[:0] = others
    assert "comment unchanged" in run().output
    assert len(hub.comments) == 6


def test_a_fork_gets_its_summary_and_no_failure(run, hub, tmp_path):
    hub.read_only = True
    done = run(files={"models__daily_sql": WHOLE}, fork=True)
    assert done.exit_code == 0, done.output
    assert "of a fork, whose token can only read" in done.output
    assert "This change costs" in (tmp_path / "summary").read_text()


def test_limits_are_waited_for_and_servers_tried_again(hub):
    slept = []
    headers = {
        "Authorization": "Bearer secret-token",
        "Accept": "application/vnd.github+json",
        "User-Agent": "t",
    }
    rest = Rest(hub.url, headers, sleep=slept.append)
    hub.me = 200
    hub.answers = [(429, {"message": "slow down"}, [("Retry-After", "3")]), (502, None)]
    assert rest.get("/user")["login"] == BOT["login"]
    assert slept == [3.0, 4.0]
    hub.answers = [
        (
            403,
            {"message": "API rate limit exceeded"},
            [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")],
        )
    ]
    assert rest.get("/user")["login"] == BOT["login"]
    hub.answers = [(404, {"message": "Not Found"})]
    with pytest.raises(RestError, match="GET /user: 404 Not Found"):
        rest.get("/user")


def test_no_answer_is_an_error_in_time():
    import socket

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        rest = Rest(f"http://127.0.0.1:{deaf.getsockname()[1]}", {}, timeout=0.2, sleep=lambda _: None)
        with pytest.raises(RestError, match="no answer"):
            rest.get("/user")


def test_the_token_goes_to_no_other_server(hub):
    headers = {
        "Authorization": "Bearer secret-token",
        "Accept": "application/vnd.github+json",
        "User-Agent": "t",
    }
    rest = Rest(hub.url, headers)
    hub.answers = [(200, [], [("Link", '<http://evil.example/x?page=2>; rel="next"')])]
    with pytest.raises(RestError, match="another server"):
        list(rest.pages("/repos/team/shop/issues/7/comments?per_page=100"))


def test_proved_fixes_are_suggested_once(run, hub):
    run(*PROVING, files={"models__new_sql": REDUNDANT})
    (review,) = hub.reviews
    (one,) = review["comments"]
    assert (one["path"], one["line"], one["side"]) == ("models/new.sql", 1, "RIGHT")
    assert "```suggestion\nSELECT order_date, COUNT(*) AS n\n```" in one["body"]
    run(*PROVING)
    assert len(hub.reviews) == 1


def test_a_refuted_fix_is_no_suggestion_and_a_fault_of_its_rule(run, hub, shop):
    shop.git("checkout", "-q", "main")
    wrong.write_pack(shop.folder)
    shop.write(sqlopt_toml=f'packs = ["wrong.yml"]\n{SETTINGS}').commit()
    text = "SELECT order_id FROM shop.d.orders WHERE user_id > 5 AND order_date = '2026-01-01';\n"
    run(*PROVING, files={"models__new_sql": text})
    assert not any("WRG001" in one["body"] for review in hub.reviews for one in review["comments"])
    (comment,) = hub.comments
    assert re.search(r"the fix of WRG001 .* is refuted and is not made; please report", comment["body"])
    assert "user_id >= 5" not in comment["body"]


def test_a_line_that_the_diff_does_not_show_stops_nothing(run, hub):
    refused = (422, {"message": "Validation Failed"})
    hub.before_review = refused
    done = run(*PROVING, files={"models__new_sql": REDUNDANT})
    assert done.exit_code == 0, done.output
    assert hub.reviews == []
    assert len(hub.comments) == 1


def test_the_gate_and_the_inputs_stop_it(run, shop):
    assert run("--fail-on", "warning", files={"models__daily_sql": WHOLE}).exit_code == 1
    assert run(SQLOPT_COST_THRESHOLD="0.01").exit_code == 1
    shop.git("checkout", "-q", "main")
    shop.write(sqlopt_toml=SETTINGS + '[gate]\nfail-on = "warning"\noverride-label = "cost-ok"\n').commit()
    stopped = run(files={"models__daily_sql": WHOLE}, SQLOPT_COST_THRESHOLD="")
    assert stopped.exit_code == 1
    assert "stopped: 1 new finding is of severity warning or graver" in stopped.output
    assert run(labels=["cost-ok"]).exit_code == 0


def test_at_most_ten_annotations_of_a_level(run, tmp_path):
    many = {f"models__m{n}_sql": f"SELECT amount FROM shop.d.orders WHERE amount > {n};\n" for n in range(14)}
    done = run(files=many)
    assert done.output.count("::warning ") == 10
    assert "4 more findings have no annotation." in (tmp_path / "summary").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT amount AS `::error::x` FROM shop.d.orders; -- \n::set-output name=a::b\n",
        "SELECT '```\n</details><script>x</script> @team' AS x, amount FROM shop.d.orders;\n",
        "SELECT amount FROM shop.d.orders; -- ${{ secrets.TOKEN }} $(touch hit) `touch hit`\n",
    ],
)
def test_nothing_breaks_out(run, hub, shop, tmp_path, text):
    done = run(files={"models__evil_sql": text})
    assert done.exit_code == 0, done.output
    assert not (shop.folder / "hit").exists()
    commands = [line for line in done.output.split("\n") if line.startswith("::")]
    assert all(
        line.startswith(
            (
                "::warning file=models/evil.sql",
                "::notice file=models/evil.sql",
                "::error file=models/evil.sql",
            )
        )
        for line in commands
    )
    body = hub.comments[0]["body"]
    outside = "".join(part for number, part in enumerate(body.split("```")) if number % 2 == 0)
    assert "<script>" not in outside
    assert "@team" not in outside
    assert set(outputs(tmp_path / "output")) == {"json", "findings", "cost-delta"}


def test_a_run_that_is_for_no_pull_request_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    assert "runs in GitHub Actions" in CliRunner().invoke(cli, ["ci", "github"]).output
    path = tmp_path / "event.json"
    path.write_text('{"ref": "refs/heads/main"}')
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
    assert "run the workflow on `pull_request`" in CliRunner().invoke(cli, ["ci", "github"]).output


def test_sarif_of_the_changed_files(run, tmp_path):
    run("--sarif", str(tmp_path / "x.sarif"), files={"models__daily_sql": WHOLE})
    (one,) = json.loads((tmp_path / "x.sarif").read_text())["runs"]
    assert {result["ruleId"] for result in one["results"]} == {"PRN001"}
