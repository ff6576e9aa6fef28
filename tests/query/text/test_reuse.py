"""CTEs parsed by themselves: the tree, the places and the answers are those of parsing the whole."""

from __future__ import annotations

import random
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

import sqlopt
from sqlopt.catalog import Catalog
from sqlopt.query.query import Query
from sqlopt.query.text.parse import parse
from sqlopt.query.text.reuse import Kept, keeping
from tests.editor.typing_model import keystrokes, model
from tests.tpcds import catalog, queries

SHOP = Path(__file__).parent.parent.parent.parent / "fixtures" / "shop"
TEXTS = [
    *(("duckdb", text) for text in queries() if text.lstrip()[:4].upper() == "WITH"),
    *((path.relative_to(SHOP).parts[0], path.read_text()) for path in sorted(SHOP.rglob("*.sql"))),
]
ODD = [
    "WITH a AS (SELECT 1 AS x), b AS (SELECT 1 AS x) SELECT * FROM a, b",
    "WITH a AS (SELECT 1 AS x), a2 AS (WITH i AS (SELECT 2 AS y) SELECT y FROM i) SELECT * FROM a, a2",
    "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a WHERE x < 9) SELECT * FROM a",
    "WITH a (x) AS (SELECT 1) SELECT x FROM a",
    "WITH a AS MATERIALIZED (SELECT 1 AS x) SELECT x FROM a",
    "WITH a AS ((SELECT 1 AS x)) SELECT x FROM a",
    "WITH a AS (VALUES (1), (2)) SELECT * FROM a",
    "WITH a AS (SELECT 'é😀' AS x /* ) */) -- (\n, b AS (SELECT x FROM a) SELECT * FROM b; SELECT 1",
    "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a",
    "WITH a AS () SELECT 1",
    "WITH a AS (SELECT (1 AS x) SELECT 1",
    "WITH a AS (SELECT * FROM t TABLESAMPLE (1 PERCENT)) SELECT * FROM a",
    f"WITH a AS (SELECT {'(' * 150}1{')' * 150} AS x) SELECT {'(' * 60}1{')' * 60} FROM a",
    f"WITH a AS (SELECT {'(' * 250}1{')' * 250} AS x) SELECT 1 FROM a",
]


@pytest.mark.parametrize("turn", range(4))
def test_the_tree_and_its_places_are_those_of_the_whole(turn):
    texts = [*TEXTS, *(("duckdb", text) for text in ODD)]
    together = 0
    for dialect, text in texts[turn::4]:
        kept = Kept()
        kept.begin()
        for whole, parts in zip(parse(text, dialect), parse(text, dialect, kept), strict=True):
            assert (whole.span, whole.error, whole.fingerprint) == (
                parts.span,
                parts.error,
                parts.fingerprint,
            )
            assert repr(whole.tree) == repr(parts.tree)
            if parts.units is None:
                continue
            together += 1
            one, other = (Query(text, dialect, each, Catalog(), date(2026, 1, 1)) for each in (whole, parts))
            pairs = zip(one.tree.walk(bfs=False), other.tree.walk(bfs=False), strict=True)
            assert [a for a, b in pairs if one.span(a) != other.span(b)] == []
    assert together > 2


def test_what_is_kept_gives_the_findings_of_a_fresh_start():
    project = sqlopt.Project(catalog=catalog(), dialect="duckdb")
    dice = random.Random(5)
    kept = Kept()

    def checked(text):
        kept.begin()
        with keeping(kept):
            found = project.check(text).files[0]
        fresh = project.check(text).files[0]
        assert (found.findings, found.errors) == (fresh.findings, fresh.errors)
        return not fresh.errors

    text = good = next(one for one in queries() if one.count("AS\n  (") > 3 or one.count(" AS (") > 3)
    for _ in range(80):
        at = dice.randrange(len(text))
        typed = dice.choice(["1", " ", "(", ")", "x", ",", "'", ""])
        text = text[:at] + typed + text[at + dice.randrange(3) :]
        if checked(text):
            good = text
        elif dice.random() < 0.7:
            text = good
    for typed in islice(keystrokes(model(), dice), 12):
        assert checked(typed)
