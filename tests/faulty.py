"""Statements over TPC-H with the faults that sqlopt mends, put together at random."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.catalog import Catalog
from sqlopt.catalog.model import ForeignKey, Index

if TYPE_CHECKING:
    import random

KEYS = {
    "region": ("r_regionkey",), "nation": ("n_nationkey",), "customer": ("c_custkey",), "orders": ("o_orderkey",),
    "part": ("p_partkey",), "supplier": ("s_suppkey",), "partsupp": ("ps_partkey", "ps_suppkey"),
    "lineitem": ("l_orderkey", "l_linenumber"),
}  # fmt: skip
REFERENCES = {
    "nation": [("n_regionkey", "region", "r_regionkey")],
    "customer": [("c_nationkey", "nation", "n_nationkey")],
    "supplier": [("s_nationkey", "nation", "n_nationkey")],
    "orders": [("o_custkey", "customer", "c_custkey")],
    "lineitem": [
        ("l_orderkey", "orders", "o_orderkey"), ("l_partkey", "part", "p_partkey"),
        ("l_suppkey", "supplier", "s_suppkey"),
    ],
}  # fmt: skip


def with_keys(tables: Catalog, dialect: str = "duckdb") -> Catalog:
    """Return a catalog of TPC-H with its keys and NOT NULLs, which its data keep."""
    return Catalog(
        [
            replace(
                table,
                columns={name: replace(column, nullable=False) for name, column in table.columns.items()},
                primary_key=KEYS[table.name],
                foreign_keys=tuple(
                    ForeignKey((column,), to, (key,)) for column, to, key in REFERENCES.get(table.name, ())
                ),
                enforced=True,
                indexes=tuple(Index((key,)) for key in INDEXES.get(table.name, ())),
            )
            for table in tables.tables.values()
        ],
        dialect,
    )


INDEXES = {"orders": ("o_orderdate", "o_custkey"), "lineitem": ("l_shipdate", "l_partkey")}
DATES = ("1992-03-01", "1994-01-01", "1995-06-17", "1996-12-31", "1998-08-02")
SEGMENTS = ("'BUILDING'", "'MACHINERY'", "'FURNITURE'")
FILTERS = (
    "o.o_orderstatus = 'F'", "o.o_totalprice > 100000", "o.o_orderdate >= DATE '{date}'",
    "o.o_orderpriority LIKE '1-%'", "o.o_orderkey < 4000", "o.o_orderstatus IN ('O', 'P')",
    "(o.o_totalprice < 50000 OR o.o_orderstatus = 'P')",
)  # fmt: skip


def _templates() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in (Path(__file__).parent / "faulty.sql").read_text().split("\n\n")[1:]:
        title, text = part.strip().split("\n", 1)
        found.setdefault(title.removeprefix("-- "), []).append(text.removesuffix(";"))
    return found


TEMPLATES = _templates()
WRAPS = (
    "{}", "{}", "-- by hand\n{} -- the end\n", "SELECT * FROM ({}) AS whole",
    "WITH whole AS ({}) SELECT COUNT(*) FROM whole",
)  # fmt: skip


def filled(template: str, chance: random.Random) -> str:
    """Return a template with filters, a segment, a number and a day drawn at random."""
    pieces = {
        "f": chance.choice(FILTERS), "g": chance.choice(FILTERS), "s": chance.choice(SEGMENTS),
        "n": str(chance.randint(1, 9)), "date": chance.choice(DATES),
    }  # fmt: skip
    for _ in range(2):  # a filter holds a date
        for name, value in pieces.items():
            template = template.replace("{" + name + "}", value)
    return template


def statement(rule: str, chance: random.Random) -> str:
    """Return a statement meant for a rule, with what it is filled with and its surroundings drawn at random."""
    text = filled(chance.choice(TEMPLATES[rule]), chance)
    wrap = chance.choice(WRAPS if not text.startswith("WITH") else WRAPS[:3])
    return wrap.replace("{}", text)
