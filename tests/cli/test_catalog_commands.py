import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from sqlopt.catalog import Catalog
from sqlopt.cli import cli

SHARED = Path(__file__).parents[3] / "shared" / "catalogs"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A folder with a database, and one with Parquet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, day DATE, note VARCHAR)")
        connection.execute(
            "INSERT INTO orders SELECT i, DATE '2026-01-01', '[red]x[/]' FROM range(2000) r(i)"
        )
        connection.execute("CREATE TABLE empty (a INTEGER)")
        Path("lake").mkdir()
        connection.execute("COPY orders TO 'lake/orders.parquet'")
    return tmp_path


@pytest.fixture
def run(shop):
    del shop
    return lambda *arguments: CliRunner().invoke(cli, ["catalog", *map(str, arguments)])


def test_sync_writes_a_catalog_and_says_what_is_in_it(run):
    result = run("sync", "duckdb:shop.duckdb")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.startswith("catalog.yml: 2 tables, 4 columns, 2,000 rows, ")
    assert result.stdout.count("\n") == 1
    assert Catalog.load("catalog.yml").table("orders").primary_key == ("id",)


def test_sync_reads_parquet(run):
    result = run("sync", "parquet:lake", "-o", "lake.yml")
    assert result.stdout.startswith("lake.yml: 1 table, 3 columns, 2,000 rows, ")
    assert Catalog.load("lake.yml").table("orders").rows == 2000


@pytest.mark.parametrize(
    "source", ["mysql:x", "shop.duckdb", "duckdb:", "duckdb:none.duckdb", "parquet:none"]
)
def test_a_source_that_is_none_exits_with_2_and_writes_nothing(run, source):
    result = run("sync", source)
    assert result.exit_code == 2
    assert "rror: " in result.stderr
    assert not Path("catalog.yml").exists()


def test_show_lists_the_tables(run):
    run("sync", "duckdb:shop.duckdb")
    lines = run("show").stdout.splitlines()
    assert [line.split()[0] for line in lines[3:5]] == ["empty", "orders"]
    assert "2,000" in lines[4]


def test_show_draws_a_table_with_what_is_known(run):
    run("sync", "duckdb:shop.duckdb")
    text = run("show", "orders").stdout
    for part in ("primary key: id (enforced)", "rows: 2,000", "2026-01-01", "VARCHAR", "[red]x[/]"):
        assert part in text
    assert "\x1b" not in text


def test_show_gives_json(run):
    run("sync", "duckdb:shop.duckdb")
    one = json.loads(run("show", "orders", "--format", "json").stdout)
    assert one["orders"]["columns"]["day"]["min"] == "2026-01-01"
    everything = json.loads(run("show", "--format", "json").stdout)
    assert set(everything["tables"]) == {"empty", "orders"}


def test_show_knows_a_slip_of_the_pen(run):
    run("sync", "duckdb:shop.duckdb")
    result = run("show", "ordres")
    assert result.exit_code == 2
    assert "orders" in result.stderr


def test_show_without_a_catalog_says_how_to_get_one(run):
    result = run("show")
    assert result.exit_code == 2
    assert "--catalog" in result.stderr


def test_check_tells_a_valid_file_from_a_broken_one(run):
    Path("good.yml").write_text("tables: {t: {rows: 3}}")
    Path("bad.yml").write_text("tables: {t: {row: 3}}")
    good, bad = run("check", "good.yml"), run("check", "bad.yml")
    assert (good.exit_code, good.stdout) == (0, "good.yml: valid, 1 table, 0 columns, 3 rows, 0 B\n")
    assert bad.exit_code == 2
    assert 'did you mean "rows"?' in bad.stderr


def test_check_lists_what_was_repaired(run):
    Path("cut.yml").write_text("tables: {t: {columns: {a: {type: 'NUMBER(18'}, '2)': {type: None}}}}")
    result = run("check", "cut.yml")
    assert result.exit_code == 0
    assert result.stderr == "warning: table t, column a: its type was cut in two; read as NUMBER(18,2)\n"


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.yml")), ids=lambda path: path.stem)
def test_every_table_of_the_sample_catalogs_can_be_shown(run, path):
    for table in Catalog.load(path).tables.values():
        result = run("show", table.name, "--catalog", path)
        assert result.exit_code == 0
        assert all(name in result.stdout for name in table.columns)


def test_control_characters_of_a_catalog_do_not_reach_the_terminal(run):
    Path("odd.yml").write_text('tables: {"t": {comment: "\\e[31mred", columns: {"a\\nb": {}}}}')
    text = run("show", "t", "--catalog", "odd.yml").stdout
    assert "\x1b" not in text
    assert "red" in text
