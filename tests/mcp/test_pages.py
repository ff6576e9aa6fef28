"""Long answers in pages: nothing twice, nothing lost, each of bounded size."""

from __future__ import annotations

import json

MANY = "\n".join(f"SELECT a{place} FROM t{place} WHERE b = NULL;" for place in range(130))
SIZE = 60_000  # characters of the structured answer: the items, and what stands before them


async def pages(client, tool, of, **arguments):
    """Return the pages of an answer, each checked for its size."""
    found, cursor = [], None
    while True:
        answer = await client.ask(tool, **arguments, **({"cursor": cursor} if cursor else {}))
        assert answer.wrong is None, answer.wrong
        assert len(json.dumps(answer.data)) < SIZE
        found.append(answer.data[of])
        cursor = answer.data["next_cursor"]
        assert bool(cursor) == bool(answer.data["left_out"])
        if cursor is None:
            return found


def test_all_findings_once_and_in_order(play):
    async def whole(client):
        found = await pages(client, "analyze_sql", "findings", sql=MANY, limit=40)
        return [len(page) for page in found], [one["start"]["line"] for page in found for one in page]

    lengths, lines = play(whole)
    assert max(lengths) <= 40
    assert lines == list(range(1, 131))


def test_other_tools_page_too(play):
    wide = f"SELECT {', '.join(f'a{place} + b{place} AS c{place}' for place in range(900))} FROM t"
    few = "\n".join(MANY.split("\n")[:25])

    async def whole(client):
        costs = await pages(client, "estimate_cost", "statements", sql=MANY)
        assert [one["line"] for page in costs for one in page] == list(range(1, 131))
        edges = await pages(client, "column_lineage", "edges", sql=wide, limit=500)
        assert len({json.dumps(one) for page in edges for one in page}) == 1800
        rewrites = await pages(client, "rewrite_sql", "rewrites", sql=few, effort="low")
        assert [len(page) for page in rewrites] == [10, 10, 5]

    play(whole)


def test_a_cursor_goes_with_its_call(play):
    async def whole(client):
        first = (await client.ask("analyze_sql", sql=MANY, limit=10)).data
        assert first["left_out"].startswith("120 more findings of 130")
        cursor = first["next_cursor"]
        other = await client.ask("analyze_sql", sql="SELECT 1", cursor=cursor)
        assert "belongs to another call" in other.wrong
        assert "belongs to another call" in (await client.ask("list_findings", cursor=cursor)).wrong
        again = [(await client.ask("analyze_sql", sql=MANY, limit=5, cursor=cursor)).data for _ in range(2)]
        assert again[0] == again[1]  # a page may be asked for twice, and of another size

    play(whole)


def test_pages_are_of_what_the_first_call_saw(folder, play):
    for place in range(12):
        (folder / "sql" / f"q{place:02}.sql").write_text("SELECT a FROM t WHERE b = NULL")

    async def whole(client):
        first = (await client.ask("list_findings", limit=5)).data
        for one in (folder / "sql").glob("q*.sql"):
            one.unlink()
        rest = (await client.ask("list_findings", limit=500, cursor=first["next_cursor"])).data
        assert len(first["findings"]) + len(rest["findings"]) > 12
        assert rest["summary"] == first["summary"]
        fresh = (await client.ask("list_findings")).data
        assert fresh["summary"]["files"] == 4

    play(whole)


def test_an_old_cursor_is_forgotten(play):
    async def whole(client):
        cursor = (await client.ask("analyze_sql", sql=MANY, limit=1)).data["next_cursor"]
        for place in range(20):
            await client.ask("analyze_sql", sql=f"SELECT {place}")
        assert "call again without it" in (await client.ask("analyze_sql", sql=MANY, cursor=cursor)).wrong

    play(whole)


def test_huge_texts_are_cut_and_say_so(ask):
    name = "x" * 100_000
    found = ask("analyze_sql", sql=f"SELECT a FROM t WHERE {name} = NULL").data
    assert len(json.dumps(found)) < SIZE
    (one,) = found["findings"]
    assert one["cut"]
    assert "characters left out" in json.dumps(one)
    found = ask("compare_sql", before=f"SELECT '{name}' AS a", after="SELECT 'y' AS a", effort="low").data
    assert len(json.dumps(found)) < SIZE


def test_a_long_rewritten_text_is_left_out(ask):
    sql = f"WITH b AS (SELECT 1 AS x) SELECT 1 AS y -- {'z' * 25_000}"
    found = ask("rewrite_sql", sql=sql).data
    assert found["rewrites"]
    assert found["rewritten"] is None
    assert "is left out" in found["notes"][0]


def test_the_report_resource_is_bounded(play):
    sql = "\n".join(f"SELECT a{place} FROM t{place} WHERE b = NULL;" for place in range(700))

    async def whole(client):
        await client.ask("analyze_sql", sql=sql)
        report = json.loads(await client.read("sqlopt://report"))
        assert len(report["findings"]) + report["left_out"] == 700
        assert report["left_out"] > 0

    play(whole)
