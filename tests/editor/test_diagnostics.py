"""Diagnostics: those of `sqlopt check`, at the client's positions, pushed or pulled but never both."""

from __future__ import annotations

import pytest

import sqlopt
from tests.editor.conftest import connect

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


@pytest.mark.asyncio
async def test_baseline_exclusions_and_comments_count_as_for_check(folder):
    (folder / "sqlopt.toml").write_text('catalog = "catalog.yml"\nexclude = ["vendor"]\n')
    (folder / "known.sql").write_text(SQL)
    project = sqlopt.Project.from_config(folder)
    project.write_baseline(project.check_paths([folder / "known.sql"], cache=False))
    one = await connect(folder)
    assert await one.diagnostics(one.open("known.sql", SQL)) == []
    assert await one.diagnostics(one.open("vendor/a.sql", SQL)) == []
    ignored = "SELECT user_id FROM shop.sales.users WHERE email = NULL -- sqlopt: ignore SCN011 a test\n"
    assert await one.diagnostics(one.open("ignored.sql", ignored)) == []
    new = await one.diagnostics(one.open("new.sql", SQL))
    assert new
    assert all(found.source == "sqlopt" and found.data["rule"] == found.code for found in new)
    assert all(found.code_description.href.startswith("https://") for found in new)
    await one.client.shutdown_session()
    await one.client.stop()
