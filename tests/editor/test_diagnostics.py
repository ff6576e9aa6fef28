"""Diagnostics: those of `sqlopt check`, at the client's positions, pushed or pulled but never both."""

from __future__ import annotations

import pytest

import sqlopt

SQL = (
    "SELECT order_id, 'é😀', total FROM shop.sales.orders\n"
    "WHERE '😀' <> '' AND note = NULL AND CAST(order_date AS STRING) = '2026-01-01';\n"
    "SELECT * FROM shop.sales.users\n"
)


@pytest.mark.asyncio
async def test_they_are_those_of_check(editor):
    uri = editor.open("a.sql", SQL)
    found = await editor.diagnostics(uri)
    report = sqlopt.Project.from_config(editor.folder).check(SQL, str(editor.folder / "a.sql"))
    expected = [(one.rule, one.span.of(SQL)) for one in report.findings]
    assert len(expected) > 1
    assert [(one.code, editor.slice(SQL, one.range)) for one in found] == expected


@pytest.mark.asyncio
async def test_never_pushed_and_pulled(editor):
    uri = editor.open("a.sql", SQL)
    await editor.diagnostics(uri)
    assert bool(editor.can.diagnostic_provider) != (uri in editor.client.pushed)
