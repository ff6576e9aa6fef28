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


@pytest.mark.parametrize("number", range(1, 100))
def test_the_closure_of_the_hops_is_the_edges(number):
    found = trace(queries()[number - 1], "duckdb", catalog())
    above: dict = {}
    for edge in found.hops:
        above.setdefault(edge.target, set()).add(edge.source)

    def base(ref, seen):
        if "@" not in ref.table and ref.table:
            return {ref}
        return {one for up in above.get(ref, set()) - seen for one in base(up, seen | {up})}

    rows = {edge for edge in found.edges if edge.target.column}
    closed = {
        (source, edge.target) for edge in rows for source in base(edge.target, {edge.target}) if source.column
    }
    assert closed == {(edge.source, edge.target) for edge in rows if edge.source.column}
