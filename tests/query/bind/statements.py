"""Random queries over random tables, in the shapes that people write; the same for the same seed.

`statement(seed, dialect)` writes one. It knows what each part gives, so that nearly all of them run; an engine
has the last word.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.query.bind.expressions import Query, Scope
from tests.query.bind.froms import Ctes, Froms
from tests.query.bind.world import NUMBER, OTHER, TEXT, Column, World, ident

DEPTH = 2
"""How deep queries stand in queries."""


@dataclass(frozen=True)
class Statement:
    """A statement. ``certain``: any run gives the same rows. ``columns``: the names that it gives.

    ``written``: the case-folded columns that it sets, by table.
    """

    sql: str
    certain: bool
    columns: tuple[str, ...]
    written: dict[str, set[str]] = field(default_factory=dict)


def statement(seed: object, dialect: str, world: World) -> Statement:
    """Write a query for ``dialect`` (duckdb or postgres) over the tables of ``world``."""
    writer = Queries(random.Random(f"{dialect} {seed}"), dialect, world)
    query = writer.query(DEPTH, {})
    return Statement(query.sql, writer.certain, tuple(one.name for one in query.columns))


class Queries(Froms):
    """Writes SELECT, set operations and WITH."""

    def query(
        self, depth: int, ctes: Ctes, outer: Scope | None = None, kinds: tuple[str, ...] | None = None
    ) -> Query:
        """Write a query, with CTEs and as a set operation where ``depth`` allows."""
        head = ""
        if depth > 0 and self.often(0.45 if depth == DEPTH else 0.1):
            head, ctes = self.ctes(depth, dict(ctes))
        if kinds is None and self.often(0.12):
            kinds = tuple(self.chance.choice((NUMBER, TEXT)) for _ in range(self.chance.randint(1, 3)))
            body = self.set_operation(depth, ctes, outer, kinds)
        else:
            body = self.select(depth, ctes, outer, kinds)
        return Query(head + body.sql, body.columns)

    # ---- WITH

    def ctes(self, depth: int, ctes: Ctes) -> tuple[str, Ctes]:
        """Write one to three CTEs; return what can be named after them."""
        written = []
        recursive = self.often(0.15)
        for _ in range(self.chance.randint(1, 3)):
            name = self.fresh("step")
            if recursive and self.often(0.6):
                sql, columns, listed = self.recursion(name, ctes, depth)
            else:
                if not recursive and self.often(0.08):
                    name = self.chance.choice([one.name for one in self.world.tables if one.name not in ctes])
                inner = self.query(depth - 1, ctes)
                sql, columns, listed = inner.sql, inner.columns, ""
                if self.often(0.2):
                    columns = [Column(self.fresh("col"), one.kind) for one in columns]
                    listed = f"({', '.join(one.name for one in columns)})"
            material = self.chance.choice(("", "", "", "", "MATERIALIZED ", "NOT MATERIALIZED "))
            written.append(f"{ident(name)}{listed} AS {material}({sql})")
            ctes[name] = columns
        return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(written)} ", ctes

    def recursion(self, name: str, ctes: Ctes, depth: int) -> tuple[str, list[Column], str]:
        """Write a CTE that names itself and ends."""
        del depth
        tables = [one for one in self.world.tables if one.name not in ctes]
        table, other = self.chance.choice(tables), self.chance.choice(tables)
        number = next(one.name for one in table.columns if one.kind == NUMBER)
        text = next(one.name for one in table.columns if one.kind == TEXT)
        more = next(one.name for one in other.columns if one.kind == NUMBER)
        columns = [Column(self.fresh("lvl"), NUMBER), Column(self.fresh("tag"), TEXT)]
        step = (
            f"SELECT r.{columns[0].name} + 1, r.{columns[1].name} FROM {name} AS r "
            f"JOIN {ident(other.name)} AS o ON o.{ident(more)} = r.{columns[0].name} "
            f"WHERE r.{columns[0].name} < 3"
        )
        anchor = f"SELECT {ident(number)}, {ident(text)} FROM {ident(table.name)}"
        listed = f"({columns[0].name}, {columns[1].name})"
        return f"{anchor} UNION {step}", columns, listed

    # ---- set operations

    def set_operation(self, depth: int, ctes: Ctes, outer: Scope | None, kinds: tuple[str, ...]) -> Query:
        """Write two or three branches whose columns have the same kinds, not the same names."""
        branches = [
            self.select(depth - 1, ctes, outer, kinds, plain=True)
            for _ in range(self.chance.choice((2, 2, 3)))
        ]
        text, columns = branches[0].sql, branches[0].columns
        by_name = self.duckdb and self.often(0.1)
        for one in branches[1:]:
            if by_name:
                text += f" UNION ALL BY NAME {one.sql}"
                columns = [
                    *columns,
                    *(new for new in one.columns if new.name not in {old.name for old in columns}),
                ]
                continue
            word = self.chance.choice(("UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT"))
            side = f"({one.sql})" if self.often(0.2) else one.sql
            text += f" {word} {side}"
        if self.often(0.3):
            text += f" ORDER BY {self.chance.randint(1, len(kinds))}"
        return Query(text, columns)

    # ---- SELECT

    def select(
        self,
        depth: int,
        ctes: Ctes,
        outer: Scope | None,
        kinds: tuple[str, ...] | None,
        *,
        plain: bool = False,
    ) -> Query:
        """Write one SELECT; a ``plain`` one has no ORDER BY or LIMIT."""
        scope, text = self.from_clause(depth, ctes, outer)
        if self.often(0.5):
            text += f" WHERE {self.predicate(scope, depth)}"
        form = self.chance.random()
        if form < 0.25:
            query = self.grouped(scope, text, kinds)
        elif form < 0.4:
            query = self.windowed(scope, text, kinds)
        else:
            query = self.listed(scope, text, kinds, depth)
        return query if plain else self.ordered(query, scope, whole=form >= 0.4)

    def names(self, items: list[tuple[str, Column, bool]]) -> list[tuple[str, Column]]:
        """Give aliases to items; the last of a triple says that the name is the item's own."""
        written = []
        for sql, column, own in items:
            if own and self.often(0.6):
                written.append((sql, column))
            else:
                name = self.fresh(self.chance.choice(("x", "total", "part", "Odd ")))
                as_ = " AS " if not own or self.often(0.7) else " "
                written.append((f"{sql}{as_}{ident(name)}", Column(name, column.kind)))
        return written

    def listed(self, scope: Scope, text: str, kinds: tuple[str, ...] | None, depth: int) -> Query:
        """Write a list of columns, expressions, stars and whole rows."""
        items: list[tuple[str, Column, bool]] = []
        columns: list[tuple[str, Column]] = []
        wanted = kinds or tuple(self.chance.choice((NUMBER, TEXT)) for _ in range(self.chance.randint(1, 4)))
        for kind in wanted:
            named = self.name(scope, kind)
            if named is not None and self.often(0.6):
                items.append((*named, True))
            else:
                items.append((self.value(scope, kind, depth), Column("", kind), False))
        columns = self.names(items)
        distinct = ""
        if kinds is None:
            columns = self.extras(scope, columns)
        if self.often(0.12) and not any(one.kind == OTHER for _, one in columns):
            distinct = "DISTINCT "
            if self.often(0.3):
                named = self.name(scope, None)
                if named is not None and named[1].kind != OTHER:
                    distinct, self.certain = f"DISTINCT ON ({named[0]}) ", False
        return Query(
            f"SELECT {distinct}{', '.join(sql for sql, _ in columns if sql)}{text}",
            [one for _, one in columns],
        )

    def extras(self, scope: Scope, columns: list[tuple[str, Column]]) -> list[tuple[str, Column]]:
        """Add or set a star, a whole row, rows made in the list, or an alias that is used again."""
        form = self.chance.randrange(16)
        if form < 4:
            return self.star(scope, columns)
        if form in (4, 5):
            whole = self.whole(scope)
            if whole is not None and not self.duckdb and self.often(0.1):
                row = self.chance.choice(self.rows(scope))
                item = next(one for one in scope.items if ident(one.name) == row)
                return [
                    *columns,
                    *((f"({row}).*" if not place else "", one) for place, one in enumerate(item.columns)),
                ]
            if whole is not None:
                name = self.fresh("whole")
                columns = [*columns, (f"{whole[0]} AS {name}", Column(name, whole[1]))]
        elif form == 6:
            name = self.fresh("each")
            value = self.value(scope, NUMBER)
            call = f"UNNEST([{value}, 5])" if self.duckdb else self.chance.choice(
                (f"generate_series(1, {value})", f"unnest(ARRAY[{value}, 5])")
            )  # fmt: skip
            columns = [*columns, (f"{call} AS {name}", Column(name, NUMBER))]
        elif form == 7 and self.duckdb:
            again = [one for _, one in columns if one.kind == NUMBER and one.name[-1:].isdigit()]
            if again:
                name = self.fresh("again")
                columns = [*columns, (f"{ident(again[0].name)} + 1 AS {name}", Column(name, NUMBER))]
        elif form == 8 and self.duckdb and scope.star:
            place = self.chance.randrange(len(scope.star))
            name = self.fresh("place")
            columns = [*columns, (f"#{place + 1} AS {name}", Column(name, OTHER))]
        return columns

    def star(self, scope: Scope, columns: list[tuple[str, Column]]) -> list[tuple[str, Column]]:
        """Write a star, by itself or beside other columns."""
        if self.often(0.5) or not scope.items:
            written, given, pool = "*", scope.star, scope.star
        else:
            item = self.chance.choice(scope.items)
            written, given, pool = f"{ident(item.name)}.*", item.columns, item.columns
        single = scope.single(pool)
        if self.duckdb and single and self.often(0.4):
            written, given = self.modified(written, given, self.chance.choice(single))
        stars = [(written, given[0]), *(("", one) for one in given[1:])] if given else []
        return stars if self.often(0.5) or not stars else [*stars, *columns]

    def modified(self, star: str, given: list[Column], column: Column) -> tuple[str, list[Column]]:
        """Write a star of DuckDB's with a change to one column."""
        written, key = ident(column.name), column.name.casefold()
        form = self.chance.randrange(4)
        rest = [one for one in given if one.name.casefold() != key]
        if form == 0 and rest:
            return f"{star} EXCLUDE ({written})", rest
        if form == 1 and column.kind == NUMBER:
            return f"{star} REPLACE ({written} + 1 AS {written})", given
        if form == 2:
            name = self.fresh("ren")
            return (
                f"{star} RENAME ({written} AS {name})",
                [Column(name, one.kind) if one is column else one for one in given],
            )
        if star == "*" and self.often(0.3) and rest:
            return f"COLUMNS(* EXCLUDE ({written}))", rest
        if star == "*" and self.often(0.3):
            name = column.name
            return f"COLUMNS(one -> one = '{name}')", [one for one in given if one.name == name]
        if star == "*":
            return f"COLUMNS('^{column.name}$')", [one for one in given if one.name == column.name]
        return star, given

    # ---- GROUP BY

    def grouped(self, scope: Scope, text: str, kinds: tuple[str, ...] | None) -> Query:
        """Write keys and aggregates, or aggregates alone."""
        keys = [
            one for one in (self.name(scope, self.chance.choice((NUMBER, TEXT))) for _ in range(2)) if one
        ]
        keys = keys[: self.chance.randint(0, 2)]
        items: list[tuple[str, Column, bool]] = []
        if kinds is None:
            items = [(*one, True) for one in keys]
            for _ in range(self.chance.randint(1, 2)):
                sql, kind = self.aggregate(scope)
                items.append((sql, Column("", kind), False))
        else:
            for kind in kinds:
                named = next((one for one in keys if one[1].kind == kind), None)
                if named is not None and self.often(0.5):
                    items.append((*named, True))
                else:
                    value = self.value(scope.alone(), kind)
                    items.append((f"{self.chance.choice(('MIN', 'MAX'))}({value})", Column("", kind), False))
        columns = self.names(items)
        group = self.group_by(scope, keys, columns, positions=kinds is None)
        having = ""
        if self.often(0.2):
            having = f" HAVING COUNT({self.value(scope.alone(), NUMBER)}) >= {self.chance.randrange(2)}"
        return Query(
            f"SELECT {', '.join(sql for sql, _ in columns)}{text}{group}{having}", [one for _, one in columns]
        )

    def group_by(
        self,
        scope: Scope,
        keys: list[tuple[str, Column]],
        columns: list[tuple[str, Column]],
        *,
        positions: bool,
    ) -> str:
        """Write GROUP BY by names, positions, or sets."""
        if not keys:
            return ""
        written = [sql for sql, _ in keys]
        form = self.chance.randrange(10)
        if form < 2 and positions:
            written = [str(place + 1) for place in range(len(keys))]
        elif form == 2 and positions:
            own = [ident(one.name) for _, one in columns[: len(keys)]]
            if all(one[-1:].isdigit() for one in own):
                written = own
        elif form == 3:
            return f" GROUP BY {self.chance.choice(('ROLLUP', 'CUBE'))} ({', '.join(written)})"
        elif form == 4:
            return f" GROUP BY GROUPING SETS (({', '.join(written)}), ({written[0]}), ())"
        elif form == 5 and self.duckdb and positions:
            return " GROUP BY ALL"
        elif form == 6 and self.rows(scope):
            written.append(self.chance.choice(self.rows(scope)))
        return f" GROUP BY {', '.join(written)}"

    # ---- windows

    def windowed(self, scope: Scope, text: str, kinds: tuple[str, ...] | None) -> Query:
        """Write window functions, over windows inline, named and inherited."""
        named: list[str] = []
        clause = ""
        if self.often(0.5):
            first = self.fresh("w")
            named.append(first)
            clause = (
                f" WINDOW {first} AS ({self.window_body(scope) or 'PARTITION BY ' + self.value(scope, TEXT)})"
            )
            if self.often(0.5):
                second = self.fresh("w")
                named.append(second)
                clause += f", {second} AS ({first} ORDER BY {self.value(scope, NUMBER)})"
        items: list[tuple[str, Column, bool]] = []
        for kind in kinds or (NUMBER, self.chance.choice((NUMBER, TEXT)), NUMBER):
            one = self.name(scope, kind)
            if kind == NUMBER and self.often(0.6):
                items.append((self.window(scope, named), Column("", NUMBER), False))
            elif one is not None:
                items.append((*one, True))
            else:
                items.append((self.literal(kind), Column("", kind), False))
        columns = self.names(items)
        qualify = ""
        if self.duckdb and self.often(0.4):
            made = [column for sql, column in columns if " OVER " in sql]
            function = ident(made[0].name) if made and self.often(0.5) else self.window(scope, named)
            qualify = f" QUALIFY {function} < {self.chance.randint(1, 4)}"
        return Query(
            f"SELECT {', '.join(sql for sql, _ in columns)}{text}{clause}{qualify}",
            [one for _, one in columns],
        )

    # ---- ORDER BY and LIMIT

    def ordered(self, query: Query, scope: Scope, *, whole: bool) -> Query:
        """Add ORDER BY and LIMIT, now and then; ``whole`` allows what only a SELECT without groups can name."""
        text = query.sql
        distinct = text.startswith("SELECT DISTINCT")
        if text.startswith("SELECT DISTINCT ON") or not self.often(0.25):
            return query
        plain = [(place, one) for place, one in enumerate(query.columns) if one.kind != OTHER]
        singles = {one.name for one in scope.single(query.columns)}
        form = self.chance.randrange(5)
        if form < 2 and plain:
            text += f" ORDER BY {self.chance.choice(plain)[0] + 1}"
        elif form == 2 and any(one.name in singles for _, one in plain):
            names = [one.name for _, one in plain if one.name in singles]
            text += f" ORDER BY {ident(self.chance.choice(names))} DESC"
        elif whole and not distinct and form == 3 and self.rows(scope):
            text += f" ORDER BY {self.chance.choice(self.rows(scope))}"
        elif whole and not distinct:
            named = self.name(scope, None)
            if named is None or named[1].kind == OTHER:
                return query
            text += f" ORDER BY {named[0]} NULLS LAST"
        else:
            return query
        if self.often(0.25):
            self.certain = False
            count = self.chance.randint(1, 3)
            text += self.chance.choice(
                (f" LIMIT {count}", f" LIMIT {count} OFFSET 1", f" LIMIT (SELECT {count})")
            )
        return Query(text, query.columns)
