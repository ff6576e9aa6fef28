"""The columns that PIVOT and UNPIVOT leave, and what each is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import fold
from sqlopt.query.bind.stars import star_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OTHERS = "*"
"""The name under which the columns stand whose own names only the data tell."""


@dataclass(frozen=True, slots=True)
class PivotColumn:
    """A column after PIVOT or UNPIVOT; names are case-folded.

    ``passed`` is the column that came through as it was. Otherwise the value is made of ``uses``, computed
    where ``computed`` says so, and ``keys`` decide which rows count.
    """

    name: str
    passed: str = ""
    uses: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    computed: bool = False


def pivot_columns(pivots: Iterable[exp.Expr], inner: Iterable[str], *, whole: bool) -> dict[str, PivotColumn]:
    """Return the columns after ``pivots``, by name in order, where ``inner`` are those known before.

    ``whole`` says that there are no others. Else an alias's list of names is told from its end: the columns that
    are made come last, and what comes before them is some column or other.
    """
    columns = [PivotColumn(name, passed=name) for name in inner]
    for pivot in pivots:
        before = tuple(one.name for one in columns)
        made = list(_unpivoted(pivot, before) if pivot.args.get("unpivot") else _pivoted(pivot))
        columns = [*_passed(pivot, columns, made), *made]
        alias = pivot.args.get("alias")
        names = [fold(one) for one in alias.columns] if isinstance(alias, exp.TableAlias) else []
        lacking = len(names) - len(columns) if not whole else 0
        columns[:0] = [PivotColumn("", passed=OTHERS)] * lacking
        for place, name in enumerate(names[: len(columns)]):
            one = columns[place]
            columns[place] = PivotColumn(name, one.passed, one.uses, one.keys, one.computed)
    return {one.name: one for one in columns}


def _passed(pivot: exp.Expr, columns: list[PivotColumn], made: list[PivotColumn]) -> list[PivotColumn]:
    """The columns that come through: those that nothing else uses, or in DuckDB those of GROUP BY."""
    group = pivot.args.get("group")
    if isinstance(group, exp.Group):
        named = [fold(one) for one in group.expressions]
        known = {one.name: one for one in columns}
        return [known.get(name, PivotColumn(name, passed=name)) for name in named]
    taken = {name for one in made for name in (*one.uses, *one.keys)}
    return [one for one in columns if one.name not in taken]


# ---- PIVOT


def _pivoted(pivot: exp.Expr) -> Iterator[PivotColumn]:
    fields = [one for one in pivot.args.get("fields") or () if isinstance(one, exp.In)]
    values = pivot.args.get("using") or (pivot.expressions if fields else ())
    on = [one.this for one in fields] or pivot.expressions
    keys = tuple(dict.fromkeys(name for one in on for name in _columns(_compared(one))))
    uses = [tuple(_columns(one)) for one in values] or [()]
    names = [fold(one) for one in pivot.args.get("columns") or ()]
    if not names or any(_from_data(one) for one in fields):
        every = tuple(dict.fromkeys(name for one in uses for name in one))
        yield PivotColumn(OTHERS, uses=every, keys=keys, computed=True)
        return
    for place, name in enumerate(names):
        yield PivotColumn(name, uses=uses[place % len(uses)], keys=keys, computed=True)


def _from_data(field: exp.In) -> bool:
    """Whether the values, and so the names of columns, come from the data: ANY, or a subquery."""
    return any(isinstance(one, (exp.PivotAny, exp.Query)) for one in field.expressions)


def _compared(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.In) else node


# ---- UNPIVOT


def _unpivoted(pivot: exp.Expr, before: tuple[str, ...]) -> Iterator[PivotColumn]:
    """One column for the name and one a value; of groups of columns each place makes a value of its own."""
    into = pivot.args.get("into")
    if isinstance(into, exp.UnpivotColumns):  # DuckDB: UNPIVOT t ON a, b INTO NAME n VALUE v
        groups = list(_groups(pivot.expressions, before))
        yield PivotColumn(fold(into.this))
        yield from _values([fold(one) for one in into.expressions], groups)
        return
    fields = [one for one in pivot.args.get("fields") or () if isinstance(one, exp.In)]
    if not fields:
        yield PivotColumn("name")
        yield from _values(["value"], list(_groups(pivot.expressions, before)))
        return
    for field in fields:
        groups = list(_groups(field.expressions, before))
        listed = [one for value in pivot.expressions for one in _parts(value)]
        named = PivotColumn(fold(field.this))
        values = list(_values([fold(one) for one in listed], groups))
        yield from (*values, named) if pivot.args.get("value_columns_first") else (named, *values)


def _values(names: list[str], groups: list[tuple[str, ...]]) -> Iterator[PivotColumn]:
    for place, name in enumerate(names):
        uses = (one[place] if place < len(one) else one[-1] for one in groups if one)
        yield PivotColumn(name, uses=tuple(dict.fromkeys(uses)))


def _groups(items: Iterable[exp.Expr], before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The columns that become rows, each with those that become values of the same row."""
    for item in items:
        node = item.this if isinstance(item, (exp.PivotAlias, exp.Alias)) else item
        form = star_form(node)
        if form is None:
            yield tuple(name for one in _parts(node) for name in _columns(one))
            continue
        star = form.star.args if form.star is not None else {}
        dropped = {fold(one) for one in star.get("except_") or ()}
        for name in before:
            if name not in dropped and (form.chosen is None or form.chosen(name)):
                yield (name,)


def _parts(node: exp.Expr) -> list[exp.Expr]:
    return node.expressions if isinstance(node, exp.Tuple) else [node]


def _columns(node: exp.Expr) -> list[str]:
    found = [fold(one) for one in node.find_all(exp.Column)]
    return list(dict.fromkeys(found)) or ([fold(node)] if isinstance(node, exp.Identifier) else [])
