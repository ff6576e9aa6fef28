"""What statements that change tables write: upserts, whole rows, fields, values, and targets that are no tables."""

from __future__ import annotations

import duckdb
import pytest

from sqlopt import Catalog, Project

CATALOG = Catalog.from_dict(
    {
        "version": 1,
        "tables": {
            "pantry": {"columns": {"shelf": {"type": "INT"}, "stock": {"type": "INT"}}},
            "crate": {"columns": {"stock": {"type": "INT"}, "shelf": {"type": "INT"}}},
        },
    }
)

CASES = [
    (
        "postgres",
        (
            "INSERT INTO jar AS j (lid, grams) SELECT lid, 1 FROM batch"
            " ON CONFLICT (lid) DO UPDATE SET grams = j.grams + EXCLUDED.grams, seal = EXCLUDED.lid"
        ),
        {"jar.lid": ["batch.lid"], "jar.grams": ["jar.grams"], "jar.seal": ["batch.lid"]},
    ),
    (
        "postgres",
        (
            "INSERT INTO jar (lid) VALUES (1) ON CONFLICT (lid)"
            " DO UPDATE SET (grams, seal) = (SELECT b.net, excluded.lid FROM batch b)"
        ),
        {"jar.lid": [], "jar.grams": ["batch.net"], "jar.seal": []},
    ),
    (
        "mysql",
        (
            "INSERT INTO jar (lid, grams) SELECT lid, net FROM batch ON DUPLICATE KEY UPDATE seal = net,"
            " grams = VALUES(lid)"
        ),
        {"jar.lid": ["batch.lid"], "jar.grams": ["batch.net", "batch.lid"], "jar.seal": ["batch.net"]},
    ),
    (
        "mysql",
        (
            "INSERT INTO jar (lid, grams) VALUES (1, (SELECT MAX(net) FROM batch)) AS fresh(p, q) ON"
            " DUPLICATE KEY UPDATE grams = fresh.q"
        ),
        {"jar.lid": [], "jar.grams": ["batch.net"]},
    ),
    (
        "postgres",
        "INSERT INTO jar (lid) VALUES (1), ((SELECT MAX(net) FROM batch))",
        {"jar.lid": ["batch.net"]},
    ),
    (
        "postgres",
        "INSERT INTO pantry VALUES (1, (SELECT net FROM batch))",
        {"pantry.shelf": [], "pantry.stock": ["batch.net"]},
    ),
    (
        "tsql",
        "SELECT lid INTO jar FROM batch UNION ALL SELECT cap FROM tub",
        {"jar.lid": ["batch.lid", "tub.cap"]},
    ),
    ("hive", "INSERT OVERWRITE DIRECTORY '/out' SELECT lid FROM batch", {"/out.lid": ["batch.lid"]}),
    ("redshift", "UNLOAD ('SELECT lid FROM batch') TO 's3://b/out'", {"s3://b/out.lid": ["batch.lid"]}),
    (
        "athena",
        "UNLOAD (SELECT lid FROM batch) TO 's3://b/out' WITH (format = 'PARQUET')",
        {"s3://b/out.lid": ["batch.lid"]},
    ),
    (
        "bigquery",
        "UPDATE d.jar j SET label.text = b.name, j.grams = b.net FROM d.batch b WHERE b.lid = j.lid",
        {"d.jar.label.text": ["d.batch.name"], "d.jar.grams": ["d.batch.net"]},
    ),
    (
        "mysql",
        "UPDATE jar JOIN batch ON jar.lid = batch.lid SET jar.grams = batch.net, batch.used = jar.lid",
        {"jar.grams": ["batch.net"], "batch.used": ["jar.lid"]},
    ),
    (
        "bigquery",
        "MERGE pantry p USING crate c ON p.shelf = c.shelf WHEN NOT MATCHED THEN INSERT ROW",
        {"pantry.shelf": ["crate.stock"], "pantry.stock": ["crate.shelf"]},
    ),
    (
        "databricks",
        (
            "MERGE INTO pantry p USING crate c ON p.shelf = c.shelf WHEN MATCHED THEN UPDATE SET * WHEN NOT"
            " MATCHED THEN INSERT *"
        ),
        {"pantry.stock": ["crate.stock"], "pantry.shelf": ["crate.shelf"]},
    ),
    (
        "snowflake",
        (
            "SELECT * FROM crate MATCH_RECOGNIZE (PARTITION BY shelf ORDER BY stock MEASURES LAST(up.stock) AS top"
            " ONE ROW PER MATCH PATTERN (up+) DEFINE up AS stock > 0)"
        ),
        {"shelf": ["crate.shelf"], "top": ["crate.stock"]},
    ),
    (
        "snowflake",
        (
            "SELECT m.bin, m.top FROM tub MATCH_RECOGNIZE (PARTITION BY bin ORDER BY day MEASURES"
            " MIN(cap) AS top PATTERN (low+) DEFINE low AS cap < 3) AS m"
        ),
        {"bin": ["tub.bin"], "top": ["tub.cap"]},
    ),
    (
        "bigquery",
        "MERGE d.jar j USING d.batch b ON j.lid = b.lid WHEN NOT MATCHED THEN INSERT ROW",
        {"d.jar.*": ["d.batch.*"]},
    ),
]


@pytest.mark.parametrize(("dialect", "sql", "columns"), CASES, ids=[one[1][:60] for one in CASES])
def test_columns_that_are_written(dialect, sql, columns):
    found = Project(catalog=CATALOG, dialect=dialect).lineage(sql)
    assert not found.errors
    assert found.columns() == columns


@pytest.mark.parametrize(
    "then",
    [
        "NOT MATCHED THEN INSERT *",
        "NOT MATCHED THEN INSERT",
        "NOT MATCHED THEN INSERT BY NAME",
        "MATCHED THEN UPDATE SET *",
    ],
)
def test_whole_rows_of_merge_go_where_duckdb_puts_them(then):
    sql = f"MERGE INTO pantry p USING crate c ON p.shelf = c.stock WHEN {then}"

    def rows(changed: str) -> tuple[set[int], set[int]]:
        con = duckdb.connect()
        con.execute("CREATE TABLE pantry (shelf INT, stock INT); CREATE TABLE crate (stock INT, shelf INT)")
        con.execute("INSERT INTO pantry VALUES (1, 2); INSERT INTO crate VALUES (1, 7), (5, 6)")
        if changed == "shelf":
            con.execute("UPDATE crate SET shelf = shelf + 100")
        con.execute(sql)
        return tuple({row[place] for row in con.execute("FROM pantry").fetchall()} for place in (0, 1))  # type: ignore[return-value]

    before, after = rows(""), rows("shelf")
    moved = {
        name
        for name, old, new in zip(("pantry.shelf", "pantry.stock"), before, after, strict=True)
        if old != new
    }
    found = Project(catalog=CATALOG, dialect="duckdb").lineage(sql).columns()
    assert moved == {column for column, sources in found.items() if "crate.shelf" in sources}


def test_one_statement_costs_itself(monkeypatch):
    from sqlopt.lineage.statement import Reader

    read = Reader.read

    def stumbling(self):
        if "stone" in self.query.text(self.query.tree):
            raise RecursionError
        return read(self)

    monkeypatch.setattr(Reader, "read", stumbling)
    sql = (
        "CREATE TABLE a AS SELECT x FROM b;\nCREATE TABLE c AS SELECT y FROM stone;\nCREATE TABLE d AS"
        " SELECT z FROM e"
    )
    found = Project(dialect="duckdb").lineage(sql)
    assert found.columns() == {"a.x": ["b.x"], "d.z": ["e.z"]}
    assert [sql[one.span.start : one.span.end] for one in found.errors] == [
        "CREATE TABLE c AS SELECT y FROM stone"
    ]


@pytest.mark.parametrize("dialect", ["duckdb", "snowflake", "redshift", "databricks", "spark"])
def test_a_column_that_an_alias_shadows_wins_over_it(dialect):
    found = Project(dialect=dialect).lineage(
        "SELECT near + far AS near, far + near AS far, 2 * far AS twice FROM walk"
    )
    assert found.columns()["near"] == ["walk.near", "walk.far"]
    assert found.columns()["far"] == ["walk.far", "walk.near"]
    assert found.columns()["twice"] == ["walk.far"]
