"""The rules' bad examples and the reports of tests/faulty.sql, changed, over databases that hold their constants."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from sqlopt.catalog import Catalog
from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import page_of
from tests.faulty import TEMPLATES, filled, with_keys
from tests.query.bind.statements import Statement
from tests.rewrite.fixes.mutations import mutated
from tests.rewrite.fixes.stores import DAY, MOMENT, NUMBER, OTHER, POOL, REAL, TEXT, TRUTH, store_of

if TYPE_CHECKING:
    from tests.rewrite.fixes.stores import Store

CATALOGS = Path(__file__).parents[3] / "fixtures" / "catalogs"
_DAY = re.compile(r"\d{4}-\d\d(-\d\d)?")
_CHOSEN = (
    exp.Limit, exp.Offset, exp.Fetch, exp.RowNumber, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue,
    exp.NthValue, exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin, exp.ArrayAgg, exp.GroupConcat, exp.Rand,
    exp.TableSample,
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A statement to change, and what it reads."""

    sql: str
    dialect: str
    catalog: Catalog
    store: Store


def certain(sql: str, dialect: str) -> bool:
    """Whether any run gives the same rows, as far as the words of a statement tell."""
    tree = parse_one(sql, dialect=dialect)
    if any(isinstance(one, exp.Distinct) and one.args.get("on") is not None for one in tree.walk()):
        return False
    return tree.find(*_CHOSEN) is None


def variants(sample: Sample, seed: object, count: int) -> list[Statement]:
    """Change a statement in ``count`` ways; the first is as it was written."""
    chance = random.Random(f"variants {seed}")
    found = {sample.sql: None}
    for _ in range(count - 1):
        found[mutated(sample.sql, sample.dialect, sample.store, chance)] = None
    made = []
    for sql in found:
        try:
            made.append(Statement(sql, certain(sql, sample.dialect), (), {}))
        except SqlglotError:
            continue
    return made


@cache
def samples(dialect: str) -> tuple[Sample, ...]:
    """Every bad example that is read in ``dialect``, and every report of tests/faulty.sql."""
    catalogs = {
        name: Catalog(Catalog.load(CATALOGS / f"{name}.yml").tables.values(), dialect)
        for name in ("duckdb", "postgres")
    }
    found = [
        _sample(one.sql, dialect, catalogs.get(one.catalog or ""))
        for rule in load_packs().values()
        for one in page_of(rule).bad
        if not one.is_plan and one.catalog in {None, *catalogs} and one.dialect in catalogs
    ]
    reports = _tpch(dialect)
    found += [
        _sample(filled(text, random.Random(f"{rule} {number}")), dialect, reports)
        for rule, texts in TEMPLATES.items()
        for number, text in enumerate(texts)
    ]
    return tuple(one for one in found if one is not None)


def _sample(sql: str, dialect: str, catalog: Catalog | None) -> Sample | None:
    try:
        tree = parse_one(sql, dialect=dialect)
    except SqlglotError:
        return None
    catalog = catalog or _guessed(tree, dialect)
    names = {
        table.name
        for one in tree.find_all(exp.Table)
        if (table := catalog.table(".".join(part.name for part in one.parts))) is not None
    }
    store = store_of(catalog, names, _pool(tree))
    return Sample(sql, dialect, catalog, store) if store.specs else None


def _tpch(dialect: str) -> Catalog:
    from tests import tpch

    with tpch.connect() as connection:
        connection.execute("CALL dbgen(sf = 0)")
        rows = connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY column_index"
        )
        tables: dict[str, dict] = {}
        for table, column, type_ in rows.fetchall():
            tables.setdefault(table, {"columns": {}, "rows": 10**8, "bytes": 10**10})["columns"][column] = {
                "type": type_
            }
    return with_keys(Catalog.from_dict({"version": 1, "dialect": dialect, "tables": tables}), dialect)


def _guessed(tree: exp.Expr, dialect: str) -> Catalog:
    """Tables for an example without a catalog: a column is what its name and its neighbours suggest."""
    ctes = {one.alias for one in tree.find_all(exp.CTE)}
    tables = {
        one.name: [column for column in tree.find_all(exp.Column) if column.table in {"", one.alias_or_name}]
        for one in tree.find_all(exp.Table)
        if one.name not in ctes
    }
    return Catalog.from_dict({
        "version": 1, "dialect": dialect,
        "tables": {
            name: {"columns": {one.name: {"type": _guess(one)} for one in columns}, "rows": 10**8}
            for name, columns in tables.items() if columns
        },
    })  # fmt: skip


def _guess(column: exp.Column) -> str:
    beside = [one for one in column.parent.walk() if isinstance(one, exp.Literal)] if column.parent else []
    if re.search(r"_(at|ts|time)$|^ts$", column.name):
        return "TIMESTAMP"
    if re.search(r"date|day|since", column.name):
        return "DATE"
    return "TEXT" if any(one.is_string for one in beside) else "INTEGER"


def _pool(tree: exp.Expr) -> dict[str, tuple[str, ...]]:
    """The constants of a statement by kind, and what stands beside them."""
    numbers, texts, days = {1, 2}, {"x", ""}, set()
    for one in tree.find_all(exp.Literal):
        value = one.name
        if one.is_string:
            texts |= {
                value.replace("'", "''"),
                value.strip("%^$_").replace("'", "''"),
                value.upper().replace("'", "''"),
            }
            if _DAY.match(value):
                days.add(f"{value[:10]}-01"[:10])
        elif value.isdigit() and len(value) < 5:
            numbers |= {int(value), int(value) + 1}
            if 1990 < int(value) < 2100:
                days.add(f"{value}-03-01")
    near = {
        (date.fromisoformat(one) + timedelta(days=step)).isoformat()
        for one in days
        for step in (-1, 0, 1, 31)
    }
    near = near or set(POOL[DAY])
    return {
        NUMBER: tuple(map(str, sorted(numbers))), TEXT: tuple(sorted(texts)), DAY: tuple(sorted(near)),
        TRUTH: POOL[TRUTH],
        MOMENT: tuple(f"{day} {hour}" for day in sorted(near) for hour in ("00:00:00", "13:45:10.5")),
        REAL: (*POOL[REAL], *map(str, sorted(numbers))), OTHER: (),
    }  # fmt: skip
