"""Pairs of statements made to take time or memory without end, of each kind in turn; the same seed makes the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlopt
from sqlopt import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

WIDE = 390
CATALOG = Catalog.from_ddl(
    "CREATE TABLE k(a INT PRIMARY KEY, b INT NOT NULL, w VARCHAR); CREATE TABLE v(a INT, n INT, d DATE);"
    f"CREATE TABLE wide({', '.join(f'c{place} INT' for place in range(WIDE))})",
    "duckdb",
)


def members(chance: Random) -> str:
    values = ", ".join(str(chance.randrange(10**6)) for _ in range(chance.choice((100, 2_000, 20_000))))
    return f"SELECT a FROM k WHERE {chance.choice(('a', 'b + 1', 'NOT b'))} IN ({values})"


def texts(chance: Random) -> str:
    values = ", ".join(f"'{chance.randrange(10**6)}'" for _ in range(chance.choice((100, 5_000))))
    return f"SELECT a FROM k WHERE w NOT IN ({values})"


def alternatives(chance: Random) -> str:
    signs = ("=", "<", ">=", "<>")
    pairs = (
        f"(a {chance.choice(signs)} {chance.randrange(99)} AND b {chance.choice(signs)} {chance.randrange(99)})"
        for _ in range(chance.choice((10, 60, 300, 2_000)))
    )
    return f"SELECT a FROM k WHERE {chance.choice((' OR ', ' AND NOT ')).join(pairs)}"


def brackets(chance: Random) -> str:
    text = "a = 1"
    for level in range(chance.choice((20, 90, 150))):
        text = f"({text} {chance.choice(('AND', 'OR'))} {chance.choice('ab')} > {level})"
    return f"SELECT a FROM k WHERE {text}"


def sums(chance: Random) -> str:
    text = "a"
    for level in range(chance.choice((20, 90, 180))):
        text = f"({text} {chance.choice('+-*')} {chance.choice(('a', 'b', str(level)))})"
    return f"SELECT {text} AS n FROM k"


def cases(chance: Random) -> str:
    if chance.random() < 0.5:
        text = "w"
        for level in range(chance.choice((10, 60))):
            text = f"CASE WHEN b > {level} THEN {text} WHEN a = {level} THEN 'x' ELSE w END"
        return f"SELECT a FROM k WHERE {text} = 'x'"
    whens = " ".join(f"WHEN a = {n} AND b < {n} THEN {n}" for n in range(chance.choice((20, 600))))
    return f"SELECT a FROM k WHERE CASE {whens} ELSE b END = b"


def columns(chance: Random) -> str:
    names = ", ".join(f"c{place}" for place in range(chance.choice((30, WIDE))))
    return chance.choice(
        (
            f"SELECT DISTINCT {names} FROM wide",
            f"SELECT {names} FROM wide UNION SELECT {names} FROM wide",
            f"SELECT {names}, COUNT(*) AS n FROM wide GROUP BY {names}",
            f"SELECT {names} FROM wide EXCEPT SELECT {names} FROM wide WHERE c0 > 1",
        )
    )


def products(chance: Random) -> str:
    return "SELECT COUNT(*) AS n FROM " + ", ".join(f"v v{n}" for n in range(chance.choice((4, 9, 18, 40))))


def joins(chance: Random) -> str:
    kind = chance.choice(("JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN"))
    table = chance.choice("kv")
    chain = " ".join(
        f"{kind} {table} t{n} ON t{n}.a = t{chance.randrange(n)}.a"
        for n in range(1, chance.choice((4, 9, 16, 24)))
    )
    return f"SELECT t0.a FROM {table} t0 {chain}"


def branches(chance: Random) -> str:
    sign = chance.choice(("UNION ALL", "UNION", "INTERSECT"))
    parts = (f"SELECT a FROM k WHERE b = {n}" for n in range(chance.choice((5, 40, 180))))
    return f" {sign} ".join(parts)


def nests(chance: Random) -> str:
    text = "SELECT 1 FROM v z"
    for level in range(chance.choice((3, 7, 14, 30))):
        sign = chance.choice(("EXISTS", "NOT EXISTS"))
        text = f"SELECT 1 FROM v t{level} WHERE t{level}.a > {level} AND {sign} ({text} WHERE z.n = 1)"
        text = text.replace(" WHERE z.n = 1)", ")")
    return f"SELECT a FROM k WHERE EXISTS ({text})"


def doublings(chance: Random) -> str:
    depth = chance.choice((3, 6, 10, 20))
    sign = chance.choice(("JOIN c{0} y ON x.a = y.a", ", c{0} y"))
    parts = (f"c{level + 1} AS (SELECT x.a FROM c{level} x {sign.format(level)})" for level in range(depth))
    return f"WITH c0 AS (SELECT a FROM v), {', '.join(parts)} SELECT COUNT(*) AS n FROM c{depth}"


def memory(chance: Random) -> str:
    size = chance.choice((10**6, 10**8, 2 * 10**9))
    return chance.choice(
        (
            f"SELECT LENGTH(repeat('x', {size})) AS n FROM k",
            f"SELECT repeat(w, {size}) AS n FROM k",
            f"SELECT lpad(w, {size}, 'x') AS n FROM k",
            f"SELECT list(range) AS n FROM range({size})",
            f"SELECT string_agg(range::VARCHAR, ',') AS n FROM range({size})",
            f"SELECT COUNT(DISTINCT range % {size}) AS n FROM range({size})",
            f"SELECT range AS n FROM range({size}) ORDER BY hash(range)",
            f"SELECT unnest(range(0, {size})) AS n FROM k",
        )
    )


def endless(chance: Random) -> str:
    most = chance.choice(("", " WHERE n < 1000000000"))
    return chance.choice(
        (
            f"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r{most}) SELECT COUNT(*) AS n FROM r",
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT x.n FROM r x, r y) SELECT COUNT(*) AS n FROM r",
            "SELECT COUNT(*) AS n FROM generate_series(1, 1000000000000)",
            "SELECT COUNT(*) AS n FROM range(1000000) x, range(1000000) y WHERE x.range * y.range = 7",
            "SELECT SUM(a) OVER (ORDER BY b ROWS 5 PRECEDING) AS n FROM k, range(100000000)",
        )
    )


def cubes(chance: Random) -> str:
    names = ", ".join(f"c{place}" for place in range(chance.choice((3, 8, 12))))
    return f"SELECT {names}, SUM(c20) AS n FROM wide GROUP BY CUBE ({names})"


def windows(chance: Random) -> str:
    number = chance.choice((5, 60))
    items = ", ".join(f"SUM(n + {n}) OVER (PARTITION BY a ORDER BY d, n) AS s{n}" for n in range(number))
    return f"SELECT {items} FROM v"


def aggregates(chance: Random) -> str:
    items = ", ".join(f"SUM(CASE WHEN b = {n} THEN a END) AS s{n}" for n in range(chance.choice((5, 150))))
    return f"SELECT {items} FROM k GROUP BY w HAVING COUNT(*) > 1"


KINDS: tuple[Callable[[Random], str], ...] = (
    members, texts, alternatives, brackets, sums, cases, columns, products, joins, branches, nests, doublings, memory,
    endless, cubes, windows, aggregates,
)  # fmt: skip


def pair(chance: Random, number: int) -> tuple[str, str, str]:
    """Return a kind's name, a statement and one like it: in parentheses, with a part more, or of another number."""
    kind = KINDS[number % len(KINDS)]
    before = kind(chance)
    after = chance.choice(
        (
            f"SELECT * FROM ({before}) q",
            f"SELECT * FROM ({before}) q WHERE TRUE",
            f"SELECT * FROM ({before}) q WHERE {chance.randrange(9)} > 3",
            before.replace("1", "2", 1),
            f"{before} LIMIT 1000000",
        )
    )
    return kind.__name__, before, after


def proved(chance: Random, number: int, seconds: float) -> tuple[str, sqlopt.Proof]:
    """Return a kind's name, and what is known of one of its pairs."""
    name, before, after = pair(chance, number)
    return name, sqlopt.prove(before, after, catalog=CATALOG, seconds=seconds)
