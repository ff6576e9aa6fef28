import logging
import subprocess
import sys
import threading

import pytest

from sqlopt.query.text.parse import MAX_CHARACTERS, MAX_LEVELS, Statement, parse
from sqlopt.span import Span


def texts(source: str, dialect: str) -> list[str]:
    return [one.span.of(source) for one in parse(source, dialect)]


def sql(source: str, dialect: str) -> list[str]:
    """The texts of the statements that were parsed as SQL."""
    return [one.span.of(source) for one in parse(source, dialect) if one.tree is not None]


def errors(source: str, dialect: str) -> list[tuple[str, str]]:
    return [(one.error.message, one.error.span.of(source)) for one in parse(source, dialect) if one.error]


def only(source: str, dialect: str = "duckdb") -> Statement:
    (one,) = parse(source, dialect)
    return one


def test_statements_are_split_and_keep_their_place_in_the_text():
    source = "-- é😀\nSELECT 1 ; ;\n;SELECT 'a;b' /* ; */ AS x; \n SELECT 2 -- last"
    assert texts(source, "duckdb") == ["SELECT 1", "SELECT 'a;b' /* ; */ AS x", "SELECT 2"]
    for one in parse(source, "duckdb"):
        assert one.span == Span(one.tokens[0].start, one.tokens[-1].end + 1)


@pytest.mark.parametrize("source", ["", ";", " \n;;-- nothing\n/* at all */;"])
def test_empty_statements_are_dropped(source):
    assert parse(source, "duckdb") == []


def test_a_bad_statement_costs_only_itself():
    source = "SELECT 1; SELECT FROM WHERE; SELECT 3"
    first, second, third = parse(source, "duckdb")
    assert first.tree is not None
    assert third.tree is not None
    assert second.tree is None
    assert second.error is not None
    assert second.span.covers(second.error.span)


def test_the_offending_token_is_pointed_at_in_one_plain_line():
    source = "SELECT 1;\n\nSELECT a b\n  c FROM t"
    assert errors(source, "postgres") == [("unexpected 'c'", "c")]
    (message, _), *_ = errors("SELECT f(a FROM t", "duckdb")
    assert "\033" not in message
    assert "\n" not in message


def test_an_unclosed_string_is_reported_where_it_opens_and_reading_goes_on():
    source = "SELECT 1;\nSELECT 'abc;\nSELECT 2;"
    assert errors(source, "duckdb") == [("the ' here is never closed", "'")]
    assert sql(source, "duckdb") == ["SELECT 1", "SELECT 2"]


def test_an_unclosed_comment_is_reported():
    source = "SELECT 1;\nSELECT 2 /* and then;"
    assert errors(source, "snowflake") == [("this comment is never closed", "/*")]


def test_a_nul_character_is_reported_where_it_stands():
    source = "SELECT 1; SELECT \0 2; SELECT 3"
    (one,) = [one for one in parse(source, "duckdb") if one.error]
    assert one.error is not None
    assert one.error.span == Span(source.index("\0"), source.index("\0") + 1)
    assert "NUL" in one.error.message
    assert sql(source, "duckdb") == ["SELECT 1", "SELECT 3"]


@pytest.mark.parametrize("source", ["SELECT * FROM {{ ref('x') }}", "{% if a %}SELECT 1{% endif %}"])
def test_a_jinja_template_is_called_one(source):
    assert any("Jinja" in message for message, _ in errors(source, "bigquery"))


def test_what_sqlglot_leaves_as_a_command_is_no_error(caplog):
    with caplog.at_level(logging.WARNING, logger="sqlglot"):
        one = only("ALTER WAREHOUSE w SET WAREHOUSE_SIZE = 'LARGE' FOO BAR", "snowflake")
    assert one.error is None
    assert not caplog.records


def test_the_log_of_sqlglot_is_silent_only_within_parse(caplog):
    import sqlglot

    parse("SELECT 1", "duckdb")
    with caplog.at_level(logging.WARNING, logger="sqlglot"):
        sqlglot.parse_one("VACUUM t", dialect="postgres")
    assert caplog.records


def test_a_jinja_comment_is_a_comment():
    assert sql("{# it's #} SELECT 1", "bigquery") == ["SELECT 1"]


# ---- procedural code


def test_bigquery_scripts():
    source = """
DECLARE a, b INT64; DECLARE c INT64 DEFAULT (SELECT MAX(x) FROM t);
CREATE OR REPLACE PROCEDURE d.p(IN arg INT64, OUT res STRUCT<x INT64, y STRING>) OPTIONS (strict_mode = FALSE)
BEGIN
  DECLARE z INT64;
  SELECT 1;
  IF z > 1 THEN SELECT 2; ELSEIF EXISTS (SELECT 3 FROM u) THEN CALL p(1);
  ELSE SELECT CASE WHEN a THEN b END; END IF;
  LOOP SELECT 4; LEAVE; END LOOP;
  WHILE z < 5 DO SELECT IF(a, b, c); END WHILE;
  FOR r IN (SELECT a FROM t) DO INSERT INTO x VALUES (r.a); END FOR;
  REPEAT SET z = 1; UNTIL z > 3 END REPEAT;
  CASE WHEN z THEN SELECT 5; WHEN b THEN SELECT 6; END CASE;
EXCEPTION WHEN ERROR THEN SELECT @@error.message; RAISE USING MESSAGE = 'x';
END;
BEGIN TRANSACTION; COMMIT TRANSACTION; BEGIN SELECT 7; END; ASSERT (SELECT COUNT(*) FROM t) > 1 AS 'some';
SELECT 8
"""
    assert errors(source, "bigquery") == []
    found = [one for one in sql(source, "bigquery") if one.startswith(("SELECT", "INSERT"))]
    assert found == [
        *("SELECT 1", "SELECT 2", "SELECT 3 FROM u", "SELECT CASE WHEN a THEN b END", "SELECT 4"),
        *("SELECT IF(a, b, c)", "SELECT a FROM t", "INSERT INTO x VALUES (r.a)", "SELECT 5", "SELECT 6"),
        *("SELECT @@error.message", "SELECT 7", "SELECT COUNT(*) FROM t", "SELECT 8"),
    ]
    inside = next(one for one in parse(source, "bigquery") if one.span.of(source) == "SELECT 4")
    assert {"a", "b", "c", "arg", "res", "z"} <= inside.variables
    last = parse(source, "bigquery")[-1]
    assert {"a", "b", "c"} <= last.variables
    assert not {"arg", "res", "z"} & last.variables


def test_snowflake_scripts():
    source = """
DECLARE x INT DEFAULT 5; c CURSOR FOR SELECT 1 FROM t; res RESULTSET DEFAULT (SELECT a FROM t);
BEGIN
  LET y := 5; LET q INT := (SELECT 2 FROM t); x := y + 1;
  IF (x > 1) THEN SELECT a INTO :x FROM t; ELSEIF (x) THEN SELECT 3; END IF;
  FOR r IN c DO INSERT INTO t VALUES (1); END FOR;
  FOR i IN 1 TO 10 DO UPDATE t SET a = i; END FOR;
  NULL; OPEN c; CLOSE c; CALL p(); RETURN TABLE(res);
EXCEPTION WHEN OTHER THEN SELECT 4; RETURN 'x';
END;
SELECT 5
"""
    assert errors(source, "snowflake") == []
    found = [one for one in sql(source, "snowflake") if one.startswith(("SELECT", "INSERT", "UPDATE"))]
    assert found == [
        *("SELECT 1 FROM t", "SELECT a FROM t", "SELECT 2 FROM t", "SELECT a INTO :x FROM t", "SELECT 3"),
        *("INSERT INTO t VALUES (1)", "UPDATE t SET a = i", "SELECT 4", "SELECT 5"),
    ]
    update = next(one for one in parse(source, "snowflake") if one.span.of(source).startswith("UPDATE"))
    assert {"x", "c", "res", "y", "q", "r", "i"} <= update.variables


def test_snowflake_procedures_with_and_without_dollars():
    source = """
CREATE OR REPLACE PROCEDURE p(a INT) RETURNS TABLE(a INT) LANGUAGE SQL AS DECLARE u INT; BEGIN SELECT u; END;
CREATE PROCEDURE p2(v INT) RETURNS INT LANGUAGE SQL AS $$
DECLARE z INT; BEGIN SELECT z, v FROM t; RETURN z; END; $$;
CREATE PROCEDURE p3() RETURNS STRING LANGUAGE JAVASCRIPT AS $$ var x = "SELECT 1"; $$;
CREATE TASK k WAREHOUSE = w SCHEDULE = '1 MINUTE' AS INSERT INTO a SELECT 1;
EXECUTE IMMEDIATE $$ BEGIN SELECT 2; END; $$
"""
    assert errors(source, "snowflake") == []
    found = [one for one in sql(source, "snowflake") if one.startswith(("SELECT", "INSERT"))]
    assert found == ["SELECT u", "SELECT z, v FROM t", "INSERT INTO a SELECT 1", "SELECT 2"]
    body = next(one for one in parse(source, "snowflake") if one.span.of(source).startswith("SELECT z"))
    assert body.variables == {"v", "z"}


def test_postgres_functions_and_do_blocks():
    source = """
BEGIN; SELECT 1; END; DO $$ BEGIN PERFORM f(x) FROM t; END $$;
CREATE FUNCTION f(a int, b text) RETURNS int LANGUAGE plpgsql AS $body$
DECLARE x int := 1;
BEGIN
  SELECT 2 INTO STRICT x FROM t; x = 6; x := 7;
  FOR r IN SELECT 3 FROM z LOOP INSERT INTO t VALUES (r.a) RETURNING id INTO x; END LOOP;
  FOR i IN 1..10 LOOP NULL; END LOOP;
  <<again>> LOOP DELETE FROM t; EXIT WHEN x > 1; END LOOP;
  RETURN QUERY SELECT * FROM a; RAISE NOTICE 'x %', y;
  GET DIAGNOSTICS x = ROW_COUNT; EXECUTE 'select 1' USING x;
  IF FOUND THEN x := 1; ELSIF a THEN SELECT 4; END IF;
  RETURN x;
END $body$;
CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 5; END;
DROP TABLE IF EXISTS t
"""
    assert errors(source, "postgres") == []
    found = [
        one for one in sql(source, "postgres") if one.startswith(("SELECT", "INSERT", "PERFORM", "DELETE"))
    ]
    assert found == [
        *("SELECT 1", "PERFORM f(x) FROM t", "SELECT 2 INTO STRICT x FROM t", "SELECT 3 FROM z"),
        *(
            "INSERT INTO t VALUES (r.a) RETURNING id",
            "DELETE FROM t",
            "SELECT * FROM a",
            "SELECT 4",
            "SELECT 5",
        ),
    ]
    into = next(one for one in parse(source, "postgres") if one.span.of(source).startswith("SELECT 2"))
    assert into.tree is not None
    assert into.tree.args.get("into") is None


def test_plain_transactions_are_commands_of_their_own():
    assert [type(one.tree).__name__ for one in parse("BEGIN; SELECT 1; COMMIT; BEGIN; END", "postgres")] == [
        *("Transaction", "Select", "Commit", "Transaction", "Commit")
    ]


def test_session_variables_are_known_after_they_are_set():
    first, second = parse("SET v = 5; SELECT $v", "snowflake")
    assert first.variables == frozenset()
    assert second.variables == {"v"}


# ---- fingerprints


def test_fingerprints_ignore_layout_comments_and_case_but_not_literals():
    base = only("SELECT a FROM t WHERE b = 'X'").fingerprint
    assert only("\n\nselect A /* c */\n from T -- d\nwhere B = 'X'").fingerprint == base
    assert only("SELECT a FROM t WHERE b = 'x'").fingerprint != base
    assert only("SELECT \"a\" FROM t WHERE b = 'X'").fingerprint != base
    assert only("SELECT a FROM t WHERE b = 1").fingerprint != only("SELECT a FROM t WHERE b = 2").fingerprint


# ---- limits


def within_a_thread(source: str, dialect: str) -> list[Statement]:
    found: list[Statement] = []
    thread = threading.Thread(target=lambda: found.extend(parse(source, dialect)))
    thread.start()
    thread.join()
    return found


DEEP = {
    "parentheses": "SELECT " + "(" * 1000 + "1" + ")" * 1000,
    "subqueries": "SELECT * FROM " + "(SELECT * FROM " * 1000 + "t" + ")" * 1000,
    "calls": "SELECT " + "f(" * 1000 + "1" + ")" * 1000,
    "cases": "SELECT " + "CASE WHEN a THEN " * 1000 + "1" + " END" * 1000,
    "not": "SELECT " + "NOT " * 1000 + "a",
    "minus": "SELECT " + "- " * 1000 + "a",
    "types": "SELECT CAST(a AS " + "STRUCT<x " * 1000 + "INT" + ">" * 1000 + ")",
    "casts": "SELECT a" + "::INT" * 1000,
    "subscripts": "SELECT a" + "[0]" * 3000,
    "blocks": "IF a THEN " * 1000,
    "begins": "BEGIN CALL x " * 10_000,
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_refused_in_words(name):
    said = (f"nested deeper than {MAX_LEVELS} levels", "more than 500 blocks within one another")
    for statements in (parse(DEEP[name], "duckdb"), within_a_thread(DEEP[name], "snowflake")):
        assert [one.error.message in said for one in statements if one.error] == [True]


@pytest.mark.parametrize("level", [20, 60])
def test_ordinary_nesting_works(level):
    assert only("SELECT " + "f(" * level + "(SELECT 1)" + ")" * level).tree is not None


WIDE = {
    "or": "SELECT 1 FROM t WHERE a = 0" + " OR a = 1" * 10_000,
    "and": "SELECT 1 FROM t WHERE a = 0" + " AND a <> 1" * 10_000,
    "plus": "SELECT 0" + " + 1" * 10_000,
    "in": "SELECT a IN (0" + ", 1" * 10_000 + ")",
    "union": "SELECT 0" + " UNION ALL SELECT 1" * 10_000,
}


@pytest.mark.parametrize("name", WIDE)
def test_long_chains_work_and_so_does_what_is_done_with_their_trees(name):
    one = only(WIDE[name])
    assert one.tree is not None
    assert sum(1 for _ in one.tree.walk()) > 10_000
    assert one.tree.sql("duckdb")
    assert hash(one.tree) == hash(one.tree.copy())


def test_joins_without_conditions_are_refused_before_they_take_forever():
    assert (
        errors("SELECT * FROM a" + " JOIN b" * 30, "duckdb")[0][0]
        == "more than 12 joins in a row without ON or USING"
    )
    assert errors("SELECT * FROM a" + " JOIN b ON x = y" * 30 + " CROSS JOIN c" * 30, "duckdb") == []


def test_a_text_that_is_too_long_is_refused():
    one = only("SELECT 1;\n" * (MAX_CHARACTERS // 10 + 1))
    assert one.error is not None
    assert f"{MAX_CHARACTERS:,}" in one.error.message


def test_an_unknown_dialect_is_an_error():
    with pytest.raises(ValueError, match="nosuch"):
        parse("SELECT 1", "nosuch")


def test_nothing_is_printed_while_a_pattern_is_read():
    """sqlglot compiles the pattern of REGEXP_EXTRACT, and Python warns of `[[`."""
    code = """from sqlopt.query.text.parse import parse; parse("SELECT REGEXP_EXTRACT(a, '[[x]') FROM t", "duckdb")"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
