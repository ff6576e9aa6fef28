"""Changes to statements, so that what a rule was made for stands among what it was not made for.

A change keeps a statement one that an engine may run, not its meaning: both sides of a fix are made of what comes out.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from tests.rewrite.fixes.stores import DAY, MOMENT, NUMBER, TEXT
from tests.rewrite.random_queries import changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rewrite.fixes.stores import Store

_WRAPS = (
    "SELECT * FROM ({}) AS whole", "SELECT COUNT(*) AS n FROM ({}) AS whole",
    "WITH whole AS ({}) SELECT DISTINCT * FROM whole",
    "WITH whole AS ({}) SELECT * FROM whole UNION ALL SELECT * FROM whole", "SELECT 1 AS one WHERE EXISTS ({})",
    "SELECT whole FROM ({}) AS whole", "SELECT whole.*, ROW_NUMBER() OVER () > 0 AS is_row FROM ({}) AS whole",
    "SELECT COUNT(DISTINCT whole) AS n FROM ({}) AS whole",
    "SELECT * FROM ({}) AS whole UNION SELECT * FROM ({}) AS other",
)  # fmt: skip


FORMS = 15
"""How many kinds of changes there are."""


def mutated(text: str, dialect: str, store: Store, chance: random.Random) -> str:
    """Return a statement with none to three changes, in the dialect's words; ``text`` where none could be made."""
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        try:
            if chance.random() < 0.4:
                text = changed(text, chance, dialect) or text
            else:
                text = _Change(text, dialect, store, chance).made()
        except (SqlglotError, ValueError, AttributeError, KeyError):  # a change that the shape does not bear
            continue
    return text


def rivals(text: str, store: Store, chance: random.Random, count: int, kind: int | None = None) -> list[str]:
    """Return up to ``count`` statements of DuckDB's that differ from each other at one place of ``text``.

    ``kind`` says which change is made, of `FORMS` many; by default any that fits.
    """
    place = chance.random()
    for number in chance.sample(range(FORMS), FORMS) if kind is None else [kind]:
        found = {text: None}
        for _ in range(2 * count):
            one = _Change(text, "duckdb", store, chance, random.Random(place))
            try:
                found[one.forms()[number]() or text] = None
            except (SqlglotError, ValueError, AttributeError, KeyError):
                break
            if len(found) == 1:
                break
        if len(found) > 1:
            return list(found)[:count]
    return [text]


class _Change:
    """Changes to one statement: ``place`` draws where, ``chance`` what."""

    def __init__(
        self,
        text: str,
        dialect: str,
        store: Store,
        chance: random.Random,
        place: random.Random | None = None,
    ) -> None:
        self.text, self.dialect, self.chance, self.place = text, dialect, chance, place or chance
        self.tree = parse_one(text, dialect=dialect)
        self.kinds = {
            one.name.casefold(): {each.name.casefold(): each.kind for each in one.columns}
            for one in store.tables
        }

    def made(self) -> str:
        """Make one change of those that fit."""
        forms = self.forms()
        self.chance.shuffle(forms)
        return next(filter(None, (form() for form in forms)), self.text)

    def forms(self) -> list[Callable[[], str | None]]:
        """Return the changes that there are."""
        return [
            self.wrap, self.column, self.comparison, self.join, self.group, self.table, self.item, self.quote,
            self.condition, self.window, self.unite, self.star, self.count, self.distinct, self.bound,
        ]  # fmt: skip

    def sql(self) -> str:
        return self.tree.sql(dialect=self.dialect)

    def pick(self, *classes: type[exp.Expr]) -> exp.Expr | None:
        found = list(self.tree.find_all(*classes))
        return self.place.choice(found) if found else None

    def parsed(self, text: str) -> exp.Expr:
        return parse_one(text, dialect=self.dialect)

    def kind(self, column: exp.Expr) -> str | None:
        """The kind of a column, if all tables that have its name agree."""
        found = {kinds[name] for kinds in self.kinds.values() if (name := column.name.casefold()) in kinds}
        return found.pop() if len(found) == 1 else None

    def wrap(self) -> str | None:
        if not isinstance(self.tree, exp.Query):
            return None
        return self.chance.choice(_WRAPS).replace("{}", self.text.rstrip().rstrip(";"))

    def column(self) -> str | None:
        """Put an expression in a column's place."""
        node = self.pick(exp.Column)
        if node is None or isinstance(node.parent, (exp.Dot, exp.Alias)) or isinstance(node.this, exp.Star):
            return None
        text = node.sql(dialect=self.dialect)
        forms = {
            NUMBER: (
                f"COALESCE({text}, 0)", f"NULLIF({text}, 1)", f"CAST({text} AS VARCHAR)", f"{text} + 1",
                f"CAST({text} AS DOUBLE PRECISION)", f"CASE WHEN {text} > 1 THEN {text} END",
            ),
            TEXT: (
                f"COALESCE({text}, '')", f"UPPER({text})", f"{text} || ''", f"NULLIF({text}, '')",
                f"SUBSTR({text}, 1, 2)",
            ),
            DAY: (
                f"{text} + INTERVAL '1 day'", f"CAST({text} AS TIMESTAMP)", f"date_trunc('month', {text})",
                f"COALESCE({text}, DATE '2024-03-01')",
            ),
            MOMENT: (f"CAST({text} AS DATE)", f"date_trunc('day', {text})", f"{text} - INTERVAL '1 hour'"),
        }.get(self.kind(node), (f"COALESCE({text}, NULL)",))  # fmt: skip
        node.replace(self.parsed(self.chance.choice(forms)))
        return self.sql()

    def comparison(self) -> str | None:
        """Put another test in a comparison's place: safe for NULLs, quantified, over a list, doubled."""
        node = self.pick(exp.EQ, exp.GT, exp.LT, exp.GTE, exp.LTE, exp.NEQ, exp.In)
        if node is None:
            return None
        one = node.this.sql(dialect=self.dialect)
        other = node.expression.sql(dialect=self.dialect) if isinstance(node, exp.Binary) else one
        text = node.sql(dialect=self.dialect)
        sign = self.chance.choice(("=", "<>", "<", ">="))
        whole = self.chance.choice((
            f"{one} IS NOT DISTINCT FROM {other}", f"{one} IS DISTINCT FROM {other}", f"{one} IN ({other}, {other})",
            f"({text} OR {one} IS NULL)", f"NOT ({text})", f"({text}) IS NOT TRUE", f"({text}) IS NULL",
            f"{one} {sign} ALL (SELECT {other})", f"{one} {sign} ANY (SELECT {other})", f"COALESCE({text}, TRUE)",
            f"{one} NOT IN ({other}, NULL)", f"({text} AND {one} IS NOT NULL)", f"CASE WHEN {text} THEN TRUE END",
            f"{one} {sign} ALL (SELECT {other} WHERE 1 = 0)", f"({one}, 1) = ({other}, 1)",
            f"{one} BETWEEN {other} AND {other}",
            f"({text} OR NOT ({text}))", f"{one} NOT BETWEEN {other} AND {other}", f"({text}) = TRUE",
            f"NOT {one} = {other}", f"{one} <> {other}",
        ))  # fmt: skip
        node.replace(self.parsed(whole))
        return self.sql()

    def bound(self) -> str | None:
        """Move a bound to the number beside, or turn the comparison."""
        node = self.pick(exp.EQ, exp.GT, exp.LT, exp.GTE, exp.LTE)
        if node is None:
            return None
        one = node.this.sql(dialect=self.dialect)
        sign = self.chance.choice(("> 1", ">= 2", "< 2", "<= 1", "> 1.5", "= 1", "<> 1"))
        node.replace(self.parsed(f"{self.chance.choice(('', '', 'NOT '))}{one} {sign}"))
        return self.sql()

    def join(self) -> str | None:
        """Join otherwise: another side, by names, with one more table or a function that gives rows."""
        node = self.pick(exp.Join)
        select = self.pick(exp.Select)
        if self.chance.random() < 0.3 and select is not None and select.args.get("from_"):
            table = self.chance.choice(list(self.kinds))
            series = "generate_series(1, 2)" if self.dialect == "postgres" else "UNNEST([1, 2])"
            more = self.chance.choice((
                f"CROSS JOIN {series} AS gen(i)", f"LEFT JOIN {table} AS extra ON TRUE",
                "JOIN LATERAL (SELECT 1 AS i) AS gen ON TRUE", f"NATURAL JOIN {table} AS extra",
                "LEFT JOIN (SELECT 1 AS i WHERE 1 = 0) AS gen ON TRUE",
            ))  # fmt: skip
            select.append(
                "joins", parse_one(f"SELECT 1 FROM t {more}", dialect=self.dialect).args["joins"][0]
            )
            return self.sql()
        if node is None:
            return None
        on = node.args.get("on")
        if (
            on is not None
            and self.chance.random() < 0.3
            and isinstance(on, exp.EQ)
            and on.this.name == on.expression.name
        ):
            node.set("on", None)
            node.set("using", [exp.to_identifier(on.this.name)])
        elif on is not None and self.chance.random() < 0.3:
            node.set(
                "on",
                self.parsed(
                    f"{on.sql(dialect=self.dialect)} {self.chance.choice(('AND', 'OR'))} 1 = {self.chance.choice('12')}"
                ),
            )
        else:
            node.set("kind", None)
            node.set("side", self.chance.choice(("LEFT", "RIGHT", "FULL", None)))
        return self.sql()

    def group(self) -> str | None:
        """Group by sets."""
        node = self.pick(exp.Group)
        if node is None or not node.expressions:
            return None
        keys = ", ".join(one.sql(dialect=self.dialect) for one in node.expressions)
        first = node.expressions[0].sql(dialect=self.dialect)
        form = self.chance.choice(
            (
                f"ROLLUP ({keys})",
                f"CUBE ({keys})",
                f"GROUPING SETS (({keys}), ())",
                f"GROUPING SETS (({keys}), ({first}))",
                f"{keys}, {first}",
            )
        )
        node.replace(parse_one(f"SELECT 1 FROM t GROUP BY {form}", dialect=self.dialect).args["group"])
        return self.sql()

    def table(self) -> str | None:
        """Put a derived table in a table's place."""
        node = self.pick(exp.Table)
        if (
            node is None
            or node.name.casefold() not in self.kinds
            or not isinstance(node.parent, (exp.From, exp.Join))
        ):
            return None
        alias, bare = node.alias_or_name, node.copy()
        bare.set("alias", None)
        text = bare.sql(dialect=self.dialect)
        source = self.chance.choice(
            (
                f"(SELECT * FROM {text})",
                f"(SELECT DISTINCT * FROM {text})",
                f"(SELECT * FROM {text} UNION ALL SELECT * FROM {text})",
                f"(SELECT * FROM {text} WHERE 1 = 0)",
                f"(SELECT * FROM {text} ORDER BY 1)",
            )
        )
        node.replace(
            parse_one(
                f"SELECT 1 FROM {source} AS {exp.to_identifier(alias).sql(dialect=self.dialect)}",
                dialect=self.dialect,
            )
            .args["from_"]
            .this
        )
        return self.sql()

    def item(self) -> str | None:
        """Select something more: a whole row, a star, a count, a constant, a function that gives rows."""
        node = self.pick(exp.Select)
        source = node.args.get("from_") if node is not None else None
        if node is None or source is None:
            return None
        name = exp.to_identifier(source.this.alias_or_name or "t").sql(dialect=self.dialect)
        series = "generate_series(1, 2)" if self.dialect == "postgres" else "UNNEST([1, 2])"
        node.append(
            "expressions",
            self.parsed(
                self.chance.choice(
                    (
                        name,
                        f"{name}.*",
                        "'c' AS label",
                        f"{series} AS gen",
                        f"COUNT({name}) AS n",
                        f"{name} IS NULL AS gone",
                        "COUNT(*) OVER () AS n",
                    )
                )
            ),
        )
        return self.sql()

    def star(self) -> str | None:
        """Take a column out of a star, or put another value in its place (DuckDB)."""
        node = next(
            (one for one in self.tree.find_all(exp.Star) if isinstance(one.parent, (exp.Select, exp.Column))),
            None,
        )
        tables = {one.name.casefold() for one in self.tree.find_all(exp.Table)} & self.kinds.keys()
        names = sorted({name for one in tables for name in self.kinds[one] if name.isidentifier()})
        if node is None or self.dialect != "duckdb" or not names:
            return None
        name = self.chance.choice(names)
        key, item = self.chance.choice(
            (
                ("except_", exp.to_identifier(name)),
                ("replace", self.parsed(f"SELECT 1 AS {name}").expressions[0]),
            )
        )
        node.set(key, [item])
        return self.sql()

    def count(self) -> str | None:
        """Count something else, or take another aggregate."""
        node = self.pick(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)
        column = self.pick(exp.Column)
        if node is None or column is None or isinstance(column.this, exp.Star):
            return None
        text = column.sql(dialect=self.dialect)
        node.replace(
            self.parsed(
                self.chance.choice(
                    (
                        f"COUNT({text})",
                        "COUNT(*)",
                        f"COUNT(DISTINCT {text})",
                        f"SUM({text})",
                        f"COALESCE(SUM({text}), 0)",
                        f"SUM({text}) / 2",
                        f"SUM({text}) * 0.5",
                        f"MAX({text})",
                        f"SUM(COALESCE({text}, 0))",
                    )
                )
            )
        )
        return self.sql()

    def distinct(self) -> str | None:
        """Take out, or put in, what leaves rows that are equal once only."""
        node = self.pick(exp.Select, exp.Union)
        if isinstance(node, exp.Union):
            node.set("distinct", self.chance.random() < 0.5)
        elif node is not None:
            node.set("distinct", self.chance.choice((None, exp.Distinct())))
        return self.sql() if node is not None else None

    def quote(self) -> str | None:
        """Quote a name, or all of one name."""
        node = self.pick(exp.Identifier)
        if node is None:
            return None
        for one in self.tree.find_all(exp.Identifier):
            if one.name == node.name:
                one.set("quoted", 1)
        return self.sql()

    def condition(self) -> str | None:
        """Filter by one thing more."""
        node, column = self.pick(exp.Select), self.pick(exp.Column)
        if node is None or column is None or isinstance(column.this, exp.Star):
            return None
        text = column.sql(dialect=self.dialect)
        node.where(
            self.parsed(
                self.chance.choice(
                    (
                        f"{text} IS NOT NULL",
                        f"{text} IS NULL",
                        f"NOT {text} IS NULL",
                        f"{text} = {text}",
                        f"COUNT({text}) > 0",
                        f"{text} IN (SELECT {text})",
                    )
                )
            ),
            copy=False,
        )
        return self.sql()

    def window(self) -> str | None:
        """Count or rank beside the other columns."""
        node, column = self.pick(exp.Select), self.pick(exp.Column)
        if node is None or column is None or isinstance(column.this, exp.Star):
            return None
        text = column.sql(dialect=self.dialect)
        node.append(
            "expressions",
            self.parsed(
                self.chance.choice(
                    (
                        f"COUNT({text}) OVER (PARTITION BY {text}) AS w",
                        f"RANK() OVER (ORDER BY {text}) AS w",
                        f"MAX({text}) OVER (ORDER BY {text}) AS w",
                    )
                )
            ),
        )
        return self.sql()

    def unite(self) -> str | None:
        """Put two copies together."""
        node = self.pick(exp.Select)
        if (
            node is None
            or node.args.get("with_") is not None
            or node.args.get("order") is not None
            or isinstance(node.parent, exp.SetOperation)
        ):
            return None
        text = node.sql(dialect=self.dialect)
        whole = self.parsed(
            f"{text} {self.chance.choice(('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'))} {text}"
        )
        if node is self.tree:
            self.tree = whole
        else:
            node.replace(whole)
        return self.sql()
