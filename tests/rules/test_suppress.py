from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from sqlopt.catalog import Catalog
from sqlopt.query.text.lexer import chunks, reader
from sqlopt.rules import Hit, Rule
from sqlopt.rules.own import OWN
from sqlopt.rules.run import check_text


class Equality(Rule):
    id, name, pack = "ZZA001", "equality", "zoo"
    match = (exp.EQ,)

    def guard(self, target, context):
        yield Hit(context.query.span(target), "found")


class Greater(Equality):
    id, name, pack = "ZZA002", "greater-than", "zoo"
    match = (exp.GT,)


class Elsewhere(Equality):
    id, name, pack = "ZZA003", "elsewhere", "zoo"


ONE, NONE = "SELECT a FROM t WHERE a = 1", "SELECT a FROM t"
KNOWN = {rule.id: rule for rule in (*OWN, Equality, Greater, Elsewhere)}


def check(sql, dialect="duckdb", rules=(*OWN, Equality, Greater)):
    return check_text(sql, dialect, Catalog(), rules, known=KNOWN)


def found(sql, dialect="duckdb"):
    return [(one.rule, one.span.of(sql)) for one in check(sql, dialect).findings]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t WHERE a = 1 -- sqlopt: ignore ZZA001 it is so\n",
        "SELECT a FROM t WHERE a = 1 -- sqlopt:ignore zza001 it is so",
        "SELECT a FROM t WHERE a = 1 -- sqlopt: ignore equality (so it is)",
        "SELECT a FROM t WHERE a = 1 /* sqlopt: ignore ZZA001 (it is so) */\n",
        "SELECT a FROM t WHERE /* sqlopt: ignore ZZA001 so */ a = 1\n",
        "SELECT a FROM t\n-- sqlopt: ignore ZZA001 it is so\nWHERE a = 1\n",
        "SELECT a FROM t\n-- sqlopt: ignore ZZA001 it is so\n-- and more\nWHERE a = 1\n",
        "-- sqlopt: ignore ZZA001 it is so\nSELECT a FROM t\nWHERE a = 1\n AND a = 2;",
        "-- about\n-- sqlopt: ignore ZZA001 it is so\nSELECT a FROM t\nWHERE a = 1\n",
        "SELECT 1;\n/* sqlopt: ignore ZZA001\n it is so */\nSELECT a FROM t\nWHERE a = 1\n",
        "SELECT a FROM t WHERE a = 1;\nSELECT a FROM t WHERE a = 2 -- sqlopt: ignore-file ZZA001 all",
        "SELECT a FROM t WHERE a = 1 AND a > 2 -- sqlopt: ignore ZZA001,ZZA002 it is so",
        "SELECT a FROM t WHERE a = 1 AND a > 2 -- sqlopt: ignore ZZA001, greater-than it is so",
        "-- sqlopt: ignore ZZA001 one\n-- sqlopt: ignore ZZA002 two\nSELECT a FROM t\nWHERE a = 1 AND a > 2",
        "SELECT a FROM t WHERE a = 1 -- sqlopt: ignore ZZA001 it is so\r\n",
    ],
)
def test_what_a_comment_covers(sql):
    assert found(sql) == []


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT a FROM t WHERE a = 1 # sqlopt: ignore ZZA001 it is so", "bigquery"),
        ("SELECT a FROM t WHERE a = 1 # sqlopt: ignore ZZA001 it is so", "mysql"),
        ("SELECT a FROM t WHERE a = 1 // sqlopt: ignore ZZA001 it is so", "snowflake"),
        ("SELECT a FROM t WHERE a = 1 {# sqlopt: ignore ZZA001 it is so #}", "snowflake"),
        ("SELECT a FROM t WHERE a = 1 /* a /* b */ */ -- sqlopt: ignore ZZA001 it is so", "postgres"),
        ("SELECT a FROM t WHERE a = $$ x $$ -- sqlopt: ignore ZZA001 so", "postgres"),
    ],
)
def test_comments_of_all_dialects(sql, dialect):
    assert found(sql, dialect) == []


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT a FROM t WHERE a = '-- sqlopt: ignore ZZA001 it is so'", "duckdb"),
        ('SELECT a FROM t WHERE "/* sqlopt: ignore ZZA001 x */" = 1', "duckdb"),
        ("SELECT a FROM t WHERE a = $$\n-- sqlopt: ignore ZZA001 x\n$$", "postgres"),
        ('SELECT a FROM t WHERE a = """\n-- sqlopt: ignore ZZA001 x\n"""', "bigquery"),
    ],
)
def test_a_string_is_no_comment(sql, dialect):
    assert [rule for rule, _ in found(sql, dialect)] == ["ZZA001"]


def test_other_lines_are_not_covered():
    sql = "SELECT a FROM t\nWHERE a = 1 -- sqlopt: ignore ZZA001 it is so\n  AND a = 2\n"
    assert found(sql) == [("ZZA001", "a = 2")]
    sql = "SELECT a FROM t\n-- sqlopt: ignore ZZA001 it is so\nWHERE a = 1\n  AND a = 2\n"
    assert found(sql) == [("ZZA001", "a = 2")]
    sql = "-- sqlopt: ignore ZZA001 it is so\nSELECT a FROM t\nWHERE a = 1;\nSELECT a FROM t WHERE a = 2\n"
    assert found(sql) == [("ZZA001", "a = 2")]


def test_a_suppression_without_reason_holds_and_is_a_finding():
    comment = "-- sqlopt: ignore ZZA001"
    assert found(f"{ONE} {comment}") == [("SQL005", comment)]


def test_an_unused_one_is_a_finding_whose_fix_deletes_it():
    sql = "SELECT a -- sqlopt: ignore ZZA001 it is so\nFROM t\n"
    (finding,) = check(sql).findings
    assert finding.rule == "SQL002"
    assert finding.fix is not None
    assert finding.fix.apply(sql) == "SELECT a\nFROM t\n"


@pytest.mark.parametrize(
    ("sql", "fixed"),
    [
        ("SELECT a\n  -- sqlopt: ignore ZZA001 x\nFROM t\n", "SELECT a\nFROM t\n"),
        ("SELECT a /* sqlopt: ignore ZZA001 x */ FROM t", "SELECT a FROM t"),
        ("SELECT/* sqlopt: ignore ZZA001 x */ a FROM t", "SELECT a FROM t"),
        ("SELECT a FROM t\n-- sqlopt: ignore ZZA001 x", "SELECT a FROM t\n"),
        (
            "SELECT a FROM t WHERE a > 1 -- sqlopt: ignore ZZA001, ZZA002 x\n",
            "SELECT a FROM t WHERE a > 1 -- sqlopt: ignore ZZA002 x\n",
        ),
    ],
)
def test_what_the_fix_of_an_unused_one_leaves(sql, fixed):
    (finding,) = check(sql).findings
    assert finding.fix is not None
    assert finding.fix.apply(sql) == fixed


def test_a_rule_that_did_not_run_is_not_unused():
    assert found("SELECT a FROM t -- sqlopt: ignore ZZA003 it is so\n") == []


def test_a_rule_that_crashed_is_not_unused():
    class Crashes(Equality):
        def guard(self, _target, _context):
            raise ValueError

    result = check("SELECT a FROM t WHERE a = 1 -- sqlopt: ignore ZZA001 x", rules=(*OWN, Crashes))
    assert not result.findings


@pytest.mark.parametrize(
    ("comment", "span", "says"),
    [
        ("-- sqlopt: ignore ZZA011 x", "ZZA011", "did you mean ZZA001?"),
        ("-- sqlopt: ignore equalitty x", "equalitty", "did you mean equality?"),
        ("-- sqlopt: ignore", "-- sqlopt: ignore", "names no rule"),
        ("-- sqlopt: disable ZZA001", "-- sqlopt: disable ZZA001", "unknown directive 'disable'"),
    ],
)
def test_one_that_names_no_rule_is_a_finding(comment, span, says):
    sql = f"{NONE} {comment}"
    (finding,) = check(sql).findings
    assert (finding.rule, finding.span.of(sql)) == ("SQL006", span)
    assert says in finding.message


def test_words_that_only_look_alike_are_left_alone():
    assert found("SELECT a FROM t -- see sqlopt: ignore the rest\n") == []
    assert found("SELECT a FROM t WHERE a = 1 -- noqa\n") == [("ZZA001", "a = 1")]


def test_an_unparsable_statement_can_be_suppressed():
    sql = "SELECT 1;\n-- sqlopt: ignore SQL001 a macro of ours\nSELECT (a FROM FROM;\nSELECT 2"
    assert not check(sql).errors
    assert not check(sql).findings


def test_our_own_findings_come_only_if_selected():
    result = check("SELECT a -- sqlopt: ignore ZZA001\n", rules=(Equality,))
    assert not result.findings


PIECES = st.sampled_from(
    [
        *("SELECT a", " FROM t", " WHERE a = 1", ";", "\n", " ", "'", '"', "$$", "--", "/*", "*/", "#", "//"),
        *(
            "sqlopt: ignore",
            " ZZA001",
            ",",
            " nope",
            " why",
            "{#",
            "#}",
            "CALL f(",
            ")",
            "-- sqlopt: ignore ZZA001",
        ),
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from(["duckdb", "bigquery", "snowflake"]))
def test_no_text_breaks_it_and_every_fix_leaves_the_code_as_it_is(sql, dialect):
    result = check(sql, dialect)
    assert not [one for one in result.errors if one.rule != "SQL001"]
    for finding in result.findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(sql)
        if finding.fix is not None:
            assert code(finding.fix.apply(sql), dialect) == code(sql, dialect)


def code(sql, dialect):
    return [[token.text for token in chunk.tokens] for chunk in chunks(sql, reader(dialect))]
