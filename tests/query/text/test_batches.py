# ruff: noqa: E501 - a statement a line
"""Statements that no semicolon parts."""

from __future__ import annotations

import pytest

from sqlopt import Project
from sqlopt.query.text.parse import parse


def texts(source: str, dialect: str) -> list[str]:
    """The statements that were read as SQL; none of the others is an error."""
    found = parse(source, dialect)
    assert not [one.error for one in found if one.error]
    return [one.span.of(source) for one in found if one.tree is not None]


@pytest.mark.parametrize(
    ("parts", "between"),
    [
        (["INSERT INTO dock (k) SELECT k FROM tide", "INSERT INTO pier (k) SELECT k FROM dock"], "\n"),
        (["SELECT k FROM tide", "SELECT k FROM dock"], " "),
        (["DECLARE @n int = 1", "SELECT k FROM tide WHERE n = @n", "UPDATE dock SET k = 1", "DELETE FROM pier"], "\n"),
        (["TRUNCATE TABLE dock", "INSERT dock SELECT k FROM tide UNION ALL SELECT k FROM pier", "SELECT 1 AS one"], "\n"),
        (["WITH a AS (SELECT k FROM tide) INSERT INTO dock (k) SELECT k FROM a", "DROP TABLE tide"], "\n"),
        (["SET NOCOUNT ON", "INSERT INTO dock (k) VALUES (1)", "SELECT k FROM dock"], "\n"),
        (["CREATE TABLE dock (k int DEFAULT 0)", "CREATE INDEX i ON dock (k)", "ALTER TABLE dock DROP COLUMN k"], "\n"),
        (["SELECT k FROM tide ORDER BY k OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY", "SELECT 1 AS one"], "\n"),
        (["SELECT CASE WHEN k = 1 THEN 2 END AS c FROM tide WITH (NOLOCK)", "SELECT 1 AS one"], "\n"),
        (["UPDATE dock SET k = t.k FROM dock JOIN tide t ON t.k = dock.k", "EXEC port.tidy 1, 2", "SELECT 1 AS one"], "\n"),
        (["CREATE VIEW v AS SELECT k FROM tide", "CREATE VIEW w AS WITH a AS (SELECT 1 AS x) SELECT x FROM a"], "\nGO\n"),
    ],
)  # fmt: skip
def test_tsql_starts_statements_at_words(parts, between):
    assert texts(between.join(parts), "tsql") == parts


def test_tsql_branches_loops_and_blocks_hold_statements():
    source = """
IF EXISTS (SELECT 1 FROM tide) BEGIN UPDATE dock SET k = 1 END ELSE INSERT INTO dock (k) VALUES (2)
WHILE @i < 3 BEGIN SET @i = @i + 1 DELETE FROM pier WHERE k = @i END
BEGIN TRY BEGIN TRANSACTION MERGE INTO dock USING tide ON dock.k = tide.k WHEN MATCHED THEN DELETE; COMMIT END TRY
BEGIN CATCH ROLLBACK; THROW END CATCH
again:
DECLARE c CURSOR FOR SELECT k FROM tide OPEN c FETCH NEXT FROM c INTO @k CLOSE c DEALLOCATE c
GOTO again"""
    assert texts(source, "tsql") == [
        "SELECT 1 FROM tide",
        "UPDATE dock SET k = 1",
        "INSERT INTO dock (k) VALUES (2)",
        "SET @i = @i + 1",
        "DELETE FROM pier WHERE k = @i",
        "BEGIN TRANSACTION",
        "MERGE INTO dock USING tide ON dock.k = tide.k WHEN MATCHED THEN DELETE",
        "COMMIT",
        "ROLLBACK",
        "SELECT k FROM tide",
    ]


@pytest.mark.parametrize(
    "header",
    [
        "CREATE PROCEDURE fill AS",
        "CREATE OR ALTER PROC fill @a int, @b varchar(9) = 'x' AS",
        "CREATE PROCEDURE fill (@k AS int) WITH EXECUTE AS OWNER AS",
        "CREATE TRIGGER fill ON boat AFTER INSERT, UPDATE AS",
    ],
)
@pytest.mark.parametrize(
    ("begin", "end"), [("BEGIN ", "; END"), ("", ""), ("BEGIN SET NOCOUNT ON ", " RETURN 0 END")]
)
def test_tsql_procedures_fill_tables(header, begin, end):
    found = Project(dialect="tsql").lineage(f"{header} {begin}INSERT INTO dock (k) SELECT k FROM tide{end}")
    assert not found.errors
    assert found.columns() == {"dock.k": ["tide.k"]}


def test_tsql_rows_of_a_procedure_are_said_to_be_unread():
    source = "INSERT INTO dock EXEC port.list @a = 1"
    (one,) = parse(source, "tsql")
    assert [note.span.of(source) for note in one.unread] == ["EXEC port.list @a = 1"]
    assert Project(dialect="tsql").lineage(source).tables_out == ["dock"]


def test_tsql_messages_and_compound_assignments():
    source = """RAISERROR('%s', 10, 1, @m) WITH NOWAIT
SET @m += ', ' + @n
UPDATE dock SET k -= m - 1, n += 2 WHERE m > 1
PRINT 'with'"""
    assert len(texts(source, "tsql")) == 2
    found = Project(dialect="tsql").lineage(source)
    assert found.columns() == {"dock.k": ["dock.k", "dock.m"], "dock.n": ["dock.n"]}


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("INSERT #dock WITH (TABLOCK) (k) SELECT k FROM tide OPTION (RECOMPILE)", {"dock.k": ["tide.k"]}),
        ("UPDATE dock WITH (ROWLOCK) SET k = n OPTION (MAXDOP 1)", {"dock.k": ["dock.n"]}),
        (
            "WITH XMLNAMESPACES('http://x' AS p) INSERT INTO dock (k) SELECT k FROM tide",
            {"dock.k": ["tide.k"]},
        ),
        ("WITH XMLNAMESPACES('http://x' AS p), a AS (SELECT k FROM tide) SELECT k FROM a", {"k": ["tide.k"]}),
        (
            "CREATE TABLE dock (k int PRIMARY KEY CLUSTERED, n int UNIQUE NONCLUSTERED)",
            {"dock.k": [], "dock.n": []},
        ),
        ("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED SELECT k FROM tide", {"k": ["tide.k"]}),
    ],
)
def test_tsql_hints_and_settings_cost_nothing(source, columns):
    found = Project(dialect="tsql").lineage(source)
    assert not found.errors
    assert found.columns() == columns


def test_remarks_of_sqlplus_are_passed_by():
    source = "rem Tides of the port\nREM and more\nSELECT k FROM tide\n/\nprompt done\nSELECT k FROM dock;"
    assert texts(source, "oracle") == ["SELECT k FROM tide", "SELECT k FROM dock"]


def test_tsql_output_fills_a_second_table():
    source = """DELETE FROM loan OUTPUT deleted.book, deleted.at AS gone INTO port.past WHERE book = 1
UPDATE loan SET days = s.days OUTPUT inserted.days, deleted.days, s.clerk INTO changes (was, [is], who)
FROM loan JOIN shift s ON s.k = loan.k
INSERT INTO loan (book) OUTPUT inserted.book INTO @made SELECT book FROM wish"""
    found = Project(dialect="tsql").lineage(source)
    assert not found.errors
    assert found.columns() == {
        "port.past.book": ["loan.book"],
        "port.past.gone": ["loan.at"],
        "loan.days": ["shift.days"],
        "changes.was": ["shift.days"],
        "changes.is": ["loan.days"],
        "changes.who": ["shift.clerk"],
        "loan.book": ["wish.book"],
        "@made.book": ["wish.book"],
    }


def test_oracle_statements_end_at_a_slash_on_its_own_line():
    source = "SELECT k FROM tide\n/\nBEGIN\n  INSERT INTO dock SELECT k FROM tide;\nEND;\n/\nSELECT a\n/ b AS c FROM pier\n  /  \n"
    assert texts(source, "oracle") == [
        "SELECT k FROM tide",
        "INSERT INTO dock SELECT k FROM tide",
        "SELECT a\n/ b AS c FROM pier",
    ]


def test_snowflake_results_flow_on():
    source = "SELECT a, b FROM tide ->> SELECT a AS x FROM $1 WHERE b > 1 ->> INSERT INTO dock SELECT x, b FROM $1 JOIN $2 ON x = a"
    found = Project(dialect="snowflake").lineage(source)
    assert not found.errors
    assert found.columns() == {"dock.x": ["tide.a"], "dock.b": ["tide.b"]}
    assert found.tables_in == ["tide"]


def test_what_a_command_gives_is_no_table():
    source = 'SHOW TABLES ->> SELECT "name" FROM $1 WHERE "rows" > 10'
    found = Project(dialect="snowflake").lineage(source)
    assert not found.errors
    assert found.tables_in == []
    assert found.columns() == {"name": []}


def test_an_arrow_in_an_expression_of_another_dialect_parts_nothing():
    assert texts("SELECT body ->> 'a' AS a FROM docs", "postgres") == ["SELECT body ->> 'a' AS a FROM docs"]
