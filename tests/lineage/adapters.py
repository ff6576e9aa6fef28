"""Conventions of other tools' lineage tests, fixed once a source, for `score.py` in ../shared/corpora/lineage."""

from __future__ import annotations

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.project import Project

DIALECTS = {"": "ansi", "tsql": "tsql"}


def lineage(case, closure="temporary"):
    tables = [Table(name, {c: Column(c, kind) for c, kind in columns.items()}) for name, columns in case["schema"].items()]
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
    return answer(lineage(case))


datahub_multi = datahub


def openlineage(case):
    return answer(lineage(case))


def sqllineage(case):
    return answer(lineage(case, closure="all"))
