"""The columns that PIVOT and UNPIVOT leave, and what each is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def pivot_columns(pivots: Iterable[exp.Expr], inner: Iterable[str]) -> dict[str, PivotColumn]:
    """Return the columns after ``pivots``, by name in order, where ``inner`` are those known before."""
    columns = [PivotColumn(name, passed=name) for name in inner]
    for pivot in pivots:
        fields = [one for one in pivot.args.get("fields") or () if isinstance(one, exp.In)]
        made = _unpivoted(pivot, fields) if pivot.args.get("unpivot") else _pivoted(pivot, fields)
        taken = {name for one in made for name in (*one.uses, *one.keys)} | {
            _name(one.this) for one in fields
        }
        columns = [*(one for one in columns if one.name not in taken), *made]
        alias = pivot.args.get("alias")
        names = [_name(one) for one in alias.columns] if isinstance(alias, exp.TableAlias) else []
        for place, name in enumerate(names[: len(columns)]):
            one = columns[place]
            columns[place] = PivotColumn(name, one.passed, one.uses, one.keys, one.computed)
    return {one.name: one for one in columns}


def _pivoted(pivot: exp.Expr, fields: list[exp.In]) -> list[PivotColumn]:
    keys = tuple(_name(one.this) for one in fields)
    uses = [tuple(dict.fromkeys(_name(x) for x in one.find_all(exp.Column))) for one in pivot.expressions]
    names = [_name(one) for one in pivot.args.get("columns") or ()]
    if not uses:
        return []
    return [
        PivotColumn(name, "", uses[place % len(uses)], keys, computed=True)
        for place, name in enumerate(names)
    ]


def _unpivoted(pivot: exp.Expr, fields: list[exp.In]) -> list[PivotColumn]:
    made = []
    for field in fields:
        listed = tuple(_name(x) for one in field.expressions for x in one.find_all(exp.Column))
        made.append(PivotColumn(_name(field.this)))
        made += [PivotColumn(_name(value), uses=listed) for value in pivot.expressions]
    return made


def _name(node: exp.Expr) -> str:
    return node.name.casefold()
