"""Keys and NOT NULL that follow from a statement; DuckDB is the judge of every claim."""

from __future__ import annotations

import random

import duckdb
import pytest

from sqlopt.catalog import Catalog
from sqlopt.query import understand

DDL = """
CREATE TABLE herd (hid INTEGER PRIMARY KEY, farm INTEGER, breed TEXT NOT NULL, tag TEXT UNIQUE);
CREATE TABLE milk (mid INTEGER PRIMARY KEY, hid INTEGER, litres INTEGER NOT NULL, day INTEGER);
CREATE TABLE farm (fid INTEGER PRIMARY KEY, name TEXT);
"""
CATALOG = Catalog.from_ddl(DDL, "duckdb")


def facts(sql, dialect="duckdb", catalog=CATALOG):
    (query,) = understand(sql, dialect, catalog)
    root = next(one for one in query.scopes if one.node is query.tree)
    return query.facts, root


def never_null(sql, dialect="duckdb", catalog=CATALOG):
    known, root = facts(sql, dialect, catalog)
    return known.output_not_null(root, root.outputs[0].name)


def keys(sql, dialect="duckdb", catalog=CATALOG):
    known, root = facts(sql, dialect, catalog)
    return {tuple(sorted(one)) for one in known.keys(root)}


NOT_NULL = [
    "SELECT m.hid FROM milk m JOIN herd h ON h.hid = m.hid",
    "SELECT m.hid FROM milk m JOIN herd h USING (hid)",
    "SELECT hid FROM milk NATURAL JOIN herd",
    "SELECT h.hid FROM milk m LEFT JOIN herd h ON h.hid = m.hid JOIN farm f ON f.fid = h.farm",
    "SELECT h.farm FROM milk m LEFT JOIN herd h ON h.hid = m.hid JOIN farm f ON f.fid = h.farm",
    "SELECT farm FROM herd WHERE farm > 1",
    "SELECT farm FROM herd WHERE NOT (farm IS NULL OR farm = 1)",
    "SELECT farm FROM herd WHERE farm BETWEEN 0 AND 2",
    "SELECT farm FROM herd WHERE farm IN (1, 2)",
    "SELECT * FROM (SELECT farm FROM herd) AS x WHERE farm IS NOT NULL",
    "WITH x AS (SELECT * FROM herd WHERE farm IS NOT NULL) SELECT farm FROM x",
    "SELECT mid FROM milk UNION SELECT hid FROM herd",
    "SELECT hid FROM milk INTERSECT SELECT hid FROM herd",
    "SELECT MAX(litres) FROM milk GROUP BY hid",
    "SELECT MIN(x.litres) FROM (SELECT litres, day FROM milk) AS x GROUP BY x.day",
    "SELECT COUNT(farm) FROM herd",
    "SELECT ROW_NUMBER() OVER (ORDER BY farm) FROM herd",
    "SELECT CASE WHEN farm > 1 THEN breed ELSE 'none' END FROM herd",
    "SELECT farm FROM herd GROUP BY ROLLUP (farm) HAVING farm IS NOT NULL",
    "SELECT breed FROM herd GROUP BY breed, ROLLUP (farm)",
]
NULLABLE = [
    "SELECT farm FROM herd",
    "SELECT h.hid FROM milk m LEFT JOIN herd h ON h.hid = m.hid",
    "SELECT m.hid FROM milk m LEFT JOIN herd h ON h.hid = m.hid",
    "SELECT m.litres FROM milk m RIGHT JOIN herd h ON h.hid = m.hid",
    "SELECT h.farm FROM herd h JOIN farm f ON f.fid = h.farm RIGHT JOIN milk m ON m.hid = h.hid",
    "SELECT m.hid FROM milk m FULL JOIN herd h ON h.hid = m.hid",
    "SELECT hid FROM herd GROUP BY ROLLUP (hid)",
    "SELECT breed FROM herd GROUP BY CUBE (breed, hid)",
    "SELECT hid FROM herd GROUP BY GROUPING SETS ((hid), (breed))",
    "SELECT hid FROM milk UNION ALL SELECT hid FROM herd",
    "SELECT farm FROM herd WHERE farm > 1 OR hid > 0",
    "SELECT farm FROM herd WHERE COALESCE(farm, 0) < 2",
]
UNKNOWN = [
    "SELECT MAX(litres) FROM milk",
    "SELECT MAX(litres) FILTER (day > 1) FROM milk GROUP BY hid",
    "SELECT SUM(litres) OVER (ORDER BY day ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) FROM milk",
    "SELECT LAG(litres) OVER (ORDER BY day) FROM milk",
    "SELECT hid FROM milk FULL JOIN herd USING (hid)",
]
UNIQUE = {
    "SELECT hid FROM herd": {("hid",)},
    "WITH h AS (SELECT * FROM herd), x AS (SELECT *, hid AS cow FROM h) SELECT cow, breed FROM x": {("cow",)},
    "SELECT m.mid FROM milk m JOIN herd h ON h.hid = m.hid": {("mid",)},
    "SELECT m.mid FROM herd h JOIN milk m ON h.hid = m.hid": {("mid",)},
    "SELECT m.mid FROM herd h RIGHT JOIN milk m ON h.hid = m.hid": {("mid",)},
    "SELECT m.mid FROM milk m LEFT JOIN herd h USING (hid)": {("mid",)},
    "SELECT m.mid FROM milk m LEFT JOIN herd h ON h.tag = m.day::TEXT": {("mid",)},
    "SELECT h.hid FROM herd h SEMI JOIN milk m ON m.hid = h.hid": {("hid",)},
    "SELECT f.fid FROM herd h JOIN farm f ON f.fid = h.hid": {("fid",)},
    "SELECT farm, breed FROM herd GROUP BY 1, 2": {("breed", "farm")},
    "SELECT h.hid, h.breed, SUM(m.litres) AS s FROM herd h JOIN milk m ON m.hid = h.hid GROUP BY h.hid, h.breed": {
        ("hid",)
    },
    "SELECT farm, day FROM herd, milk WHERE day = 3 GROUP BY farm, day": {("farm",)},
    "SELECT hid, litres FROM milk QUALIFY ROW_NUMBER() OVER (PARTITION BY hid ORDER BY day) = 1": {("hid",)},
    "SELECT hid FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY hid ORDER BY day) AS n FROM milk) AS x WHERE n = 1": {
        ("hid",)
    },
    "SELECT hid FROM (SELECT hid, ROW_NUMBER() OVER (PARTITION BY hid) AS n FROM milk) AS x WHERE x.n <= 1": {
        ("hid",)
    },
    "SELECT DISTINCT ON (farm) farm, breed FROM herd": {("farm",)},
    "SELECT DISTINCT farm, 'cow' AS kind FROM herd": {("farm",)},
    "SELECT hid FROM herd EXCEPT ALL SELECT hid FROM milk": {("hid",)},
    "SELECT MAX(day) AS last FROM milk": {()},
    "SELECT day FROM milk ORDER BY day FETCH FIRST 1 ROW ONLY": {()},
}
REPEATED = [
    "SELECT hid FROM milk",
    "SELECT h.hid FROM herd h JOIN milk m ON m.hid = h.hid",
    "SELECT h.hid FROM herd h LEFT JOIN milk m ON m.hid = h.hid",
    "SELECT f.fid FROM herd h JOIN farm f ON f.fid = h.farm",
    "SELECT hid FROM herd GROUP BY ROLLUP (hid), breed",
    "SELECT UPPER(breed) AS breed FROM herd GROUP BY herd.breed, farm",
    "SELECT hid, n FROM (SELECT hid, RANK() OVER (PARTITION BY hid ORDER BY day) AS n FROM milk) AS x WHERE n = 1",
    "SELECT hid, ROW_NUMBER() OVER w AS n FROM milk WINDOW w AS (PARTITION BY hid)",
    "SELECT hid FROM herd UNION ALL SELECT hid FROM milk",
    "SELECT day FROM milk ORDER BY day LIMIT 50%",
    "SELECT tag FROM herd",
    "SELECT l.mid FROM herd h, LATERAL (SELECT mid, h.farm AS f FROM milk WHERE day = 1) AS l WHERE l.f = h.hid",
]


@pytest.mark.parametrize("sql", NOT_NULL)
def test_what_can_not_be_null(sql):
    assert never_null(sql) is True


@pytest.mark.parametrize("sql", NULLABLE)
def test_what_may_be_null(sql):
    assert never_null(sql) is False


@pytest.mark.parametrize("sql", UNKNOWN)
def test_what_nobody_knows(sql):
    assert never_null(sql) is None


@pytest.mark.parametrize(("sql", "expected"), UNIQUE.items())
def test_keys(sql, expected):
    assert keys(sql) >= expected


@pytest.mark.parametrize("sql", REPEATED)
def test_what_may_repeat_is_no_key(sql):
    known, root = facts(sql)
    names = frozenset(one.name for one in root.outputs)
    assert not known.unique(root, names)


@pytest.fixture(scope="module")
def farms():
    """Twelve small databases that keep the constraints, with NULLs, repeats and empty tables."""
    made = []
    for seed in range(12):
        draw = random.Random(seed)
        connection = duckdb.connect()
        connection.execute(DDL)
        some = [None, 0, 1, 2, 3]
        for hid in range(draw.choice((0, 3, 5))):
            row = (hid, draw.choice(some), draw.choice("abA"), draw.choice((None, str(hid))))
            connection.execute("INSERT INTO herd VALUES (?, ?, ?, ?)", row)
        for mid in range(draw.choice((0, 4, 8))):
            row = (mid, draw.choice(some), draw.choice((1, 2)), draw.choice(some))
            connection.execute("INSERT INTO milk VALUES (?, ?, ?, ?)", row)
        for fid in range(draw.choice((0, 2, 4))):
            connection.execute("INSERT INTO farm VALUES (?, ?)", (fid, draw.choice((None, "f"))))
        made.append(connection)
    return made


@pytest.mark.parametrize("sql", [*NOT_NULL, *NULLABLE, *UNKNOWN, *UNIQUE, *REPEATED])
def test_duckdb_agrees(sql, farms):
    known, root = facts(sql)
    names = [one.name for one in root.outputs]
    whole = {one for one in names if known.output_not_null(root, one)}
    for farm in farms:
        rows = farm.execute(sql).fetchall()
        for name in whole:
            assert all(row[names.index(name)] is not None for row in rows), (name, rows)
        for key in known.keys(root):
            places = [names.index(name) for name in key]
            seen = [tuple(row[place] for place in places) for row in rows]
            assert len(seen) == len(set(seen)), (key, rows)


@pytest.mark.parametrize("sql", NULLABLE)
def test_duckdb_finds_a_null_where_one_may_be(sql, farms):
    assert any(row[0] is None for farm in farms for row in farm.execute(sql).fetchall())


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT TOP 1 WITH TIES day FROM milk ORDER BY day", "tsql"),
        ("SELECT day FROM milk ORDER BY day FETCH FIRST 1 ROW WITH TIES", "postgres"),
        ("SELECT day FROM milk LIMIT 1 BY hid", "clickhouse"),
    ],
)
def test_ties_and_limits_of_groups_are_several_rows(sql, dialect):
    assert () not in keys(sql, dialect)


def test_a_key_that_nobody_enforces_is_none():
    catalog = Catalog.from_ddl("CREATE TABLE barn (bid INT64, PRIMARY KEY (bid) NOT ENFORCED)", "bigquery")
    assert keys("SELECT bid FROM barn", "bigquery", catalog) == set()
    (query,) = understand("WITH b AS (SELECT * FROM barn) SELECT bid FROM b", "bigquery", catalog)
    root = next(one for one in query.scopes if one.node is query.tree)
    assert query.declared.keys(root) == (frozenset({"bid"}),)


def test_texts_and_numbers_that_meet_are_no_key():
    catalog = Catalog.from_ddl(
        "CREATE TABLE a (k VARCHAR NOT NULL UNIQUE); CREATE TABLE b (n INT PRIMARY KEY)", "mysql"
    )
    assert keys("SELECT b.n FROM b JOIN a ON a.k = b.n", "mysql", catalog) == set()


def test_what_an_update_returns_was_not_filtered():
    sql = "WITH u AS (UPDATE herd SET farm = NULL WHERE farm > 0 RETURNING farm) SELECT farm FROM u"
    assert never_null(sql, "postgres") is not True
