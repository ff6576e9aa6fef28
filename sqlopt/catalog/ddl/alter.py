"""ALTER TABLE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog.ddl.clauses import add_partition, clustered, table_options, with_partitioning
from sqlopt.catalog.ddl.columns import column, column_facts, constraint, element, is_constraint, merged, tags
from sqlopt.catalog.ddl.state import with_column, without_column, written
from sqlopt.catalog.ddl.words import Phrase, Word

if TYPE_CHECKING:
    from sqlopt.catalog.ddl.state import Tables
    from sqlopt.catalog.model import Table

_KINDS: Final = frozenset({"TABLE", "VIEW"})
_WORDS: Final = frozenset({"ICEBERG", "EXTERNAL", "FOREIGN", "MATERIALIZED", "DYNAMIC"})
_ACTIONS: Final = frozenset({"ADD", "DROP", "ALTER", "MODIFY", "CHANGE", "RENAME", "SET", "UNSET", "OWNER"})


def alter(phrase: Phrase, tables: Tables) -> None:
    """Read what follows ALTER; other things than tables and views are passed over."""
    while phrase.take_any(_WORDS):
        pass
    if not phrase.take_any(_KINDS):
        return
    phrase.take("IF", "EXISTS")
    phrase.take("ONLY")
    name = phrase.name()
    table = tables.get(name)
    if table is None:
        raise ValueError(f"{name} is not created here")
    changed = _whole(table, phrase, tables)
    if changed is None:
        changed = table
        verb = ""
        for item in _actions(phrase):
            verb = item.take_any(_ACTIONS) or verb
            changed = _action(changed, verb, item, tables)
    if changed.name != table.name:
        tables.drop(table)
    tables.put(changed)


def _actions(phrase: Phrase) -> list[Phrase]:
    """Cut at commas, but keep ``SET TAG a = 'x', b = 'y'`` in one piece."""
    actions: list[Phrase] = []
    for item in phrase.items():
        probe = Phrase(item.words, item.source)
        if actions and probe.name() and probe.sees("="):
            actions[-1].words += [Word(",", ",", "sign", 0, 0), *item.words]
        else:
            actions.append(item)
    return actions


def _whole(table: Table, phrase: Phrase, tables: Tables) -> Table | None:
    """Read the actions that may hold commas of their own; None where it is another."""
    if phrase.take("CLUSTER", "BY"):
        return clustered(table, phrase)
    if phrase.take("SET", "TAG") or phrase.take("SET", "TAGS"):
        return replace(table, tags=merged(table.tags, tags(phrase)))
    if phrase.take("SET", "OPTIONS"):
        return table_options(table, phrase)
    if phrase.take("SET", "PROPERTIES", "PARTITIONING"):
        items = [word.text for word in phrase.words if word.kind == "string"]
        return with_partitioning(table, f"({', '.join(items)})", tables.dialect)
    if phrase.take("ADD", "SEARCH", "OPTIMIZATION"):
        targets = tuple(item.rest() for item in phrase.items()) if phrase.take("ON") else ()
        return replace(table, search_optimization=(*(table.search_optimization or ()), *targets))
    if phrase.take("DROP", "SEARCH", "OPTIMIZATION"):
        return replace(table, search_optimization=None)
    if phrase.take("INHERIT"):
        tables.parents.add((phrase.name() or "").casefold())
        return table
    if phrase.take("ATTACH", "PARTITION"):
        child = tables.get(phrase.name())
        add_partition(table, tables)
        if child:
            tables.put(replace(child, kind="partition"))
        return tables.get(table.name)
    return None


def _action(table: Table, verb: str, phrase: Phrase, tables: Tables) -> Table:
    if verb == "ADD":
        return _add(table, phrase, tables)
    if verb == "DROP":
        return _drop(table, phrase, tables)
    if verb in {"ALTER", "MODIFY", "CHANGE"}:
        return _alter_column(table, phrase)
    if verb == "RENAME":
        return _rename(table, phrase)
    if verb == "SET" and phrase.take("ROW", "FILTER"):
        return replace(table, row_access_policy=phrase.name())
    return table


def _add(table: Table, phrase: Phrase, tables: Tables) -> Table:
    if phrase.take("ROW", "ACCESS", "POLICY"):
        return replace(table, row_access_policy=phrase.name())
    if is_constraint(phrase):
        return constraint(table, phrase, tables)
    if phrase.take_any(("PARTITION", "FILES")):
        return table
    phrase.take_any(("COLUMN", "COLUMNS"))
    phrase.take("IF", "NOT", "EXISTS")
    inside = phrase.group()
    if inside is None:
        return column(table, phrase, tables)
    for item in inside.items():
        table = element(table, item, tables)
    return table


def _drop(table: Table, phrase: Phrase, tables: Tables) -> Table:
    if phrase.take("ROW", "ACCESS", "POLICY") or phrase.take("ROW", "FILTER") or phrase.take("ALL", "ROW"):
        return replace(table, row_access_policy=None)
    if phrase.take("CLUSTERING", "KEY"):
        return replace(table, cluster_by=())
    if phrase.take("PRIMARY", "KEY"):
        return replace(table, primary_key=())
    if phrase.take("CONSTRAINT"):
        return _drop_constraint(table, phrase, tables)
    if phrase.take("PARTITION"):
        return table
    phrase.take_any(("COLUMN", "COLUMNS"))
    phrase.take("IF", "EXISTS")
    for name in phrase.names() or filter(None, [phrase.part()]):
        table = without_column(table, name)
    return table


def _drop_constraint(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Drop a constraint; one whose name was never given might be any, so no key is left as a fact."""
    phrase.take("IF", "EXISTS")
    name = phrase.part() or ""
    kind, columns = tables.constraints.get((table.name.casefold(), name.casefold()), ("", ()))
    if kind == "primary":
        return replace(table, primary_key=())
    if kind == "unique":
        dropped = written(table, columns)
        return replace(table, unique=tuple(key for key in table.unique if key != dropped))
    return replace(table, primary_key=(), unique=(), foreign_keys=())


def _alter_column(table: Table, phrase: Phrase) -> Table:
    if phrase.take_any(("COMPOUND", "INTERLEAVED", "SORTKEY")):
        phrase.take("SORTKEY")
        return replace(table, cluster_by=written(table, phrase.names()))
    phrase.take("COLUMN")
    found = table.column(phrase.part() or "")
    if found is None:
        return table
    changes: dict[str, Any] = {}
    while not phrase.done:
        if phrase.take("SET", "NOT", "NULL"):
            changes["nullable"] = False
        elif phrase.take("DROP", "NOT", "NULL"):
            changes["nullable"] = True
        elif phrase.take("UNSET", "MASKING") or phrase.take("DROP", "MASK"):
            changes["masking_policy"] = None
        elif phrase.take("DATA", "TYPE") or phrase.take("TYPE"):
            changes["type"] = phrase.until(("USING", "COLLATE", "COMMENT")).rest()
        elif not column_facts(phrase, changes, found):
            phrase.skip()
    return with_column(table, replace(found, **changes))


def _rename(table: Table, phrase: Phrase) -> Table:
    if phrase.take("TO"):
        name = phrase.name() or table.name
        owner = table.name.rpartition(".")[0]
        return replace(table, name=f"{owner}.{name}" if owner and "." not in name else name)
    phrase.take("COLUMN")
    old = phrase.part()
    new = phrase.part() if phrase.take("TO") else None
    if not old or not new or table.column(old) is None:
        return table
    columns = {
        (new if key.casefold() == old.casefold() else key): (
            replace(found, name=new) if key.casefold() == old.casefold() else found
        )
        for key, found in table.columns.items()
    }

    def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name.casefold() == old.casefold() else name for name in names)

    return replace(
        table,
        columns=columns,
        primary_key=renamed(table.primary_key),
        unique=tuple(map(renamed, table.unique)),
        cluster_by=renamed(table.cluster_by),
    )
