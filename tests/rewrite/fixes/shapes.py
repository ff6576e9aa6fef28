"""Statements in the shapes that people write, over the tables of a `Store`: filters by date, reports, anti-joins.

They lie over the random statements of `tests.query.bind.statements`, which bring whole rows, USING and NATURAL,
lateral joins, functions that give rows, windows, grouping sets and statements that change tables.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.query.bind.changes import Changes
from tests.query.bind.expressions import Item, Scope
from tests.query.bind.statements import Statement
from tests.query.bind.world import NUMBER, TEXT, Column, Table, ident
from tests.rewrite.fixes.stores import DAY, MOMENT, POOL, REAL, Store

if TYPE_CHECKING:
    from collections.abc import Callable

_WRAPS = (
    "{}", "{}", "{}", "SELECT * FROM ({}) AS whole", "WITH whole AS ({}) SELECT COUNT(*) FROM whole",
    "SELECT COUNT(*) FROM ({}) AS whole", "SELECT 1 AS one WHERE EXISTS ({})", "{} UNION ALL {}",
    "WITH spare AS (SELECT 1 AS nought), whole AS ({}) SELECT DISTINCT * FROM whole",
)  # fmt: skip


def shape(seed: object, dialect: str, store: Store) -> Statement:
    """Write one statement for ``dialect`` (duckdb or postgres) over the tables of ``store``."""
    writer = Shapes(random.Random(f"{dialect} shape {seed}"), dialect, store)
    sql = writer.idiom()
    wrap = writer.chance.choice(_WRAPS)
    return Statement(wrap.replace("{}", sql), writer.certain, (), {})


def random_shape(seed: object, dialect: str, store: Store) -> Statement:
    """Write a random query, or a statement that changes a table, with everyday filters in it."""
    writer = Shapes(random.Random(f"{dialect} random {seed}"), dialect, store)
    if writer.often(0.2):
        sql, _ = writer.change()
    else:
        sql = writer.query(2, {}).sql
    return Statement(sql, writer.certain, (), writer.written)


class Shapes(Changes):
    """Writes values and filters of all kinds of columns, and the idioms of reports."""

    # ---- values

    def value(self, scope: Scope, kind: str, depth: int = 0) -> str:
        """Write an expression of this kind, now and then made from another kind."""
        if self.often(0.88):
            return super().value(scope, kind, depth)
        named = self.name(scope, self.chance.choice((NUMBER, TEXT, DAY, MOMENT, REAL)))
        if named is None:
            return super().value(scope, kind, depth)
        text, source = named[0], named[1].kind
        whole = {
            NUMBER: (f"ABS({text})", f"NULLIF({text}, 1)", f"GREATEST({text}, 1)", f"{text} * 2", f"-{text}"),
            TEXT: (f"LENGTH({text})",),
            DAY: (f"CAST(EXTRACT(YEAR FROM {text}) AS INT)", f"CAST(EXTRACT(MONTH FROM {text}) AS INT)"),
            MOMENT: (f"CAST(EXTRACT(HOUR FROM {text}) AS INT)",),
            REAL: (f"CASE WHEN {text} > 1 THEN 1 ELSE 0 END",),
        }  # fmt: skip
        words = {
            TEXT: (f"UPPER({text})", f"TRIM({text})", f"SUBSTR({text}, 1, 1)", f"REPLACE({text}, 'x', 'y')")
        }
        if kind == NUMBER:
            return self.chance.choice(whole[source])
        return self.chance.choice(words.get(source, (f"CAST({text} AS VARCHAR)",)))

    def extras(self, scope: Scope, columns: list[tuple[str, Column]]) -> list[tuple[str, Column]]:
        """Add a date or a float, too."""
        columns = super().extras(scope, columns)
        named = self.name(scope, self.chance.choice((DAY, MOMENT, REAL)))
        if named is None or self.often(0.8):
            return columns
        name = self.fresh("more")
        return [*columns, (f"{named[0]} AS {name}", Column(name, named[1].kind))]

    # ---- filters

    def predicate(self, scope: Scope, depth: int) -> str:
        """Write a condition; about half are everyday ones."""
        if self.often(0.5):
            return super().predicate(scope, depth)
        kind = self.chance.choice((NUMBER, NUMBER, TEXT, DAY, MOMENT, REAL))
        named = self.name(scope, kind)
        if named is None:
            return super().predicate(scope, depth)
        if depth > 0 and self.often(0.15):
            return self.counted(scope, depth)
        text = self.chance.choice(self.filters(named[0], kind, scope))
        return f"NOT ({text})" if self.often(0.08) else f"({text})" if " OR " in text else text

    def filters(self, text: str, kind: str, scope: Scope) -> tuple[str, ...]:
        """The everyday conditions on a column of this kind."""
        one, other = self.chance.choice(POOL[kind]), self.chance.choice(POOL[kind])
        more = self.name(scope, kind)
        beside = more[0] if more else text
        if kind == NUMBER:
            return self.of_number(text, one, other, beside)
        if kind == TEXT:
            return self.of_text(text, beside)
        if kind == REAL:
            return (
                f"{text} < 1.5 OR {text} >= 1.5", f"NOT ({text} < 2)", f"{text} = 2", f"{text} * 2 > 3",
                f"{text} <> {beside}", f"{text} = {beside}", f"{text} <= 1.5 AND {text} > 1.5", f"{text} - 1 < 1",
            )  # fmt: skip
        return self.of_time(text, f"DATE '{one[:10]}'", f"DATE '{other[:10]}'", beside)

    def of_number(self, text: str, one: str, other: str, beside: str) -> tuple[str, ...]:
        """Conditions on a whole number."""
        return (
            f"{text} = {one} OR {text} = {other}", f"{text} > {one} AND {text} > {other}", f"{text} + 1 > {one}",
            f"{text} = {one} AND {text} = {other}", f"{text} = {one}.0", f"{text} = {one}::double precision",
            f"{text} * 2 = {one}", f"CAST({text} AS VARCHAR) = '{one}'", f"COALESCE({text}, 0) = {one}",
            f"{text} = {text}", f"{text} IS NOT DISTINCT FROM {beside}", f"{text} NOT IN ({one}, {other}, NULL)",
            f"{text} = {one} OR {beside} = {other}", f"{text} BETWEEN {one} AND {other}", f"{text}::numeric = {one}",
            f"{text} IN ({one}, {other}) AND {text} <> {one}", f"{text} < {one} OR {text} >= {one}", f"{text} = {one}",
            f"{text} IS NULL OR {text} IS NOT NULL", f"{text} - 1 <= {beside}", f"{one} < {text}", f"{text} > {one}.5",
        )  # fmt: skip

    def of_text(self, text: str, beside: str) -> tuple[str, ...]:
        """Conditions on a text."""
        pattern = self.chance.choice(("x", "^x", "x$", "^x$", "^x|y", "^(x)", "x.y", "^x+", ""))
        regex = f"regexp_matches({text}, '{pattern}')" if self.duckdb else f"{text} ~ '{pattern}'"
        like = self.chance.choice(("x%", "%x", "%x%", "x", "_", "%", "", "x\\%"))
        return (
            regex, regex, f"{text} LIKE '{like}'", f"{text} NOT LIKE '{like}'", f"{text} ILIKE '{like}'",
            f"LOWER({text}) = 'x'", f"UPPER({text}) = 'x'", f"{text} || '-' = 'x-'", f"SUBSTR({text}, 1, 1) = 'x'",
            f"LEFT({text}, 1) = 'y'", f"TRIM({text}) <> ''", f"COALESCE({text}, '') = ''", f"{text} = {beside}",
            f"LENGTH({text}) > 0", f"{text} = 'x' AND {text} = 'y'", f"{text} IN ('x', 'y') OR {text} = 'X'",
            f"{text} = 'x' OR {beside} = 'y'", f"{text} <> {beside} OR {text} IS NULL", f"{text} > ''",
        )  # fmt: skip

    def of_time(self, text: str, one: str, other: str, beside: str) -> tuple[str, ...]:
        """Conditions on a date or a timestamp."""
        shown = f"strftime({text}, '%Y-%m')" if self.duckdb else f"to_char({text}, 'YYYY-MM')"
        unit = self.chance.choice(("month", "day", "year", "week", "hour"))
        return (
            f"{text} >= {one}", f"{text} BETWEEN {one} AND {other}", f"EXTRACT(YEAR FROM {text}) = 2024",
            f"date_trunc('{unit}', {text}) = {one}", f"date_trunc('{unit}', {text}) >= {one}", f"{shown} = '2024-03'",
            f"CAST({text} AS DATE) = {one}", f"{text} + INTERVAL '10 days' >= {one}", f"CAST({text} AS VARCHAR) LIKE '2024%'",
            f"{text} - INTERVAL '1 month' < {one}", f"{text} >= {one} AND {text} < {other}", f"EXTRACT(MONTH FROM {text}) = 3",
            f"{text} > current_date - 3650", f"CAST({text} AS DATE) + 7 > {one}", f"{text} = {beside}", f"{text}::date <= {one}",
            f"date_trunc('{unit}', {text}) = date_trunc('{unit}', TIMESTAMP '2024-03-01 12:30:00')", f"{text} < {other}",
            f"EXTRACT(YEAR FROM {text}) = 2024 AND EXTRACT(MONTH FROM {text}) = 3", f"{text} = {one} OR {text} = {other}",
        )  # fmt: skip

    def counted(self, scope: Scope, depth: int) -> str:
        """Write a comparison of a count, or ALL over a subquery."""
        inner, text = self.from_where(depth - 1, scope)
        named = self.name(inner.alone(), NUMBER)
        counted = self.chance.choice(("*", "1", named[0] if named else "*"))
        if self.often(0.3) and named:
            return f"{self.value(scope, NUMBER)} {self.chance.choice(('<>', '>', '='))} ALL (SELECT {named[0]}{text})"
        sign = self.chance.choice(("> 0", ">= 1", "= 0", "<> 0", "< 1", "> 1"))
        return f"(SELECT COUNT({counted}){text}) {sign}"

    # ---- idioms

    def idiom(self) -> str:
        """Write one of the things that reports are made of."""
        forms: tuple[Callable[[], str], ...] = (
            self.outer_and_filter, self.outer_and_filter, self.lookup, self.labelled, self.latest, self.summary,
            self.summary, self.commas, self.by_name, self.previous, self.figures, self.twice, self.steps, self.distinct,
            self.repeated, self.correlated, self.nested, self.dated,
        )  # fmt: skip
        return self.chance.choice(forms)()

    def pair(self) -> tuple[Table, Table, str, str]:
        """Draw two tables and a column of each to join them by: a reference, a shared name, or any."""
        specs = [one for one in self.world.specs if one.references]
        if specs and self.often(0.5):
            spec = self.chance.choice(specs)
            columns, to, keys = spec.references[0]
            return self.table(spec.name), self.table(to), columns[0], keys[0]
        one, other = self.chance.choice(self.world.tables), self.chance.choice(self.world.tables)
        ours, theirs = (self.some_column(each, NUMBER) for each in (one, other))
        shared = [each.name for each in one.columns if each.kind == NUMBER and each in other.columns]
        if shared and self.often(0.6):
            ours = theirs = self.chance.choice(shared)
        return (
            one,
            other,
            ours,
            other.key if other.key and self.often(0.5) and self.is_number(other) else theirs,
        )

    def is_number(self, table: Table) -> bool:
        """Whether a table's key is a number."""
        return any(one.name == table.key and one.kind == NUMBER for one in table.columns)

    def table(self, name: str) -> Table:
        """The table of this name."""
        return next(one for one in self.world.tables if one.name == name)

    def some_column(self, table: Table, kind: str | None = None) -> str:
        """The name of a column."""
        return self.chance.choice([one for one in table.columns if kind is None or one.kind == kind]).name

    def column_of(self, scope: Scope, kind: str | None) -> str:
        """A column of this kind; a constant where none has a name of its own."""
        found = self.name(scope, kind)
        return found[0] if found else self.literal(kind or NUMBER)

    def scope(self, **items: Table) -> Scope:
        """A scope of tables by alias; columns are named with it, as one is given for a bare name."""
        return Scope([Item(name, list(one.columns)) for name, one in items.items()])

    def listing(self, scope: Scope, count: int = 3) -> str:
        """Write a list of columns, with aliases so that all names differ."""
        columns = self.chance.sample(self.choices(scope, None), min(count, len(self.choices(scope, None))))
        return ", ".join(f"{text} AS c{place}" for place, (text, _) in enumerate(columns))

    def where(self, scope: Scope, share: float = 0.7) -> str:
        """Write WHERE with one to three conditions, or nothing."""
        if not self.often(share):
            return ""
        return f" WHERE {' AND '.join(self.predicate(scope, 1) for _ in range(self.chance.choice((1, 1, 2, 3))))}"

    def outer_and_filter(self) -> str:
        """A LEFT JOIN with a filter on either side: an anti-join, or one that is no outer join."""
        one, other, ours, theirs = self.pair()
        kind = self.chance.choice(("LEFT JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "JOIN"))
        both, right = self.scope(a=one, b=other), self.scope(b=other)
        shown = self.scope(a=one) if self.often(0.5) else both
        where = (
            f" WHERE b.{ident(theirs)} IS NULL"
            if self.often(0.2)
            else self.where(right if self.often(0.6) else both)
        )
        more = f" AND {self.predicate(right, 0)}" if self.often(0.15) and kind != "FULL JOIN" else ""
        on = f"a.{ident(ours)} = b.{ident(theirs)}{more}"
        return f"SELECT {self.listing(shown)} FROM {ident(one.name)} a {kind} {ident(other.name)} b ON {on}{where}"

    def lookup(self) -> str:
        """A join to a parent, and perhaps another, of which little or nothing is shown."""
        one, other, ours, theirs = self.pair()
        third = self.chance.choice(self.world.tables)
        text = f"{ident(one.name)} a {self.chance.choice(('JOIN', 'LEFT JOIN'))} {ident(other.name)} b ON b.{ident(theirs)} = a.{ident(ours)}"
        if self.often(0.4):
            key = self.some_column(third, NUMBER)
            text += f" {self.chance.choice(('JOIN', 'LEFT JOIN'))} {ident(third.name)} d ON d.{ident(key)} = {self.chance.choice((f'a.{ident(ours)}', f'b.{ident(theirs)}'))}"
        scope = self.scope(a=one)
        if self.often(0.4):
            key = self.column_of(scope, None)
            return f"SELECT {key} AS k, {self.aggregate(scope)[0]} AS n FROM {text}{self.where(scope, 0.5)} GROUP BY {key}"
        return f"SELECT {self.listing(scope)} FROM {text}{self.where(scope, 0.5)}"

    def labelled(self) -> str:
        """Branches put together, often told apart by a label or by a filter."""
        table = self.chance.choice(self.world.tables)
        word = self.chance.choice(("UNION", "UNION", "UNION ALL", "EXCEPT", "INTERSECT"))
        branches = []
        for place in range(self.chance.choice((2, 2, 3))):
            if self.often(0.5):
                table = self.chance.choice(self.world.tables)
            column = self.column_of(self.scope(a=table), NUMBER)
            label = self.chance.choice((f"'{place}'", f"'{place}'", "'same'", "NULL", f"{place}", "'1 '"))
            label = label if self.often(0.9) or label == "NULL" else f"CAST({label} AS VARCHAR)"
            group = f" GROUP BY {column}" if self.often(0.2) else ""
            distinct = "DISTINCT " if self.often(0.2) else ""
            branches.append(
                f"SELECT {distinct}{column} AS k, {label} AS tag FROM {ident(table.name)} a{self.where(self.scope(a=table), 0.6)}{group}"
            )
        return f" {word} ".join(branches)

    def latest(self) -> str:
        """The newest row of each group."""
        table = self.chance.choice(self.world.tables)
        scope = self.scope(a=table)
        key, order = (
            self.column_of(scope, None),
            ", ".join(one for one, _ in self.choices(self.scope(a=table), None)),
        )
        ranks = self.chance.choice(("ROW_NUMBER()", "RANK()", "DENSE_RANK()"))
        inner = f"SELECT {self.chance.choice(('a.*', self.listing(scope)))}, {ranks} OVER (PARTITION BY {key} ORDER BY {order}) AS rn FROM {ident(table.name)} a{self.where(scope, 0.4)}"
        shown = self.chance.choice(("*", "q.*", "COUNT(*) AS n"))
        return f"SELECT {shown} FROM ({inner}) q WHERE {self.chance.choice(('rn = 1', 'q.rn = 1', 'rn <= 2', 'rn = 1 AND 1 = 1'))}"

    def summary(self) -> str:
        """Groups, with HAVING on keys and on aggregates, and sets of groups."""
        one, other, ours, theirs = self.pair()
        joined = self.often(0.5)
        scope = self.scope(a=one, b=other) if joined else self.scope(a=one)
        text = f"{ident(one.name)} a" + (
            f" JOIN {ident(other.name)} b ON b.{ident(theirs)} = a.{ident(ours)}" if joined else ""
        )
        key, column = self.name(scope, NUMBER if self.often(0.6) else TEXT)
        second = self.column_of(scope, None)
        group = self.chance.choice(
            (
                key,
                key,
                key,
                f"{key}, {second}",
                f"ROLLUP ({key}, {second})",
                f"CUBE ({key})",
                f"GROUPING SETS (({key}), ())",
            )
        )
        having = [
            self.chance.choice(self.filters(key, column.kind, scope))
            for _ in range(self.chance.randint(0, 1))
        ]
        having += [
            f"COUNT({self.chance.choice(('*', second))}) > {self.chance.randint(0, 1)}"
            for _ in range(self.chance.randint(0, 1))
        ]
        distinct = "DISTINCT " if self.often(0.25) else ""
        counted = self.chance.choice(
            (f"COUNT({key})", f"COUNT({second})", self.aggregate(scope)[0], f"COUNT({key})", "COUNT(*)")
        )
        return (
            f"SELECT {distinct}{key} AS k, {counted} AS n FROM {text}{self.where(scope, 0.5)} GROUP BY {group}"
            + (f" HAVING {' AND '.join(f'({each})' for each in having)}" if having else "")
        )

    def commas(self) -> str:
        """Tables after commas and after JOIN in one FROM."""
        one, other, ours, theirs = self.pair()
        third = self.chance.choice(self.world.tables)
        key = self.some_column(third, NUMBER)
        scope = self.scope(a=one, b=other, d=third)
        join = self.chance.choice(("JOIN", "LEFT JOIN"))
        where = f" WHERE d.{ident(key)} = a.{ident(ours)} AND {self.predicate(scope, 0)}"
        return f"SELECT {self.listing(scope)} FROM {ident(third.name)} d, {ident(one.name)} a {join} {ident(other.name)} b ON b.{ident(theirs)} = a.{ident(ours)}{where}"

    def by_name(self) -> str:
        """A join by names."""
        one, other = self.chance.choice(self.world.tables), self.chance.choice(self.world.tables)
        names = [each.name for each in one.columns if each in other.columns]
        kind = self.chance.choice(("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"))
        used = self.chance.sample(names, self.chance.randint(1, len(names))) if names else []
        joined = (
            f"NATURAL {kind} {ident(other.name)} b"
            if not used or self.often(0.4)
            else f"{kind} {ident(other.name)} b USING ({', '.join(map(ident, used))})"
        )
        scope = self.scope(a=one, b=other)
        shown = self.chance.choice(
            (
                self.listing(scope),
                f"a.*, {self.listing(self.scope(b=other), 1)}",
                "COUNT(*) AS n",
                ident(used[0]) if used else "*",
            )
        )
        return f"SELECT {shown} FROM {ident(one.name)} a {joined}{self.where(scope, 0.5)}"

    def previous(self) -> str:
        """A table joined to itself: its row before, or its key again."""
        table = self.chance.choice(self.world.tables)
        key = table.key or self.some_column(table)
        number, scope = self.some_column(table, NUMBER), self.scope(a=table, b=table)
        on = self.chance.choice(
            (
                f"b.{ident(key)} = a.{ident(key)}",
                f"b.{ident(number)} = a.{ident(number)} - 1",
                f"b.{ident(key)} = a.{ident(key)} AND b.{ident(number)} = a.{ident(number)}",
            )
        )
        kind = self.chance.choice(("JOIN", "LEFT JOIN"))
        return f"SELECT {self.listing(scope, 4)} FROM {ident(table.name)} a {kind} {ident(table.name)} b ON {on}{self.where(scope, 0.5)}"

    def figures(self) -> str:
        """Some figures of one table, each from a subquery of its own."""
        table = self.chance.choice(self.world.tables)
        scope = self.scope(a=table)
        found = []
        for place in range(self.chance.choice((2, 2, 3))):
            item = self.chance.choice(
                (self.aggregate(scope)[0], "COUNT(*)", f"SUM({self.column_of(scope, NUMBER)})")
            )
            found.append(f"(SELECT {item} FROM {ident(table.name)} a{self.where(scope, 0.8)}) AS f{place}")
        if self.often(0.3):
            return " UNION ALL ".join(
                f"SELECT '{place}' AS label, COUNT(*) AS n FROM {ident(table.name)} a{self.where(scope, 0.8)}"
                for place in range(2)
            )
        return f"SELECT {', '.join(found)}"

    def twice(self) -> str:
        """One table joined twice by the same condition."""
        one, other, ours, theirs = self.pair()
        kinds = [self.chance.choice(("JOIN", "LEFT JOIN", "LEFT JOIN")) for _ in range(2)]
        joins = " ".join(
            f"{kind} {ident(other.name)} {alias} ON {alias}.{ident(theirs)} = a.{ident(ours)}"
            for kind, alias in zip(kinds, "bd", strict=True)
        )
        scope = self.scope(a=one, b=other, d=other)
        return f"SELECT {self.listing(scope, 4)} FROM {ident(one.name)} a {joins}{self.where(scope, 0.4)}"

    def steps(self) -> str:
        """CTEs of which some columns, rows or steps are not used."""
        one, other, ours, theirs = self.pair()
        inner = self.scope(a=one, b=other)
        shown = self.listing(inner, 4)
        names = [f"c{place}" for place in range(shown.count(" AS c"))]
        order = f" ORDER BY {self.chance.randint(1, len(names))}" if self.often(0.3) else ""
        distinct = "DISTINCT " if self.often(0.3) else ""
        spare = self.chance.choice(
            ("", f", spare AS (SELECT * FROM {ident(other.name)})", ", spare AS (SELECT c0 FROM base)")
        )
        base = f"SELECT {distinct}{shown} FROM {ident(one.name)} a {self.chance.choice(('JOIN', 'LEFT JOIN'))} {ident(other.name)} b ON a.{ident(ours)} = b.{ident(theirs)}{self.where(inner, 0.6)}{order}"
        used = self.chance.choice(names)
        tail = self.chance.choice(
            (
                f"SELECT {used} FROM base",
                f"SELECT {used}, COUNT(*) AS n FROM base GROUP BY {used}",
                f"SELECT DISTINCT {used} FROM base",
                f"SELECT a.{used} FROM base a JOIN base b ON a.{used} = b.{used}",
                "SELECT COUNT(*) AS n FROM base",
            )
        )
        return (
            f"WITH base AS ({base}){spare} {tail}"
            if self.often(0.6)
            else tail.replace("base a JOIN base b", f"({base}) a JOIN ({base}) b").replace(
                "FROM base", f"FROM ({base}) base"
            )
        )

    def distinct(self) -> str:
        """DISTINCT over a table, a join or groups; counts of it."""
        one, other, ours, theirs = self.pair()
        scope = self.scope(a=one)
        shown = self.listing(scope, self.chance.randint(1, 3))
        if one.key and self.often(0.5):
            shown += f", a.{ident(one.key)} AS c9"
        join = self.chance.choice(
            (
                "",
                f" JOIN {ident(other.name)} b ON b.{ident(theirs)} = a.{ident(ours)}",
                f" LEFT JOIN {ident(other.name)} b ON b.{ident(theirs)} = a.{ident(ours)}",
            )
        )
        both = self.scope(a=one, b=other) if join else scope
        return f"SELECT DISTINCT {shown} FROM {ident(one.name)} a{join}{self.where(both, 0.6)}"

    def repeated(self) -> str:
        """An expression that stands several times."""
        table = self.chance.choice(self.world.tables)
        scope = self.scope(a=table)
        value = self.value(scope, NUMBER)
        where = f" WHERE {value} > 0 AND {self.predicate(scope, 0)}"
        form = self.chance.choice(
            (
                f"SELECT {value} AS v, {value} + 1 AS w FROM {ident(table.name)} a{where}",
                f"SELECT {value} AS v, COUNT(*) AS n FROM {ident(table.name)} a{where} GROUP BY {value} HAVING {value} > 0",
                f"SELECT CASE WHEN {value} > 1 THEN {value} ELSE -{value} END AS v FROM {ident(table.name)} a",
            )
        )
        return form

    def correlated(self) -> str:
        """A subquery for each row: a value, EXISTS, IN, a count."""
        one, other, ours, theirs = self.pair()
        outer, inner = self.scope(a=one), self.scope(b=other)
        on = f" WHERE b.{ident(theirs)} = a.{ident(ours)}" + (
            f" AND {self.predicate(inner, 0)}" if self.often(0.5) else ""
        )
        source = f"FROM {ident(other.name)} b{on}"
        number = self.column_of(inner, NUMBER)
        test = self.chance.choice(
            (
                f"EXISTS (SELECT 1 {source})",
                f"(SELECT COUNT(*) {source}) > 0",
                f"NOT EXISTS (SELECT * {source})",
                f"a.{ident(ours)} IN (SELECT b.{ident(theirs)} {source})",
                f"0 < (SELECT COUNT({number}) {source})",
                f"(SELECT COUNT(*) {source}) = 0",
                f"a.{ident(ours)} <> ALL (SELECT {number} FROM {ident(other.name)} b)",
            )
        )
        if self.often(0.4):
            value = self.chance.choice((f"MAX({number})", "COUNT(*)", f"SUM({number})", f"AVG({number})"))
            return f"SELECT {self.listing(outer)}, (SELECT {value} {source}) AS v FROM {ident(one.name)} a{self.where(outer, 0.4)}"
        return f"SELECT {self.listing(outer)} FROM {ident(one.name)} a WHERE {test}{' AND ' + self.predicate(outer, 0) if self.often(0.4) else ''}"

    def nested(self) -> str:
        """Queries in queries: an order that nobody needs, columns that nobody reads, aggregates of aggregates."""
        table = self.chance.choice(self.world.tables)
        scope = self.scope(a=table)
        key, number = self.column_of(scope, None), self.column_of(scope, NUMBER)
        inner = self.chance.choice((
            f"SELECT {key} AS k, {number} AS v, MIN({number}) OVER () AS w FROM {ident(table.name)} a{self.where(scope)}",
            f"SELECT {key} AS k, SUM({number}) AS v, COUNT(*) AS w FROM {ident(table.name)} a GROUP BY {key}",
            f"SELECT {key} AS k, {number} AS v, 'x' AS w FROM {ident(table.name)} a ORDER BY {number}",
            f"SELECT {key} AS k, {number} AS v, COUNT(*) AS w FROM {ident(table.name)} a GROUP BY ROLLUP ({key}, {number})",
            f"SELECT MIN({key}) AS k, COUNT({number}) AS v, 'x' AS w FROM {ident(table.name)} a",
            f"SELECT DISTINCT {key} AS k, {number} AS v, 1 AS w FROM {ident(table.name)} a",
        ))  # fmt: skip
        outer = self.chance.choice(
            (
                "SELECT q.k FROM ({}) q",
                "SELECT q.w FROM ({}) q",
                "SELECT COUNT(q.k) AS n FROM ({}) q",
                "SELECT q.k, q.v FROM ({}) q WHERE q.v > 1",
                "SELECT COUNT(*) AS n, SUM(q.v) AS s FROM ({}) q",
                "SELECT q.v FROM ({}) q JOIN {T} b ON q.v = b.{N}",
            )
        )
        return (
            outer.replace("{}", inner)
            .replace("{T}", ident(table.name))
            .replace("{N}", ident(self.some_column(table, NUMBER)))
        )

    def dated(self) -> str:
        """A table filtered by dates and numbers, with nothing else."""
        table = self.chance.choice(
            [one for one in self.world.tables if any(each.kind in {DAY, MOMENT} for each in one.columns)]
            or list(self.world.tables)
        )
        scope = self.scope(a=table)
        kind = self.chance.choice([each.kind for each in table.columns])
        named = self.name(scope, kind)
        condition = (
            self.chance.choice(self.filters(named[0], kind, scope))
            if kind in {NUMBER, TEXT, DAY, MOMENT, REAL}
            else "TRUE"
        )
        return f"SELECT {self.listing(scope)} FROM {ident(table.name)} a WHERE ({condition}) AND {self.predicate(scope, 0)}"
