"""How long pages of many tables take until they answer, as ratios to a page of ten."""

from __future__ import annotations

import pytest

from sqlopt.lineage.draw import html_page
from tests.benchmarks.conftest import interleaved, report
from tests.browser import launched, opened
from tests.lineage.test_draw_page import project


@pytest.fixture(scope="module")
def browser():
    with launched() as one:
        yield one


def test_time_until_a_page_answers(browser, tmp_path):
    """From opening to the path of a clicked table being shown."""
    counts = (10, 500, 5_000)
    graphs = {count: project(count) for count in counts}
    paths = {count: tmp_path / f"{count}.html" for count in counts}
    for count, path in paths.items():
        path.write_text(html_page(graphs[count]), encoding="utf-8")

    def open_and_choose(count):
        page = opened(browser, paths[count])
        page.evaluate("document.querySelector('.box').focus()")
        page.keyboard.press("Enter")
        page.wait_for_selector(".box.chosen")
        assert page.complaints == []
        page.context.close()

    wall = interleaved(
        5,
        ten=lambda: open_and_choose(10),
        five_hundred=lambda: open_and_choose(500),
        five_thousand=lambda: open_and_choose(5_000),
    )
    ratios = {name: wall[name] / wall["ten"] for name in ("five_hundred", "five_thousand")}
    report("time until a page answers, to a page of 10 tables", **ratios)
    assert ratios["five_hundred"] <= 6
    assert ratios["five_thousand"] <= 4


def test_time_to_write_a_page():
    """A large page's places are worked out in the page, for what is drawn of it."""
    small, large = project(500), project(5_000)
    wall = interleaved(3, small=lambda: html_page(small), large=lambda: html_page(large))
    ratio = wall["large"] / wall["small"]
    report("writing a page of 5,000 tables", to_one_of_500=ratio)
    assert ratio <= 5
