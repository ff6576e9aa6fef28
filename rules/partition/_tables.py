"""CREATE and ALTER TABLE as the design rules see them. Helpers of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.query import Query


def created_table(query: Query) -> exp.Table | None:
    """Return the table that a CREATE TABLE makes for good; None for a temporary one and all else."""
    tree = query.tree
    if not isinstance(tree, exp.Create) or (tree.args.get("kind") or "").upper() != "TABLE":
        return None
    if any(isinstance(one, exp.TemporaryProperty) for one in _properties(tree)):
        return None
    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    return table if isinstance(table, exp.Table) else None


def partitioned_by(query: Query) -> exp.Expr | None:
    """Return the expression that a CREATE TABLE partitions by."""
    return next(
        (one.this for one in _properties(query.tree) if isinstance(one, exp.PartitionedByProperty)), None
    )


def options(query: Query) -> dict[str, exp.Expr]:
    """Return what CREATE ... OPTIONS or ALTER ... SET OPTIONS sets, by case-folded name."""
    return {name: value for name, value, _ in option_nodes(query)}


def option_nodes(query: Query) -> list[tuple[str, exp.Expr, exp.Expr]]:
    """Return the options in order: case-folded name, value, and the node of both."""
    if not isinstance(query.tree, (exp.Create, exp.Alter)):
        return []
    # Subclasses are clauses of their own, such as PARTITION BY.
    given = [one for one in query.nodes(exp.Property) if type(one) is exp.Property]
    return [
        (one.name.casefold(), one.args["value"], one)
        for one in given
        if isinstance(one.args.get("value"), exp.Expr)
    ]


def set_later(script: Sequence[Query], query: Query, table: exp.Table, names: Sequence[str]) -> bool:
    """Whether a later ALTER TABLE of the same text sets one of these options of the table."""
    later = script[script.index(query) + 1 :] if query in script else ()
    for one in later:
        if isinstance(one.tree, exp.Alter) and one.tree.this == table:
            return any(name in options(one) for name in names)
    return False


def cluster_keys(query: Query) -> tuple[exp.Table | None, list[exp.Expr]]:
    """Return the table that CREATE or ALTER TABLE clusters, and its keys."""
    tree = query.tree
    if isinstance(tree, exp.Alter):
        found = [one for one in tree.args.get("actions") or () if isinstance(one, exp.ClusterProperty)]
        table = tree.this
    elif isinstance(tree, exp.Create):
        found = [one for one in _properties(tree) if isinstance(one, exp.ClusterProperty)]
        table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    else:
        return None, []
    keys = [key for one in found for key in one.expressions]
    if len(keys) == 1 and isinstance(keys[0], exp.Tuple):
        keys = list(keys[0].expressions)
    return (table if isinstance(table, exp.Table) else None), keys


def _properties(tree: exp.Expr) -> list[exp.Expr]:
    held = tree.args.get("properties")
    return list(held.expressions) if held is not None else []
