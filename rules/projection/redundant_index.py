"""An index whose columns are the beginning of another index.

**Why** The longer index answers every question that the shorter one does. The shorter one costs disk, cache and
work on each write.

**Valid when** No rewrite: `DROP INDEX CONCURRENTLY` is for a person, after a look at pg_stat_user_indexes.

**Bad**
```sql
-- catalog: postgres
CREATE INDEX i2 ON orders (user_id); CREATE INDEX i3 ON orders (user_id, order_date)
```

**Good**
```sql
-- catalog: postgres
CREATE INDEX i3 ON orders (user_id, order_date)
```
```sql
-- catalog: postgres
CREATE UNIQUE INDEX i2 ON item (sku); CREATE INDEX i3 ON item (sku, order_id)
```
```sql
-- catalog: postgres
CREATE INDEX i2 ON item (sku) WHERE sold; CREATE INDEX i3 ON item (sku, order_id)
```

**Sources** https://www.postgresql.org/docs/current/indexes-multicolumn.html (checked 2026-11-23): a multicolumn
B-tree index serves conditions on its leading columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Related, Rule, Severity
from sqlopt.rules.indexes import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query


@dataclass(frozen=True, slots=True)
class _Index:
    query: Query | None
    node: exp.Expr | None
    name: str
    keys: tuple[str, ...]


class RedundantIndex(Rule):
    id = "SCN016"
    severity = Severity.WARNING
    dialects = frozenset({"postgres"})
    match = "script"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del target
        made: dict[str, list[_Index]] = {}
        for query in context.script:
            found = _created(query)
            if found is not None:
                made.setdefault(found[0], []).append(found[1])
        for table, indexes in made.items():
            for one in indexes:
                others = [other for other in indexes if other is not one]
                known = context.catalog.table(table)
                if known is not None:
                    others += [
                        _Index(
                            None,
                            None,
                            index.name or f"({', '.join(index.keys)})",
                            tuple(map(plain, index.keys)),
                        )
                        for index in known.indexes
                        if index.method == "btree" and index.where is None
                    ]
                better = next((other for other in others if _covers(other, one, indexes)), None)
                if better is None or one.query is None or one.node is None:
                    continue
                related: tuple[Related, ...] = ()
                if better.query is not None and better.node is not None:
                    related = (
                        Related(better.query.span(better.node), "this index answers the same questions"),
                    )
                yield Hit(
                    one.query.span(one.node),
                    f"index {one.name} on {table} is the beginning of {better.name} and adds nothing",
                    related=related,
                )


def _covers(other: _Index, one: _Index, order: list[_Index]) -> bool:
    """Whether ``other`` begins with all keys of ``one``; of two equal ones the later is redundant."""
    if other.keys[: len(one.keys)] != one.keys:
        return False
    if len(other.keys) > len(one.keys) or other.query is None:
        # A catalog index of the same keys may be this very one, created earlier under this name.
        return other.query is not None or len(other.keys) > len(one.keys)
    return order.index(other) < order.index(one)


def _created(query: Query) -> tuple[str, _Index] | None:
    """The table and keys of a plain B-tree index that the statement creates: not unique, not partial."""
    tree = query.tree
    if not isinstance(tree, exp.Create) or tree.kind != "INDEX" or tree.args.get("unique"):
        return None
    index = tree.this
    params, table = index.args.get("params"), index.args.get("table")
    if params is None or table is None or params.args.get("where") is not None:
        return None
    using = params.args.get("using")
    columns = params.args.get("columns") or []
    if (using is not None and using.name.casefold() != "btree") or not columns:
        return None
    if any(one.find(exp.Opclass) is not None for one in columns):
        return None
    keys = tuple(plain(query.text(one)) for one in columns)
    name = index.name or f"({', '.join(keys)})"
    return ".".join(part.name for part in table.parts), _Index(query, index.this or tree, name, keys)
