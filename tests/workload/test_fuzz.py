"""Random pairs of statements: over the views suggested for them they give the same rows, on data full of NULLs."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

import duckdb
import pytest

from tests.workload.conftest import DDL

KEYS = ["s.shop", "s.item", "s.day", "s.pieces", "YEAR(s.day)", "DATE_TRUNC('month', s.day)", "s.pieces % 3"]
OUTSIDE = {"i": ["i.brand", "i.kind", "UPPER(i.brand)"], "h": ["h.town", "h.country"]}
AGGREGATES = [
    "COUNT(*)", "COUNT(1)", "COUNT(s.amount)", "SUM(s.amount)", "SUM(s.pieces)", "AVG(s.amount)", "AVG(s.pieces)",
    "MIN(s.amount)", "MAX(s.day)", "COUNT(DISTINCT s.item)", "SUM(s.weight)", "AVG(s.weight)",
    "SUM(CASE WHEN s.pieces > 2 THEN s.amount ELSE 0 END)", "COUNT(*) FILTER (WHERE s.amount > 5)",
    "SUM(s.amount * s.pieces)", "SUM(s.pieces) / 2", "AVG(s.pieces) FILTER (WHERE s.shop = 1)",
    "SUM(DISTINCT s.pieces)",
    "MAX(s.amount) - MIN(s.amount)", "BOOL_OR(s.pieces > 3)",
]  # fmt: skip
CONDITIONS = [
    "s.shop = {}", "s.pieces > {}", "s.item IN ({}, 3)", "s.day >= DATE '2024-0{}-01'", "s.amount IS NOT NULL",
    "s.day BETWEEN DATE '2024-01-01' AND DATE '2024-0{}-28'", "YEAR(s.day) = 2024", "(s.shop = {} OR s.pieces = 2)",
    "s.day < DATE '2025-01-01'", "s.pieces % 2 = 1", "s.item NOT IN (SELECT id FROM items WHERE kind = 'a')",
]  # fmt: skip
HAVING = ["COUNT(*) > 1", "SUM(s.amount) IS NOT NULL", "MIN(s.pieces) < 4"]


def statement(chance):
    """One random SELECT of groups."""
    joins, keys = [], []
    if chance.random() < 0.5:
        joins.append(
            "JOIN items i ON i.id = s.item" if chance.random() < 0.7 else "LEFT JOIN items i ON i.id = s.item"
        )
        keys += OUTSIDE["i"]
    if chance.random() < 0.5:
        joins.append("JOIN shops h ON h.id = s.shop")
        keys += OUTSIDE["h"]
    groups = chance.sample(KEYS + keys * 2, chance.choice([0, 1, 1, 2]))
    values = chance.sample(AGGREGATES, chance.randint(1, 3))
    where = [
        one.format(chance.randint(1, 4)) for one in chance.sample(CONDITIONS, chance.choice([0, 1, 1, 2]))
    ]
    text = f"SELECT {', '.join([*groups, *values])} FROM sales s {' '.join(joins)}"
    text += f" WHERE {' AND '.join(where)}" if where else ""
    if groups:
        text += (
            f" GROUP BY ROLLUP ({', '.join(groups)})"
            if chance.random() < 0.1
            else f" GROUP BY {', '.join(groups)}"
        )
        text += f" HAVING {chance.choice(HAVING)}" if chance.random() < 0.2 else ""
    return text


def fill(connection, chance, size):
    """Rows with NULLs, repeats and few values."""
    connection.execute("DELETE FROM sales; DELETE FROM items; DELETE FROM shops")
    for number in range(1, 5):
        connection.execute(
            "INSERT INTO shops VALUES (?, ?, ?)", [number, chance.choice("xyz"), chance.choice("NB")]
        )
        brand = chance.choice(["p", "q", None])
        connection.execute("INSERT INTO items VALUES (?, ?, ?)", [number, brand, chance.choice("ab")])
    for number in range(size):
        amount = Decimal(chance.randint(-300, 900)) / 100
        full = (chance.randint(1, 4), amount, chance.randint(0, 5), chance.randint(0, 8) / 4)
        maybe = [None if chance.random() < 0.2 else value for value in full]
        month = chance.choice(["01", "03", "12"])
        day = f"202{chance.randint(3, 5)}-{month}-{chance.choice(['01', '28', '31'])}"
        row = [number, chance.randint(1, 4), maybe[0], day, None, maybe[1], maybe[2], maybe[3]]
        connection.execute("INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def rows(connection, sql):
    found = connection.execute(sql).fetchall()
    return Counter(
        tuple(float(f"{one:.9g}") if isinstance(one, (float, Decimal)) else one for one in row)
        for row in found
    )


@pytest.mark.parametrize("seed", range(40))
def test_random_statements_over_their_views(suggest, seed):
    chance = random.Random(seed)
    texts = [statement(chance) for _ in range(3)]
    found = suggest(*texts, effort="low")
    with duckdb.connect() as connection:
        connection.execute(DDL.replace("REFERENCES shops (id)", "").replace("REFERENCES items (id)", ""))
        for size in (0, 1, 60):
            fill(connection, chance, size)
            for one in found.suggestions:
                connection.execute(one.made.statement)
                for each in one.profits:
                    before, after = rows(connection, each.original), rows(connection, each.rewritten)
                    assert before == after, (each.original, each.rewritten, one.definition)
