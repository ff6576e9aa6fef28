"""Drawings without a browser: places, names, the static SVG, and what the page is made of."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlopt import Catalog
from sqlopt.lineage import trace
from sqlopt.lineage.draw import html_page, svg
from sqlopt.lineage.draw.colours import DARK, LIGHT
from sqlopt.lineage.draw.layout import place, ranked
from sqlopt.lineage.draw.picture import shown
from sqlopt.lineage.graph import LineageGraph, UnknownNameError

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = """
CREATE TABLE "</script><script>alert(1)</script>" AS
SELECT id AS "</text><img src=x onerror=alert(2)>", x AS "'""&amp;", y AS "rtl\u202eevil\u2028\u0001"
FROM "raw"."注文 \U0001f986" WHERE z > 0
"""
links_of = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
                lambda one: one[0] != one[1]
            ),
            unique=True,
            max_size=30,
        ),
    )
)


def graph(*texts):
    made = LineageGraph()
    for place_, text in enumerate(texts):
        made.add(trace(text, "duckdb", Catalog()), f"models/{place_}.sql", text)
    return made


def data(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])


@given(links_of)
@settings(max_examples=150)
def test_boxes_and_lanes_never_overlap_and_lines_go_right(drawn):
    count, links = drawn
    ranks = ranked(count, links)
    sizes = [(100.0 + 10 * number, 30.0 + 25 * (number % 4)) for number in range(count)]
    placed = place(ranks, sizes, links)
    items = [*placed.boxes, *{id(one): one for lanes in placed.lanes.values() for one in lanes}.values()]
    for layer in range(len(placed.edges)):
        column = sorted((one for one in items if one.layer == layer), key=lambda one: one.y)
        for above, below in pairwise(column):
            assert below.y - above.y >= (above.height + below.height) / 2 - 1e-6
    for (_, right), (left, _) in pairwise(placed.edges):
        assert left - right > 50
    for source, target in links:
        layers = [one.layer for one in placed.lanes[source, target]]
        one, other = placed.boxes[source].layer, placed.boxes[target].layer
        forward = list(range(one + 1, other))
        assert layers == (forward if one < other else list(range(one, other - 1, -1)))


def test_without_circles_every_line_goes_right():
    links = [(0, 1), (1, 2), (0, 2), (3, 2), (2, 4), (5, 6)]
    layers = [layer for layer, _ in ranked(8, links)]
    assert all(layers[source] < layers[target] for source, target in links)


def test_places_are_the_same_every_time():
    links = [(number // 3, number) for number in range(1, 60)]
    assert ranked(60, links) == ranked(60, links)


@pytest.mark.parametrize("links", [[], [(0, 1), (1, 0)], [(0, 1), (1, 2), (2, 0), (2, 3), (3, 1)]])
def test_circles_and_islands_are_placed(links):
    assert len(ranked(5, links)) == 5


def test_names_show_what_can_not_be_seen():
    assert shown("a\u202eb\x00\u2028\ud800\ufffe") == "a\\u202eb\\u0000\\u2028\\ud800\\ufffe"
    assert shown("注文 नाम می\u200cشود 🦆") == "注文 नाम می\u200cشود 🦆"


def test_svg_is_plain_and_well_formed():
    text = svg(graph(HOSTILE, 'CREATE TABLE mart.b AS SELECT * FROM "</script><script>alert(1)</script>"'))
    root = ET.fromstring(text)  # noqa: S314
    tags = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert tags == {"svg", "title", "defs", "marker", "path", "rect", "g", "text"}
    texts = {one.text for one in root.iter(SVG + "text")}
    assert {"</text><img src=x onerror=alert(2)>", "rtl\\u202eevil\\u2028\\u0001", "注文 🦆"} <= texts
    dashed = [one for one in root.iter(SVG + "path") if one.get("stroke-dasharray")]
    assert len(dashed) == 1


def test_svg_of_a_focus_is_its_neighbourhood():
    chain = [f"CREATE TABLE t{one + 1} AS SELECT a FROM t{one}" for one in range(3)]
    made = graph(*chain, "CREATE TABLE other AS SELECT b FROM elsewhere")
    names = {one.text for one in ET.fromstring(svg(made, "t2")).iter(SVG + "text")}  # noqa: S314
    assert names == {"t0", "t1", "t2", "t3", "a"}
    with pytest.raises(UnknownNameError, match="t9"):
        svg(made, "t9")


def test_empty_graphs_are_drawn():
    ET.fromstring(svg(LineageGraph()))  # noqa: S314
    assert data(html_page(LineageGraph()))["tables"] == []


def test_page_is_one_document_with_a_strict_policy():
    page = html_page(graph(HOSTILE), title='</title><script>alert(3)</script>"')
    policy = unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1])
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    script = page[page.rindex("<script>") + 8 : page.rindex("</script>")]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    for text in (script, style):
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy
    assert page.count("<script") == 2
    assert "alert(3)</script>" not in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert not {"\u2028", "\u2029", "\u202e", "\x01"} & set(page)


def test_data_holds_everything_by_number():
    made = graph("CREATE TABLE mart.a AS SELECT id, sum(v) AS total FROM raw.x WHERE day > 1 GROUP BY id")
    found = data(html_page(made, focus="mart.a.total"))
    words = found["words"]
    assert [one[0] for one in found["tables"]] == ["x", "a"]
    assert found["focus"] == [1, 1]
    names = [[words[number] for number in one[5]] for one in found["tables"]]
    uses = {
        (names[a][b] if b >= 0 else "", names[c][d] if d >= 0 else "", flags & 1, words[how])
        for a, b, c, d, flags, how, *_ in found["lines"]
    }
    assert {("id", "id", 1, "identity"), ("v", "total", 1, "aggregation"), ("day", "", 0, "filter")} <= uses


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_contrast(colours):
    for name in ("text", "muted", "accent", "indirect", "tag"):
        for ground in ("box", "paper"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for ground in ("accent-soft", "indirect-soft", "rule"):
        assert contrast(colours["text"], colours[ground]) >= 4.5, ground
    assert contrast(colours["accent"], colours["accent-soft"]) >= 4.5
    assert contrast(colours["box"], colours["accent"]) >= 4.5
    for name in ("line", "source", "table", "query", "other"):
        assert contrast(colours[name], colours["paper"]) >= 3, name
