"""A foreign key whose columns no index begins with.

**Why** Deleting or renumbering a row of the parent looks for its children: without an index that reads the whole
child table, each time. Joins along the key are slow too.

**Valid when** An index changes no result. Whether it is worth its writes is for a person to say: the fix, which
adds `CREATE INDEX` behind the statement, is never made unasked.

**Bad**
```sql
-- catalog: postgres
CREATE TABLE item (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (order_id))
```

**Fixed**
```sql
-- catalog: postgres
CREATE TABLE item (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (order_id));
CREATE INDEX ON item (order_id)
```

**Good**
```sql
-- catalog: postgres
CREATE TABLE item (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (order_id));
CREATE INDEX ON item (order_id)
```
```sql
-- catalog: postgres
CREATE TABLE item (order_id bigint REFERENCES orders (order_id), place int, PRIMARY KEY (order_id, place))
```

**Sources** https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK (checked 2026-11-23):
a foreign key does not create an index on the referencing columns, and one is often a good idea.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.indexes import plain
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

_KEYS = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint)


class ForeignKeyWithoutIndex(Rule):
    id = "SCN017"
    severity = Severity.WARNING
    dialects = frozenset({"postgres"})
    match = "script"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del target
        served = set(_served(context))
        for query in context.script:
            for table, columns, node, index in _foreign_keys(query):
                key = table.casefold()
                if any(t == key and set(keys[: len(columns)]) == set(columns) for t, keys in served):
                    continue
                listed = ", ".join(columns)
                yield Hit(
                    query.span(node),
                    f"no index of {table} begins with its key ({listed}): a delete in the parent reads it whole",
                    evidence=(("add", index),),
                    data=(query.statement.span.end, index),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        del context
        end, index = hit.data
        return Fix("add an index", (Edit(Span(end, end), f";\n{index}"),), Safety.NEEDS_FACTS)


def _foreign_keys(query: Query) -> Iterator[tuple[str, tuple[str, ...], exp.Expr, str]]:
    """Yield (table, columns, where it is written, the index that would serve it) of each foreign key."""
    tree = query.tree
    keys: list[tuple[exp.Expr, list[exp.Expr]]] = []
    holder: exp.Expr
    if isinstance(tree, exp.Create) and tree.kind == "TABLE" and isinstance(tree.this, exp.Schema):
        table, holder = tree.this.this, tree.this
        keys += [
            (item, [item.this])
            for item in holder.expressions
            if isinstance(item, exp.ColumnDef)
            and any(isinstance(one.args.get("kind"), exp.Reference) for one in item.constraints)
        ]
    elif isinstance(tree, exp.Alter):
        table, holder = tree.this, tree
    else:
        return
    keys += [(key, key.expressions) for key in holder.find_all(exp.ForeignKey)]
    for node, columns in keys:
        listed = ", ".join(query.text(one) for one in columns)
        index = f"CREATE INDEX ON {query.text(table)} ({listed})"
        yield _dotted(table), tuple(one.name.casefold() for one in columns), node, index


def _served(context: Context) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(table, keys) of every index, primary key and unique constraint of the script and the catalog."""
    for table in context.catalog.tables.values():
        for keys in (table.primary_key, *table.unique, *(index.keys for index in table.indexes)):
            if keys:
                yield table.name.casefold(), tuple(map(plain, keys))
    for query in context.script:
        tree = query.tree
        if isinstance(tree, exp.Create) and tree.kind == "INDEX":
            yield from _index(tree, query)
        elif isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            made = _dotted(tree.this.this).casefold()
            for item in tree.this.expressions:
                if isinstance(item, exp.ColumnDef) and any(
                    isinstance(x.args.get("kind"), _KEYS) for x in item.constraints
                ):
                    yield made, (item.name.casefold(),)
            yield from _table_keys(made, tree.this)
        elif isinstance(tree, exp.Alter):
            yield from _table_keys(_dotted(tree.this).casefold(), tree)


def _index(tree: exp.Create, query: Query) -> Iterator[tuple[str, tuple[str, ...]]]:
    params, table = tree.this.args.get("params"), tree.this.args.get("table")
    if params is not None and params.args.get("where") is None and table is not None:
        columns = params.args.get("columns") or []
        yield _dotted(table).casefold(), tuple(plain(query.text(one)) for one in columns)


def _table_keys(table: str, holder: exp.Expr) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key in holder.find_all(exp.PrimaryKey):
        yield table, tuple(one.name.casefold() for one in key.expressions)
    for unique in holder.find_all(exp.UniqueColumnConstraint):
        if isinstance(unique.this, exp.Schema):
            yield table, tuple(one.name.casefold() for one in unique.this.expressions)


def _dotted(table: exp.Expr) -> str:
    return ".".join(part.name for part in table.parts) if isinstance(table, exp.Table) else table.name
