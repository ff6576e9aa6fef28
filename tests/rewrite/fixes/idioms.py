"""What reports are made of, over the tables of a `Store`: anti-joins, lookups, newest rows, figures, steps."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.query.bind.expressions import Item, Scope
from tests.query.bind.statements import Statement
from tests.query.bind.world import NUMBER, TEXT, Table, ident
from tests.rewrite.fixes.shapes import Shapes
from tests.rewrite.fixes.stores import DAY, MOMENT, POOL, Store

if TYPE_CHECKING:
    from collections.abc import Callable

_WRAPS = (
    "{}", "{}", "{}", "SELECT * FROM ({}) AS whole", "WITH whole AS ({}) SELECT COUNT(*) FROM whole",
    "SELECT COUNT(*) FROM ({}) AS whole", "SELECT 1 AS one WHERE EXISTS ({})", "{} UNION ALL {}",
    "WITH spare AS (SELECT 1 AS nought), whole AS ({}) SELECT DISTINCT * FROM whole",
)  # fmt: skip
_JOINS = ("JOIN", "LEFT JOIN")


def idiom(seed: object, dialect: str, store: Store) -> Statement:
    """Write one statement for ``dialect`` (duckdb or postgres) over the tables of ``store``."""
    writer = Idioms(random.Random(f"{dialect} shape {seed}"), dialect, store)
    sql = writer.idiom()
    return Statement(writer.one_of(*_WRAPS).replace("{}", sql), writer.certain, (), {})


class Idioms(Shapes):
    """Writes statements whole; tables are called a, b and d in them."""

    def idiom(self) -> str:
        """Write one of them."""
        forms: tuple[Callable[[], str], ...] = (
            self.outer_and_filter, self.outer_and_filter, self.lookup, self.labelled, self.latest, self.summary,
            self.summary, self.commas, self.by_name, self.previous, self.figures, self.twice, self.steps, self.distinct,
            self.repeated, self.correlated, self.nested, self.dated,
        )  # fmt: skip
        return self.chance.choice(forms)()

    # ---- pieces

    def one_of(self, *forms: str) -> str:
        """Draw one of some texts."""
        return self.chance.choice(forms)

    def any_table(self) -> Table:
        """Draw a table."""
        return self.chance.choice(self.world.tables)

    def pair(self) -> tuple[Table, Table, str, str]:
        """Draw two tables and a column of each to join them by: a reference, a shared name, or any."""
        specs = [one for one in self.world.specs if one.references]
        tables = {one.name: one for one in self.world.tables}
        if specs and self.often(0.5):
            spec = self.chance.choice(specs)
            columns, to, keys = spec.references[0]
            return tables[spec.name], tables[to], ident(columns[0]), ident(keys[0])
        one, other = self.any_table(), self.any_table()
        ours, theirs = self.some_column(one, NUMBER), self.some_column(other, NUMBER)
        shared = [each.name for each in one.columns if each.kind == NUMBER and each in other.columns]
        if shared and self.often(0.6):
            ours = theirs = ident(self.chance.choice(shared))
        elif any(each.name == other.key and each.kind == NUMBER for each in other.columns) and self.often(
            0.5
        ):
            theirs = ident(other.key)
        return one, other, ours, theirs

    def some_column(self, table: Table, kind: str | None = None) -> str:
        """Name a column of a table."""
        return ident(self.chance.choice([one for one in table.columns if kind in {None, one.kind}]).name)

    def column_of(self, scope: Scope, kind: str | None = None) -> str:
        """A column of this kind; a constant where none has a name of its own."""
        found = self.name(scope, kind)
        return found[0] if found else self.literal(kind or NUMBER)

    def scope(self, **items: Table) -> Scope:
        """A scope of tables by alias; columns are named with it."""
        return Scope([Item(name, list(one.columns)) for name, one in items.items()])

    def listing(self, scope: Scope, count: int = 3) -> str:
        """Write a list of columns, with aliases so that all names differ."""
        every = self.choices(scope, None)
        columns = self.chance.sample(every, min(count, len(every)))
        return ", ".join(f"{text} AS c{place}" for place, (text, _) in enumerate(columns))

    def where(self, scope: Scope, share: float = 0.7) -> str:
        """Write WHERE with one to three conditions, or nothing."""
        if not self.often(share):
            return ""
        return " WHERE " + " AND ".join(
            self.predicate(scope, 1) for _ in range(self.chance.choice((1, 1, 2, 3)))
        )

    def joined(self, kind: str, other: Table, alias: str, condition: str) -> str:
        """Write a join."""
        return f" {kind} {ident(other.name)} {alias} ON {condition}"

    # ---- joins

    def outer_and_filter(self) -> str:
        """A LEFT JOIN with a filter on either side: an anti-join, or one that is no outer join."""
        one, other, ours, theirs = self.pair()
        kind = self.one_of("LEFT JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "JOIN")
        both, right = self.scope(a=one, b=other), self.scope(b=other)
        shown = self.scope(a=one) if self.often(0.5) else both
        where = self.where(right if self.often(0.6) else both)
        if self.often(0.2):
            where = f" WHERE b.{theirs} IS NULL"
        on = f"a.{ours} = b.{theirs}"
        if self.often(0.15) and kind != "FULL JOIN":
            on += f" AND {self.predicate(right, 0)}"
        return (
            f"SELECT {self.listing(shown)} FROM {ident(one.name)} a{self.joined(kind, other, 'b', on)}{where}"
        )

    def lookup(self) -> str:
        """A join to a parent, and perhaps another, of which little or nothing is shown."""
        one, other, ours, theirs = self.pair()
        text = f"{ident(one.name)} a{self.joined(self.one_of(*_JOINS), other, 'b', f'b.{theirs} = a.{ours}')}"
        if self.often(0.4):
            third = self.any_table()
            on = f"d.{self.some_column(third, NUMBER)} = {self.one_of(f'a.{ours}', f'b.{theirs}')}"
            text += self.joined(self.one_of(*_JOINS), third, "d", on)
        scope = self.scope(a=one)
        where = self.where(scope, 0.5)
        if self.often(0.4):
            key = self.column_of(scope)
            return f"SELECT {key} AS k, {self.aggregate(scope)[0]} AS n FROM {text}{where} GROUP BY {key}"
        return f"SELECT {self.listing(scope)} FROM {text}{where}"

    def commas(self) -> str:
        """Tables after commas and after JOIN in one FROM."""
        one, other, ours, theirs = self.pair()
        third = self.any_table()
        scope = self.scope(a=one, b=other, d=third)
        join = self.joined(self.one_of(*_JOINS), other, "b", f"b.{theirs} = a.{ours}")
        where = f"d.{self.some_column(third, NUMBER)} = a.{ours} AND {self.predicate(scope, 0)}"
        return f"SELECT {self.listing(scope)} FROM {ident(third.name)} d, {ident(one.name)} a{join} WHERE {where}"

    def by_name(self) -> str:
        """A join by names."""
        one, other = self.any_table(), self.any_table()
        names = [ident(each.name) for each in one.columns if each in other.columns]
        kind = self.one_of("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
        used = self.chance.sample(names, self.chance.randint(1, len(names))) if names else []
        join = f"{kind} {ident(other.name)} b USING ({', '.join(used)})"
        if not used or self.often(0.4):
            join = f"NATURAL {kind} {ident(other.name)} b"
        scope = self.scope(a=one, b=other)
        shown = self.one_of(
            self.listing(scope),
            f"a.*, {self.listing(self.scope(b=other), 1)}",
            "COUNT(*) AS n",
            used[0] if used else "*",
        )
        return f"SELECT {shown} FROM {ident(one.name)} a {join}{self.where(scope, 0.5)}"

    def previous(self) -> str:
        """A table joined to itself: its row before, or its key again."""
        table = self.any_table()
        key = ident(table.key) if table.key else self.some_column(table)
        number, scope = self.some_column(table, NUMBER), self.scope(a=table, b=table)
        on = self.one_of(
            f"b.{key} = a.{key}",
            f"b.{number} = a.{number} - 1",
            f"b.{key} = a.{key} AND b.{number} = a.{number}",
        )
        text = f"{ident(table.name)} a{self.joined(self.one_of(*_JOINS), table, 'b', on)}"
        return f"SELECT {self.listing(scope, 4)} FROM {text}{self.where(scope, 0.5)}"

    def twice(self) -> str:
        """One table joined twice by the same condition."""
        one, other, ours, theirs = self.pair()
        text = f"{ident(one.name)} a"
        for alias in "bd":
            kind = self.one_of("JOIN", "LEFT JOIN", "LEFT JOIN")
            text += self.joined(kind, other, alias, f"{alias}.{theirs} = a.{ours}")
        scope = self.scope(a=one, b=other, d=other)
        return f"SELECT {self.listing(scope, 4)} FROM {text}{self.where(scope, 0.4)}"

    # ---- groups, branches, windows

    def summary(self) -> str:
        """Groups, with HAVING on keys and on aggregates, and sets of groups."""
        one, other, ours, theirs = self.pair()
        text, scope = f"{ident(one.name)} a", self.scope(a=one)
        if self.often(0.5):
            text += self.joined("JOIN", other, "b", f"b.{theirs} = a.{ours}")
            scope = self.scope(a=one, b=other)
        kind = self.one_of(NUMBER, TEXT)
        key, second = self.column_of(scope, kind), self.column_of(scope)
        sets = (f"ROLLUP ({key}, {second})", f"CUBE ({key})", f"GROUPING SETS (({key}), ())")
        group = self.one_of(key, key, key, f"{key}, {second}", *sets)
        having = []
        if self.often(0.5):
            having.append(f"({self.one_of(*self.filters(key, kind, scope))})")
        if self.often(0.5):
            having.append(f"COUNT({self.one_of('*', second)}) > {self.chance.randint(0, 1)}")
        counts = (f"COUNT({key})", f"COUNT({second})", f"COUNT({key})", "COUNT(*)")
        return (
            f"SELECT {'DISTINCT ' if self.often(0.25) else ''}{key} AS k, "
            f"{self.one_of(self.aggregate(scope)[0], *counts)} AS n FROM {text}{self.where(scope, 0.5)} "
            f"GROUP BY {group}{' HAVING ' if having else ''}{' AND '.join(having)}"
        )

    def labelled(self) -> str:
        """Branches put together, often told apart by a label or by a filter."""
        table = self.any_table()
        word = self.one_of("UNION", "UNION", "UNION ALL", "EXCEPT", "INTERSECT")
        branches = []
        for place in range(self.chance.choice((2, 2, 3))):
            if self.often(0.5):
                table = self.any_table()
            scope = self.scope(a=table)
            column = self.column_of(scope, NUMBER)
            label = self.one_of(f"'{place}'", f"'{place}'", "'same'", "NULL", f"{place}", "'1 '")
            if self.often(0.1):
                label = f"CAST({label} AS VARCHAR)"
            group = f" GROUP BY {column}" if self.often(0.2) else ""
            branches.append(
                f"SELECT {'DISTINCT ' if self.often(0.3) else ''}{column} AS k, {label} AS tag "
                f"FROM {ident(table.name)} a{self.where(scope, 0.6)}{group}"
            )
        return f" {word} ".join(branches)

    def latest(self) -> str:
        """The newest row of each group."""
        table = self.any_table()
        scope = self.scope(a=table)
        key, order = self.column_of(scope), ", ".join(one for one, _ in self.choices(scope, None))
        rank = self.one_of("ROW_NUMBER()", "RANK()", "DENSE_RANK()")
        shown = self.one_of("a.*", self.listing(scope))
        inner = f"SELECT {shown}, {rank} OVER (PARTITION BY {key} ORDER BY {order}) AS rn"
        inner += f" FROM {ident(table.name)} a{self.where(scope, 0.4)}"
        test = self.one_of("rn = 1", "q.rn = 1", "rn <= 2", "rn = 1 AND 1 = 1")
        return f"SELECT {self.one_of('*', 'q.*', 'COUNT(*) AS n')} FROM ({inner}) q WHERE {test}"

    def distinct(self) -> str:
        """DISTINCT over a table or a join."""
        one, other, ours, theirs = self.pair()
        scope = self.scope(a=one)
        shown = self.listing(scope, self.chance.randint(1, 3))
        if one.key and self.often(0.5):
            shown += f", a.{ident(one.key)} AS c9"
        text = f"{ident(one.name)} a"
        if self.often(0.6):
            text += self.joined(self.one_of(*_JOINS), other, "b", f"b.{theirs} = a.{ours}")
            scope = self.scope(a=one, b=other)
        return f"SELECT DISTINCT {shown} FROM {text}{self.where(scope, 0.6)}"

    def figures(self) -> str:
        """Some figures of one table, each from a subquery of its own."""
        table = self.any_table()
        scope, source = self.scope(a=table), f"FROM {ident(table.name)} a"
        if self.often(0.3):
            branches = (
                f"SELECT '{place}' AS label, COUNT(*) AS n {source}{self.where(scope, 0.8)}"
                for place in range(2)
            )
            return " UNION ALL ".join(branches)
        found = []
        for place in range(self.chance.choice((2, 2, 3))):
            item = self.one_of(self.aggregate(scope)[0], "COUNT(*)", f"SUM({self.column_of(scope, NUMBER)})")
            found.append(f"(SELECT {item} {source}{self.where(scope, 0.8)}) AS f{place}")
        return f"SELECT {', '.join(found)}"

    # ---- queries in queries

    def steps(self) -> str:
        """CTEs of which some columns, rows or steps are not used."""
        one, other, ours, theirs = self.pair()
        inner = self.scope(a=one, b=other)
        shown = self.listing(inner, 4)
        names = [f"c{place}" for place in range(shown.count(" AS c"))]
        spare = self.one_of(
            "", f", spare AS (SELECT * FROM {ident(other.name)})", ", spare AS (SELECT c0 FROM base)"
        )
        join = self.joined(self.one_of(*_JOINS), other, "b", f"a.{ours} = b.{theirs}")
        base = f"SELECT {'DISTINCT ' if self.often(0.3) else ''}{shown} FROM {ident(one.name)} a{join}"
        base += self.where(inner, 0.6) + (
            f" ORDER BY {self.chance.randint(1, len(names))}" if self.often(0.3) else ""
        )
        used = self.one_of(*names)
        tail = self.one_of(
            f"SELECT {used} FROM base",
            f"SELECT {used}, COUNT(*) AS n FROM base GROUP BY {used}",
            f"SELECT DISTINCT {used} FROM base",
            f"SELECT a.{used} FROM base AS a JOIN base AS b ON a.{used} = b.{used}",
            "SELECT COUNT(*) AS n FROM base",
        )
        if self.often(0.6) or " AS a" in tail:
            return f"WITH base AS ({base}){spare} {tail}"
        return tail.replace("FROM base", f"FROM ({base}) base")

    def repeated(self) -> str:
        """An expression that stands several times."""
        table = self.any_table()
        scope, source = self.scope(a=table), f"FROM {ident(table.name)} a"
        value = self.value(scope, NUMBER)
        where = f" WHERE {value} > 0 AND {self.predicate(scope, 0)}"
        return self.one_of(
            f"SELECT {value} AS v, {value} + 1 AS w {source}{where}",
            f"SELECT {value} AS v, COUNT(*) AS n {source}{where} GROUP BY {value} HAVING {value} > 0",
            f"SELECT CASE WHEN {value} > 1 THEN {value} ELSE -{value} END AS v {source}",
        )

    def correlated(self) -> str:
        """A subquery for each row: a value, EXISTS, IN, a count."""
        one, other, ours, theirs = self.pair()
        outer, inner = self.scope(a=one), self.scope(b=other)
        source = f"FROM {ident(other.name)} b WHERE b.{theirs} = a.{ours}"
        if self.often(0.5):
            source += f" AND {self.predicate(inner, 0)}"
        number, head = self.column_of(inner, NUMBER), f"SELECT {self.listing(outer)}"
        if self.often(0.4):
            value = self.one_of(f"MAX({number})", "COUNT(*)", f"SUM({number})", f"AVG({number})")
            return f"{head}, (SELECT {value} {source}) AS v FROM {ident(one.name)} a{self.where(outer, 0.4)}"
        test = self.one_of(
            f"EXISTS (SELECT 1 {source})",
            f"(SELECT COUNT(*) {source}) > 0",
            f"NOT EXISTS (SELECT * {source})",
            f"a.{ours} IN (SELECT b.{theirs} {source})",
            f"0 < (SELECT COUNT({number}) {source})",
            f"(SELECT COUNT(*) {source}) = 0",
            f"a.{ours} <> ALL (SELECT {number} FROM {ident(other.name)} b)",
        )
        more = f" AND {self.predicate(outer, 0)}" if self.often(0.4) else ""
        return f"{head} FROM {ident(one.name)} a WHERE {test}{more}"

    def nested(self) -> str:
        """An order that nobody needs, columns that nobody reads, aggregates of aggregates."""
        table = self.any_table()
        scope, source = self.scope(a=table), f"FROM {ident(table.name)} a"
        key, number = self.column_of(scope), self.column_of(scope, NUMBER)
        inner = self.one_of(
            f"SELECT {key} AS k, {number} AS v, MIN({number}) OVER () AS w {source}{self.where(scope)}",
            f"SELECT {key} AS k, SUM({number}) AS v, COUNT(*) AS w {source} GROUP BY {key}",
            f"SELECT {key} AS k, {number} AS v, 'x' AS w {source} ORDER BY {number}",
            f"SELECT {key} AS k, {number} AS v, COUNT(*) AS w {source} GROUP BY ROLLUP ({key}, {number})",
            f"SELECT MIN({key}) AS k, COUNT({number}) AS v, 'x' AS w {source}",
            f"SELECT DISTINCT {key} AS k, {number} AS v, 1 AS w {source}",
        )
        outer = self.one_of(
            "SELECT q.k FROM ({}) q",
            "SELECT q.w FROM ({}) q",
            "SELECT COUNT(q.k) AS n FROM ({}) q",
            "SELECT q.k, q.v FROM ({}) q WHERE q.v > 1",
            "SELECT COUNT(*) AS n, SUM(q.v) AS s FROM ({}) q",
            f"SELECT q.v FROM ({{}}) q JOIN {ident(table.name)} b ON q.v = b.{self.some_column(table, NUMBER)}",
        )
        return outer.replace("{}", inner)

    def dated(self) -> str:
        """A table filtered by dates and other columns, with nothing else."""
        timed = [one for one in self.world.tables if any(each.kind in {DAY, MOMENT} for each in one.columns)]
        table = self.chance.choice(timed or list(self.world.tables))
        scope = self.scope(a=table)
        text, column = self.chance.choice(self.choices(scope, None))
        test = self.one_of(*self.filters(text, column.kind, scope)) if POOL[column.kind] else "TRUE"
        source = f"FROM {ident(table.name)} a"
        return f"SELECT {self.listing(scope)} {source} WHERE ({test}) AND {self.predicate(scope, 0)}"
