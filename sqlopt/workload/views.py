"""A view written out: its name, its columns' names, and its definition in the statements' dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.workload.blocks import table_name
from sqlopt.workload.expressions import column_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlopt.query.bind.model import Source
    from sqlopt.workload.expressions import ColumnKey, Expression
    from sqlopt.workload.merge import View
    from sqlopt.workload.part import Part

_LONGEST = 60  # PostgreSQL cuts names at 63 bytes


@dataclass(frozen=True)
class Written:
    """A view with names.

    ``name`` is its own, ``qualifier`` the database and schema of its first table, as identifiers. ``columns`` maps
    the canonical text of each key and measure to the column's name. ``definition`` is its query.
    """

    view: View
    name: str
    qualifier: tuple[exp.Identifier, ...]
    columns: Mapping[str, str]
    definition: exp.Select

    @property
    def full_name(self) -> str:
        """The name with its database and schema, as SQL."""
        parts = [*self.qualifier, exp.to_identifier(self.name)]
        return ".".join(part.sql(dialect=self.view.dialect) for part in parts)

    def sql(self, *, pretty: bool = True) -> str:
        """Return the text of the defining query."""
        return self.definition.sql(dialect=self.view.dialect, pretty=pretty, comments=False)


def written(view: View, parts: Sequence[Part], taken: Iterable[str] = ()) -> Written:
    """Give a view its names; ``taken`` are those of other views."""
    sources = _sources(view, parts)
    name = _name(view, sources, parts, set(taken))
    columns = _columns(view, sources)
    first = _largest(view, sources).node
    qualifier = tuple(first.args[key].copy() for key in ("catalog", "db") if first.args.get(key) is not None)
    return Written(view, name, qualifier, columns, _definition(view, sources, columns))


def _sources(view: View, parts: Sequence[Part]) -> dict[str, Source]:
    return {label: parts[0].block.sources[label] for label in sorted(view.labels)}


def _largest(view: View, sources: Mapping[str, Source]) -> Source:
    """Return the table that most others are joined to, the one with the most rows where several are."""
    links = [{label for label, _ in one} for one in view.classes]

    def size(label: str) -> tuple[int, int, str]:  # a fact table among its dimensions
        table = sources[label].table
        rows = table.rows if table is not None and table.rows is not None else -1
        return sum(label in one for one in links), rows, label

    return sources[max(sources, key=size)]


def _name(view: View, sources: Mapping[str, Source], parts: Sequence[Part], taken: set[str]) -> str:
    largest = table_name(_largest(view, sources)).rsplit(".", 1)[-1]
    keys = [one.column[1] for one in view.keys.values() if one.column is not None]
    words = f"mv_{largest}" + (f"_by_{'_'.join(keys)}" if len(keys) <= 3 and keys else "")  # noqa: PLR2004
    if len(words) > _LONGEST - 3:
        words = f"mv_{largest}"
    words = re.sub(r"\W+", "_", words)[: _LONGEST - 3]
    used = taken | {table_name(one) for part in parts for one in part.block.query.sources}
    used |= {one.casefold().rsplit(".", 1)[-1] for one in used}
    catalog = parts[0].block.query.catalog
    number, name = 1, words
    while name.casefold() in used or catalog.table(name) is not None:
        number += 1
        name = f"{words}_{number}"
    return name


def _columns(view: View, sources: Mapping[str, Source]) -> dict[str, str]:
    """Name the columns: keys as their column is called, aggregates by function and column."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    names = [one.column[1] for one in view.keys.values() if one.column is not None]
    bases = set(names)
    for text, one in sorted(view.keys.items(), key=lambda item: item[1].column is None):
        if one.column is not None:
            label, name = one.column
            word = _spelled(sources[label], name)
            if names.count(name) > 1:
                word = f"{sources[label].name}_{word}"
            found[text] = _free(word, taken, set())
        else:
            found[text] = _free(_word(one), taken, bases)
    for text, one in view.measures.items():
        found[text] = _free(_word(one), taken, bases)
    return found


def _free(word: str, taken: set[str], others: set[str]) -> str:
    number, name = 1, word
    while name.casefold() in taken or name.casefold() in others:
        number += 1
        name = f"{word}_{number}"
    taken.add(name.casefold())
    return name


def _word(one: Expression) -> str:
    """Return a name for an expression: its functions and columns, as far as that stays short."""
    if isinstance(one.tree, exp.Count) and isinstance(one.tree.this, exp.Star):
        return "count_rows"
    top = one.tree.this if isinstance(one.tree, exp.Filter) else one.tree
    head = type(top).__name__.lower()
    cut = top.find(exp.TimestampTrunc, exp.DateTrunc)
    if cut is not None and isinstance(cut.args.get("unit"), exp.Expr) and len(one.columns) == 1:
        return f"{next(iter(one.columns))[1]}_{cut.args['unit'].name.lower()}"
    if isinstance(top, exp.Cast):
        head = top.to.sql().split("(")[0].lower()
    elif isinstance(top, exp.Extract):
        head = top.this.name.lower()
    names = list(dict.fromkeys(node.name for node in one.tree.find_all(exp.Column)))
    words = "_".join([head, *names[:2]])
    return re.sub(r"\W+", "_", words)[:40].strip("_") or "value"


def _spelled(source: Source, name: str) -> str:
    """Return a column's name as the catalog spells it."""
    found = source.column(name)
    return found.name if found is not None else name


def identifier(name: str, dialect: str) -> exp.Identifier:
    """Return a name, in quotes where the dialect needs them."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", name) is not None
    folded = name == name.casefold() or dialect in ("duckdb", "bigquery", "spark", "databricks", "hive")
    upper = dialect == "snowflake" and name == name.upper()
    reserved = name.casefold() in _RESERVED
    return exp.Identifier(this=name, quoted=not plain or reserved or not (folded or upper))


_RESERVED = frozenset(
    {"all", "and", "as", "asc", "by", "case", "check", "default", "desc", "distinct", "else", "end", "for", "foreign",
     "from", "grant", "group", "having", "in", "into", "is", "join", "like", "limit", "not", "null", "on", "or",
     "order", "primary", "references", "select", "table", "then", "to", "union", "user", "when", "where", "with"}
)  # fmt: skip


def _definition(view: View, sources: Mapping[str, Source], columns: Mapping[str, str]) -> exp.Select:
    aliases = _aliases(sources)
    spelled = {
        (label, column.name.casefold()): column.name
        for label, source in sources.items()
        for column in (source.table.columns.values() if source.table is not None else ())
    }

    def named(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            key: ColumnKey = (node.table, node.name)
            table = exp.to_identifier(aliases[key[0]]) if len(aliases) > 1 else None
            return exp.Column(this=identifier(spelled.get(key, key[1]), view.dialect), table=table)
        return node

    def tree(one: Expression) -> exp.Expr:
        return one.tree.transform(named)

    query = exp.Select()
    for key, one in [*view.keys.items(), *view.measures.items()]:
        item, name = tree(one), columns[key]
        if not isinstance(item, exp.Column) or item.name != name:
            item = exp.Alias(this=item, alias=identifier(name, view.dialect))
        query.append("expressions", item)
    _from(query, view, sources, aliases, named)
    if view.tests:
        query.set("where", exp.Where(this=exp.and_(*map(tree, view.tests.values()), copy=False)))
    if view.keys:
        query.set("group", exp.Group(expressions=[tree(one) for one in view.keys.values()]))
    return query


def _from(
    query: exp.Select,
    view: View,
    sources: Mapping[str, Source],
    aliases: Mapping[str, str],
    named: Callable[[exp.Expr], exp.Expr],
) -> None:
    for place, (label, source) in enumerate(_joined(view, sources)):
        table = exp.Table(**{key: part.copy() for key, part in _parts(source)})
        if aliases[label] != source.node.name:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(aliases[label])))
        if place == 0:
            query.set("from_", exp.From(this=table))
        else:
            query.append("joins", exp.Join(this=table, on=_on(view, sources, label, named)))


def _parts(source: Source) -> Iterable[tuple[str, exp.Expr]]:
    for key in ("this", "db", "catalog"):
        part = source.node.args.get(key)
        if part is not None:
            yield key, part


def _aliases(sources: Mapping[str, Source]) -> dict[str, str]:
    """Return the name that each table has in the definition: its own, and another where it is there twice."""
    found: dict[str, str] = {}
    for label, source in sources.items():
        own = str(source.node.name)
        again = sum(str(one.node.name).casefold() == own.casefold() for one in sources.values()) > 1
        word = str(source.node.alias or own) if again else own
        taken = {one.casefold() for one in found.values()}
        number, name = 1, word
        while name.casefold() in taken:
            number += 1
            name = f"{word}_{number}"
        found[label] = name
    return found


def _joined(view: View, sources: Mapping[str, Source]) -> list[tuple[str, Source]]:
    """Return the tables, the largest first, each joined to one before it."""
    first = next(label for label, one in sources.items() if one is _largest(view, sources))
    order = [first]
    links = [{label for label, _ in one} for one in view.classes]
    while len(order) < len(sources):
        near = {label for one in links if one & {*order} for label in one}
        order.append(min(near - {*order}))
    return [(label, sources[label]) for label in order]


def _on(
    view: View, sources: Mapping[str, Source], label: str, named: Callable[[exp.Expr], exp.Expr]
) -> exp.Expr:
    """Return the equalities of a table with those before it."""
    order = [each for each, _ in _joined(view, sources)]
    before = order[: order.index(label)]
    found = []
    for columns in view.classes:
        mine = sorted(key for key in columns if key[0] == label)
        others = sorted((key for key in columns if key[0] in before), key=lambda key: before.index(key[0]))
        if mine and others:
            found += [_equal(others[0], key, named) for key in mine]
        elif len(mine) > 1:
            found += [_equal(mine[0], key, named) for key in mine[1:]]
    return exp.and_(*found, copy=False)


def _equal(left: ColumnKey, right: ColumnKey, named: Callable[[exp.Expr], exp.Expr]) -> exp.EQ:
    return exp.EQ(this=named(column_tree(left)), expression=named(column_tree(right)))
