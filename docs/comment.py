"""Draw docs/comment.png: the comment on a pull request, as it looks on its page.

Run it from the repository's root, with the test extra and a Chromium: ``python -m docs.comment``.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

from sqlopt.project import Project
from sqlopt.report.pull_request import comment
from tests.browser import launched

WIDTH = 900
STYLE = """
body { font: 14px/1.5 "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; margin: 24px; }
table { border-collapse: collapse; margin: 12px 0; } td, th { border: 1px solid #d1d9e0; padding: 6px 13px; }
code { background: #eff1f3; border-radius: 6px; padding: .2em .4em; font: 12px ui-monospace, Menlo, monospace; }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; } pre code { background: none; padding: 0; }
details { margin: 8px 0; } summary { cursor: pointer; }
"""


def changed(place: Path) -> tuple[Path, Path]:
    """Return the example project before and after a change."""
    before, after = place / "main", place / "feature"
    shutil.copytree("fixtures/shop/bigquery", before)
    shutil.copytree(before, after)
    path = after / "models" / "daily_revenue.sql"
    text = path.read_text()
    narrow = "  WHERE order_date BETWEEN month_start AND month_end\n  GROUP BY order_id\n"
    path.write_text(
        text.replace(narrow, "  GROUP BY order_id\n").replace("SUM(o.total)", "ROUND(SUM(o.total), 2)")
    )
    (after / "reports" / "order_sources.sql").write_text(
        "SELECT DISTINCT country, COUNT(*) AS orders\nFROM `shop-prod.sales.orders`\n"
        "WHERE order_date >= DATE '2026-11-01'\nGROUP BY country;\n"
    )
    return before, after


def main() -> None:
    """Compare, render, and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = changed(Path(folder))
        text = comment(Project.from_config(str(before)).diff(str(before), str(after)))
    text = text.replace(f"{folder}/", "").replace("<details>", "<details open>", 2)
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    with launched() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": 100})
        page.set_content(f"<style>{STYLE}</style>{body}")
        page.screenshot(path="docs/comment.png", full_page=True)


if __name__ == "__main__":
    main()
