"""All the SQL that tests can reach, with its dialect: fixtures, rule pages, TPC-DS, and what is shared beside."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import page_of
from tests.tpcds import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
DIALECTS = frozenset(
    """
    postgres redshift duckdb snowflake bigquery spark databricks trino mysql tsql oracle sqlite clickhouse hive
    """.split()  # noqa: SIM905 - a list of words
)
_HEADER = re.compile(r"dialect: (\w+)")


def texts() -> Iterator[tuple[str, str]]:
    """Yield each text with its dialect; a text may hold several statements, or be a template."""
    yield from (("duckdb", one) for one in queries())
    for rule in load_packs().values():
        page = page_of(rule)
        yield from ((one.dialect, one.sql) for one in (*page.bad, *page.fixed, *page.good) if not one.is_plan)
    for path in sorted(ROOT.joinpath("tests", "query", "text", "statements").glob("*.sql")):
        yield from ((path.stem, one) for one in path.read_text(encoding="utf-8").split("\n;\n"))
    for place in (ROOT / "fixtures", SHARED):
        for path in sorted(place.rglob("*.sql")):
            text = path.read_text(encoding="utf-8", errors="replace")
            yield _dialect(path, text), text
    for path in sorted(SHARED.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            yield from ((_known(one.get("dialect")), one[key]) for key in ("sql", "q1", "q2") if one.get(key))


def _dialect(path: Path, text: str) -> str:
    found = _HEADER.search(text)
    named = next((one for one in path.parts if one in DIALECTS), "bigquery")
    return _known(found[1]) if found is not None else named


def _known(name: str | None) -> str:
    return name if name in DIALECTS else "duckdb"
