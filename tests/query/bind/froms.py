"""Random FROM clauses: tables, CTEs, derived tables, functions, and every way that people join them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.query.bind.expressions import Expressions, Item, Scope
from tests.query.bind.world import NUMBER, OTHER, TEXT, Column, ident

Ctes = dict[str, list[Column]]


@dataclass
class Part:
    """A piece of FROM: its text, what it names, and what a star over it gives, in order."""

    sql: str
    items: list[Item]
    star: list[Column]


class Froms(Expressions):
    """Writes FROM clauses."""

    # ---- one item

    def item(self, depth: int, ctes: Ctes, taken: set[str], left: Scope | None = None) -> Part:
        """Write a table, CTE, derived table, VALUES or function; ``left`` may be named by a lateral one."""
        if ctes and self.often(0.45):
            name = self.chance.choice(list(ctes))
            return self.named(ident(name), name, ctes[name], taken)
        form = self.chance.randrange(20)
        if depth > 0 and form < 5:
            inner = self.query(depth - 1, ctes)
            return self.derived(f"({inner.sql})", inner.columns)
        if form == 5:
            return self.values()
        if form == 6:
            return self.function(left)
        if depth > 0 and form == 7 and self.duckdb:
            return self.pivot(depth, ctes)
        table = self.chance.choice([one for one in self.world.tables if one.name not in ctes])
        return self.named(ident(table.name), table.name, list(table.columns), taken)

    def named(self, written: str, name: str, columns: list[Column], taken: set[str]) -> Part:
        """Write a table or CTE by its name, often with an alias, sometimes with a list of columns."""
        if name not in taken and self.often(0.5):
            taken.add(name)
            return Part(written, [Item(name, columns)], columns)
        return self.derived(written, columns)

    def derived(self, written: str, columns: list[Column]) -> Part:
        """Give an alias to what is written; sometimes to its first columns, too."""
        alias = self.fresh(self.chance.choice("abdqst"))
        as_ = self.chance.choice((" AS ", " "))
        if columns and self.often(0.2):
            count = self.chance.randint(1, len(columns))
            names = [self.fresh("col") for _ in range(count)]
            columns = [Column(name, one.kind) for name, one in zip(names, columns, strict=False)] + columns[
                count:
            ]
            return Part(f"{written}{as_}{alias}({', '.join(names)})", [Item(alias, columns)], columns)
        return Part(f"{written}{as_}{alias}", [Item(alias, columns)], columns)

    def values(self) -> Part:
        """Write VALUES with names for its columns."""
        rows = ", ".join(
            f"({self.literal(NUMBER)}, {self.literal(TEXT)})" for _ in range(self.chance.randint(1, 3))
        )
        alias, names = self.fresh("v"), (self.fresh("n"), self.fresh("t"))
        columns = [Column(names[0], NUMBER), Column(names[1], TEXT)]
        return Part(f"(VALUES {rows}) AS {alias}({', '.join(names)})", [Item(alias, columns)], columns)

    def function(self, left: Scope | None) -> Part:
        """Write a function that gives rows; it may name what stands before it."""
        alias, name = self.fresh("g"), self.fresh("i")
        named = self.name(left, NUMBER) if left is not None else None
        start = named[0] if named else self.literal(NUMBER)
        if self.duckdb:
            call = f"UNNEST([{start}, 2])"
        else:
            call = self.chance.choice((f"generate_series({start}, 3)", f"unnest(ARRAY[{start}, 2])"))
        columns = [Column(name, NUMBER)]
        if not self.duckdb and self.often(0.2):
            columns.append(Column(self.fresh("nth"), NUMBER))
            call += " WITH ORDINALITY"
        names = ", ".join(one.name for one in columns)
        return Part(f"{call} AS {alias}({names})", [Item(alias, columns, row=False)], columns)

    def pivot(self, depth: int, ctes: Ctes) -> Part:
        """Write PIVOT or UNPIVOT over a derived table."""
        inner = self.query(depth - 1, ctes, None, (NUMBER, TEXT, NUMBER))
        base, alias = self.fresh("d"), self.fresh("p")
        one, by, two = (ident(column.name) for column in inner.columns)
        source = f"({inner.sql}) AS {base}"
        if self.often(0.5):
            names = [Column(value, NUMBER) for value in ("x", "y")]
            star = [inner.columns[0], *names]
            text = f"{source} PIVOT (SUM({two}) FOR {by} IN ('x', 'y')) AS {alias}"
            return Part(text, [Item(alias, star)], star)
        name, value = self.fresh("nm"), self.fresh("val")
        star = [inner.columns[1], Column(name, TEXT), Column(value, NUMBER)]
        return Part(
            f"{source} UNPIVOT ({value} FOR {name} IN ({one}, {two})) AS {alias}", [Item(alias, star)], star
        )

    # ---- joins

    def chain(
        self, depth: int, ctes: Ctes, taken: set[str], before: Scope | None, outer: Scope | None
    ) -> Part:
        """Write one item and what is joined to it. ``before`` holds what stands left of a comma."""
        left = self.first(depth, ctes, taken, outer)
        for _ in range(self.chance.choice((0, 0, 0, 1, 1, 1, 2))):
            if self.often(0.88):
                left = self.join(left, depth, ctes, taken, outer)
                continue
            seen = Scope([*(before.items if before else []), *left.items], left.star, outer, ctes)
            left = self.lateral(left, seen)
        return left

    def first(self, depth: int, ctes: Ctes, taken: set[str], outer: Scope | None) -> Part:
        """Write one item, or a join in parentheses."""
        if depth <= 0 or not self.often(0.15):
            return self.item(depth, ctes, taken)
        inner = self.join(self.first(depth - 1, ctes, taken, outer), depth - 1, ctes, taken, outer)
        if not self.duckdb and self.often(0.15):
            alias = self.fresh("j")
            return Part(f"({inner.sql}) AS {alias}", [Item(alias, inner.star)], inner.star)
        return Part(f"({inner.sql})", inner.items, inner.star)

    def lateral(self, left: Part, seen: Scope) -> Part:
        """Join a subquery or a function that names what stands before it."""
        if self.often(0.3):
            right = self.function(seen)
            return Part(
                f"{left.sql} CROSS JOIN {right.sql}", [*left.items, *right.items], [*left.star, *right.star]
            )
        inner = self.query(0, seen.ctes, seen)
        word = "" if self.duckdb and self.often(0.5) else "LATERAL "
        right = self.derived(f"{word}({inner.sql})", inner.columns)
        form = self.chance.choice((("CROSS JOIN", ""), ("LEFT JOIN", " ON TRUE"), ("JOIN", " ON TRUE")))
        return Part(
            f"{left.sql} {form[0]} {right.sql}{form[1]}",
            [*left.items, *right.items],
            [*left.star, *right.star],
        )

    def join(self, left: Part, depth: int, ctes: Ctes, taken: set[str], outer: Scope | None) -> Part:
        """Join one more item by ON, USING, NATURAL or nothing."""
        right = self.item(depth, ctes, taken) if self.often(0.9) else self.first(depth, ctes, taken, outer)
        scope = Scope([*left.items, *right.items], [*left.star, *right.star], outer, ctes)
        kind = self.chance.choice(
            ("JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT OUTER JOIN")
        )
        keys = self.common(left, right)
        both = [*left.star, *right.star]
        if keys and self.often(0.6):
            shared = (
                list(keys) if self.often(0.3) else self.chance.sample(keys, self.chance.randint(1, len(keys)))
            )
            if self.often(0.25) and self.natural(left, right, keys):
                return Part(
                    f"{left.sql} NATURAL {kind} {right.sql}", scope.items, self.merged(left, right, keys)
                )
            using = f"USING ({', '.join(ident(one.name) for one in shared)})"
            if self.duckdb and self.often(0.15):
                return Part(f"{left.sql} {self.half()} JOIN {right.sql} {using}", left.items, left.star)
            star = self.merged(left, right, shared)
            if not self.duckdb and self.often(0.02):
                alias = self.fresh("m")
                items = [*scope.items, Item(alias, shared, row=False)]
                return Part(f"{left.sql} {kind} {right.sql} {using} AS {alias}", items, star)
            return Part(f"{left.sql} {kind} {right.sql} {using}", scope.items, star)
        if self.often(0.1):
            return Part(f"{left.sql} CROSS JOIN {right.sql}", scope.items, both)
        if self.duckdb and self.often(0.04):
            self.certain = False  # rows meet by their places
            return Part(f"{left.sql} POSITIONAL JOIN {right.sql}", scope.items, both)
        on = self.on(left, right, scope, equal_only=kind == "FULL JOIN")
        if self.duckdb and self.often(0.1):
            return Part(f"{left.sql} {self.half()} JOIN {right.sql} ON {on}", left.items, left.star)
        return Part(f"{left.sql} {kind} {right.sql} ON {on}", scope.items, both)

    def half(self) -> str:
        """The word of a join that gives its left side only."""
        return self.chance.choice(("SEMI", "ANTI"))

    def common(self, left: Part, right: Part) -> list[Column]:
        """The columns that USING may name: once on each side, and of one kind."""
        scope = Scope()
        theirs = {one.name.casefold(): one for one in scope.single(right.star)}
        return [
            one
            for one in scope.single(left.star)
            if one.kind != OTHER
            and one.name.casefold() in theirs
            and theirs[one.name.casefold()].kind == one.kind
        ]

    def natural(self, left: Part, right: Part, keys: list[Column]) -> bool:
        """Whether the names that both sides have are just ``keys``."""
        ours = [one.name.casefold() for one in left.star]
        theirs = {one.name.casefold() for one in right.star}
        return sorted(one for one in ours if one in theirs) == sorted(one.name.casefold() for one in keys)

    def merged(self, left: Part, right: Part, keys: list[Column]) -> list[Column]:
        """What a star gives over USING: PostgreSQL puts the keys first, DuckDB leaves them in their places."""
        names = {one.name.casefold() for one in keys}
        rest = [one for one in right.star if one.name.casefold() not in names]
        if self.duckdb:
            return [*left.star, *rest]
        return [*keys, *(one for one in left.star if one.name.casefold() not in names), *rest]

    def on(self, left: Part, right: Part, scope: Scope, *, equal_only: bool) -> str:
        """Write a join's condition."""
        kind = self.chance.choice((NUMBER, NUMBER, TEXT))
        ours = self.choices(Scope(left.items, left.star), kind, outer=False)
        theirs = self.choices(Scope(right.items, right.star), kind, outer=False)
        ours = [one for one in ours if "." in one[0]]
        theirs = [one for one in theirs if "." in one[0]]
        if not ours or not theirs:
            return "1 = 1"
        equal = f"{self.chance.choice(ours)[0]} = {self.chance.choice(theirs)[0]}"
        if not equal_only and self.often(0.25):
            return f"{equal} AND {self.predicate(scope, 0)}"
        return equal

    def from_clause(self, depth: int, ctes: Ctes, outer: Scope | None) -> tuple[Scope, str]:
        """Write FROM with one or two chains; return what may be named after it."""
        taken: set[str] = set()
        part = self.chain(depth, ctes, taken, None, outer)
        scope = Scope(part.items, part.star, outer, ctes)
        text = f" FROM {part.sql}"
        if self.often(0.15):
            if self.often(0.4):
                inner = self.query(0, ctes, scope)
                word = "" if self.duckdb and self.often(0.5) else "LATERAL "
                more = self.derived(f"{word}({inner.sql})", inner.columns)
            else:
                more = self.chain(depth - 1, ctes, taken, scope, outer)
            text += f", {more.sql}"
            scope = Scope([*part.items, *more.items], [*part.star, *more.star], outer, ctes)
        return scope, text

    def from_where(self, depth: int, outer: Scope, ctes: Ctes | None = None) -> tuple[Scope, str]:
        """Write a FROM and a WHERE; see `Expressions.from_where`."""
        scope, text = self.from_clause(depth, outer.ctes if ctes is None else ctes, outer)
        if self.often(0.7):
            text += f" WHERE {self.predicate(scope, max(depth, 0))}"
        return scope, text
