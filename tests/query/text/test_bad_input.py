"""Whatever the text is, `parse` answers with statements whose positions lie in it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlopt.query.spans.spans import Spans
from sqlopt.query.text.parse import parse

DIALECTS = [
    *("bigquery", "duckdb", "postgres", "snowflake", "spark"),
    *("clickhouse", "databricks", "oracle", "trino", "tsql"),
]
POOL = [
    (path.stem, text)
    for folder in ("statements", "unusual")
    for path in sorted((Path(__file__).parent / folder).glob("*.sql"))
    for text in path.read_text(encoding="utf-8").split("\n;\n")
]
SCRAPS = [
    *(
        "'",
        '"',
        "`",
        "$$",
        "$a$",
        ";",
        ";\n",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "{{",
        "%}",
        "--",
        "/*",
        "*/",
        "\0",
    ),
    *(
        "\\",
        ",",
        ".",
        "::",
        ":",
        ":=",
        "->",
        "é",
        "😀",
        "\u200b",
        "\ufeff",
        "\ud800",
        "\r",
        "\x85",
        "٣",
        "ǅ",
        "ß",
    ),
    *(
        "SELECT",
        "FROM",
        "WHERE",
        "JOIN",
        "ON",
        "CASE",
        "WHEN",
        "THEN",
        "END",
        "BEGIN",
        "DECLARE",
        "IF",
        "LOOP",
        "FOR",
    ),
    *(
        "ELSE",
        "NOT",
        "IN",
        "AS",
        "WITH",
        "UNION",
        "CREATE PROCEDURE p()",
        "LET x",
        "SET",
        "NULL",
        "OVER",
        "INTERVAL",
    ),
    # what is spelled anew, and what parts statements without a semicolon
    *("|>", "|> RENAME", "|> SET a =", "|> DROP", "|> CALL f(", "|> WITH", "|> AS", "|> EXTEND", "DISTINCT"),
    *(
        "OUTPUT",
        "INTO",
        "IDENTIFIER(",
        "STREAM(",
        "TABLE(",
        "TABLE",
        "TUMBLE(",
        "->>",
        "$1",
        "\n/\n",
        "\nGO\n",
        "@x",
    ),
    *(
        "JSON_TABLE(",
        "COLUMNS (",
        "ON EMPTY",
        "ERROR ON ERROR",
        "PASSING",
        "WITHOUT OVERLAPS",
        "PERIOD",
        "ONLY (",
    ),
    *(
        "FOREIGN KEY (",
        "WATERMARK FOR",
        "METADATA",
        "APPLY CHANGES INTO",
        "AUTO CDC INTO",
        "KEYS (",
        "CREATE FLOW f AS",
    ),
    *(
        "CREATE STREAMING TABLE",
        "LIVE.",
        "MASK",
        "CONSTRAINT c EXPECT (",
        "WITH FUNCTION",
        "RETURN",
        "EXEC",
        "INSERT",
    ),
    *(
        "UPDATE",
        "DELETE",
        "MERGE",
        "DROP",
        "PROCEDURE",
        "TRIGGER",
        "GRAPH_TABLE(",
        "MATCH_RECOGNIZE(",
        "PRIOR",
    ),
    *(
        "CREATE EXTERNAL TABLE",
        "IF NOT EXISTS",
        "COPY",
        "RETURNING WITH (",
        "dictGet(",
        "FINAL",
        "ARRAY JOIN",
    ),
]

QUICK = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def check(text: str, dialect: str) -> None:
    position = 0
    for one in parse(text, dialect):
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert one.tree is None or one.error is None
        if one.error is not None:
            assert one.span.covers(one.error.span)
            assert one.error.message
            assert "\n" not in one.error.message
            assert "\033" not in one.error.message
        for token in one.tokens:
            assert 0 <= token.start <= token.end < len(text)
        position = max(position, one.span.end)
        if one.tree is not None:
            spans = Spans(text, one.tokens, one.tree)
            for node in one.tree.walk():
                assert one.span.covers(spans.of(node))


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few words dropped, doubled, swapped or replaced, and perhaps cut short."""
    words = text.replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split(" ")
    for _ in range(chance.randint(1, 4)):
        index = chance.randrange(len(words))
        what = chance.randrange(6)
        if what == 0:
            del words[index : index + chance.randint(1, 3)]
        elif what == 1:
            words[index:index] = words[index : index + chance.randint(1, 4)]
        elif what == 2:
            words.insert(index, chance.choice(SCRAPS))
        elif what == 3:
            word = words[index]
            cut = chance.randint(0, len(word))
            words[index] = word[:cut] + chance.choice(SCRAPS) + word[cut:]
        elif what == 4:
            words[index] = words[index].translate(str.maketrans("'\"`", "`'\""))
        else:
            words = words[: index + 1]
        words = words or [""]
    return " ".join(words)


@pytest.mark.parametrize("seed", range(8))
def test_mutated_statements(seed):
    chance = random.Random(seed)
    for _ in range(1000):
        dialect, text = chance.choice(POOL)
        if chance.random() < 0.2:
            text = f"{text}{chance.choice([';', ' ', chr(10)])}{chance.choice(POOL)[1]}"
        if chance.random() < 0.3:
            dialect = chance.choice(DIALECTS)
        broken = mutated(text, chance)
        try:
            check(broken, dialect)
        except Exception:
            print(f"{dialect}: {broken!r}")  # noqa: T201 - what to reproduce
            raise


@settings(QUICK, max_examples=1000)
@given(st.text(max_size=60), st.sampled_from(DIALECTS))
def test_any_text(text, dialect):
    check(text, dialect)


@settings(QUICK, max_examples=1000)
@given(
    st.lists(st.sampled_from([*SCRAPS, "a", "1", " ", "'x'", "t.b", "\n"]), max_size=25).map(" ".join),
    st.sampled_from(DIALECTS),
)
def test_any_row_of_words(text, dialect):
    check(text, dialect)


@settings(QUICK, max_examples=300)
@given(st.binary(max_size=80), st.sampled_from(DIALECTS))
def test_any_bytes_read_as_latin_1(data, dialect):
    check(data.decode("latin-1"), dialect)
