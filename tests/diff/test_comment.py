"""The comment on a pull request: readable, safe, never too long."""

from __future__ import annotations

import re

from sqlopt.project import Project
from sqlopt.report.pull_request import comment
from sqlopt.report.pull_request.safe import code, fenced, plain
from tests.diff.conftest import DAILY


def of(seconds=0):
    return Project.from_config(".").diff("HEAD", seconds=seconds)


def test_it_says_what_it_costs_first(shop):
    shop.write(models__daily_sql=DAILY.replace("WHERE order_date >= DATE '2026-01-01'\n", ""))
    text = comment(of(5))
    lines = text.split("\n")
    assert lines[0] == "### sqlopt"
    assert re.match(
        r"\*\*This change costs [\d.,]+ USD more a month, 1 new finding, 1 changed query gives another result",
        lines[2],
    )
    assert "| **Total** |" in text
    assert "INSERT INTO" in text
    assert text.count("<details>") == text.count("</details>") == 3


def test_it_draws_what_columns_reach(shop):
    shop.write(models__daily_sql=DAILY.replace("SUM(amount) AS revenue, ", ""))
    text = comment(of())
    assert "`shop.d.daily.revenue` removed; reaches `shop.d.weekly`" in text
    assert "```mermaid\ngraph LR\n  n0 --> n1" in text
    assert 'n1["shop.d.weekly"]' in text


def test_it_shows_fixes_with_what_is_known_of_them(shop):
    shop.write(
        models__new_sql="SELECT DISTINCT status, COUNT(*) AS n FROM shop.d.orders\n"
        "WHERE order_date = '2026-01-01' GROUP BY status;\n"
    )
    text = comment(of(2))
    assert re.search(r"Fix: leave DISTINCT out \(exact, (proved|tested)", text)
    assert "  -SELECT DISTINCT status" in text
    assert "  +SELECT status" in text


def test_it_is_shortened_step_by_step(shop):
    for number in range(60):
        text = f"SELECT * FROM shop.d.orders WHERE amount > {number} AND status = '{'x' * 300}';\n"
        shop.write(**{f"models__m{number}_sql": text})
    report = of()
    whole = comment(report, 10_000_000)
    assert "left out for length" not in whole
    for limit in (60_000, 20_000, 6_000, 2_500):
        text = comment(report, limit)
        assert len(text) <= limit
        assert text.startswith("### sqlopt\n\n**This change costs")
        assert text.count("<details>") == text.count("</details>")
        if len(whole) > limit:
            assert "left out for length" in text


def test_text_of_others_stays_text():
    assert plain("a @bob <img src=x> [l](http://e.x) | `c` **b**") == (
        "a @&#8203;bob &lt;img src=x&gt; \\[l\\]\\(http:&#8203;//e.x\\) \\| \\`c\\` \\*\\*b\\*\\*"
    )
    assert code("a`b``c") == "```a`b``c```"
    assert "|" not in code("a|b")
    block = fenced("SELECT '```'\n````\n</details> @bob", "sql")
    assert block.startswith("`````sql\n")
    assert block.endswith("\n`````")
