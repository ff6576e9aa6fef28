"""What lineage costs beside the parsing and binding that it stands on."""

from __future__ import annotations

from sqlglot import parse_one
from sqlglot.optimizer.qualify import qualify

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.lineage import trace
from sqlopt.lineage.script import Session
from sqlopt.project import Project
from sqlopt.query import understand
from tests.benchmarks.conftest import interleaved, report
from tests.tpcds import catalog, queries


def test_lineage_of_bound_statements():
    tables = catalog()
    texts = queries()
    bound = [query for text in texts for query in understand(text, "duckdb", tables)]

    def parse_and_bind():
        for text in texts:
            understand(text, "duckdb", tables)

    def lineage():
        session = Session(tables)
        for query in bound:
            session.run(query)

    wall = interleaved(9, bind=parse_and_bind, lineage=lineage)
    ratio = wall["lineage"] / wall["bind"]
    report("lineage of bound TPC-DS statements", to_parse_and_bind=ratio)
    assert ratio <= 0.5


def test_many_columns_through_many_ctes():
    names = [f"c{i}" for i in range(500)]
    listed = ", ".join(names)
    ctes = ["q0 AS (SELECT * FROM base)"]
    ctes += [f"q{i} AS (SELECT {listed} FROM q{i - 1} WHERE c{i} > {i})" for i in range(1, 30)]
    sql = f"WITH {', '.join(ctes)} SELECT * FROM q29"
    tables = Catalog([Table("base", {name: Column(name, "INTEGER") for name in names})])
    schema = {"base": dict.fromkeys(names, "INTEGER")}

    def peer():
        qualify(parse_one(sql, dialect="duckdb"), schema=schema, dialect="duckdb")

    def ours():
        assert trace(sql, "duckdb", tables).columns()["c7"] == ["base.c7"]

    wall = interleaved(3, ours=ours, peer=peer)
    ratio = wall["ours"] / wall["peer"]
    report("500 columns through 30 CTEs, parsed, bound and traced", to_sqlglot_parse_and_qualify=ratio)
    assert ratio <= 1.5


MODEL = """WITH orders AS (
    SELECT * FROM {one}
),
payments AS (
    SELECT id, max(w) AS latest, sum(v) AS total, sum(CASE WHEN k = 3 THEN v END) AS card
    FROM {two}
    WHERE v IS NOT NULL AND k BETWEEN 1 AND 9
    GROUP BY id
),
final AS (
    SELECT orders.id, orders.k, coalesce(payments.total, 0) AS v,
        round(payments.card / nullif(payments.total, 0), 2) AS share,
        CASE WHEN orders.k = 1 THEN 'new' WHEN orders.k = 2 THEN 'open' ELSE 'done' END AS state,
        row_number() OVER (PARTITION BY orders.id ORDER BY payments.latest DESC) AS place,
        greatest(orders.w, payments.latest) AS w
    FROM orders
    LEFT JOIN payments ON orders.id = payments.id
    WHERE orders.k > 1 AND (orders.w < 100 OR orders.v IN (1, 2, 3))
)
SELECT * FROM final WHERE place = 1"""


def test_graph_of_a_project(tmp_path, monkeypatch):
    """Ten layers of models, each reading two of the layer before through stars and names."""
    count, layers = 10_000, 10
    per = count // layers
    for place in range(count):
        layer, column = divmod(place, per)
        if layer == 0:
            source = "SELECT id, k, v, w FROM raw.events WHERE v > 0"
        else:
            one, two = (f"m.t{(layer - 1) * per + (column * step) % per}" for step in (1, 7))
            source = MODEL.format(one=one, two=two)
        (tmp_path / f"t{place:05}.sql").write_text(f"CREATE TABLE m.t{place} AS {source}")
    tables = Catalog([Table("raw.events", {name: Column(name, "INTEGER") for name in ("id", "k", "v", "w")})])
    project = Project(catalog=tables, dialect="duckdb")
    texts = [path.read_text() for path in sorted(tmp_path.iterdir())]

    columns = {name: Column(name) for name in ("id", "k", "v", "w")}
    known = Catalog([*tables.tables.values(), *(Table(f"m.t{place}", columns) for place in range(count))])

    def parse_and_bind():
        for text in texts:
            for query in understand(text, "duckdb", known):
                assert query.scopes

    def graph():
        made = project.graph([tmp_path])
        assert len(made.tables) == count + 1
        assert not made.troubles

    monkeypatch.chdir(tmp_path)
    project.graph([tmp_path], cache=True)
    warm = {"warm": lambda: project.graph([tmp_path], cache=True)}
    wall = interleaved(3, bind=parse_and_bind, graph=graph, **warm)
    ratio = wall["graph"] / wall["bind"]
    report(f"graph of {count:,} models", to_parse_and_bind=ratio, warm_to_cold=wall["warm"] / wall["graph"])
    assert ratio <= 1.65
    assert wall["warm"] <= 0.1 * wall["graph"]
