"""Edits touch what they say and nothing else: comments, spaces and case stay, in awkward places too."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from sqlglot import tokenize

from sqlopt.rewrite.edits import Safety
from sqlopt.rewrite.prove.engine.compare import normal, same
from sqlopt.rules.packs import load_packs
from sqlopt.rules.run import check_text
from sqlopt.warehouses.duckdb.catalog import read_database
from tests import tpch
from tests.faulty import TEMPLATES, filled, with_keys

RULES = load_packs()
COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
BETWEEN = (" ", "  ", "\n", "\n\t", " /* note {} */ ", " -- note {}\n  ", "\n/* a; note {}\n   ' */\n")
EACH = 12


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("tpch") / "shop.duckdb"
    with tpch.connect(str(path)) as connection:
        connection.execute("CALL dbgen(sf = 0.005)")
    tables = with_keys(read_database(path))
    with tpch.connect(str(path)) as connection:
        yield connection, tables


def scattered(text, chance):
    """Return a statement with spaces, comments and case changed between its tokens."""
    pieces = []
    at = 0
    for number, token in enumerate(tokenize(text, read="duckdb")):
        gap = text[at : token.start]
        if gap.strip() == "" and gap and chance.random() < 0.3:
            gap = chance.choice(BETWEEN).format(number)
        word = text[token.start : token.end + 1]
        if word.isalpha() and chance.random() < 0.3:
            word = chance.choice((word.lower(), word.capitalize()))
        pieces += (gap, word)
        at = token.end + 1
    return "".join(pieces)


def statements():
    found = []
    for rule, texts in TEMPLATES.items():
        for number in range(EACH):
            chance = random.Random(f"{rule} {number}")
            found.append(
                pytest.param(scattered(filled(chance.choice(texts), chance), chance), id=f"{rule}-{number}")
            )
    return found


@pytest.mark.parametrize("text", statements())
@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_comments_and_results_stay(text, dialect, shop):
    connection, tables = shop
    before = None
    for finding in check_text(text, dialect, tables, RULES).findings:
        fix = finding.fix
        if fix is None:
            continue
        after = fix.apply(text)
        assert Counter(COMMENT.findall(after)) == Counter(COMMENT.findall(text)), finding.rule
        at = 0
        for edit in sorted(fix.edits, key=lambda one: one.span):
            assert text[at : edit.span.start] in after
            at = edit.span.end
        assert after.endswith(text[at:])
        if fix.safety is Safety.EXACT:
            if before is None:
                before = normal(connection.execute(text).fetchall())
            assert same(before, normal(connection.execute(after).fetchall())), (
                f"{finding.rule}\n{text}\n--\n{after}"
            )
            again = check_text(after, dialect, tables, RULES).findings
            there = Counter(one.rule for one in check_text(text, dialect, tables, RULES).findings)
            assert Counter(one.rule for one in again)[finding.rule] < there[finding.rule], finding.rule


def test_most_of_them_are_mended(shop):
    texts = [case.values[0] for case in statements()]
    fixed = [
        text
        for text in texts
        if any(
            one.fix is not None
            for dialect in ("duckdb", "postgres")
            for one in check_text(text, dialect, shop[1], RULES).findings
        )
    ]
    assert len(texts) >= 200
    assert len(fixed) >= len(texts) * 0.4  # where a comment stands in what would be removed, nothing is
