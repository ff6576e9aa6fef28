"""dbt's models, Jinja and Python: answers at the text that was written, and the models that refs mean."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import sqlopt
from tests.editor.conftest import connect

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
TEXTS = [
    *sorted((FIXTURES / "shop").rglob("*.sql")),
    *sorted((FIXTURES / "bad").glob("*.sql")),
]


def document(uri):
    return types.TextDocumentIdentifier(uri)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dbt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dbt").resolve() / "shop"
    shutil.copytree(FIXTURES / "dbt" / "shop", folder)
    one = await connect(folder)
    yield one
    await one.client.shutdown_session()
    await one.client.stop()


def opened(editor, path):
    return editor.open(str(path), (editor.folder / path).read_text())


def path_of(location):
    return Path(location.uri.removeprefix("file://"))


async def test_models_have_the_findings_of_check(dbt):
    for path in sorted(dbt.folder.glob("models/**/*.sql")):
        uri = opened(dbt, path.relative_to(dbt.folder))
        project = sqlopt.Project.from_config(path.parent)
        report = project.check(path.read_text(), str(path))
        expected = sorted((one.rule, one.span.of(path.read_text())) for one in report.findings)
        found = [(one.code, dbt.slice(dbt.texts[uri], one.range)) for one in await dbt.diagnostics(uri)]
        assert sorted(found) == expected


async def test_a_ref_leads_to_its_model_and_is_found_and_renamed_everywhere(dbt):
    uri = opened(dbt, "models/marts/orders.sql")
    at = dbt.at(uri, "stg_orders", 2)
    (found,) = await dbt.client.text_document_definition_async(types.DefinitionParams(document(uri), at))
    assert path_of(found) == dbt.folder / "models" / "staging" / "stg_orders.sql"
    links = await dbt.client.text_document_document_link_async(types.DocumentLinkParams(document(uri)))
    assert found.uri in [one.target for one in links]
    named = await dbt.client.text_document_references_async(
        types.ReferenceParams(types.ReferenceContext(include_declaration=True), document(uri), at)
    )
    assert {path_of(one).name for one in named} >= {"orders.sql"}
    for one in named:
        assert dbt.slice(path_of(one).read_text(), one.range) == "stg_orders"
    edit = await dbt.client.text_document_rename_async(types.RenameParams(document(uri), at, "stg_sales"))
    *changes, renamed = edit.document_changes
    assert renamed.kind == "rename"
    assert renamed.new_uri.endswith("/stg_sales.sql")
    assert {Path(one.text_document.uri).name for one in changes} >= {"orders.sql", "staging.yml"}


async def test_a_column_of_a_model_is_renamed_in_all_that_reads_it(dbt):
    uri = opened(dbt, "models/staging/stg_orders.sql")
    at = dbt.at(uri, "order_id")
    wanted = types.RenameParams(document(uri), at, "order_key")
    with pytest.raises(JsonRpcException, match=r"calendar\.sql names order_id in a template's own part"):
        await dbt.client.text_document_rename_async(wanted)
    (dbt.folder / "packages_local" / "toolkit" / "models" / "calendar.sql").unlink()
    edit = await dbt.client.text_document_rename_async(wanted)
    changed = {}
    for one in edit.document_changes:
        path = path_of(one.text_document)
        dbt.texts[one.text_document.uri] = path.read_text()
        changed[path.name] = dbt.apply(one.text_document.uri, one.edits)
    assert set(changed) == {"stg_orders.sql", "orders.sql", "staging.yml"}
    assert "id as order_key" in changed["stg_orders.sql"]
    assert "o.order_key AS order_id,\n" in changed["orders.sql"]
    assert "p.order_id = o.order_key" in changed["orders.sql"]
    assert "- name: order_key\n        data_tests" in changed["staging.yml"]
    edit = await dbt.client.text_document_rename_async(
        types.RenameParams(document(uri), dbt.at(uri, "status"), "state")
    )
    one, other = edit.document_changes
    assert "        status AS state\n" in dbt.apply(uri, one.edits)
    assert path_of(other.text_document).name == "staging.yml"


async def test_a_ref_is_completed(dbt):
    uri = dbt.open("models/marts/new.sql", "SELECT * FROM {{ ref('stg_') }}\n")
    found = await dbt.client.text_document_completion_async(
        types.CompletionParams(document(uri), dbt.at(uri, "stg_", 4))
    )
    assert {"stg_orders", "stg_payments"} <= {one.label for one in found.items}


async def test_templates_and_programs_are_answered_at_their_text(code):
    text = (
        "{% set day = '2026-01-01' %}\n"
        "SELECT order_id FROM shop.sales.orders WHERE note = NULL AND 'é' = '{{ day }}'\n"
    )
    uri = code.open("t.sql", text)
    found = await code.diagnostics(uri)
    assert "note = NULL" in [code.slice(text, one.range) for one in found]
    shown = await code.client.text_document_hover_async(
        types.HoverParams(document(uri), code.at(uri, "order_id"))
    )
    assert "INT64" in shown.contents.value
    program = "rows = client.query('''\n    SELECT order_id\n    FROM shop.sales.orders\n    WHERE note = NULL\n''')\n"
    uri = code.open("p.py", program, "python")
    found = await code.diagnostics(uri)
    assert "note = NULL" in [code.slice(program, one.range) for one in found]
    shown = await code.client.text_document_hover_async(
        types.HoverParams(document(uri), code.at(uri, "sales.orders"))
    )
    assert "300,000,000 rows" in shown.contents.value


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop():
    one = await connect(FIXTURES)
    yield one
    await one.client.shutdown_session()
    await one.client.stop()


@pytest.mark.parametrize("part", range(4))
async def test_every_file_of_the_fixtures_has_the_findings_of_check(shop, part):
    for path in TEXTS[part::4]:
        data = path.read_bytes()
        if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
            continue
        text = data.decode("utf-8-sig", "replace")
        uri = shop.open(str(path.relative_to(FIXTURES)), text)
        report = sqlopt.Project.from_config(path.parent).check(text, str(path))
        expected = [(str(one.severity), one.rule, one.span) for one in (*report.findings, *report.errors)]
        names = {1: "error", 2: "warning", 3: "info"}
        found = [
            (names[one.severity], one.code, (one.data["start"], one.data["end"]))
            for one in await shop.diagnostics(uri)
        ]
        assert sorted(found) == sorted((a, b, (span.start, span.end)) for a, b, span in expected), path
