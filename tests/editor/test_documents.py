"""Texts and places: every unit of columns, every line break, changes as editors send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from sqlopt.editor.documents import Document, Moved, Places, path_of
from sqlopt.span import Span

TEXT = st.text(st.sampled_from("ab é😀\n\r\f\u2028\t'"), max_size=40)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


def document(text, encoding="utf-16"):
    return Document("file:///a.sql", "/a.sql", "sql", 1, text, encoding)


@given(TEXT, st.sampled_from(ENCODINGS))
def test_an_offset_has_a_position_and_a_position_its_offset(text, encoding):
    places = Places(text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n" and offset:
            continue  # between the two there is no position
        assert places.offset(places.position(offset)) == offset


@given(TEXT, TEXT, st.integers(0, 40), st.integers(0, 40), st.sampled_from(ENCODINGS))
def test_a_change_is_made_where_it_is_meant(text, new, start, end, encoding):
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    if any(text[at - 1 : at + 1] == "\r\n" for at in (start, end) if at):
        return
    span = Places(text, encoding).range(Span(start, end))
    changed = document(text, encoding).changed([types.TextDocumentContentChangePartial(span, new)], 2)
    assert changed.text == text[:start] + new + text[end:]
    assert changed.version == 2


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_columns_are_in_the_units_agreed_on(encoding, column):
    assert Places("x\né😀a", encoding).position(4) == types.Position(1, column)


def test_places_beyond_the_text_are_its_ends():
    places = Places("ab\r\nc", "utf-16")
    assert places.offset(types.Position(0, 99)) == 2
    assert places.offset(types.Position(9, 0)) == 5
    assert places.position(99) == types.Position(1, 1)
    assert places.offset(types.Position(1, 0)) == 4


def test_several_changes_are_made_one_after_the_other():
    first = types.TextDocumentContentChangePartial(
        types.Range(types.Position(0, 0), types.Position(0, 0)), "a\n"
    )
    second = types.TextDocumentContentChangePartial(
        types.Range(types.Position(1, 0), types.Position(1, 1)), "c"
    )
    whole = types.TextDocumentContentChangeWholeDocument("z")
    assert document("b").changed([first, second], 2).text == "a\nc"
    assert document("b").changed([first, whole], None).text == "z"


@given(TEXT, TEXT, TEXT, TEXT)
def test_what_did_not_change_is_found_again(start, before, after, end):
    one, other = start + before + end, start + after + end
    moved = Moved.between(one, other)
    for at in range(len(one)):
        for to in range(at, min(at + 3, len(one)) + 1):
            found = moved.span(Span(at, to))
            if found is not None:
                assert found.of(other) == one[at:to]
    assert moved.span(Span(0, len(start))) is not None or not start


def test_what_is_no_file_has_no_path():
    assert path_of("untitled:Untitled-1", "python") == "<untitled>.py"
    assert path_of("untitled:Untitled-1", "sql") == "<untitled>"
    assert path_of("file:///a/b%20c.sql") == "/a/b c.sql"
