"""What of a statement DuckDB's SQL carries: the rest would be lost in a test without a word.

sqlglot refuses some of what it can't write, and leaves out the rest (PREWHERE, WITH TIES, LATERAL VIEW's
OUTER, table hints). What is written for DuckDB is therefore read again: an argument that changes
rows and is gone makes no test.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from sqlopt.query.bind.nodes import fold
from sqlopt.query.text.forms import is_row
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.warehouses.semantics import semantics

_ROWS: Final[dict[type[exp.Expr], str]] = {
    exp.Select: "prewhere where having qualify connect match sample limit offset exclude for_ settings format",
    exp.Union: "by_name side kind on",
    exp.Intersect: "by_name side kind on",
    exp.Except: "by_name side kind on",
    exp.With: "recursive search cycle udfs",
    exp.Table: "hints partition version when changes sample rows_from ordinality",
    exp.Column: "join_mark",
    exp.Join: "global_ match_condition nearest",
    exp.Lateral: "outer ordinality",
    exp.LimitOptions: "percent with_ties",
    exp.Limit: "expressions",
    exp.Ordered: "with_fill",
    exp.WindowSpec: "exclude",
    exp.Window: "first",
    exp.Group: "totals",
    exp.In: "is_global",
    exp.Star: "ilike",
    exp.Lock: "update",
    exp.Final: "this",
}
_ARGUMENTS: Final = {kind: tuple(arguments.split()) for kind, arguments in _ROWS.items()}


def check(tree: exp.Expr, text: str, dialect: str) -> None:
    """Raise `Unsupported` for what ``text``, a statement written for DuckDB, has lost of its tree."""
    found = _modifiers(tree)
    if found:
        try:
            again = Dialect.get_or_raise("duckdb").parse(text)
        except SqlglotError as error:
            raise Unsupported("it can't be put into DuckDB's SQL") from error
        lost = found - _modifiers(*again)
        if lost:
            name, key = min(lost)
            raise Unsupported(f"DuckDB's SQL has no {key.strip('_').upper()} of {name}")
    if any(one.args.get("only") for one in tree.find_all(exp.Table)):
        raise Unsupported("ONLY a table: those of tests have no children")
    if not semantics(dialect).row_of_nulls_is_null.only(value=False):
        _ask_rows(tree)


def _modifiers(*trees: exp.Expr | None) -> set[tuple[str, str]]:
    return {
        (type(node).__name__, key)
        for tree in trees
        if tree is not None
        for node in tree.walk()
        for key in _ARGUMENTS.get(type(node), ())
        if node.args.get(key) not in (None, False, [])
    }


def _ask_rows(tree: exp.Expr) -> None:
    """Raise `Unsupported` where a whole row is asked for NULL: DuckDB's structs answer otherwise."""
    sources = {fold(one) for one in tree.find_all(exp.TableAlias)} | {
        fold(one) for one in tree.find_all(exp.Table)
    }
    for node in tree.find_all(exp.Is):
        this = node.this.unnest()
        named = isinstance(this, exp.Column) and not this.table and fold(this) in sources
        if isinstance(node.expression, exp.Null) and (named or is_row(this)):
            raise Unsupported("a row that is asked for NULL")
