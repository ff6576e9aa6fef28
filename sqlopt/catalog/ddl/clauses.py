"""The clauses of a table behind its columns: partitioning, clustering, comments, tags, policies."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlopt.catalog.ddl.columns import element, merged, options, tags
from sqlopt.catalog.ddl.partitions import partitioning
from sqlopt.catalog.ddl.state import written

if TYPE_CHECKING:
    from sqlopt.catalog.ddl.state import Tables
    from sqlopt.catalog.ddl.words import Phrase
    from sqlopt.catalog.model import Table

_NEXT: Final = frozenset(
    "CLUSTER OPTIONS AS COMMENT WITH TABLESPACE USING STORED LOCATION TBLPROPERTIES "  # noqa: SIM905 - words read well
    "AUTO_REFRESH FILE_FORMAT PARTITION ROW".split()
)


def clauses(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Read clauses up to AS or the end; what is not known is stepped over."""
    while not phrase.done and not phrase.sees("AS"):
        changed = clause(table, phrase, tables)
        if changed is None:
            phrase.skip()
        else:
            table = changed
    return table


def clause(table: Table, phrase: Phrase, tables: Tables) -> Table | None:
    """Read one clause and return the table with it, or None where none that is known stands."""
    if phrase.take("PARTITION", "OF"):
        return _partition_of(table, phrase, tables)
    if phrase.take("PARTITION", "BY") or phrase.take("PARTITIONED", "BY"):
        return _partitioned(table, phrase, tables)
    if phrase.take("CLUSTER", "BY"):
        return clustered(table, phrase)
    if phrase.take("SORTKEY"):
        return replace(table, cluster_by=written(table, phrase.names()))
    if phrase.take("COMMENT"):
        return replace(table, comment=phrase.string())
    if phrase.take("OPTIONS"):
        return table_options(table, phrase)
    return _copied(table, phrase, tables) or _governed(table, phrase, tables)


def _copied(table: Table, phrase: Phrase, tables: Tables) -> Table | None:
    """Read LIKE, CLONE and INHERITS: the columns of another table."""
    if phrase.take("LIKE"):
        other = tables.get(phrase.name())
        return replace(table, columns={**table.columns, **other.columns}) if other else table
    if phrase.take("CLONE") or phrase.take("DEEP", "CLONE") or phrase.take("SHALLOW", "CLONE"):
        other = tables.get(phrase.name())
        return replace(other, name=table.name) if other else table
    if phrase.take("INHERITS"):
        names = list(phrase.texts())
        tables.parents.update(map(str.casefold, names))
        parents = [tables.get(name) for name in names]
        inherited = {name: column for parent in parents if parent for name, column in parent.columns.items()}
        return replace(table, columns={**inherited, **table.columns})
    return None


def _governed(table: Table, phrase: Phrase, tables: Tables) -> Table | None:
    """Read tags and row policies, with or without WITH, and the properties that Trino writes in WITH."""
    begin = phrase.at
    phrase.take("WITH")
    if phrase.take("TAG") or phrase.take("TAGS"):
        return replace(table, tags=merged(table.tags, tags(phrase)))
    if phrase.take("ROW", "ACCESS", "POLICY") or phrase.take("ROW", "FILTER"):
        return replace(table, row_access_policy=phrase.name())
    if phrase.take("PARTITION", "COLUMNS"):
        return _partitioned(table, phrase, tables)
    if phrase.at > begin and phrase.sees("("):
        return properties(table, phrase, tables)
    phrase.at = begin
    return None


def _partition_of(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Read PARTITION OF: the columns are the parent's, which has one partition more."""
    parent = tables.get(phrase.name())
    if parent is None:
        raise ValueError(f"{table.name} is a partition of a table that is not created here")
    add_partition(parent, tables)
    return replace(
        table,
        kind="partition",
        columns={**parent.columns, **table.columns},
        primary_key=parent.primary_key,
        unique=parent.unique,
        foreign_keys=parent.foreign_keys,
    )


def add_partition(parent: Table, tables: Tables) -> None:
    """Count one partition more for a table."""
    if parent.partition_by:
        count = (parent.partition_by.count or 0) + 1
        tables.put(replace(parent, partition_by=replace(parent.partition_by, count=count)))


def _partitioned(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Read a partition expression; Hive's list of columns with types adds them to the table."""
    inside = phrase.group()
    if inside is not None:
        text = f"({inside.rest()})"
        items = list(inside.items())
        if items and all(len(item.words) > 1 and item.words[1].kind == "word" for item in items):
            names = []
            for item in items:
                names.append(item.words[0].text)
                table = element(table, item, tables)
            text = f"({', '.join(names)})"
    else:
        text = phrase.until(_NEXT).rest()
    return with_partitioning(table, text, tables.dialect)


def with_partitioning(table: Table, text: str, dialect: str) -> Table:
    """Partition a table by an expression, its columns written as the table's list writes them."""
    found = partitioning(text, dialect)
    if found is not None:
        found = replace(found, columns=written(table, found.columns))
    return replace(table, partition_by=found)


def clustered(table: Table, phrase: Phrase) -> Table:
    """Read clustering keys: ``(a, f(b))``, BigQuery's ``a, b``, NONE, or AUTO, which is not known."""
    phrase.take("LINEAR")
    if phrase.take("NONE") or phrase.take("AUTO"):
        return replace(table, cluster_by=())
    keys = phrase.texts() if phrase.sees("(") else ()
    if not keys:
        keys = tuple(item.rest() for item in phrase.until(_NEXT).items())
    return replace(table, cluster_by=written(table, tuple(key.strip('`"') for key in keys)))


def table_options(table: Table, phrase: Phrase) -> Table:
    """Read BigQuery's OPTIONS of a table: its description, labels, and whether it demands a filter."""
    for option, value in options(phrase).items():
        if option == "DESCRIPTION":
            table = replace(table, comment=value.string())
        elif option == "LABELS":
            pairs = re.findall(r"\(\s*['\"](.*?)['\"]\s*,\s*['\"](.*?)['\"]\s*\)", value.rest())
            labels = tuple(f"{name}={text}" if text else name for name, text in pairs)
            table = replace(table, tags=merged(table.tags, labels))
        elif option == "REQUIRE_PARTITION_FILTER" and table.partition_by:
            required = value.take("=") and value.take("TRUE")
            table = replace(table, partition_by=replace(table.partition_by, require_filter=required))
    return table


def properties(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Read Trino's table properties: Hive's and Iceberg's partitioning, and the order within files."""
    for name, value in options(phrase).items():
        items = [word.text for word in value.words if word.kind == "string"]
        if name in {"PARTITIONED_BY", "PARTITIONING"} and items:
            table = with_partitioning(table, f"({', '.join(items)})", tables.dialect)
        elif name == "SORTED_BY" and items:
            table = replace(table, cluster_by=written(table, tuple(item.split()[0] for item in items)))
    return table
