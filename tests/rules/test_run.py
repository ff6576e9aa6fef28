from __future__ import annotations

from types import MappingProxyType

import pytest
from sqlglot import exp

from sqlopt.catalog import Catalog
from sqlopt.errors import ConfigError
from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Hit, Rule, Severity
from sqlopt.rules.run import check_text
from sqlopt.span import Span

SQL = "SELECT a FROM t WHERE a = 1;\nSELECT b FROM u WHERE b = 2 AND b = 3;\n"


class Equality(Rule):
    id, name, pack = "ZZA001", "equality", "zoo"
    match = (exp.EQ,)

    def guard(self, target, context):
        yield Hit(context.query.span(target), f"{context.query.text(target)} found")


class Crashes(Rule):
    id, name, pack = "ZZA002", "crashes", "zoo"
    match = (exp.EQ,)

    def guard(self, target, context):
        yield Hit(context.query.span(target), "before")
        if context.query.text(target) == "b = 3":
            raise ValueError("no such thing")


class Script(Rule):
    id, name, pack = "ZZA003", "script", "zoo"
    match = "script"
    dialects = frozenset({"duckdb"})
    options = MappingProxyType({"word": "last"})

    def guard(self, _, context):
        yield Hit(context.script[-1].statement.span, context.options["word"], severity=Severity.INFO)


class Rewrites(Rule):
    id, name, pack = "ZZA004", "rewrites", "zoo"
    match = (exp.Literal,)
    options = MappingProxyType({"to": "7"})

    def guard(self, target, context):
        yield Hit(context.query.span(target), "found", data=target)

    def rewrite(self, hit, context):
        if hit.data.name == "3":
            raise KeyError("three")
        return Fix("x", (Edit(hit.span, context.options["to"]),), Safety.EXACT)


def check(sql, *rules, dialect="duckdb", **more):
    return check_text(sql, dialect, Catalog(), rules, **more)


def test_findings_stand_where_their_text_is_in_order():
    result = check(SQL, Equality)
    assert [one.span.of(SQL) for one in result.findings] == ["a = 1", "b = 2", "b = 3"]
    assert [one.message for one in result.findings] == ["a = 1 found", "b = 2 found", "b = 3 found"]
    first, second, third = (one.statement for one in result.findings)
    assert first != second == third
    assert result.statements == 2
    assert not result.errors


def test_a_finding_made_twice_is_one():
    class Twice(Equality):
        id = "ZZA009"

        def guard(self, target, context):
            for _ in range(2):
                yield from super().guard(target, context)

    assert len(check(SQL, Twice).findings) == 3


def test_a_rule_that_raises_costs_itself_that_statement_and_nothing_else():
    result = check(SQL, Crashes, Equality)
    assert [(one.rule, one.span.of(SQL)) for one in result.findings] == [
        ("ZZA001", "a = 1"),
        ("ZZA002", "a = 1"),
        ("ZZA001", "b = 2"),
        ("ZZA001", "b = 3"),
    ]
    (error,) = result.errors
    assert error.rule == "SQL003"
    assert "ZZA002 (zoo/crashes)" in error.message
    assert "ValueError: no such thing" in error.message
    assert error.span.of(SQL).startswith("SELECT b")


def test_rules_that_one_statement_breaks_alike_are_one_error():
    class Other(Crashes):
        id, name = "ZZA008", "other"

    (error,) = check(SQL, Crashes, Other).errors
    assert "ZZA002" in error.message
    assert "ZZA008" in error.message


def test_endless_recursion_is_a_crash():
    class Deep(Equality):
        id, name = "ZZA007", "deep"

        def guard(self, target, context):
            yield from self.guard(target, context)

    result = check(SQL, Deep, Equality)
    assert len(result.findings) == 3
    assert {error.rule for error in result.errors} == {"SQL003"}
    assert all("RecursionError" in error.message for error in result.errors)


def test_a_script_rule_is_asked_once_and_its_finding_belongs_to_the_statement_it_points_at():
    (finding,) = check(SQL, Script).findings
    assert (finding.message, finding.severity) == ("last", Severity.INFO)
    assert finding.statement == check(SQL, Equality).findings[-1].statement


def test_a_rule_for_other_dialects_is_left_out():
    assert not check(SQL, Script, dialect="snowflake").findings


def test_options_overlay_the_defaults_and_unknown_ones_are_errors():
    (finding,) = check(SQL, Script, options={"ZZA003": {"word": "mine"}}).findings
    assert finding.message == "mine"
    (finding,) = check(SQL, Script, options={"script": {"word": "mine"}}).findings
    assert finding.message == "mine"
    with pytest.raises(ConfigError, match="did you mean 'word'"):
        check(SQL, Script, options={"ZZA003": {"wrod": "mine"}})


def test_fixes_are_carried_and_one_that_raises_costs_only_itself():
    result = check(SQL, Rewrites)
    fixed = [one.fix and one.fix.apply(SQL) for one in result.findings]
    assert fixed[0] == SQL.replace("a = 1", "a = 7")
    assert fixed[1] == SQL.replace("b = 2", "b = 7")
    assert fixed[2] is None
    (error,) = result.errors
    assert "KeyError" in error.message
    assert "fix" in error.message


@pytest.mark.parametrize("text", ["((", "7; DROP TABLE t", "'open"])
def test_a_fix_that_breaks_the_statement_is_withdrawn(text):
    result = check("SELECT a FROM t WHERE a = 1", Rewrites, options={"ZZA004": {"to": text}})
    assert len(result.findings) == 1
    assert result.findings[0].fix is None


def test_a_fix_whose_edits_overlap_is_withdrawn():
    class Overlaps(Rewrites):
        id = "ZZA006"

        def rewrite(self, hit, _):
            return Fix("x", (Edit(hit.span, "7"), Edit(Span(0, hit.span.end), "SELECT 1")), Safety.EXACT)

    assert check(SQL, Overlaps).findings[0].fix is None


def test_an_unparsable_statement_is_an_error_with_a_place_and_the_others_are_checked():
    sql = "SELECT a FROM t WHERE a = 1;\nSELECT (a FROM FROM;\nSELECT b FROM u WHERE b = 2;\n"
    result = check(sql, Equality)
    assert [one.span.of(sql) for one in result.findings] == ["a = 1", "b = 2"]
    (error,) = result.errors
    assert error.rule == "SQL001"
    assert sql.count("\n", 0, error.span.start) == 1
    assert "\n" not in error.message
    assert "\x1b" not in error.message


def test_rules_may_be_given_by_id():
    assert len(check_text(SQL, "duckdb", Catalog(), {"ZZA001": Equality}).findings) == 3


@pytest.mark.parametrize("sql", ["", " \n", ";", ";;", "-- nothing", "/* open", "'open"])
def test_texts_that_hold_little(sql):
    result = check(sql, Equality, Script)
    assert not [one for one in result.errors if one.rule != "SQL001"]
