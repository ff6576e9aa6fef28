"""What the stars of a SELECT list stand for: which columns, of which FROM items, in which order.

A star may carry modifiers (EXCEPT, EXCLUDE, REPLACE, RENAME, ILIKE), may be a pattern (DuckDB's COLUMNS), the
whole row of an item (``(t).*``) or the fields of a struct (``address.*``). What can't be told leaves the scope
open: it may give columns that are not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.query.bind.model import Output, StarItem
from sqlopt.query.bind.nodes import fold
from sqlopt.query.bind.structs import field_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query.bind.model import Scope, Shared, Source

# Where the keys of USING stay in their place in the left item's columns; elsewhere they come first, as in the
# SQL standard. DuckDB 1.5.5: by running it, 2026-12-01; PostgreSQL:
# https://www.postgresql.org/docs/current/queries-table-expressions.html (checked 2026-12-01).
_KEYS_IN_PLACE = frozenset({"duckdb"})
# ``ARRAY_AGG(t ORDER BY at LIMIT 1)[OFFSET(0)].*`` is a star of t.
_OF_ONE_ROW = (exp.Paren, exp.Bracket, exp.ArrayAgg, exp.AnyValue, exp.Order, exp.Limit, exp.HavingMax)
_PATTERNS = (exp.Like, exp.ILike, exp.SimilarTo, exp.Glob, exp.RegexpLike, exp.Not)


@dataclass(frozen=True, slots=True)
class StarForm:
    """A star as it is written.

    ``qualifier`` are the names before it, case-folded. ``chosen`` says by its name whether a column comes out;
    None for all. ``sure`` is False where that, or what the columns are called, can't be told.
    """

    node: exp.Expr
    star: exp.Expr | None = None
    qualifier: tuple[str, ...] = ()
    chosen: Callable[[str], bool] | None = None
    sure: bool = True


def star_form(item: exp.Expr) -> StarForm | None:
    """Return the star that an item of a SELECT list is; None for an item that gives one column."""
    if isinstance(item, exp.Star):
        chosen = _like(item.args["ilike"], folded=True) if item.args.get("ilike") else None
        return StarForm(item, item, chosen=chosen)
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        inner = star_form(item.this)
        qualifier = tuple(fold(one) for one in item.parts[:-1])
        return StarForm(item, item.this, qualifier, inner.chosen if inner is not None else None)
    if isinstance(item, exp.Dot):
        return _dotted(item)
    if isinstance(item, _PATTERNS):
        return _filtered(item)
    if isinstance(item, exp.Columns):
        return _columns(item)
    if isinstance(item, exp.Alias):
        return star_form(item.this) if isinstance(item.this, (exp.Star, exp.Columns)) else None
    return None


def spread_form(item: exp.Expr) -> StarForm | None:
    """Return the star that an item around COLUMNS is: ``MIN(COLUMNS(*))`` gives as many columns as that finds."""
    inside = not isinstance(item, (exp.Select, exp.Subquery)) and item.find(exp.Columns) is not None
    return StarForm(item, sure=False) if inside else None


def value_form(item: exp.Expr, scope: Scope) -> StarForm | None:
    """Return the star that ``SELECT AS VALUE t`` is: the columns of a row, or the fields of a struct."""
    if isinstance(item, exp.Column):
        known = any(fold(item) in one.columns for one in scope.sources.values())
        if len(item.parts) == 1 and fold(item) in scope.sources and not known:
            return StarForm(item, qualifier=(fold(item),))
    return star_form(item)


def _dotted(item: exp.Dot) -> StarForm | None:
    """``(t).*`` and DuckDB's ``t.COLUMNS('x')``."""
    if isinstance(item.expression, exp.Star):
        base = item.this
        while isinstance(base, _OF_ONE_ROW) and isinstance(base.this, exp.Expr):
            base = base.this
        if isinstance(base, exp.Column):
            return StarForm(item, item.expression, tuple(fold(one) for one in base.parts))
        return StarForm(item, item.expression, ("",), sure=False)
    named = isinstance(item.this, exp.Identifier)
    if named and isinstance(item.expression, exp.Anonymous) and item.expression.name.upper() == "COLUMNS":
        return StarForm(item, qualifier=(fold(item.this),), sure=False)
    return None


def _filtered(item: exp.Expr) -> StarForm | None:
    """DuckDB's ``* LIKE 'w%'``, with NOT and the like."""
    inner = item.this
    negated = isinstance(item, exp.Not) or bool(item.args.get("negate"))
    if isinstance(item, exp.Not):
        form = _filtered(inner) if isinstance(inner, _PATTERNS) else None
    else:
        form = star_form(inner) if isinstance(inner, (exp.Star, exp.Column)) else None
        if form is not None:
            matches = _matcher(item)
            form = StarForm(item, form.star, form.qualifier, matches, form.sure and matches is not None)
    if form is None or not negated or form.chosen is None:
        return form
    positive = form.chosen
    return StarForm(item, form.star, form.qualifier, lambda name: not positive(name), form.sure)


def _matcher(item: exp.Expr) -> Callable[[str], bool] | None:
    pattern = item.expression
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        return None
    if isinstance(item, (exp.Like, exp.ILike)):
        return _like(pattern, folded=isinstance(item, exp.ILike))
    if isinstance(item, exp.Glob):
        return _regex(translate(pattern.this), pattern.this)
    return _regex(pattern.this, pattern.this)


def _columns(item: exp.Columns) -> StarForm:
    """DuckDB's ``COLUMNS(...)``: a star, a regular expression, a list of names, or a function."""
    inner = item.this
    if isinstance(inner, exp.Star):
        return StarForm(item, inner)
    if isinstance(inner, exp.Literal) and inner.is_string:
        chosen = _regex(inner.this, inner.this)
        return StarForm(item, chosen=chosen, sure=chosen is not None)
    names = inner.expressions if isinstance(inner, exp.Array) else []
    if names and all(isinstance(one, exp.Literal) and one.is_string for one in names):
        listed = {fold(one) for one in names}
        return StarForm(item, chosen=lambda name: name.casefold() in listed)
    return StarForm(item, sure=False)


def _like(pattern: exp.Expr, *, folded: bool) -> Callable[[str], bool] | None:
    text = pattern.name
    if "\\" in text:
        return None
    regex = "".join(".*" if one == "%" else "." if one == "_" else re.escape(one) for one in text)
    return _regex(rf"^(?:{regex})$", "" if folded else text, folded=folded)


_SETS: Final = re.compile(r"\[\[|\[:|\[[^\]]*(?:--|&&|~~|\|\|)")
"""Sets of sets: RE2's `[[:alpha:]]` is no class in Python, which keeps the signs for later."""


def _regex(regex: str, written: str, *, folded: bool = False) -> Callable[[str], bool] | None:
    """Return whether a name matches somewhere, as in DuckDB; None where that depends on more than is known.

    Names are held case-folded here, so that a pattern with a capital can't be judged.
    """
    if written != written.casefold() or _SETS.search(regex):
        return None
    try:
        compiled = re.compile(regex, re.IGNORECASE if folded else 0)
    except re.error:
        return None
    return lambda name: compiled.search(name) is not None


# ---- expansion


@dataclass(frozen=True, slots=True)
class StarColumn:
    """A column that ``*`` gives: of ``source``, or of all the ``merged`` ones."""

    name: str
    source: Source
    merged: tuple[Source, ...] = ()


def expand(scope: Scope, form: StarForm, dialect: str) -> None:
    """Add the outputs that a star gives to ``scope``, and note what it reads."""
    source = _qualified(scope, form.qualifier)
    if form.qualifier and source is None:
        _struct(scope, form, dialect)
        return
    columns = (
        [StarColumn(name, source) for name in source.columns]
        if source is not None
        else star_columns(scope, dialect)
    )
    sources = [source] if source is not None else visible_sources(scope)
    if not sources:
        scope.open = True
        return
    outputs, named = _modified(columns, form)
    read: dict[int, list[str]] = {}
    for given in outputs:
        for origin in given.merged or ((given.source,) if given.source is not None else ()):
            read.setdefault(id(origin), []).append(given.column)
    whole = form.chosen is None or not form.sure
    for one in sources:
        loose = not form.sure or (one.open and whole)
        one.star = one.star or loose or whole
        scope.open = scope.open or one.open or not form.sure
        own = tuple(name for name in named if name in one.columns or one.open)
        came = tuple(one.columns) if not form.sure else tuple(read.get(id(one), ()))
        scope.stars.append(StarItem(form.node, one, came, own, whole=loose))
    if form.sure:
        scope.outputs.extend(outputs)
    if not form.sure or (form.chosen is not None and any(one.open for one in sources)):
        scope.unread.append((form.node, "which columns a pattern of names stands for"))


def _modified(columns: list[StarColumn], form: StarForm) -> tuple[list[Output], set[str]]:
    """Return the outputs after the star's modifiers, and the names that only have to exist."""
    star = form.star.args if form.star is not None else {}
    dropped = {fold(one) for one in star.get("except_") or ()}
    replaced = {fold(one.alias): one.this for one in star.get("replace") or ()}
    renamed = {fold(one.this): fold(one.alias) for one in star.get("rename") or ()}
    outputs = []
    for one in columns:
        if one.name in dropped or (form.chosen is not None and not form.chosen(one.name)):
            continue
        name = renamed.get(one.name, one.name)
        if one.name in replaced:
            outputs.append(Output(name, replaced[one.name]))
        else:
            outputs.append(Output(name, None, one.source, one.name, merged=one.merged))
    return outputs, dropped | set(replaced) | set(renamed)


def _qualified(scope: Scope, qualifier: tuple[str, ...]) -> Source | None:
    """Return the item that a star's qualifier names, perhaps by its table's whole name."""
    if not qualifier:
        return None
    found = scope.sources.get(qualifier[-1])
    if found is None or len(qualifier) == 1:
        return found
    written = ".".join(qualifier)
    dotted = found.table_name.casefold()
    return found if dotted == written or dotted.endswith("." + written) else None


def _struct(scope: Scope, form: StarForm, dialect: str) -> None:
    """The fields of a struct: of a known type they are columns, else the scope is open."""
    head, *path = form.qualifier
    source = scope.sources.get(head)
    if source is not None and path:
        head, *path = path
    else:
        having = [one for one in scope.sources.values() if head in one.columns]
        several = having or [one for one in scope.sources.values() if one.open]
        source = several[0] if len(several) == 1 else None
    if source is None:
        scope.open = True
        scope.unread.append((form.node, "a star of something that is not known"))
        return
    column = source.column(head) if source.inner is None else None
    names = field_names(column.type, tuple(path), dialect) if column is not None else None
    scope.stars.append(StarItem(form.node, source, (head,)))
    if names is None:
        scope.open = True
        return
    modified, _ = _modified([StarColumn(name, source) for name in names], form)
    for one in modified:
        if one.expr is None:
            one.column, one.path = head, (*path, one.column)
        scope.outputs.append(one)


def visible_sources(scope: Scope) -> list[Source]:
    """Return the items whose columns a bare star gives: not the other side of a semi or anti join."""
    sources = list(scope.sources.values())
    hidden: set[int] = set()
    for place, one in enumerate(sources):
        join = one.join
        if join is None or (join.kind or "").upper() not in ("SEMI", "ANTI"):
            continue
        if (join.side or "").upper() == "RIGHT":
            hidden.update(id(other) for other in sources[:place])
        else:
            hidden.add(id(one))
    return [one for one in sources if id(one) not in hidden]


def star_columns(scope: Scope, dialect: str) -> list[StarColumn]:
    """Return the columns that a bare star gives, in order, the keys of USING once."""
    found: list[StarColumn] = []
    seen: set[int] = set()
    gone: set[tuple[int, str]] = set()
    for source in visible_sources(scope):
        join = source.join
        if join is not None and id(join) not in seen and id(join) in scope.shared:
            seen.add(id(join))
            shared = scope.shared[id(join)]
            gone.update((id(one), name) for name in shared.names for one in shared.right)
            found = _merge(found, shared, source, keys_first=dialect not in _KEYS_IN_PLACE)
        found += [StarColumn(name, source) for name in source.columns if (id(source), name) not in gone]
    return found


def _merge(found: list[StarColumn], shared: Shared, source: Source, *, keys_first: bool) -> list[StarColumn]:
    side = (shared.join.side or "").upper()
    merged: dict[str, StarColumn] = {}
    for name in shared.names:
        left = next((one for one in found if one.name == name), None)
        right = next((one for one in shared.right if name in one.columns), source)
        if left is None:
            merged[name] = StarColumn(name, right)
        elif side in ("RIGHT", "FULL"):
            merged[name] = StarColumn(name, left.source, (*(left.merged or (left.source,)), right))
        else:
            merged[name] = left
    if keys_first:
        return [*merged.values(), *(one for one in found if one.name not in merged)]
    kept = [merged.pop(one.name) if one.name in merged else one for one in found]
    return [*kept, *merged.values()]
