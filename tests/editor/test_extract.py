"""Derived tables taken out into CTEs, and names changed, in the queries of TPC-DS: the lineage stays."""

from __future__ import annotations

import pytest
from sqlglot import exp

import sqlopt
from sqlopt.editor.analysis import analyse
from sqlopt.editor.documents import Document
from sqlopt.editor.extract import extraction
from sqlopt.editor.names import names
from sqlopt.editor.rename import RenameError, rename
from sqlopt.lineage import trace
from sqlopt.query.bind.model import SourceKind
from sqlopt.span import Span
from tests.tpcds import catalog, queries


@pytest.fixture(scope="module")
def analyses():
    project = sqlopt.Project(catalog=catalog(), dialect="duckdb")
    texts = queries()[::4]
    return [
        analyse(Document("file:///a.sql", "/a.sql", "sql", 1, one, "utf-16"), project, None) for one in texts
    ]


def edited(text, edits):
    for span, new in sorted(edits, reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text


def columns(text):
    found = trace(text, "duckdb", catalog())
    assert not found.errors
    return found.columns()


def test_what_is_taken_out_keeps_the_lineage(analyses):
    done = 0
    for one in analyses:
        (query,) = one.readings[0].queries
        for source in query.sources:
            if (
                source.kind is SourceKind.QUERY
                and not source.is_cte
                and isinstance(source.node, exp.Subquery)
            ):
                start = query.span(source.node).start + 1
                name, edits = extraction(one, Span(start, start))
                after = edited(one.document.text, [(edit.span, edit.text) for edit in edits])
                assert f"{name} AS (" in after
                assert columns(after) == columns(one.document.text)
                done += 1
    assert done > 10


def test_a_rename_keeps_the_lineage_or_is_refused(analyses):
    done = refused = 0
    for one in analyses:
        (query,) = one.readings[0].queries
        keys = {}
        for name in names(query):
            if name.key[0] in ("cte", "alias", "output"):
                keys.setdefault(name.key, name)
        for name in list(keys.values())[:6]:
            try:
                answer = rename(one, name.span.start, "zz_new", {}, versioned=False)
            except RenameError:
                refused += 1
                continue
            places = one.document.places
            edits = [(places.span(edit.range), edit.new_text) for edit in answer.changes["file:///a.sql"]]
            assert columns(edited(one.document.text, edits)) == columns(one.document.text)
            done += 1
    assert done > 40
    assert done > refused
