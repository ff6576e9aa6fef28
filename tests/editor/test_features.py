"""Hovers, hints, lenses, names, actions: what is answered at a place of a document."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import sqlopt
from sqlopt.cli import cli
from tests import wrong
from tests.editor.conftest import connect

pytestmark = pytest.mark.asyncio(loop_scope="module")

SQL = """WITH recent AS (
  SELECT o.order_id, o.user_id, o.total * 2 AS doubled
  FROM shop.sales.orders AS o
  WHERE o.order_date >= DATE '2026-01-01' AND 'é😀' <> o.note
)
SELECT r.order_id, r.doubled, u.email
FROM recent AS r
JOIN shop.sales.users AS u ON u.user_id = r.user_id
"""


def document(uri):
    return types.TextDocumentIdentifier(uri)


async def hover(code, uri, words, shift=0):
    found = await code.client.text_document_hover_async(
        types.HoverParams(document(uri), code.at(uri, words, shift))
    )
    return found.contents.value if found else None


async def test_a_table_tells_its_size_and_what_is_left_of_it(code):
    uri = code.open("a.sql", SQL)
    text = await hover(code, uri, "sales.orders")
    assert "300,000,000 rows" in text
    assert "partitioned by `order_date` by day" in text
    assert "partitions are pruned" in text
    assert "of them left" in text


async def test_a_column_tells_its_type_and_where_it_comes_from(code):
    uri = code.open("a.sql", SQL)
    assert "STRING, tag pii" in (await hover(code, uri, "email"))
    text = await hover(code, uri, "r.doubled", 3)
    assert "o.total \\* 2" in text or "o.total * 2" in text
    assert "shop.sales.orders.total" in text
    assert "`shop.sales.orders.order_id`" in (await hover(code, uri, "r.order_id", 4))


async def test_the_first_word_tells_the_price_that_cost_tells(code):
    uri = code.open("a.sql", SQL)
    text = await hover(code, uri, "WITH")
    cost = sqlopt.Project.from_config(code.folder).cost(SQL, str(code.folder / "a.sql"))[0]
    assert f"{cost.money.expected:,.2f}" in text


async def test_hints_stand_at_scans_and_joins(code):
    uri = code.open("a.sql", SQL)
    whole = types.Range(types.Position(0, 0), types.Position(99, 0))
    found = await code.client.text_document_inlay_hint_async(types.InlayHintParams(document(uri), whole))
    labels = {(one.position.line, one.label) for one in found}
    assert any(line == 2 and "GB" in label and "of its partitions" in label for line, label in labels)
    assert any(line == 7 and "rows" in label for line, label in labels)


async def test_lenses_tell_price_and_findings(code):
    uri = code.open("a.sql", "SELECT * FROM shop.sales.orders WHERE note = NULL\n")
    found = await code.client.text_document_code_lens_async(types.CodeLensParams(document(uri)))
    titles = [one.command.title for one in found]
    assert any("a run" in one for one in titles)
    assert any("finding" in one for one in titles)


async def test_completion_knows_tables_columns_and_ctes(code):
    async def labels(text):
        at = text.index("|")
        uri = code.open("c.sql", text.replace("|", ""))
        found = await code.client.text_document_completion_async(
            types.CompletionParams(document(uri), code.position(code.texts[uri], at))
        )
        return [one.label for one in found.items]

    assert "shop.sales.orders" in await labels("SELECT 1 FROM |")
    assert "orders" in await labels("SELECT 1 FROM shop.sales.|")
    assert {"order_id", "total"} <= set(await labels("SELECT o.| FROM shop.sales.orders AS o"))
    assert "email" not in await labels("SELECT o.| FROM shop.sales.orders o, shop.sales.users u")
    assert {"email", "order_id"} <= set(
        await labels("SELECT | FROM shop.sales.orders o JOIN shop.sales.users u USING (user_id)")
    )
    assert "recent" in await labels("WITH recent AS (SELECT 1 AS a) SELECT * FROM |")
    assert "a" in await labels("WITH recent AS (SELECT 1 AS a) SELECT r.| FROM recent AS r")
    inner = await labels("SELECT * FROM shop.sales.users WHERE user_id IN (SELECT | FROM shop.sales.orders)")
    assert "order_date" in inner
    assert "COUNT" in inner
    assert await labels("SELECT 'ab|' FROM shop.sales.orders") == []


async def test_a_cte_is_defined_found_and_renamed(code):
    uri = code.open("a.sql", SQL)
    at = code.at(uri, "FROM recent", 6)
    found = await code.client.text_document_definition_async(types.DefinitionParams(document(uri), at))
    assert [one.range.start for one in found] == [types.Position(0, 5)]
    shown = await code.client.text_document_document_highlight_async(
        types.DocumentHighlightParams(document(uri), at)
    )
    assert len(shown) == 2
    edit = await code.client.text_document_rename_async(types.RenameParams(document(uri), at, "fresh"))
    assert code.apply(uri, edit.document_changes[0].edits) == SQL.replace("recent", "fresh")


async def test_a_column_of_a_cte_is_renamed_and_the_result_stays(code):
    uri = code.open("a.sql", SQL)
    edit = await code.client.text_document_rename_async(
        types.RenameParams(document(uri), code.at(uri, "doubled"), "twice")
    )
    assert code.apply(uri, edit.document_changes[0].edits) == SQL.replace("AS doubled", "AS twice").replace(
        "r.doubled", "r.twice AS doubled"
    )
    edit = await code.client.text_document_rename_async(
        types.RenameParams(document(uri), code.at(uri, "r.user_id", 3), "buyer")
    )
    assert code.apply(uri, edit.document_changes[0].edits) == SQL.replace(
        "o.user_id,", "o.user_id AS buyer,"
    ).replace("r.user_id", "r.buyer")


async def test_what_would_change_the_result_is_not_renamed(code):
    uri = code.open("a.sql", "SELECT total AS t FROM shop.sales.orders\n")
    with pytest.raises(JsonRpcException, match="change the result"):
        await code.client.text_document_rename_async(
            types.RenameParams(document(uri), code.at(uri, "AS t", 3), "u")
        )


async def actions(code, uri, words, only=None):
    at = code.at(uri, words)
    return await code.client.text_document_code_action_async(
        types.CodeActionParams(
            document(uri), types.Range(at, at), types.CodeActionContext(diagnostics=[], only=only)
        )
    )


FIXABLE = "SELECT '😀', COUNT(*) FROM (SELECT user_id FROM shop.sales.users ORDER BY 1)\n"


async def test_a_fix_tells_how_sure_it_is_and_applies(code):
    uri = code.open("f.sql", FIXABLE)
    found = await actions(code, uri, "ORDER")
    titles = [one.title for one in found]
    fix = next(one for one in found if one.title == "leave the sort out (exact, proved)")
    assert fix.is_preferred
    assert code.apply(uri, fix.edit.document_changes[0].edits) == FIXABLE.replace(" ORDER BY 1", "")
    assert "Explain AGG001" in titles


async def test_a_refuted_fix_says_so(code):
    uri = code.open("f.sql", "SELECT DISTINCT order_id FROM shop.sales.orders\n")
    found = await actions(code, uri, "DISTINCT")
    assert any(one.title == "leave DISTINCT out (needs facts, refuted by an example)" for one in found)


async def test_all_proved_fixes_are_made_at_once(code):
    text = FIXABLE + ";\nSELECT DISTINCT order_id FROM shop.sales.orders\n"
    uri = code.open("f.sql", text)
    found = await actions(code, uri, "SELECT", only=["source.fixAll.sqlopt"])
    assert code.apply(uri, found[0].edit.document_changes[0].edits) == text.replace(" ORDER BY 1", "")
    offered = next(
        one for one in await actions(code, uri, "ORDER") if getattr(one, "kind", "") == "source.fixAll.sqlopt"
    )
    resolved = await code.client.code_action_resolve_async(offered)
    assert code.apply(uri, resolved.edit.document_changes[0].edits) == text.replace(" ORDER BY 1", "")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM shop.sales.users WHERE email = NULL\n",
        "SELECT *\nFROM shop.sales.users -- all of them\nWHERE email = NULL -- none\n",
        "SELECT '\nSELECT * FROM x\n', email FROM shop.sales.users WHERE email = NULL AND note = '\n'\n",
    ],
)
async def test_a_suppression_suppresses(code, text):
    uri = code.open("s.sql", text)
    found = await code.diagnostics(uri)
    rule = next(one.code for one in found if code.slice(text, one.range).startswith("email ="))
    offered = await actions(code, uri, "email =")
    suppress = next(one for one in offered if one.title == f"Suppress {rule} here")
    after = code.apply(uri, suppress.edit.document_changes[0].edits)
    project = sqlopt.Project.from_config(code.folder)
    left = project.check(after, str(code.folder / "s.sql"))
    assert rule not in [one.rule for one in left.findings]
    assert not left.errors


async def test_a_derived_table_becomes_a_cte(code):
    text = "SELECT d.order_id FROM (SELECT order_id, total FROM shop.sales.orders) AS d WHERE d.total > 1\n"
    uri = code.open("e.sql", text)
    found = await actions(code, uri, "order_id, total")
    extract = next(one for one in found if one.title == "Extract into the CTE d")
    assert code.apply(uri, extract.edit.document_changes[0].edits) == (
        "WITH d AS (\n  SELECT order_id, total FROM shop.sales.orders\n)\n"
        "SELECT d.order_id FROM d WHERE d.total > 1\n"
    )


async def test_symbols_folding_and_tokens_stand_in_the_text(code):
    uri = code.open("a.sql", SQL)
    (statement,) = await code.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(document(uri))
    )
    assert [one.name for one in statement.children] == ["recent"]
    folds = await code.client.text_document_folding_range_async(types.FoldingRangeParams(document(uri)))
    assert (0, 4) in [(one.start_line, one.end_line) for one in folds]
    answer = await code.client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(document(uri))
    )
    legend = code.can.semantic_tokens_provider.legend.token_types
    words, line, column = {}, 0, 0
    for at in range(0, len(answer.data), 5):
        down, right, size, kind, _ = answer.data[at : at + 5]
        line, column = line + down, column + right if not down else right
        start = code.offset(SQL, types.Position(line, column))
        end = code.offset(SQL, types.Position(line, column + size))
        words[SQL[start:end]] = legend[kind]
    assert words["recent"] == "variable"
    assert words["shop.sales.orders"] == "class"
    assert words["doubled"] == "property"
    assert words["'é😀'"] == "string"
    assert words["SELECT"] == "keyword"


async def test_explain_gives_the_page(code):
    uri = code.open("a.sql", SQL)
    page = await code.client.workspace_execute_command_async(
        types.ExecuteCommandParams("sqlopt.explain", ["PRN002", uri])
    )
    assert "**Why**" in page or "## Why" in page


async def test_the_price_of_a_file_is_that_of_the_command_line(code):
    uri = code.open("a.sql", SQL)
    answer = await code.client.workspace_execute_command_async(
        types.ExecuteCommandParams("sqlopt.price", [uri])
    )
    code.save(uri)
    told = CliRunner().invoke(cli, ["cost", str(code.folder / "a.sql")]).output
    for line in answer["detail"].splitlines():
        assert line in told
    assert answer["text"].endswith((" a run", " a month"))
    empty = code.open("empty.sql", "")
    params = types.ExecuteCommandParams("sqlopt.price", [empty])
    assert await code.client.workspace_execute_command_async(params) is None


async def test_fix_all_reaches_what_a_statement_stores(code):
    text = "CREATE TABLE shop.sales.copy AS\nSELECT DISTINCT user_id, COUNT(*) AS n FROM shop.sales.users GROUP BY user_id\n"
    uri = code.open("f.sql", text)
    found = await actions(code, uri, "SELECT", only=["source.fixAll.sqlopt"])
    assert found[0].title.startswith("Make 1 fix (1 ")
    assert code.apply(uri, found[0].edit.document_changes[0].edits) == text.replace("DISTINCT ", "")


async def test_what_is_offered_by_itself_is_judged_when_it_is_chosen(code):
    uri = code.open("f.sql", FIXABLE)
    at = code.at(uri, "ORDER")
    context = types.CodeActionContext(diagnostics=[], trigger_kind=types.CodeActionTriggerKind.Automatic)
    asked = types.CodeActionParams(document(uri), types.Range(at, at), context)
    found = await code.client.text_document_code_action_async(asked)
    fix = next(one for one in found if one.title == "leave the sort out (checked when made)")
    assert (fix.edit, fix.is_preferred) == (None, None)
    resolved = await code.client.code_action_resolve_async(fix)
    assert code.apply(uri, resolved.edit.document_changes[0].edits) == FIXABLE.replace(" ORDER BY 1", "")


async def test_a_refuted_fix_is_offered_nowhere_and_logged(tmp_path):
    wrong.write_pack(tmp_path)
    (tmp_path / "sqlopt.toml").write_text('dialect = "duckdb"\nselect = ["WRG001"]\npacks = ["wrong.yml"]\n')
    code = await connect(tmp_path.resolve())
    try:
        uri = code.open("w.sql", wrong.TEXT)
        found = await actions(code, uri, ">")
        assert [one.title for one in found if "=" in one.title or "exact" in one.title] == [
            "Make all fixes that are exact, and proved or tested"
        ]
        assert not await actions(code, uri, ">", only=["source.fixAll.sqlopt"])
        at = code.at(uri, ">")
        context = types.CodeActionContext(
            diagnostics=[], trigger_kind=types.CodeActionTriggerKind.Automatic
        )
        asked = types.CodeActionParams(document(uri), types.Range(at, at), context)
        found = await code.client.text_document_code_action_async(asked)
        assert not [one for one in found if "checked when made" in one.title]
        logged = [one.message for one in code.client.log_messages]
        assert any("the fix of WRG001" in one and "INSERT INTO t" in one for one in logged)
    finally:
        await code.client.shutdown_session()
        await code.client.stop()


CTES = "WITH low AS (SELECT 1 AS k), high AS (SELECT k FROM low) SELECT low.k FROM low JOIN high ON low.k = high.k\n"
INNER = "SELECT a.x FROM t AS a WHERE EXISTS (SELECT 1 FROM u AS b WHERE b.x = a.x)\n"
SIDES = "SELECT a.x FROM t AS a JOIN u AS b ON a.x = b.x\n"
COLUMNS = "SELECT q.m, q.n FROM (SELECT x AS m, y AS n FROM t) AS q\n"


@pytest.mark.parametrize(
    ("text", "at", "new"),
    [
        (CTES, "low", "high"),
        (CTES, "low", "HIGH"),
        (CTES, "high", "low"),
        (INNER, "a.x", "b"),
        (SIDES, "a.x", "b"),
        (SIDES.replace(" AS b", "").replace("b.x", "u.x"), "a.x", "u"),
        (COLUMNS, "m,", "n"),
        ("WITH low AS (SELECT 1 AS k) SELECT low.k FROM low JOIN sale ON low.k = sale.k\n", "low", "sale"),
    ],
)
async def test_a_name_that_is_taken_where_it_would_stand_is_refused(code, text, at, new):
    uri = code.open("r.sql", text)
    with pytest.raises(JsonRpcException, match=r"there is \w+ already|would change"):
        await code.client.text_document_rename_async(
            types.RenameParams(document(uri), code.at(uri, at), new)
        )


@pytest.mark.parametrize(
    ("text", "at", "new", "expected"),
    [
        (CTES, "low", "base", CTES.replace("low", "base")),
        (SIDES, "a.x", "c", SIDES.replace("a.x", "c.x").replace("AS a", "AS c")),
        (
            "SELECT a.x FROM t AS a WHERE EXISTS (SELECT 1 FROM u AS b WHERE b.x = 2)\n",
            "a.x",
            "b",
            "SELECT b.x FROM t AS b WHERE EXISTS (SELECT 1 FROM u AS b WHERE b.x = 2)\n",
        ),
    ],
)
async def test_a_name_that_is_free_there_is_given(code, text, at, new, expected):
    uri = code.open("r.sql", text)
    edit = await code.client.text_document_rename_async(
        types.RenameParams(document(uri), code.at(uri, at), new)
    )
    assert code.apply(uri, edit.document_changes[0].edits) == expected
