"""What holds for every engine's pruning table, and for the answers that cost trust if they are wrong."""

import re

import pytest

from sqlopt.warehouses.pruning import Form, Prunes, pruning_table

ENGINES = ["bigquery", "snowflake", "postgres", "spark", "duckdb"]
CELLS = [
    pytest.param(cell, id=f"{engine} {kind} {form.name}")
    for engine in ENGINES
    for kind in ("partition", "cluster")
    for form, cell in getattr(pruning_table(engine), kind).items()
]


@pytest.mark.parametrize("cell", CELLS)
def test_an_answer_has_a_page_or_a_measurement(cell):
    assert cell.sure in {"documented", "measured", "believed"}
    if cell.sure == "believed":
        assert cell.prunes is Prunes.UNKNOWN
    if cell.sure == "documented":
        assert re.search(r"https://\S+ \(checked \d{4}-\d\d-\d\d\)", cell.source)
    if cell.sure == "measured":
        assert re.match(r"measured: \S+ \d|measured by others: .*https://", cell.source)


@pytest.mark.parametrize("dialect", [*ENGINES, "databricks", "hive", "teradata"])
def test_a_form_without_a_cell_is_unknown(dialect):
    table = pruning_table(dialect)
    for form in Form:
        for cluster in (False, True):
            cell = table.cell(form, cluster=cluster)
            assert cell.sure in {"documented", "measured"} or cell.prunes is Prunes.UNKNOWN


def test_the_same_filter_differs_by_engine():
    truncated = {engine: pruning_table(engine) for engine in ENGINES}
    assert truncated["postgres"].cell(Form.TRUNCATE).prunes is Prunes.NO
    assert truncated["bigquery"].cell(Form.TRUNCATE).prunes is Prunes.YES
    assert truncated["bigquery"].cell(Form.TRUNCATE, cluster=True).prunes is Prunes.NO
    assert truncated["spark"].cell(Form.TRUNCATE).prunes is Prunes.YES
    assert truncated["snowflake"].cell(Form.TRUNCATE, cluster=True).prunes is Prunes.YES
    assert truncated["duckdb"].cell(Form.TRUNCATE, cluster=True).prunes is Prunes.YES
