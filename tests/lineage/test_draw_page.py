"""The page in a headless Chromium: it asks for nothing, runs nothing foreign, and answers to pointer and keys."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from sqlopt import Catalog
from sqlopt.lineage import trace
from sqlopt.lineage.draw import html_page
from sqlopt.lineage.graph import LineageGraph
from tests.browser import launched, opened
from tests.lineage.test_draw_static import HOSTILE, graph

SHOP = """
CREATE TABLE stage.orders AS SELECT id, customer, net * 1.19 AS gross FROM raw.orders WHERE state <> 'test';
CREATE TABLE stage.customers AS SELECT id, md5(email) AS mail, land FROM raw.customers;
CREATE TABLE mart.revenue AS
SELECT c.land, sum(o.gross) AS revenue FROM stage.orders AS o JOIN stage.customers AS c ON o.customer = c.id
GROUP BY c.land;
CREATE TABLE mart.best AS SELECT land FROM mart.revenue WHERE revenue > 1000 ORDER BY revenue
"""


@pytest.fixture(scope="module")
def browser():
    with launched() as one:
        yield one


@pytest.fixture
def show(browser, tmp_path):
    pages = []

    def build(made=None, focus=None, title="Shop", **how):
        path = tmp_path / "lineage.html"
        path.write_text(html_page(made or graph(SHOP), focus=focus, title=title), encoding="utf-8")
        page = opened(browser, path, **how)
        pages.append(page)
        return page

    yield build
    for page in pages:
        assert page.complaints == []
        page.context.close()


def project(count):
    """Return a graph of tables that each read one or two before, as a project's models do."""
    made = LineageGraph()
    columns = [f"c{number}" for number in range(6)]
    parts = ["CREATE TABLE m.t0 AS SELECT " + ", ".join(columns) + " FROM raw.events"]
    for number in range(1, count - 1):
        left, right = (number - 1) // 2, max(0, number - 1 - number % 7)
        chosen = ", ".join(f"a.{one}" for one in columns[:4])
        parts.append(
            f"CREATE TABLE m.t{number} AS SELECT {chosen}, b.c4 + a.c5 AS c4, b.c5 "
            f"FROM m.t{left} AS a JOIN m.t{right} AS b ON a.c0 = b.c0"
        )
    text = ";\n".join(parts)
    made.add(trace(text, "duckdb", Catalog()), "models.sql", text)
    return made


def row(page, table, column):
    return page.locator(f'.box[aria-label^="{table},"] .row[aria-label^="{column}"]')


def box(page, table):
    return page.locator(f'.box[aria-label^="{table},"]')


def lit(page):
    """Return the columns on the path, as table.column by how they are on it."""
    script = """() => Object.fromEntries([...document.querySelectorAll('.row')].flatMap(row => {
      const how = ['chosen', 'direct', 'indirect'].find(one => row.classList.contains(one));
      const table = row.closest('.box').getAttribute('aria-label').split(',')[0];
      return how ? [[`${table}.${row.getAttribute('aria-label')}`, how]] : [];
    }))"""
    return page.evaluate(script)


def scale(page):
    return page.evaluate("() => document.getElementById('scene').transform.baseVal.consolidate().matrix.a")


def test_a_click_shows_only_the_columns_path(show):
    page = show()
    assert lit(page) == {}
    row(page, "mart.revenue", "revenue").click()
    assert lit(page) == {
        "mart.revenue.revenue": "chosen",
        "stage.orders.gross": "direct",
        "raw.orders.net": "direct",
        # what decides on the rows: the join and the grouping, and what those are made from
        "stage.orders.customer": "indirect",
        "raw.orders.customer": "indirect",
        "stage.customers.id": "indirect",
        "raw.customers.id": "indirect",
        "stage.customers.land": "indirect",
        "raw.customers.land": "indirect",
    }
    assert page.locator(".edge.on:not(.indirect):not(.weak)").count() == 2
    assert page.locator(".edge.on.indirect").count() > 0
    dashes = page.locator(".edge.on.indirect").first.evaluate("one => getComputedStyle(one).strokeDasharray")
    assert dashes not in {"", "none"}
    assert float(page.locator(".edge:not(.on)").first.evaluate("one => getComputedStyle(one).opacity")) < 0.3
    assert "aggregation, direct" in page.locator("#panel").inner_text()
    assert "models/0.sql:" in page.locator("#panel").inner_text()
    row(page, "mart.revenue", "revenue").click()
    assert lit(page) == {}
    assert page.locator("#panel").is_hidden()


def test_indirect_lines_can_be_left_out(show):
    page = show()
    row(page, "mart.revenue", "revenue").click()
    page.keyboard.press("i")
    assert lit(page) == {
        "mart.revenue.revenue": "chosen", "stage.orders.gross": "direct", "raw.orders.net": "direct",
    }  # fmt: skip
    assert page.locator(".edge.indirect").count() == 0
    assert page.locator("#indirect").get_attribute("aria-pressed") == "false"


def test_only_the_path_is_drawn_on_demand(show):
    page = show()
    row(page, "raw.customers", "email").click()
    page.locator("#alone").click()
    names = page.locator(".box .name").all_text_contents()
    assert sorted(names) == ["customers", "customers"]
    page.keyboard.press("Escape")
    assert page.locator(".box").count() == 6


def test_search(show):
    page = show()
    page.keyboard.press("/")
    page.keyboard.type("reven")
    options = page.locator("#results [role=option]").all_inner_texts()
    assert options[:2] == ["revenuemart", "revenuemart.revenue"]
    page.keyboard.press("ArrowDown")
    assert page.locator("#results [aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".row.chosen").get_attribute("aria-label") == "revenue"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "revenue"
    page.keyboard.press("/")
    page.keyboard.type("stage.orders.gr")
    page.keyboard.press("Enter")
    assert page.locator(".row.chosen").get_attribute("aria-label") == "gross"
    page.keyboard.press("/")
    page.keyboard.type("nothing at all")
    assert page.locator("#results").inner_text() == "Nothing found"


def test_keys_zoom_pan_and_walk(show):
    page = show()
    first = scale(page)
    page.keyboard.press("+")
    assert scale(page) == pytest.approx(first * 1.25, rel=1e-2)
    page.keyboard.press("0")
    assert scale(page) == pytest.approx(first, rel=1e-2)
    page.locator("#canvas").focus()
    before = page.locator("#scene").get_attribute("transform")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#scene").get_attribute("transform") != before
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "treeitem"
    box(page, "stage.orders").focus()
    walked = []
    for press in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(press)
        walked.append(page.evaluate("document.activeElement.getAttribute('aria-label').split(',')[0]"))
    assert walked == ["id", "customer", "gross", "revenue", "gross"]
    page.keyboard.press("Enter")
    assert page.locator(".row.chosen").get_attribute("aria-label") == "gross"
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    assert box(page, "stage.orders").get_attribute("aria-expanded") == "false"
    assert box(page, "stage.orders").locator(".row").count() == 0
    page.keyboard.press("Space")
    assert box(page, "stage.orders").locator(".row").count() == 3


def test_wheel_and_drag(show):
    page = show()
    first = scale(page)
    page.mouse.move(600, 700)
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        f"document.getElementById('scene').transform.baseVal.consolidate().matrix.a > {first * 1.2}"
    )
    x = box(page, "mart.best").bounding_box()["x"]
    page.mouse.move(300, 780)
    page.mouse.down()
    page.mouse.move(360, 740, steps=4)
    page.mouse.up()
    assert box(page, "mart.best").bounding_box()["x"] == pytest.approx(x + 60, abs=2)
    assert lit(page) == {}


def test_pinch(show):
    page = show(has_touch=True)
    first = scale(page)
    tool = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 100), ("touchMove", 160), ("touchMove", 240)):
        points = [{"x": 600 - apart / 2, "y": 700, "id": 0}, {"x": 600 + apart / 2, "y": 700, "id": 1}]
        tool.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    tool.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert scale(page) == pytest.approx(first * 2.4, rel=0.1)


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(246, 247, 249)"), ("dark", "rgb(17, 20, 26)")])
def test_dark_and_light(show, scheme, ground):
    page = show(color_scheme=scheme)
    shown = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(shown) == ground
    page.locator("#theme").click()
    other = page.evaluate(shown)
    assert other != ground
    page.keyboard.press("d")
    assert page.evaluate(shown) == ground


def test_export(show):
    page = show(graph(SHOP, HOSTILE))
    row(page, "mart.revenue", "revenue").click()
    with page.expect_download() as waiting:
        page.locator("#save").click()
    root = ET.parse(waiting.value.path()).getroot()  # noqa: S314
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not any(one.tag.endswith(("script", "style", "foreignObject")) for one in root.iter())
    texts = {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"revenue", "gross", "</text><img src=x onerror=alert(2)>"} <= texts
    fills = {one.get("fill") for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert all(one and one.startswith("rgb") for one in fills)


def test_hostile_names_run_nothing(show):
    page = show(graph(HOSTILE), title="</title><script>alert(3)</script>")
    page.locator(".box .head").last.click()
    for one in page.locator(".row").all():
        one.click()
    page.keyboard.press("/")
    page.keyboard.type("<")
    page.wait_for_timeout(100)
    assert page.locator("#results").inner_text().count("<img src=x") == 1
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert page.title() == "</title><script>alert(3)</script>"
    assert "rtl\\u202eevil\\u2028\\u0001" in page.locator("#boxes").text_content()


def test_the_policy_holds_off_foreign_scripts_and_requests(show):
    page = show()
    page.evaluate("""() => {
      const one = document.createElement('script');
      one.textContent = 'window.ran = true';
      document.body.append(one);
    }""")
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in one for one in page.complaints)
    page.complaints.clear()


def test_focus(show):
    page = show(focus="mart.revenue.revenue")
    assert page.locator(".row.chosen").get_attribute("aria-label") == "revenue"
    assert lit(page)["raw.orders.net"] == "direct"


def test_lines_cross_no_boxes(show):
    page = show(project(60))
    crossed = page.evaluate("""() => {
      const boxes = [...document.querySelectorAll('.box')].map(one => {
        const {e, f} = one.transform.baseVal.consolidate().matrix, frame = one.querySelector('.frame');
        return {id: one.dataset.table, x: e, y: f, w: frame.width.baseVal.value, h: frame.height.baseVal.value};
      });
      const found = [];
      for (const path of document.querySelectorAll('.edge')) {
        for (let at = 0; at < path.getTotalLength(); at += 4) {
          const {x, y} = path.getPointAtLength(at);
          const inside = (at, from, size) => at > from + 1 && at < from + size - 1;
          const hit = boxes.find(box => inside(x, box.x, box.w) && inside(y, box.y, box.h));
          if (hit) found.push([path.dataset.from, path.dataset.to, hit.id]);
        }
      }
      return [found.slice(0, 3), document.querySelectorAll('.edge').length];
    }""")
    assert crossed[0] == []
    assert crossed[1] > 60


def test_many_columns_are_folded_until_asked_for(show):
    listed = ", ".join(f"c{one:03}" for one in range(200))
    page = show(graph(f"CREATE TABLE wide AS SELECT {listed} FROM raw.wide"))
    assert page.locator(".row").count() == 0
    box(page, "wide").locator(".toggle").first.click()
    assert page.locator(".row").count() == 200
    row(page, "wide", "c007").click()
    assert row(page, "raw.wide", "c007").count() == 1
    assert page.locator(".row").count() == 201


def test_large_graphs_open_at_a_neighbourhood_and_go_on(show):
    made = project(1000)
    page = show(made, focus="m.t500")
    shown = page.locator(".box").count()
    assert 1 < shown <= 250
    assert "of 1000 tables" in page.locator("#count").inner_text()
    handles = page.locator(".more")
    assert handles.count() > 0
    handles.first.dispatch_event("pointerdown", {"button": 0, "pointerId": 1})
    page.evaluate("dispatchEvent(new PointerEvent('pointerup', {pointerId: 1}))")
    assert page.locator(".box").count() > shown
    page.keyboard.press("/")
    page.keyboard.type("t997")
    page.keyboard.press("Enter")
    assert box(page, "m.t997").count() == 1
