"""What a project says of tables, as a catalog: tests and contracts, partitions and clusters, catalog.json.

A column list of YAML is often not whole, and a table of the catalog that lacks columns would make sqlopt say that
a query's columns do not exist. So columns come from catalog.json and enforced contracts only; what tests say of
other columns completes a table that the given catalog knows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlopt.catalog.model import Catalog, Column, ForeignKey, Partitioning, PartitionKind, Table
from sqlopt.source.dbt import configs
from sqlopt.source.dbt.layout import items, mapping
from sqlopt.source.dbt.properties import _REF, _SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlopt.source.dbt.dbt_project import DbtProject

FROM_CATALOG = "catalog.json"
FROM_CONTRACT = "an enforced dbt contract"
FROM_TESTS = "dbt tests and settings"


@dataclass
class Tested:
    """What tests say of one table: columns without NULL, unique sets of columns, references, number ranges."""

    not_null: set[str] = field(default_factory=set)
    unique: list[tuple[str, ...]] = field(default_factory=list)
    references: list[ForeignKey] = field(default_factory=list)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)

    def also(self, other: Tested) -> Tested:
        """Return what both say: a source's table may be a node's, too."""
        unique = list(dict.fromkeys([*self.unique, *other.unique]))
        references = list(dict.fromkeys([*self.references, *other.references]))
        return Tested(self.not_null | other.not_null, unique, references, self.ranges | other.ranges)


def catalog_of(project: DbtProject) -> tuple[Catalog, dict[str, Tested]]:
    """Return the tables that the project knows, and what its tests say of each, by name in lower case."""
    artifact = _artifact(project.folder / "target" / "catalog.json")
    tables: dict[str, Table] = {}
    tested: dict[str, Tested] = {}
    for name, described, settings in _described(project):
        key = name.casefold()
        tested[key] = tested.get(key, Tested()).also(_tested(project, described))
        columns, origin = artifact.get(key, _Found()).columns, FROM_CATALOG
        if not columns and mapping(settings.get("contract")).get("enforced") is True:
            columns, origin = _declared(described), FROM_CONTRACT
        tables[key] = _table(
            name, described, settings, tested[key], columns, origin if columns else FROM_TESTS
        )
    for key, one in artifact.items():
        table = tables.get(key) or Table(one.name, one.columns, origin=FROM_CATALOG)
        tables[key] = replace(table, rows=one.rows, bytes=one.bytes, kind=one.kind)
    return Catalog(tables.values(), project.dialect), tested


def completed(base: Catalog, own: Catalog, tested: Mapping[str, Tested]) -> Catalog:
    """Return ``base`` with the tables of ``own`` and what tests say; where both know something, ``base`` counts."""
    tables = dict(base.tables)
    for key, table in own.tables.items():
        found = base.table(table.name)
        if found is None:
            tables[key] = table
            continue
        said = tested.get(key, Tested())
        keyed = bool(found.primary_key or found.unique)
        tables[found.name.casefold()] = replace(
            found,
            columns=_with(found.columns, said),
            unique=found.unique if keyed else table.unique,
            enforced=found.enforced if keyed else table.enforced,
            foreign_keys=found.foreign_keys or table.foreign_keys,
            partition_by=found.partition_by or table.partition_by,
            cluster_by=found.cluster_by or table.cluster_by,
            rows=table.rows if found.rows is None else found.rows,
            bytes=table.bytes if found.bytes is None else found.bytes,
            tags=found.tags or table.tags,
        )
    return Catalog(
        tables.values(),
        base.dialect or own.dialect,
        base.default_database,
        base.default_schema,
        base.warnings,
    )


def _with(columns: Mapping[str, Column], said: Tested) -> dict[str, Column]:
    found = {}
    for name, column in columns.items():
        key = name.casefold()
        if key in said.not_null and column.nullable is None:
            column = replace(column, nullable=False)  # noqa: PLW2901
        if key in said.ranges and column.min is None and column.max is None:
            column = replace(column, min=said.ranges[key][0], max=said.ranges[key][1])  # noqa: PLW2901
        found[name] = column
    return found


def _described(project: DbtProject) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield (relation, what YAML says, settings) of sources' tables and of nodes."""
    for (source, table), one in project.properties.sources.items():
        yield project.source(source, table).dotted, one.described, mapping(one.described.get("config"))
    for name, nodes in project.nodes.items():
        settings = dict(project.config_of(nodes[0])) | configs.in_text(nodes[0])
        yield project.relation(name), project.properties.node(name), settings


def _table(  # noqa: PLR0913, PLR0917 - what is known, each from its place
    name: str,
    described: Mapping[str, Any],
    settings: Mapping[str, Any],
    tested: Tested,
    columns: Mapping[str, Column],
    origin: str,
) -> Table:
    cluster = settings.get("cluster_by")
    tags = [*items(described.get("tags")), *items(settings.get("tags"))]
    description = described.get("description")
    return Table(
        name,
        _with(columns, tested),
        unique=tuple(tested.unique),
        foreign_keys=tuple(tested.references),
        partition_by=_partitioning(settings),
        cluster_by=tuple(map(str, cluster))
        if isinstance(cluster, list)
        else (cluster,)
        if isinstance(cluster, str)
        else (),
        enforced=True if tested.unique else None,
        kind="view" if settings.get("materialized") == "view" else "table",
        comment=description if isinstance(description, str) and description else None,
        tags=tuple(dict.fromkeys(map(str, tags))),
        origin=origin,
    )


def _partitioning(settings: Mapping[str, Any]) -> Partitioning | None:
    """Read ``partition_by`` as BigQuery's adapter has it, or as Spark's has.

    https://docs.getdbt.com/reference/resource-configs/bigquery-configs (checked 2026-11-23).
    """
    given = settings.get("partition_by")
    if isinstance(given, str):
        return Partitioning((given,), PartitionKind.VALUE)
    if isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        return Partitioning(tuple(given), PartitionKind.VALUE)
    fields = mapping(given)
    column = fields.get("field")
    if not isinstance(column, str):
        return None
    required = settings.get("require_partition_filter")
    required = required if isinstance(required, bool) else None
    if fields.get("data_type") == "int64":
        limits = [mapping(fields.get("range")).get(key) for key in ("start", "end", "interval")]
        start, end, step = (one if isinstance(one, int) else None for one in limits)
        return Partitioning(
            (column,), PartitionKind.INTEGER_RANGE, require_filter=required, start=start, end=end, step=step
        )
    granularity = str(fields.get("granularity") or "day").lower()
    return Partitioning((column,), PartitionKind.TIME, granularity, required)


def _declared(described: Mapping[str, Any]) -> dict[str, Column]:
    found = {}
    for one in map(mapping, items(described.get("columns"))):
        name, kind, comment = one.get("name"), one.get("data_type"), one.get("description")
        if isinstance(name, str):
            tags = [*items(one.get("tags")), *items(mapping(one.get("config")).get("tags"))]
            found[name] = Column(
                name,
                kind if isinstance(kind, str) else None,
                tags=tuple(map(str, tags)),
                comment=comment if isinstance(comment, str) and comment else None,
            )
    return found


def _tested(project: DbtProject, described: Mapping[str, Any]) -> Tested:
    """Read the tests that hold for whole tables, and always: those with conditions or warnings say nothing."""
    found = Tested()
    has_contract = mapping(mapping(described.get("config")).get("contract")).get("enforced") is True
    for column in map(mapping, items(described.get("columns"))):
        name = column.get("name")
        if not isinstance(name, str):
            continue
        for kind, arguments in _tests(column):
            _take(found, project, name, kind, arguments)
        kinds = [mapping(one).get("type") for one in items(column.get("constraints"))]
        if has_contract and "not_null" in kinds:
            found.not_null.add(name.casefold())
    for kind, arguments in _tests(described):
        columns = arguments.get("combination_of_columns")
        if kind.endswith("unique_combination_of_columns") and isinstance(columns, list) and columns:
            found.unique.append(tuple(map(str, columns)))
    return found


def _take(found: Tested, project: DbtProject, column: str, kind: str, arguments: Mapping[str, Any]) -> None:
    if kind == "not_null":
        found.not_null.add(column.casefold())
    elif kind == "unique":
        found.unique.append((column,))
    elif kind == "relationships":
        found.references += _reference(project, column, arguments)
    elif kind == "accepted_values":
        values = items(arguments.get("values"))
        if values and all(type(one) in (int, float) for one in values):
            found.ranges[column.casefold()] = (min(values), max(values))


def _tests(described: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in [*items(described.get("tests")), *items(described.get("data_tests"))]:
        if isinstance(one, str):
            yield one, {}
        for kind, given in mapping(one).items():
            arguments = mapping(given)
            config = mapping(arguments.get("config"))
            both = {**arguments, **config}
            if both.get("where") or str(both.get("severity", "error")).lower() != "error":
                continue
            if any(key in both for key in ("warn_if", "error_if", "limit", "enabled")):
                continue
            yield str(kind), mapping(arguments.get("arguments")) or arguments


def _reference(project: DbtProject, column: str, arguments: Mapping[str, Any]) -> list[ForeignKey]:
    to, name = str(arguments.get("to")), arguments.get("field")
    ref, source = _REF.search(to), _SOURCE.search(to)
    if not isinstance(name, str) or not (ref or source):
        return []
    table = (
        project.source(*source.groups()).dotted if source else project.relation(ref.group(1)) if ref else ""
    )
    return [ForeignKey((column,), table, (name,), enforced=True)]


@dataclass
class _Found:
    name: str = ""
    columns: dict[str, Column] = field(default_factory=dict)
    rows: int | None = None
    bytes: int | None = None
    kind: str = "table"


def _artifact(path: Path) -> dict[str, _Found]:
    """Read catalog.json: columns with types, and what the adapter's statistics say of rows and bytes."""
    try:
        data = mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}
    found = {}
    for one in (*mapping(data.get("nodes")).values(), *mapping(data.get("sources")).values()):
        metadata = mapping(mapping(one).get("metadata"))
        parts = [str(metadata[key]) for key in ("database", "schema", "name") if metadata.get(key)]
        columns = sorted(map(mapping, mapping(mapping(one).get("columns")).values()), key=_index)
        statistics = {
            str(key): mapping(value).get("value") for key, value in mapping(mapping(one).get("stats")).items()
        }
        kind = "view" if "view" in str(metadata.get("type")).lower() else "table"
        made = {str(each.get("name")): _column(each) for each in columns}
        rows = _count(statistics.get("row_count", statistics.get("num_rows")))
        size = _count(statistics.get("bytes", statistics.get("num_bytes")))
        found[".".join(parts).casefold()] = _Found(".".join(parts), made, rows, size, kind)
    return found


def _column(one: Mapping[str, Any]) -> Column:
    kind, comment = one.get("type"), one.get("comment")
    return Column(
        str(one.get("name")),
        kind if isinstance(kind, str) else None,
        comment=comment if isinstance(comment, str) and comment else None,
    )


def _index(one: Mapping[str, Any]) -> int:
    index = one.get("index")
    return index if isinstance(index, int) else 0


def _count(value: Any) -> int | None:
    try:
        return None if value is None or isinstance(value, bool) else int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None


def timings(path: Path) -> dict[str, float]:
    """Return the seconds that each node took, by its unique id, from run_results.json."""
    try:
        data = mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}
    return {
        str(one["unique_id"]): float(one["execution_time"])
        for one in map(mapping, items(data.get("results")))
        if "unique_id" in one and isinstance(one.get("execution_time"), int | float)
    }
