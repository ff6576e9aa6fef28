"""Random statements that change tables: INSERT, UPDATE, DELETE, MERGE, and WITH that holds one of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.query.bind.expressions import Item, Scope
from tests.query.bind.statements import DEPTH, Queries, Statement
from tests.query.bind.world import NUMBER, TEXT, Column, Table, World, ident

if TYPE_CHECKING:
    from tests.query.bind.froms import Ctes


def change(seed: object, dialect: str, world: World) -> Statement:
    """Write a statement that changes one table of ``world``; `Statement.written` says which columns."""
    writer = Changes(random.Random(f"{dialect} change {seed}"), dialect, world)
    sql, columns = writer.change()
    return Statement(sql, writer.certain, tuple(one.name for one in columns), writer.written)


class Changes(Queries):
    """Writes statements with a target. ``written`` holds the case-folded columns set, by table."""

    def __init__(self, chance: random.Random, dialect: str, world: World) -> None:
        super().__init__(chance, dialect, world)
        self.written: dict[str, set[str]] = {}

    def change(self) -> tuple[str, list[Column]]:
        """Write a statement, with what it returns."""
        head, ctes = "", {}
        if self.often(0.3):
            head, ctes = self.ctes(DEPTH, {})
        if not self.duckdb and self.often(0.3):
            sql, columns = self.one(ctes, returning=True)
            name = self.fresh("moved")
            query = self.query(1, {**ctes, name: columns})
            head = f"{head.rstrip()}, " if head else "WITH "
            body = query.sql
            if body.startswith("WITH RECURSIVE"):
                return self.change()
            if body.startswith("WITH "):
                body = f", {body[5:]}"
            return f"{head}{name} AS ({sql}){'' if body.startswith(',') else ' '}{body}", query.columns
        sql, columns = self.one(ctes, returning=False)
        return head + sql, columns

    def one(self, ctes: Ctes, *, returning: bool) -> tuple[str, list[Column]]:
        """Write one INSERT, UPDATE, DELETE or MERGE over a table that no CTE hides."""
        table = self.chance.choice([one for one in self.world.tables if one.name not in ctes])
        form = self.chance.choice(
            (self.insert, self.insert, self.update, self.update, self.delete, self.merge)
        )
        return form(table, ctes, returning)

    def wrote(self, table: Table, names: list[str]) -> None:
        """Note columns that a statement sets."""
        self.written.setdefault(table.name, set()).update(one.casefold() for one in names)

    def target(self, table: Table) -> tuple[str, Item]:
        """Name the target, often by an alias."""
        if self.often(0.5):
            return ident(table.name), Item(table.name, list(table.columns))
        alias = self.fresh("t")
        return f"{ident(table.name)} AS {alias}", Item(alias, list(table.columns))

    def returned(self, scope: Scope, returning: bool) -> tuple[str, list[Column]]:
        """Write RETURNING, or nothing."""
        if not returning and not self.often(0.3):
            return "", []
        whole = self.whole(scope)
        if whole is not None and self.often(0.15):
            name = self.fresh("whole")
            return f" RETURNING {whole[0]} AS {name}", [Column(name, whole[1])]
        if self.often(0.3):
            return " RETURNING *", scope.star
        named = self.names([(self.value(scope, kind), Column("", kind), False) for kind in (NUMBER, TEXT)])
        return f" RETURNING {', '.join(sql for sql, _ in named)}", [one for _, one in named]

    def sets(self, columns: list[Column], scope: Scope, depth: int = 0) -> str:
        """Write assignments."""
        return ", ".join(f"{ident(one.name)} = {self.value(scope, one.kind, depth)}" for one in columns)

    def some(self, table: Table, *, free: bool = False) -> list[Column]:
        """Draw columns of a table; ``free`` leaves out its key."""
        pool = [one for one in table.columns if not free or one.name != table.key]
        return self.chance.sample(pool, self.chance.randint(1, len(pool)))

    # ---- the four

    def insert(self, table: Table, ctes: Ctes, returning: bool) -> tuple[str, list[Column]]:
        """Write INSERT of a query, perhaps with ON CONFLICT."""
        columns = list(table.columns) if self.often(0.3) else self.some(table)
        listed = (
            ""
            if columns == list(table.columns) and self.often(0.5)
            else f" ({', '.join(ident(one.name) for one in columns)})"
        )
        query = self.query(1, ctes, None, tuple(one.kind for one in columns))
        written, item = self.target(table)
        text = f"INSERT INTO {written}{listed} {query.sql}"
        self.wrote(table, [one.name for one in (columns if listed else table.columns)])
        if table.key and self.often(0.5):
            text += f" ON CONFLICT ({ident(table.key)}) "
            free = self.some(table, free=True)
            scope = Scope([item, Item("excluded", list(table.columns))], [], None, ctes)
            where = f" WHERE {self.predicate(scope, 0)}" if self.often(0.4) else ""
            text += self.chance.choice(("DO NOTHING", f"DO UPDATE SET {self.sets(free, scope)}{where}"))
            self.wrote(table, [one.name for one in table.columns])
        more, given = self.returned(Scope([item], item.columns), returning)
        return text + more, given

    def update(self, table: Table, ctes: Ctes, returning: bool) -> tuple[str, list[Column]]:
        """Write UPDATE, perhaps over other tables."""
        written, item = self.target(table)
        scope, more = self.others(item, ctes, "FROM")
        columns = self.some(table)
        self.wrote(table, [one.name for one in columns])
        text = f"UPDATE {written} SET {self.sets(columns, scope, 1)}{more}"
        returned, given = self.returned(scope, returning)
        return text + returned, given

    def delete(self, table: Table, ctes: Ctes, returning: bool) -> tuple[str, list[Column]]:
        """Write DELETE, perhaps over other tables."""
        written, item = self.target(table)
        scope, more = self.others(item, ctes, "USING")
        returned, given = self.returned(scope, returning)
        return f"DELETE FROM {written}{more}{returned}", given

    def others(self, item: Item, ctes: Ctes, word: str) -> tuple[Scope, str]:
        """Write the tables beside a target, and WHERE."""
        scope, text = Scope([item], item.columns, None, ctes), ""
        if self.often(0.6):
            self.certain = False  # a row may have several partners, and any one decides
            taken = {item.name} | {one.name for one in self.world.tables}
            part = self.chain(1, ctes, taken, None, None)
            text = f" {word} {part.sql}"
            scope = Scope([item, *part.items], [*item.columns, *part.star], None, ctes)
        if self.often(0.8):
            text += f" WHERE {self.predicate(scope, 1)}"
        return scope, text

    def merge(self, table: Table, ctes: Ctes, returning: bool) -> tuple[str, list[Column]]:
        """Write MERGE with its clauses."""
        self.certain = False
        written, item = self.target(table)
        part = self.item(1, ctes, {one.name for one in self.world.tables})
        both = Scope([item, *part.items], [*item.columns, *part.star], None, ctes)
        source = Scope(part.items, part.star, None, ctes)
        kind = NUMBER if self.choices(source, NUMBER) else TEXT
        theirs = self.name(Scope(part.items), kind)
        ours = self.chance.choice([one for one in table.columns if one.kind == kind])
        on = f"{ident(item.name)}.{ident(ours.name)} = {theirs[0] if theirs else self.literal(kind)}"
        text = f"MERGE INTO {written} USING {part.sql} ON {on}"
        if self.often(0.3):
            text += f" WHEN MATCHED AND {self.predicate(both, 0)} THEN DELETE"
        columns = self.some(table)
        self.wrote(table, [one.name for one in columns])
        text += f" WHEN MATCHED THEN UPDATE SET {self.sets(columns, both)}"
        if self.often(0.6):
            columns = self.some(table)
            self.wrote(table, [one.name for one in columns])
            values = ", ".join(self.value(source, one.kind) for one in columns)
            text += f" WHEN NOT MATCHED THEN INSERT ({', '.join(ident(one.name) for one in columns)}) VALUES ({values})"
        star = Scope([*part.items, item], [*part.star, *item.columns], None, ctes)
        more, given = self.returned(star, returning) if not self.duckdb else ("", [])
        return text + more, given
