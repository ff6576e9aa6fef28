"""Values and filters of all kinds of columns, in the shapes that people write them, for the fuzz of fixes.

They lie over the random statements of `tests.query.bind.statements`, which bring whole rows, USING and NATURAL,
lateral joins, functions that give rows, windows, grouping sets and statements that change tables.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.query.bind.changes import Changes
from tests.query.bind.statements import Statement
from tests.query.bind.world import NUMBER, TEXT, Column
from tests.rewrite.fixes.stores import DAY, MOMENT, POOL, REAL

if TYPE_CHECKING:
    from tests.query.bind.expressions import Scope
    from tests.rewrite.fixes.stores import Store


def random_shape(seed: object, dialect: str, store: Store) -> Statement:
    """Write a random query, or a statement that changes a table, with everyday filters in it."""
    writer = Shapes(random.Random(f"{dialect} random {seed}"), dialect, store)
    if writer.often(0.2):
        sql, _ = writer.change()
    else:
        sql = writer.query(2, {}).sql
    return Statement(sql, writer.certain, (), writer.written)


class Shapes(Changes):
    """Writes values and filters of all kinds of columns."""

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
        noon = f"date_trunc('{unit}', TIMESTAMP '2024-03-01 12:30:00')"
        return (
            f"{text} >= {one}", f"{text} BETWEEN {one} AND {other}", f"EXTRACT(YEAR FROM {text}) = 2024",
            f"date_trunc('{unit}', {text}) = {one}", f"date_trunc('{unit}', {text}) >= {one}", f"{shown} = '2024-03'",
            f"CAST({text} AS DATE) = {one}", f"{text} + INTERVAL '10 days' >= {one}", f"{text}::date <= {one}",
            f"CAST({text} AS VARCHAR) LIKE '2024%'", f"{text} - INTERVAL '1 month' < {one}", f"{text} < {other}",
            f"{text} >= {one} AND {text} < {other}", f"EXTRACT(MONTH FROM {text}) = 3", f"{text} = {beside}",
            f"{text} > current_date - 3650", f"CAST({text} AS DATE) + 7 > {one}", f"{text} = {one} OR {text} = {other}",
            f"date_trunc('{unit}', {text}) = {noon}",
            f"EXTRACT(YEAR FROM {text}) = 2024 AND EXTRACT(MONTH FROM {text}) = 3",
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
