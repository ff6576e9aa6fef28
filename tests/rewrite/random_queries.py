"""Random statements, and statements that differ from them by one small change, over one small schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, parse_one

if TYPE_CHECKING:
    from random import Random

SCHEMA = """
CREATE TABLE p (id INT PRIMARY KEY, k INT, v INT NOT NULL, s VARCHAR, d DATE, f BOOLEAN, m DECIMAL(9, 2));
CREATE TABLE c (id INT PRIMARY KEY, pid INT NOT NULL REFERENCES p (id), k INT, v INT, s VARCHAR NOT NULL, d DATE);
CREATE TABLE t (k INT, v INT NOT NULL, s VARCHAR, u INT UNIQUE, f BOOLEAN);
"""
WHOLE = {"p": ["id", "k", "v"], "c": ["id", "pid", "k", "v"], "t": ["k", "v", "u"]}
TEXT = {"p": ["s"], "c": ["s"], "t": ["s"]}
COMPARISONS = [exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE]
AGGREGATES = [exp.Sum, exp.Min, exp.Max, exp.Count, exp.Avg]


class Writer:
    """Writes random statements."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names = 0

    def alias(self) -> str:
        self.names += 1
        return f"x{self.names}"

    def pick(self, tables: list[tuple[str, str]]) -> str:
        table, alias = self.random.choice(tables)
        return f"{alias}.{self.random.choice(WHOLE[table])}"

    def number(self, tables: list[tuple[str, str]]) -> str:
        one = self.pick(tables)
        return self.random.choice(
            [
                one,
                one,
                one,
                f"{one} + {self.random.randint(0, 2)}",
                f"coalesce({one}, 0)",
                f"CASE WHEN {self.pick(tables)} > 1 THEN {one} ELSE {self.random.choice(['NULL', '0', one])} END",
                f"nullif({one}, 1)",
                f"{one} - {self.pick(tables)}",
            ]
        )

    def condition(self, tables: list[tuple[str, str]], depth: int = 2) -> str:
        random = self.random
        if depth and random.random() < 0.4:
            sign = random.choice(["AND", "AND", "OR"])
            both = f"({self.condition(tables, depth - 1)} {sign} {self.condition(tables, depth - 1)})"
            return both if random.random() < 0.8 else f"NOT {both}"
        one = self.number(tables)
        sign = random.choice(["=", "<>", "<", "<=", ">", ">="])
        other = random.choice(list(WHOLE))
        inner = self.alias()
        outer = self.pick(tables)
        column = random.choice(WHOLE[other])
        name, beside = random.choice(["max", "count", "sum"]), self.pick(tables)
        return random.choice(
            [
                f"{one} {sign} {random.randint(0, 3)}",
                f"{one} {sign} {random.randint(0, 3)}",
                f"{one} {sign} {self.pick(tables)}",
                f"{one} IS {random.choice(['', 'NOT '])}NULL",
                f"{one} {random.choice(['', 'NOT '])}IN (1, 2{random.choice(['', ', NULL'])})",
                f"{one} BETWEEN {random.randint(0, 1)} AND {random.randint(1, 3)}",
                f"{one} IS {random.choice(['', 'NOT '])}DISTINCT FROM {self.pick(tables)}",
                f"{random.choice(['', 'NOT '])}EXISTS (SELECT 1 FROM {other} {inner} WHERE {inner}.{column} = {outer})",
                f"{one} {random.choice(['', 'NOT '])}IN (SELECT {inner}.{column} FROM {other} {inner})",
                f"{outer} = (SELECT {name}({inner}.{column}) FROM {other} {inner} WHERE {inner}.k = {beside})",
            ]
        )

    def window(self, tables: list[tuple[str, str]]) -> str:
        """Return a window function of one of a few kinds."""
        random = self.random
        over = f"PARTITION BY {self.pick(tables)} " if random.random() < 0.7 else ""
        order = f"ORDER BY {self.pick(tables)}{random.choice(['', ' DESC'])}"
        ranks = ["rank()", "dense_rank()", "row_number()"]
        if random.random() < 0.4:
            return f"{random.choice(ranks)} OVER ({over}{order})"
        name = random.choice(["sum", "min", "max", "count"])
        return f"{name}({self.pick(tables)}) OVER ({over}{order if random.random() < 0.5 else ''})"

    def source(self) -> tuple[str, list[tuple[str, str]]]:
        random = self.random
        tables: list[tuple[str, str]] = []
        text = ""
        for place in range(random.choice([1, 1, 2, 2, 3])):
            table, alias = random.choice(list(WHOLE)), self.alias()
            item = f"{table} {alias}"
            if random.random() < 0.2:
                item = f"(SELECT * FROM {table} {alias} WHERE {self.condition([(table, alias)], 0)}) {alias}"
            tables.append((table, alias))
            if place:
                kind = random.choice(["JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
                on = f"{self.pick([tables[-1]])} = {self.pick(tables[:-1])}"
                if random.random() < 0.3:
                    on += f" AND {self.number([tables[-1]])} > {random.randint(0, 2)}"
                text += f" {kind} {item} ON {on}"
            else:
                text = item
        return text, tables

    def select(self, depth: int = 1) -> str:
        random = self.random
        text, tables = self.source()
        where = f" WHERE {self.condition(tables)}" if random.random() < 0.7 else ""
        if random.random() < 0.4:
            keys = [self.pick(tables) for _ in range(random.choice([0, 1, 1, 2]))]
            names = ["sum", "min", "max", "count", "count(distinct"]
            found = [
                f"{random.choice(names)}({self.number(tables)})" for _ in range(random.choice([1, 1, 2]))
            ]
            found = [one.replace("distinct(", "distinct ") for one in found]
            if random.random() < 0.3:
                found[0] += f" FILTER (WHERE {self.condition(tables, 0)})"
            group = f" GROUP BY {', '.join(keys)}" if keys else ""
            having = f" HAVING count(*) > {random.randint(0, 1)}" if keys and random.random() < 0.3 else ""
            shown = [f"{one} AS o{i}" for i, one in enumerate([*keys, *found, "1"][:2])]
            whole = f"SELECT {', '.join(shown)} FROM {text}{where}{group}{having}"
        else:
            distinct = "DISTINCT " if random.random() < 0.3 else ""
            whole = f"SELECT {distinct}{self.number(tables)} AS o0, {self.number(tables)} AS o1 FROM {text}{where}"
        if depth and random.random() < 0.25:
            sign = random.choice(["UNION ALL", "UNION", "INTERSECT", "EXCEPT"])
            return f"{whole} {sign} {self.select(depth - 1)}"
        if depth and random.random() < 0.3:
            name = self.alias()
            inner = f"(SELECT q.o0 AS k, q.o1 AS v FROM ({whole}) q) {name}"
            return random.choice(
                [
                    f"SELECT {name}.k AS o0, {name}.v AS o1 FROM {inner} WHERE {name}.k > {random.randint(0, 2)}",
                    f"SELECT {name}.k AS o0, sum({name}.v) AS o1 FROM {inner} GROUP BY {name}.k",
                    f"SELECT DISTINCT {name}.k AS o0, y.v AS o1 FROM {inner} LEFT JOIN p y ON y.id = {name}.k",
                    f"SELECT y.id AS o0, {name}.v AS o1 FROM p y JOIN {inner} ON y.id = {name}.k",
                ]
            )
        return whole


def statement(random: Random) -> str:
    """Return a random statement of two columns."""
    return Writer(random).select()


def changed(text: str, random: Random, dialect: str = "duckdb") -> str | None:
    """Return the statement with one small change, which may or may not change its result."""
    tree = parse_one(text, dialect=dialect)
    nodes = list(tree.walk())
    random.shuffle(nodes)
    for node in nodes:
        new = _change(node, random, nodes)
        if new is not None:
            if new is not node:
                node.replace(new)
            return tree.sql(dialect=dialect)
    return None


def _change(node: exp.Expr, random: Random, nodes: list[exp.Expr]) -> exp.Expr | None:
    """Return what a node becomes, itself if it was changed in place, None if nothing fits."""
    if isinstance(node, exp.Column) and random.random() < 0.4:
        others = [one for one in nodes if isinstance(one, exp.Column) and one.table == node.table != ""]
        others = [one for one in others if one.name != node.name]
        return random.choice(others).copy() if others else None
    for change in (_literal, _condition, _clause, _set, _aggregate):
        found = change(node, random)
        if found is not None:
            return found
    return None


def _literal(node: exp.Expr, random: Random) -> exp.Expr | None:
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        limits = (exp.Limit, exp.Offset, exp.DataTypeParam)
        return None if isinstance(node.parent, limits) else exp.Literal.number(int(node.name) + 1)
    if type(node) in COMPARISONS:
        kind = random.choice([one for one in COMPARISONS if one is not type(node)])
        return kind(this=node.this.copy(), expression=node.expression.copy())
    return None


def _condition(node: exp.Expr, random: Random) -> exp.Expr | None:
    if isinstance(node, (exp.And, exp.Or)):
        if random.random() < 0.6:
            return random.choice([node.this, node.expression]).copy()
        kind = exp.Or if isinstance(node, exp.And) else exp.And
        return kind(this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, (exp.Exists, exp.In, exp.Is)) and random.random() < 0.5:
        return exp.Not(this=exp.Paren(this=node.copy()))
    return None


def _clause(node: exp.Expr, random: Random) -> exp.Expr | None:
    if isinstance(node, exp.Select) and random.random() < 0.3:
        node.set("distinct", None if node.args.get("distinct") else exp.Distinct())
        return node
    if (
        isinstance(node.parent, exp.Select)
        and isinstance(node, (exp.Where, exp.Having))
        and random.random() < 0.4
    ):
        node.pop()
        return node
    if isinstance(node, exp.Join) and node.args.get("on") is not None:
        node.set(
            "side", random.choice([one for one in ("LEFT", "RIGHT", "FULL", "") if one != node.side]) or None
        )
        node.set("kind", None)
        return node
    return None


def _set(node: exp.Expr, random: Random) -> exp.Expr | None:
    if isinstance(node, exp.Union):
        node.set("distinct", not node.args.get("distinct"))
        return node
    if isinstance(node, (exp.Intersect, exp.Except)):
        kind = exp.Except if isinstance(node, exp.Intersect) else exp.Intersect
        parts = {"this": node.this.copy(), "expression": node.expression.copy(), "distinct": True}
        return random.choice([kind, exp.Union])(**parts)
    return None


def _aggregate(node: exp.Expr, random: Random) -> exp.Expr | None:
    if type(node) in AGGREGATES and not isinstance(node.this, (exp.Star, exp.Distinct)):
        return random.choice([one for one in AGGREGATES if one is not type(node)])(this=node.this.copy())
    if isinstance(node, exp.Case) and node.args.get("default") is not None:
        node.set("default", None)
        return node
    return None
