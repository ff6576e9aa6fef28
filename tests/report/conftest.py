"""A report with everything in it that formats must show."""

from __future__ import annotations

import pytest

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.rewrite.edits import Edit, Fix, Proof, Safety, Verdict
from sqlopt.rules.finding import FileResult, Finding, Related, Report, Severity
from sqlopt.span import Span

ORDERS = """\
-- daily sales
SELECT user_id, amount
FROM shop.sales.events
WHERE EXTRACT(YEAR FROM event_date) = 2026
\tAND country = '日本🎉' AND note = 'é'
"""
NASTY = "SELECT '\x1b[31mred' AS a, '[bold]b[/bold]' AS b, '<b>&|`@team' AS c\nFROM t"


def span(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))


@pytest.fixture
def report():
    year = "EXTRACT(YEAR FROM event_date) = 2026"
    fix = Fix(
        "compare the column itself with a range",
        (Edit(span(ORDERS, year), "event_date >= DATE '2026-01-01' AND event_date < DATE '2027-01-01'"),),
        Safety.EXACT,
        Proof(Verdict.PROVED, ("event_date is a DATE (catalog.yml)",)),
    )
    found = Finding(
        "PRN002",
        "function-on-partition-column",
        Severity.WARNING,
        "The filter wraps event_date in EXTRACT, so every partition is read.",
        span(ORDERS, year),
        fix,
        Estimate.exactly(2.0 * 1024**4, "bytes"),
        (Related(span(ORDERS, "shop.sales.events"), "this table is partitioned by event_date"),),
        (("bytes now", "2.0 TB"), ("bytes after", "1.1 GB")),
        "f00d",
    )
    wide = Finding(
        "PRN090",
        "narrow",
        Severity.INFO,
        "After wide characters and a tab.",
        span(ORDERS, "note = 'é'"),
        saving=Estimate(0, 512, 1024**3, "bytes", Basis.ASSUMED),
        statement="f00d",
    )
    nasty = Finding(
        "PRJ001",
        "nasty-text",
        Severity.WARNING,
        "Text of others: \x1b[2J\x07 %0A::error::gotcha\n| <script>alert(1)</script> @team [x](http://e.vil)",
        Span(0, len(NASTY)),
    )
    error = Finding(
        "SQL001", "unparsable-statement", Severity.ERROR, "expected )", span(NASTY, "FROM t"), statement="bad"
    )
    return Report(
        (
            FileResult("models/orders.sql", ORDERS, "bigquery", (found, wide), (), 1),
            FileResult("a,b:c|d.sql", NASTY, "duckdb", (nasty,), (error,), 2),
            FileResult("clean.sql", "SELECT 1", "duckdb", (), (), 1),
        )
    )
