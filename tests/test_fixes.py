"""Every fix of every rule's page: one that applies by itself is never refuted."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import sqlopt
from sqlopt.catalog import Catalog
from sqlopt.rewrite.edits import Safety, Verdict
from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import page_of
from sqlopt.rules.run import check_text

CATALOGS = Path(__file__).parents[1] / "fixtures" / "catalogs"
RULES = load_packs()


@cache
def catalog(name):
    return Catalog.load(CATALOGS / f"{name}.yml") if name else Catalog()


def pairs():
    for rule in RULES.values():
        page = page_of(rule)
        for number, (bad, fixed) in enumerate(zip(page.bad, page.fixed, strict=False), 1):
            yield pytest.param(rule, bad, fixed, id=f"{rule.id}-{number}")


@pytest.mark.parametrize(("rule", "bad", "fixed"), list(pairs()))
def test_a_fix_that_applies_by_itself_is_not_refuted(rule, bad, fixed):
    tables = catalog(bad.catalog)
    found = check_text(bad.sql, bad.dialect, tables, {rule.id: rule}, known=RULES).findings
    safeties = {one.fix.safety for one in found if one.fix is not None}
    proof = sqlopt.prove(bad.sql, fixed.sql, catalog=tables, dialect=bad.dialect, effort="low")
    if safeties == {Safety.EXACT}:
        assert proof.verdict is not Verdict.REFUTED, proof.counterexample
    if proof.verdict is Verdict.REFUTED:
        assert Safety.EXACT not in safeties
