"""Every example of every rule of every pack, and the catalogue's cases as a gate."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from sqlopt.catalog import Catalog
from sqlopt.rules import Severity
from sqlopt.rules.own import OWN
from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import Example, page_of, render_markdown
from sqlopt.rules.plans import check_plan
from sqlopt.rules.run import check_text
from sqlopt.warehouses.explain import read as read_plan

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
TODAY = date(2026, 11, 20)
RULES = load_packs()
PACKS = {one: rule for one, rule in RULES.items() if rule not in OWN}


@lru_cache
def catalog(path):
    return Catalog.load(path) if path is not None else Catalog()


def check(example, rules=RULES):
    if example.is_plan:
        return check_plan(read_plan(example.sql), example.sql, rules)
    path = ROOT / "fixtures" / "catalogs" / f"{example.catalog}.yml" if example.catalog else None
    return check_text(example.sql, example.dialect, catalog(path), rules, today=TODAY, known=RULES)


def of_rule(rule, result):
    return [one for one in (*result.findings, *result.errors) if one.rule == rule.id]


def said(findings):
    return [f"{one.rule} {one.severity}: {one.message}" for one in findings]


def examples(kind):
    return [
        pytest.param(rule, example, id=f"{rule.id}-{kind}-{number}-{example.dialect}")
        for rule in RULES.values()
        for number, example in enumerate(getattr(page_of(rule), kind), 1)
    ]


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_bad_fires(rule, example):
    result = check(example)
    assert rule.id in {one.rule for one in (*result.findings, *result.errors)}, said(result.errors)


@pytest.mark.parametrize(("rule", "example"), examples("good") + examples("fixed"))
def test_good_and_fixed_do_not_fire(rule, example):
    result = check(example)
    assert not said(of_rule(rule, result))
    assert not said(result.errors)


@pytest.mark.parametrize(
    ("rule", "bad", "fixed"),
    [
        pytest.param(rule, bad, fixed, id=f"{rule.id}-{number}-{bad.dialect}")
        for rule in RULES.values()
        for number, (bad, fixed) in enumerate(zip(page_of(rule).bad, page_of(rule).fixed, strict=False), 1)
    ],
)
def test_the_fix_of_bad_gives_fixed(rule, bad, fixed):
    assert words(mended(rule, bad)) == words(fixed.sql)


def mended(rule, example, rounds=9):
    """Return the example's SQL with the rule's fixes made, one after the other."""
    text = example.sql
    for _ in range(rounds):
        found = of_rule(rule, check(Example(text, example.dialect, example.catalog)))
        fixes = [one.fix for one in found if one.fix is not None]
        if not fixes:
            break
        text = fixes[0].apply(text)
    return text


def words(sql):
    return " ".join(sql.split()).rstrip("; ")


@pytest.mark.parametrize("rule", PACKS.values(), ids=PACKS)
def test_a_page_is_whole(rule):
    page = page_of(rule)
    assert page.bad, "a rule shows what it finds"
    assert page.good, "a rule shows what it leaves alone"
    assert page.sources, "a rule names its sources"
    assert rule.id in render_markdown(rule)
    unknown = {one.dialect for one in (*page.bad, *page.fixed)} - rule.dialects
    assert not (rule.dialects and unknown), "an example is in a dialect that the rule speaks of"


# ---- the catalogue

GATED = ("partition", "projection")
BACKLOG = {"PRN013": "needs the query history"}


def cases(kind):
    """Return the catalogue's cases of the gated packs; none where the catalogue is absent."""
    path = SHARED / "rules-catalogue.yaml"
    rows = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else []
    return [
        pytest.param(row["id"], row[kind], row["dialect"], id=f"{row['id']}-{kind}-{row['dialect']}")
        for row in rows
        if row["pack"] in GATED and row["id"] not in BACKLOG
    ]


def found_in_case(sql, dialect):
    return check_text(
        sql, dialect, catalog(SHARED / "catalogs" / f"{dialect}.yml"), RULES, today=TODAY, known=RULES
    )


@pytest.mark.parametrize(("identity", "sql", "dialect"), cases("bad"))
def test_the_catalogues_bad_case_fires(identity, sql, dialect):
    result = found_in_case(sql, dialect)
    assert identity in {one.rule for one in result.findings}, said(result.errors)


@pytest.mark.parametrize(("identity", "sql", "dialect"), cases("good"))
def test_the_catalogues_good_case_is_left_alone(identity, sql, dialect):
    result = found_in_case(sql, dialect)
    assert not said(result.errors)
    loud = [one for one in result.findings if one.rule == identity or one.severity.at_least(Severity.WARNING)]
    gated = [one for one in loud if one.rule in PACKS and PACKS[one.rule].pack in GATED]
    assert not said(gated)
