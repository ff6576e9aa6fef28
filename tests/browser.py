"""A headless Chromium for tests: the system's, else Playwright's own, else one that is installed now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def _found(own: str) -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None) or (own if Path(own).exists() else None)


def chromium(own: str) -> str:
    """Return a Chromium's path, installing one if there is none. ``own`` is where Playwright keeps its own."""
    found = _found(own)
    if found is None:
        root = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
        if root:
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet, capture_output=True)
            install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
            subprocess.run([*install, "fonts-noto-core"], check=True, env=quiet, capture_output=True)
        else:
            subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
        found = _found(own)
    assert found is not None, "no Chromium, and none could be installed"
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = chromium(play.chromium.executable_path)
        browser = play.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, path: Path, **how: object) -> Page:
    """Open a page that must ask for nothing but itself, and complain of nothing: see ``page.complaints``."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, **how)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda one: page.complaints.append(one.text))
    page.on("pageerror", lambda one: page.complaints.append(str(one)))
    page.on("dialog", lambda one: (page.complaints.append(f"dialog: {one.message}"), one.dismiss()))
    page.on("request", lambda one: page.complaints.append(one.url) if one.url != path.as_uri() else None)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return page
