"""Every rewrite that is offered as exact is run on real data before and after: TPC-DS, TPC-H, random statements."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from sqlopt.rewrite.edits import Safety
from sqlopt.rewrite.prove.engine.compare import normal, same
from sqlopt.rules.packs import load_packs
from sqlopt.rules.run import check_text
from sqlopt.warehouses.duckdb.catalog import read_database
from tests import tpcds, tpch
from tests.faulty import TEMPLATES, statement, with_keys

RULES = load_packs()
EACH = 12
SMALL = {rule: {"rows": 1_000} for rule in ("AGG016", "SCN007", "SCN009")}  # the tables are


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("tpch") / "shop.duckdb"
    with tpch.connect(str(path)) as connection:
        connection.execute("CALL dbgen(sf = 0.01)")
    tables = with_keys(read_database(path, values=True))
    with tpch.connect(str(path)) as connection:
        yield connection, tables


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    path = tmp_path_factory.mktemp("tpcds") / "stores.duckdb"
    with tpcds.connect(str(path)) as connection:
        connection.execute("CALL dsdgen(sf = 0.01)")
    tables = read_database(path, values=True)
    with tpcds.connect(str(path)) as connection:
        yield connection, tables


def compare_fixes(text, connection, tables, dialect="duckdb"):
    """Run each exact fix of a statement; return the rules whose fixes were run."""
    ran = []
    before = None
    for finding in check_text(text, dialect, tables, RULES, options=SMALL).findings:
        if finding.fix is None or finding.fix.safety is not Safety.EXACT:
            continue
        if before is None:
            before = normal(connection.execute(text).fetchall())
        after = finding.fix.apply(text)
        rows = normal(connection.execute(after).fetchall())
        assert same(before, rows), f"{finding.rule}\n{text}\n--\n{after}"
        ran.append(finding.rule)
    return ran


@pytest.mark.parametrize("rule", TEMPLATES)
def test_random_statements_give_the_same_rows(rule, shop):
    chance = random.Random(f"rewrites of {rule}")
    ran = Counter()
    for _ in range(EACH):
        text = statement(rule, chance)
        for dialect in ("duckdb", "postgres", "snowflake"):
            ran.update(compare_fixes(text, *shop, dialect))
    assert ran[rule] >= EACH // 3, ran


@pytest.mark.parametrize("number", range(1, 23))
def test_tpch_gives_the_same_rows(number, shop):
    compare_fixes(tpch.queries()[number - 1], *shop)


def test_tpcds_gives_the_same_rows(stores):
    ran = [rule for text in tpcds.queries() for rule in compare_fixes(text, *stores)]
    assert {"AGG005", "JON006", "SCN002"} <= set(ran)
