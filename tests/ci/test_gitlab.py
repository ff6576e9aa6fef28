"""``sqlopt ci gitlab`` against a server that keeps notes as GitLab does."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from sqlopt.cli import cli
from tests.ci.test_github import WHOLE


class Handler(BaseHTTPRequestHandler):
    """https://docs.gitlab.com/api/notes/ (checked 2026-11-23): POST makes a note, PUT changes it."""

    def log_message(self, *_):
        pass

    def _send(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self):
        notes = self.server.notes
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append(self.command)
        path = self.path.split("?")[0]
        if self.headers.get("PRIVATE-TOKEN") != "secret-token":
            return self._send(401, {"message": "401 Unauthorized"})
        if path == "/api/v4/user":
            return self._send(200, {"id": 5})
        one = re.fullmatch(r"/api/v4/projects/3/merge_requests/8/notes(?:/(\d+))?", path)
        if one and self.command == "GET":
            return self._send(200, notes)
        if one and self.command == "POST":
            notes.append({"id": len(notes) + 1, "body": body["body"], "author": {"id": 5}})
            return self._send(201, notes[-1])
        if one and one[1] and self.command == "PUT":
            notes[int(one[1]) - 1]["body"] = body["body"]
            return self._send(200, notes[int(one[1]) - 1])
        return self._send(404, {"message": "404 Not Found"})

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the server's names


@pytest.fixture
def lab(shop, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.notes, server.asked = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = shop.git("rev-parse", "main")
    shop.git("checkout", "-q", "-b", "feature")
    head = shop.write(models__daily_sql=WHOLE).commit()
    for name, value in {
        "CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4",
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "8",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "CI_COMMIT_SHA": head,
        "SQLOPT_GITLAB_TOKEN": "secret-token",
    }.items():
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    server.server_close()


def test_one_note_and_a_code_quality_report(lab, tmp_path):
    report = tmp_path / "quality.json"
    run = CliRunner().invoke(cli, ["ci", "gitlab", "--seconds", "0", "--code-quality", str(report)])
    assert run.exit_code == 0, run.output
    assert "note created" in run.output
    assert lab.notes[0]["body"].startswith("### sqlopt\n\n**This change costs")
    assert [one["check_name"] for one in json.loads(report.read_text())] == ["PRN001"]
    lab.asked.clear()
    again = CliRunner().invoke(cli, ["ci", "gitlab", "--seconds", "0"])
    assert "note unchanged" in again.output
    assert set(lab.asked) == {"GET"}
    assert CliRunner().invoke(cli, ["ci", "gitlab", "--seconds", "0", "--fail-on", "warning"]).exit_code == 1


def test_what_is_missing_is_said(lab, monkeypatch):
    monkeypatch.delenv("SQLOPT_GITLAB_TOKEN")
    run = CliRunner().invoke(cli, ["ci", "gitlab", "--seconds", "0"])
    assert run.exit_code == 2
    assert "project access token" in run.output
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA")
    assert "merge request pipelines" in CliRunner().invoke(cli, ["ci", "gitlab", "--seconds", "0"]).output
    assert lab.notes == []
