"""A counterexample made as small as it goes, and printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.rewrite.prove.effort import CeilingReached, Exhausted
from sqlopt.rewrite.prove.testing.databases import holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.rewrite.prove.engine.compare import Row
    from sqlopt.rewrite.prove.pair import Pair, Relation
    from sqlopt.rewrite.prove.testing.databases import Database

_MOST_SHOWN = 12


def shrink(pair: Pair, rows: Database, still: Callable[[Database], bool]) -> Database:
    """Drop rows, then blank values, as long as ``still`` says that the results differ.

    ``still`` may raise `Exhausted` or `CeilingReached` to stop; what was reached then holds.
    """
    best = {key: list(mine) for key, mine in rows.items()}
    try:
        _drop_rows(pair, best, still)
        _plain_values(pair, best, still)
    except (Exhausted, CeilingReached):
        pass
    return best


def _drop_rows(pair: Pair, best: Database, still: Callable[[Database], bool]) -> None:
    changed = True
    while changed:
        changed = False
        for key in list(best):
            width = max(len(best[key]) // 2, 1)
            while width:
                start = 0
                while start < len(best[key]):
                    tried = {**best, key: best[key][:start] + best[key][start + width :]}
                    if holds(pair, tried) and still(tried):
                        best[key] = tried[key]
                        changed = True
                    else:
                        start += width
                width //= 2


def _plain_values(pair: Pair, best: Database, still: Callable[[Database], bool]) -> None:
    for key, relation in pair.relations.items():
        left = [
            place
            for place, field in enumerate(relation.fields)
            if field.nullable and any(row[place] is not None for row in best[key])
        ]
        width = len(left)
        while width:
            for start in range(0, len(left), width):
                blank = set(left[start : start + width])
                tried = {
                    **best,
                    key: [tuple(None if i in blank else x for i, x in enumerate(row)) for row in best[key]],
                }
                if holds(pair, tried) and still(tried):
                    best[key] = tried[key]
            left = [place for place in left if any(row[place] is not None for row in best[key])]
            width = min(width // 2, len(left))


def script(pair: Pair, rows: Database, results: tuple[list[Row], list[Row]], names: list[list[str]]) -> str:
    """Return SQL in the source dialect that makes the tables, with both results as comments."""
    lines: list[str] = []
    for key, relation in pair.relations.items():
        lines.append(_create(pair, relation))
        if rows[key]:
            lines.append(_insert(pair, relation, rows[key]))
    for which, found, columns in zip(("before", "after"), results, names, strict=True):
        count = f"{len(found)} row" + ("" if len(found) == 1 else "s")
        lines.append(f"-- {which}: {count} of ({', '.join(_visible(one) for one in columns)})")
        lines += [f"--   ({', '.join(_shown(one) for one in row)})" for row in found[:_MOST_SHOWN]]
        if len(found) > _MOST_SHOWN:
            lines.append(f"--   and {len(found) - _MOST_SHOWN} more")
    return "\n".join(lines)


def _create(pair: Pair, relation: Relation) -> str:
    columns = []
    for one in relation.fields:
        kind = one.precise or exp.DataType.build(
            "INT" if one.kind.value == "OTHER" else one.kind.value, dialect="duckdb"
        )
        name = exp.to_identifier(one.name, quoted=not one.name.isidentifier())
        rule = "" if one.nullable else " NOT NULL"
        columns.append(f"{name.sql(dialect=pair.dialect)} {kind.sql(dialect=pair.dialect)}{rule}")
    table = exp.to_identifier(relation.label, quoted=not relation.label.isidentifier())
    return f"CREATE TABLE {table.sql(dialect=pair.dialect)} ({', '.join(columns)});"


def _insert(pair: Pair, relation: Relation, rows: list[Row]) -> str:
    table = exp.to_identifier(relation.label, quoted=not relation.label.isidentifier())
    values = ", ".join("(" + ", ".join(_spelled(pair, one) for one in row) + ")" for row in rows)
    return f"INSERT INTO {table.sql(dialect=pair.dialect)} VALUES {values};"  # noqa: S608 - shown, not run


def _spelled(pair: Pair, value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (bool, int, float)) or type(value).__name__ == "Decimal":
        return exp.convert(value).sql(dialect=pair.dialect)
    return exp.Literal.string(str(value)).sql(dialect=pair.dialect)


def _shown(value: Any) -> str:
    if value is None:
        return "NULL"
    return _visible(repr(value) if isinstance(value, str) else str(value))


def _visible(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
