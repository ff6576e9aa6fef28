"""Conventions of other tools' lineage tests, fixed once a source, for `score.py` in ../shared/corpora/lineage."""

from __future__ import annotations

import re

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.lineage import Kind
from sqlopt.project import Project

DIALECTS = {"": "ansi", "tsql": "tsql"}


def lineage(case, closure="temporary"):
    tables = [
        Table(name, {c: Column(c, kind) for c, kind in columns.items()})
        for name, columns in case["schema"].items()
    ]
    project = Project(
        catalog=Catalog(tables),
        dialect=case["dialect"] or "duckdb",
        default_database=case["default_db"],
        default_schema=case["default_schema"],
    )
    return project.lineage(case["sql"], closure=closure)


def answer(found, **more):
    return {
        "columns": [{"out": out, "in": inputs} for out, inputs in found.columns().items()],
        "tables_in": found.tables_in,
        "tables_out": found.tables_out,
        **more,
    }


def datahub(case):
    """Columns that nobody can name are left out there, and dated shards are one table."""
    case["schema"] = {name.replace("_yyyymmdd", "_*"): columns for name, columns in case["schema"].items()}
    found = answer(lineage(case))
    found["columns"] = [
        {"out": shard(one["out"]), "in": [shard(x) for x in one["in"] if "." in x]}
        for one in found["columns"]
        if one["out"].rsplit(".", 1)[-1] != "*"
    ]
    found["tables_in"] = [shard(one) for one in found["tables_in"]]
    return found


def shard(name):
    return re.sub(r"_(\d{8}|\*)(?=$|\.)", "_yyyymmdd", name)


datahub_multi = datahub


def openlineage(case):
    """A column without a name is called by its place among those without one."""
    found = answer(lineage(case))
    nameless = [one for one in found["columns"] if not re.fullmatch(r"[\w.]+", one["out"])]
    for place, one in enumerate(nameless):
        one["out"] = f"_{place}"
    return found


def sqllineage(case):
    """Every table between is seen through; COUNT(*) counts a table's star."""
    found = lineage(case, closure="all")
    columns = {out: list(inputs) for out, inputs in found.columns().items()}
    for edge in found.edges:
        if edge.kind is Kind.DIRECT and not edge.source.column and str(edge.target) in columns:
            columns[str(edge.target)].append(f"{edge.source.table}.*")
    return {"columns": [{"out": out, "in": inputs} for out, inputs in columns.items()]}
