"""Lineage of TPC-DS beside sqlglot's own `lineage()`, which traces one column at a time."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage as oracle
from sqlglot.optimizer.qualify import qualify

from sqlopt.lineage import trace
from tests.tpcds import catalog, queries


def leaves(tree, column, schema):
    found = set()
    for node in oracle(column, tree, schema=schema, dialect="duckdb", trim_selects=False).walk():
        if not node.downstream and isinstance(node.expression, exp.Table):
            name = node.name.rsplit(".", 1)[-1]
            found.add(f"{node.expression.name}.{name}".lower().replace('"', ""))
    return found


@pytest.mark.parametrize("number", range(1, 100))
def test_every_leaf_set_is_the_oracles(number):
    sql = queries()[number - 1]
    schema = {name: dict.fromkeys(table.columns, "INT") for name, table in catalog().tables.items()}
    tree = qualify(parse_one(sql, dialect="duckdb"), schema=schema, dialect="duckdb")
    ours = {
        out.lower(): {one.lower() for one in inputs}
        for out, inputs in trace(sql, "duckdb", catalog()).columns().items()
    }
    names = [one.alias_or_name for one in tree.selects]
    for place, name in enumerate(names):
        if names.index(name) != place:
            continue
        mine = ours.get(name.lower())
        if mine is None:
            mine = list(ours.values())[place]  # without an alias each says its own name
        assert mine == leaves(tree, name, schema), name
