"""Random expressions over what a FROM clause gives: the part of the fuzz of reads that names columns and rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.query.bind.world import NUMBER, OTHER, TEXT, Column, World, ident

if TYPE_CHECKING:
    import random


@dataclass
class Item:
    """One thing that FROM names. ``row`` says that its name may stand for its whole row."""

    name: str
    columns: list[Column]
    row: bool = True


@dataclass
class Scope:
    """What expressions of one SELECT can name: its FROM's items, what `*` gives, and the scope around it."""

    items: list[Item] = field(default_factory=list)
    star: list[Column] = field(default_factory=list)
    outer: Scope | None = None
    ctes: dict[str, list[Column]] = field(default_factory=dict)

    def alone(self) -> Scope:
        """The same without what is around it: an aggregate of outer columns would be the outer query's."""
        return Scope(self.items, self.star, None, self.ctes)

    def single(self, columns: list[Column]) -> list[Column]:
        """Of ``columns`` those whose name stands once among them."""
        names = [one.name.casefold() for one in columns]
        return [one for one in columns if names.count(one.name.casefold()) == 1]


@dataclass
class Query:
    """A query's text and the columns that it gives."""

    sql: str
    columns: list[Column]


class Expressions:
    """Writes values, predicates and aggregates. ``certain`` turns False where a result may differ between runs."""

    def __init__(self, chance: random.Random, dialect: str, world: World) -> None:
        self.chance = chance
        self.dialect = dialect
        self.duckdb = dialect == "duckdb"
        self.world = world
        self.certain = True
        self._count = 0

    def query(
        self,
        depth: int,
        ctes: dict[str, list[Column]],
        outer: Scope | None = None,
        kinds: tuple[str, ...] | None = None,
    ) -> Query:
        """Write a query; ``kinds`` are those of its columns, where the place asks for them."""
        raise NotImplementedError

    def fresh(self, stem: str) -> str:
        """Return a name that the statement has not used."""
        self._count += 1
        return f"{stem}{self._count}"

    def often(self, share: float) -> bool:
        """Draw a yes in ``share`` of all cases."""
        return self.chance.random() < share

    # ---- names

    def write(self, name: str) -> str:
        """Write a name, now and then in capitals where case does not matter."""
        written = ident(name)
        return written.upper() if written == name and self.often(0.03) else written

    def choices(self, scope: Scope, kind: str | None, *, outer: bool = True) -> list[tuple[str, Column]]:
        """Every way to name a column of ``kind`` in ``scope``."""
        found: list[tuple[str, Column]] = []
        hidden_items: set[str] = set()
        hidden_names: set[str] = set()
        up: Scope | None = scope
        while up is not None:
            for item in up.items:
                if item.name.casefold() not in hidden_items:
                    written = self.write(item.name)
                    found += [(f"{written}.{self.write(one.name)}", one) for one in up.single(item.columns)]
            near = [one for one in up.single(up.star) if one.name.casefold() not in hidden_names]
            found += [(self.write(one.name), one) for one in near]
            hidden_items |= {one.name.casefold() for one in up.items}
            hidden_names |= {one.name.casefold() for item in up.items for one in item.columns} | hidden_items
            up = up.outer if outer else None
        return [one for one in found if kind is None or one[1].kind == kind]

    def name(self, scope: Scope, kind: str | None, *, outer: bool = False) -> tuple[str, Column] | None:
        """Name a column, the near ones first; None when there is none of this kind."""
        near = self.choices(scope, kind, outer=False)
        if scope.outer is not None and (outer or self.often(0.25)):
            far = [one for one in self.choices(scope, kind) if one not in near]
            if far:
                return self.chance.choice(far)
        return self.chance.choice(near) if near else None

    def rows(self, scope: Scope) -> list[str]:
        """The items whose bare name means their whole row here."""
        taken = {one.name.casefold() for item in scope.items for one in item.columns}
        return [ident(one.name) for one in scope.items if one.row and one.name.casefold() not in taken]

    # ---- values

    def value(self, scope: Scope, kind: str, depth: int = 0) -> str:
        """Write an expression of this kind."""
        named = self.name(scope, kind)
        if named is None or self.often(0.05):
            return self.literal(kind)
        text = named[0]
        form = self.chance.randrange(14)
        if form == 0:
            return f"COALESCE({text}, {self.literal(kind)})"
        if form == 1:
            return f"CASE WHEN {self.predicate(scope, 0)} THEN {text} ELSE {self.value(scope, kind)} END"
        if form == 2:
            return f"{text} + {self.value(scope, NUMBER)}" if kind == NUMBER else f"{text} || '-'"
        if form == 3 and depth > 0:
            return self.scalar(scope, kind, depth)
        if form == 4 and kind == TEXT and self.rows(scope):
            return self.whole_text(scope)
        if form == 6:
            other = self.chance.choice((NUMBER, TEXT))
            return f"CASE {self.value(scope, other)} WHEN {self.literal(other)} THEN {text} END"
        if form == 7 and kind == NUMBER and depth > 0:
            inner, rest = self.from_where(depth - 1, scope)
            named = self.name(inner.alone(), NUMBER)
            rows = self.rows(inner.alone())
            counted = self.chance.choice(rows) if rows and self.often(0.3) else named[0] if named else "1"
            return f"(SELECT COUNT({counted}){rest})"
        if form == 5 and kind == NUMBER:
            return f"LENGTH({self.value(scope, TEXT)})"
        return text

    def literal(self, kind: str) -> str:
        """Write a constant."""
        return str(self.chance.randrange(4)) if kind == NUMBER else self.chance.choice(("'x'", "'y'", "''"))

    def scalar(self, scope: Scope, kind: str, depth: int) -> str:
        """Write a subquery that gives one value: an aggregate over rows that the outer row decides."""
        inner, text = self.from_where(depth - 1, scope)
        named = self.name(inner.alone(), kind)
        value = named[0] if named else self.literal(kind)
        return f"(SELECT {self.chance.choice(('MIN', 'MAX'))}({value}){text})"

    def from_where(
        self, depth: int, outer: Scope, ctes: dict[str, list[Column]] | None = None
    ) -> tuple[Scope, str]:
        """Write a FROM and a WHERE that may be correlated; return what they let one name."""
        raise NotImplementedError

    # ---- whole rows

    def whole_text(self, scope: Scope) -> str:
        """Write a text made of a whole row."""
        row = self.chance.choice(self.rows(scope))
        if self.duckdb:
            forms = (f"CAST({row} AS TEXT)", f"{row}::TEXT", f"CAST(TO_JSON({row}) AS TEXT)")
        else:
            forms = (
                f"{row}::text", f"CAST({row} AS text)", f"to_jsonb({row})::text", f"row_to_json({row})::text",
                f"CAST({row}.* AS text)", f"to_jsonb({row}.*)::text",
            )  # fmt: skip
        return self.chance.choice(forms)

    def whole(self, scope: Scope) -> tuple[str, str] | None:
        """Write a value made of a whole row, with its kind; None where no row can be named."""
        rows = self.rows(scope)
        if not rows:
            return None
        row = self.chance.choice(rows)
        item = next(one for one in scope.items if ident(one.name) == row)
        single = scope.single(item.columns)
        if single and self.often(0.3):
            column = self.chance.choice(single)
            return f"({row}).{self.write(column.name)}", column.kind
        if self.duckdb:
            forms = (
                row,
                f"STRUCT_PACK(whole := {row})",
                f"{{'whole': {row}}}",
                f"TO_JSON({row})",
                f"ROW({row})",
            )
        else:
            forms = (row, f"to_jsonb({row})", f"jsonb_build_object('whole', {row})", f"ROW({row})", f"ROW({row}.*)",
                     f"jsonb_build_array({row}.*)")  # fmt: skip
        return self.chance.choice(forms), OTHER

    # ---- predicates

    def predicate(self, scope: Scope, depth: int) -> str:
        """Write a condition; subqueries only while ``depth`` lasts."""
        if depth > 0 and self.often(0.3):
            return self.subquery(scope, depth)
        if self.rows(scope) and self.often(0.1):
            return self.of_row(scope)
        form = self.chance.randrange(12)
        kind = self.chance.choice((NUMBER, NUMBER, TEXT))
        value = self.value(scope, kind)
        if form == 0:
            return f"{value} IN ({self.literal(kind)}, {self.value(scope, kind)})"
        if form == 1:
            return f"{value} BETWEEN {self.literal(kind)} AND {self.value(scope, kind)}"
        if form == 2:
            return f"({self.predicate(scope, 0)} OR {self.predicate(scope, depth)})"
        if form == 3:
            return f"NOT ({self.predicate(scope, 0)})"
        if form == 4:
            other = self.chance.choice((NUMBER, TEXT))
            return f"({value}, {self.value(scope, other)}) = ({self.value(scope, kind)}, {self.value(scope, other)})"
        if form in (5, 6):
            return f"{value} IS {self.chance.choice(('', 'NOT '))}NULL"
        return f"{value} {self.chance.choice(('=', '<>', '<', '>='))} {self.value(scope, kind)}"

    def of_row(self, scope: Scope) -> str:
        """Write a condition on whole rows."""
        one, other = self.chance.choice(self.rows(scope)), self.chance.choice(self.rows(scope))
        if self.often(0.3):
            return f"{one}::text {self.chance.choice(('=', '<>', 'IS DISTINCT FROM'))} {other}::text"
        row = one if self.duckdb or self.often(0.7) else f"{one}.*"
        return f"{row} IS {self.chance.choice(('', 'NOT '))}NULL"

    def subquery(self, scope: Scope, depth: int) -> str:
        """Write a condition on a subquery: EXISTS, IN, ANY, ALL."""
        form = self.chance.randrange(6)
        if form < 2:
            return self.exists(scope, depth)
        kind = self.chance.choice((NUMBER, TEXT))
        value = self.value(scope, kind)
        if form == 2:
            inner = self.query(depth - 1, scope.ctes, scope, (kind, NUMBER))
            return f"({value}, {self.value(scope, NUMBER)}) IN ({inner.sql})"
        inner = self.query(depth - 1, scope.ctes, scope, (kind,))
        return f"{value} {self.chance.choice(('IN', 'NOT IN', '= ANY', '<> ALL'))} ({inner.sql})"

    def exists(self, scope: Scope, depth: int) -> str:
        """Write EXISTS over what may be correlated."""
        inner, text = self.from_where(depth - 1, scope)
        named = self.name(inner, None)
        items = self.chance.choice(("1", "*", named[0] if named else "1"))
        return f"{self.chance.choice(('', '', 'NOT '))}EXISTS (SELECT {items}{text})"

    # ---- aggregates and windows

    def aggregate(self, scope: Scope) -> tuple[str, str]:
        """Write an aggregate, with its kind."""
        scope = scope.alone()
        form = self.chance.randrange(11)
        number = self.value(scope, NUMBER)
        rows = self.rows(scope)
        if form == 0:
            return "COUNT(*)", NUMBER
        if form == 1:
            return f"COUNT(DISTINCT {number})", NUMBER
        if form == 2 and rows:
            distinct = self.chance.choice(("DISTINCT ", ""))
            return f"COUNT({distinct}{self.chance.choice(rows)})", NUMBER
        if form == 3:
            text = self.value(scope, TEXT)
            return f"STRING_AGG({text}, ',' ORDER BY {text})", TEXT
        if form == 4:
            return f"SUM({number}) FILTER (WHERE {self.predicate(scope, 0)})", NUMBER
        if form == 5 and rows:
            row = self.chance.choice(rows)
            self.certain = False  # rows that are equal in the order given may change places
            return (
                f"LIST({row} ORDER BY {number})" if self.duckdb else f"json_agg({row} ORDER BY {number})"
            ), OTHER
        if form == 6:
            text = self.value(scope, TEXT)
            return f"{self.chance.choice(('MIN', 'MAX'))}({text})", TEXT
        if form == 7:
            return f"PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY {number})", NUMBER
        if form == 8:
            named = self.name(scope, TEXT)
            text = named[0] if named else "'x'"
            self.certain = self.certain and not self.duckdb  # in any order there, sorted here
            return f"STRING_AGG(DISTINCT {text}, ',')", TEXT
        return f"{self.chance.choice(('SUM', 'MIN', 'MAX', 'COUNT'))}({number})", NUMBER

    def window(self, scope: Scope, names: list[str]) -> str:
        """Write a window function; ``names`` are windows that the SELECT names."""
        scope = scope.alone()
        call = self.chance.choice(
            (f"SUM({self.value(scope, NUMBER)})", "COUNT(*)", f"MAX({self.value(scope, NUMBER)})")
        )
        if names and self.often(0.7):
            return f"{call} OVER {self.chance.choice(names)}"
        if self.often(0.15):
            return f"RANK() OVER ({self.window_body(scope)} ORDER BY {self.value(scope, NUMBER)})"
        order = self.window_order(scope)
        frame = " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" if order and self.often(0.3) else ""
        return f"{call} OVER ({self.window_body(scope)}{order}{frame})"

    def window_body(self, scope: Scope) -> str:
        """Write PARTITION BY, or nothing."""
        if self.rows(scope) and self.often(0.1):
            return f"PARTITION BY {self.chance.choice(self.rows(scope))}"
        return (
            f"PARTITION BY {self.value(scope, self.chance.choice((NUMBER, TEXT)))}" if self.often(0.7) else ""
        )

    def window_order(self, scope: Scope) -> str:
        """Write a window's ORDER BY, or nothing."""
        return f" ORDER BY {self.value(scope, NUMBER)}" if self.often(0.6) else ""
