"""Files: which are found, and what becomes of odd bytes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlopt.errors import SourceError
from sqlopt.source.files import decode, discover, glob, read_bytes, read_text


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (
        "b.sql",
        "a.SQL",
        "notes.txt",
        "models/x.sql",
        "models/target/y.sql",
        ".hidden/z.sql",
        "node_modules/z.sql",
        "odd_env/z.sql",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("SELECT 1", encoding="utf-8")
    (tmp_path / "odd_env" / "pyvenv.cfg").touch()
    return tmp_path


def test_folders_are_searched_in_order_without_what_others_made(tree):
    del tree
    assert list(discover(["."])) == ["a.SQL", "b.sql", os.path.join("models", "x.sql")]  # noqa: PTH118


def test_named_files_are_taken_whatever_they_are_called_and_once(tree):
    del tree
    assert list(discover(["notes.txt", "./b.sql", "b.sql"], skip=lambda _: True)) == ["notes.txt", "b.sql"]


def test_links_in_a_circle_end(tree):
    (tree / "models" / "again").symlink_to(tree)
    assert len(list(discover([str(tree)]))) == 3


def test_missing_paths_are_named(tree):
    del tree
    with pytest.raises(SourceError, match="nowhere: no such file or folder"):
        list(discover(["nowhere"]))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"SELECT 1", "SELECT 1"),
        (b"", ""),
        (b"\xef\xbb\xbfSELECT 1", "SELECT 1"),
        ("SELECT 'é'".encode("utf-16"), "SELECT 'é'"),
        (b"\xfe\xff\x00S", "S"),
        (b"a\r\nb", "a\r\nb"),
    ],
)
def test_marked_encodings_are_read(data, text):
    assert decode(data) == (text, None)


def test_other_bytes_are_latin_1_and_said_to_be(tmp_path):
    text, problem = decode(b"SELECT 1;\n-- caf\xe9")
    assert text == "SELECT 1;\n-- café"
    assert problem is not None
    assert not problem.fatal
    assert text[problem.start : problem.end] == "é"
    assert "0xE9" in problem.message
    (tmp_path / "x.sql").write_bytes(b"caf\xe9")
    assert read_text(tmp_path / "x.sql") == "café"


def test_nul_is_fatal_and_placed():
    _, problem = decode(b"SELECT\0 1")
    assert problem is not None
    assert problem.fatal
    assert (problem.start, problem.end) == (6, 7)


def test_utf_16_without_a_mark_is_guessed_at():
    _, problem = decode("SELECT 1".encode("utf-16-le"))
    assert problem is not None
    assert "UTF-16" in problem.message


@given(st.binary(max_size=200))
def test_no_bytes_raise(data):
    text, problem = decode(data)
    assert problem is None or 0 <= problem.start <= problem.end <= max(len(text), 0)


def test_a_file_that_is_none_is_a_problem(tmp_path):
    data, problem = read_bytes(tmp_path)
    assert data == b""
    assert problem is not None
    assert "can't be read" in problem.message


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("models/bq/**", "models/bq/a/b.sql", True),
        ("models/bq", "models/bq/a/b.sql", True),
        ("models/*/x.sql", "models/a/x.sql", True),
        ("models/*/x.sql", "models/a/b/x.sql", False),
        ("models/**/x.sql", "models/x.sql", True),
        ("*.tmp.sql", "deep/in/a.tmp.sql", True),
        ("/a.sql", "a.sql", True),
        ("./a/b.sql", "a/b.sql", True),
        ("a?.sql", "ab.sql", True),
        ("a[0-9].sql", "a7.sql", True),
        ("a[!0-9].sql", "a7.sql", False),
        ("bq", "models/bqx/a.sql", False),
        ("a(b).sql", "a(b).sql", True),
    ],
)
def test_globs(pattern, path, matches):
    assert bool(glob(pattern).fullmatch(path)) is matches
