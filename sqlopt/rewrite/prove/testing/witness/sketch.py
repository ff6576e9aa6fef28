"""A sketch of a database: rows whose values are variables, and what must hold of the variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.testing.domain import Place

_MOST_ROWS = 160


class Opaque(Exception):  # noqa: N818 - no error: what is said stays out of the sketch
    """Nothing is known of a value or a part of a statement."""


@dataclass(slots=True, eq=False)
class Drawn:
    """A row of the table ``relation``: the variables of its columns, by case-folded name."""

    relation: str
    cells: dict[str, str]

    def term(self, name: str) -> exp.Expr:
        """Return the value of a column."""
        if name not in self.cells:
            raise Opaque
        return variable(self.cells[name])


@dataclass(slots=True)
class Sketch:
    """Rows, what must hold of them, and what had better hold: the conditions of CASE and of FILTER.

    Conditions are DuckDB's SQL over variables, which are columns without a table; ``places`` are the columns of the
    tables that they stand for.
    """

    rows: list[Drawn] = field(default_factory=list)
    conditions: list[exp.Expr] = field(default_factory=list)
    wishes: list[exp.Expr] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def draw(self, relation: str, columns: list[str], *, forced: bool = False) -> Drawn:
        """Add a row of new variables. Raises `Opaque` when there are too many, unless ``forced``."""
        if len(self.rows) >= _MOST_ROWS and not forced:
            raise Opaque
        cells = {}
        for name in columns:
            cells[name] = f"v{len(self.places)}"
            self.places[cells[name]] = (relation, name)
        row = Drawn(relation, cells)
        self.rows.append(row)
        return row


def variable(name: str) -> exp.Expr:
    """Return a variable as an expression."""
    return exp.Column(this=exp.Identifier(this=name))


def variables(node: exp.Expr) -> list[str]:
    """Return the variables of a condition, in the order of its tree, each once."""
    return list(dict.fromkeys(one.name for one in node.find_all(exp.Column)))
