"""A statement as a relation: joins, filters, groups and set operations as sums of products.

1. An outer join adds the rows without partner, with NULLs for the other side.
2. DISTINCT and GROUP BY bind one value a key, for which a row exists; an aggregate is a function of the rows that
   have these keys.
3. INTERSECT and EXCEPT keep distinct rows that exist, or do not, on the other side; with ALL, of a side without
   duplicates, each row once.
4. ORDER BY counts at the top only; LIMIT below it is a condition, needless, or a choice (`order`, `limits`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import fold
from sqlopt.query.text.forms import row_limit
from sqlopt.rewrite.prove.algebra.frames import Frame, Group, evened
from sqlopt.rewrite.prove.algebra.groups import Groups
from sqlopt.rewrite.prove.algebra.joins import MOST_TERMS, Joins
from sqlopt.rewrite.prove.algebra.limits import Limits
from sqlopt.rewrite.prove.algebra.order import ordered
from sqlopt.rewrite.prove.algebra.scalar import Scalar
from sqlopt.rewrite.prove.algebra.typed import Types, is_exact
from sqlopt.rewrite.prove.algebra.windows import Windows
from sqlopt.rewrite.prove.logic.isomorphic import each_once
from sqlopt.rewrite.prove.logic.match import Matcher
from sqlopt.rewrite.prove.logic.terms import (
    BOTTOM,
    NULL,
    Node,
    both,
    case,
    col,
    conjuncts,
    interchangeable,
    joined,
    kind_of,
    same,
)
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.words import escaped

if TYPE_CHECKING:
    from sqlopt.query.bind.model import Output, Scope
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.logic.refute import Reasoner
    from sqlopt.rewrite.prove.pair import Pair


_ROWS = (
    exp.From, exp.Join, exp.In, exp.Any, exp.All, exp.Exists, exp.SetOperation, exp.CTE, exp.Lateral, exp.Select,
)  # fmt: skip
"""Where a query stands for rows, not for one value."""


class Reader:
    """Reads one statement of a pair. Raises `Unsupported` for what no rule knows."""

    def __init__(self, pair: Pair, query: Query, reasoner: Reasoner) -> None:
        if escaped(query):
            raise Unsupported("a text with escapes")
        self.pair = pair
        self.query = query
        self.reasoner = reasoner
        self.types = Types(pair, query)
        self.scalar = Scalar(self)
        self.joins = Joins(self)
        self.groups = Groups(self)
        self.limits = Limits(self)

    # ---- query expressions

    def relation(self, node: exp.Expr, outer: Frame | None) -> Node:
        """Return a query's rows as a bag; its order is left out."""
        body = unwrapped(node)
        limited = (
            any(body.args.get(key) for key in ("limit", "offset")) and id(body) not in self.limits.needless
        )
        if limited and not _first_is_enough(body):
            found = ordered(self, body, outer)
            return found.shown(0) if found.limit is None else self.limits.choice(body, found)
        if isinstance(body, exp.Select):
            return self.select(body, outer)[0]
        if isinstance(body, exp.SetOperation):
            return self.union(body, outer)
        raise Unsupported(f"no rule knows {type(body).__name__}")

    def single(self, node: exp.Expr, outer: Frame) -> Node:
        """Return a scalar subquery's value; one that always gives one row is its expression."""
        relation = self.relation(node, outer)
        if any(len(term[3]) != 1 for term in relation):
            raise Unsupported("a scalar subquery of several columns")
        if not relation:
            return NULL
        if len(relation) == 1 and not relation[0][1]:
            return case(((both(list(relation[0][2])), relation[0][3][0]),), NULL)
        if relation[0][3][0][0] == "const" and len({term[3][0] for term in relation}) == 1:
            there = tuple((*term[:3], ()) for term in relation)
            return case(((("exists", there), relation[0][3][0]),), NULL)
        return ("scalar", joined([kind_of(term[3][0]) for term in relation]), relation)

    def scope(self, node: exp.Expr) -> Scope:
        """Return the scope of a query expression."""
        scope = self.query.scope_of(node)
        if scope is None or scope.recursive:
            raise Unsupported("a recursive query")
        return scope

    def select(self, node: exp.Select, outer: Frame | None) -> tuple[Node, list[Frame]]:
        """Return a SELECT's terms, and the frame that each one's expressions were read in."""
        _check(node)
        scope = self.scope(node)
        alternatives = self.joins.read(node, outer)
        where = node.args.get("where")
        if where is not None:
            for one in alternatives:
                true = self.scalar.condition(where.this, Frame(self, one.columns, outer))[0]
                one.conditions = (*one.conditions, true)
        alternatives = [one for one in alternatives if both(list(one.conditions)) != BOTTOM]
        group = node.args.get("group")
        frames: list[Frame]
        if group is not None or _aggregates(node):
            terms, frames = self.groups.read(node, scope, alternatives, outer)
        else:
            terms, frames = [], []
            qualify = node.args.get("qualify")
            sides = [(one, Frame(self, one.columns, outer)) for one in alternatives]
            windows = Windows(self, sides)
            for one, frame in sides:
                frame.over = windows.value
                conditions = list(one.conditions)
                try:
                    outputs = self.outputs(node, scope, frame)
                except Unsupported:  # of no row, no value is seen
                    if self.reasoner.inconsistent(conditions, {row[1]: row[2] for row in one.rows}):
                        continue
                    raise
                if qualify is not None:
                    conditions.append(self.scalar.condition(qualify.this, frame)[0])
                terms.append(("term", one.rows, conjuncts(conditions), outputs))
                frames.append(frame)
        relation = evened(tuple(terms))
        if node.args.get("distinct") is not None:
            return self.distinct(relation), []
        return relation, frames

    def outputs(self, node: exp.Select, scope: Scope, frame: Frame) -> tuple[Node, ...]:
        """Return a SELECT's outputs; what ``*`` stands for, by place."""
        stars = [one for one in node.expressions if one.is_star]
        plain = not scope.merged and not any(_renames(one) for one in stars)
        if not stars or not plain or isinstance(frame, Group):
            if scope.open:
                raise Unsupported("not all columns are known")
            return tuple(self._output(item, frame) for item in scope.outputs)
        found: list[Node] = []
        for item in node.expressions:
            if item.is_star:
                table = fold(item.args.get("table")) if isinstance(item, exp.Column) else ""
                sources = [scope.sources[table]] if table in scope.sources else list(scope.sources.values())
                if table and table not in scope.sources:
                    raise Unsupported(f"no source is called {table}")
                for source in sources:
                    found += frame.every(source)
            else:
                found.append(self.scalar.value(item.unalias(), frame))
        return tuple(found)

    def _output(self, item: Output, frame: Frame) -> Node:
        expr, source, column = item.expr, item.source, item.column
        if expr is not None:
            return self.scalar.value(expr, frame)
        if source is None:
            raise Unsupported("a column that is not known")
        return frame.lookup(source, column)

    def bind(self, columns: list[list[Node]]) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
        """Return a single value for each of some columns, and the variable that binds it."""
        values, rows = [], []
        for mine in columns:
            keys = [self.scalar.identity(one) for one in mine if one != NULL] or [NULL]
            number = self.reasoner.number()
            values.append(col(number, "", kind_of(keys[0])))
            rows.append(("var", number, ("value",)))
        return tuple(values), tuple(rows)

    def distinct(self, relation: Node) -> Node:
        """Return the rows of a relation, each once; a term that stands there twice counts once."""
        return (self._once(each_once(evened(relation)))[0],) if relation else ()

    def _once(self, relation: Node) -> tuple[Node, tuple[Node, ...]]:
        """Return the one term of a relation's distinct rows, and the values that it binds."""
        relation = evened(relation)
        width = len(relation[0][3])
        columns = [[term[3][i] for term in relation] for i in range(width)]
        values, rows = self.bind(columns)

        def there(place: int | None) -> Node:
            """Return the rows with the values bound, with one of their columns."""
            terms = [
                (*term[:2], conjuncts([*term[2], *self._equal(term[3], values)]), term[3][place : place + 1])
                if place is not None
                else (*term[:2], conjuncts([*term[2], *self._equal(term[3], values)]), ())
                for term in relation
            ]
            return self.reasoner.fresh(tuple(terms))

        kinds = [joined([kind_of(one) for one in mine]) for mine in columns]
        shown = tuple(
            self.scalar.spelled(value, kind, partial(there, place))
            for place, (value, kind) in enumerate(zip(values, kinds, strict=True))
        )
        return ("term", rows, (("exists", there(None)),), shown), values

    def _flat(self, node: exp.SetOperation, outer: Frame | None, whole: Node) -> Node:
        """Return the branches of a UNION and of those in it: duplicates go in the end, whether or not before.

        The columns are of one kind in all of them, so that no conversion comes between.
        """
        branches = _branches(node)
        if len(branches) == 2:  # noqa: PLR2004 - none in it
            return whole
        found = [term for one in branches for term in self.relation(one, outer)]
        kinds = {tuple(map(kind_of, term[3])) for term in (*found, *whole)}
        return tuple(found) if len(kinds) == 1 else whole

    def _equal(self, outputs: tuple[Node, ...], values: tuple[Node, ...]) -> list[Node]:
        return [same(self.scalar.identity(one), value) for one, value in zip(outputs, values, strict=True)]

    def union(self, node: exp.SetOperation, outer: Frame | None) -> Node:
        """Return a set operation's terms."""
        if node.args.get("by_name") or node.args.get("match") or node.args.get("on"):
            raise Unsupported("a set operation by name")
        if (node.side or node.kind or "").upper():
            raise Unsupported("a set operation of a side")
        left, right = self.relation(node.this, outer), self.relation(node.expression, outer)
        widths = {len(term[3]) for term in (*left, *right)}
        if len(widths) > 1:
            raise Unsupported("branches of different widths")
        distinct = bool(node.args.get("distinct"))
        if isinstance(node, exp.Union):
            if not (left and right):
                self._keeps(node)
            whole = evened((*left, *right))
            whole = self._flat(node, outer, whole) if distinct else whole
            if len(whole) > MOST_TERMS:
                raise Unsupported("too many branches")
            return self.distinct(whole) if distinct else whole
        even = evened((*left, *right))
        left, right = even[: len(left)], even[len(left) :]
        if not distinct:
            return self._all(node, left, right)
        if not left:
            return ()
        term, values = self._once(left)
        there = tuple(
            ("term", one[1], conjuncts([*one[2], *self._equal(one[3], values)]), ()) for one in right
        )
        if isinstance(node, exp.Intersect):
            return (
                ((*term[:2], (*term[2], ("exists", self.reasoner.fresh(there))), term[3]),) if right else ()
            )
        return ((*term[:2], (*term[2], ("none", self.reasoner.fresh(there))), term[3]),)

    def _all(self, node: exp.SetOperation, left: Node, right: Node) -> Node:
        """Return EXCEPT ALL or INTERSECT ALL of a left side without duplicates: its rows that are not there, or are."""
        matcher = Matcher(self.reasoner)
        left = matcher.normaliser.relation(left, [], {})
        keys = tuple((*one[:3], tuple(map(self.scalar.identity, one[3]))) for one in left)
        if not matcher.unique(keys, [], {}):
            raise Unsupported("INTERSECT ALL or EXCEPT ALL of rows that may be there twice")
        if isinstance(node, exp.Intersect) and any(
            kind_of(one) != "null" and not interchangeable(kind_of(one), self.pair.dialect)
            for term in left
            for one in term[3]
        ):
            raise Unsupported("INTERSECT ALL of equal values that differ")
        found = []
        for one, key in zip(left, keys, strict=True):
            there = tuple(("term", x[1], conjuncts([*x[2], *self._equal(x[3], key[3])]), ()) for x in right)
            sign = "exists" if isinstance(node, exp.Intersect) else "none"
            if there:
                found.append((*one[:2], (*one[2], (sign, self.reasoner.fresh(there))), one[3]))
            elif sign == "none":
                found.append(one)
        return tuple(found)

    def _keeps(self, node: exp.SetOperation) -> None:
        """A branch without rows still has a say in the columns' types: it must not change the other's values."""
        scope = self.scope(node)
        for place in range(len(scope.outputs)):
            kinds = {self.types.output(one, place) for one in scope.branches} - {"null"}
            if len(kinds) > 1 and not all(map(is_exact, kinds)):
                raise Unsupported("a branch without rows that has other types")


def _check(node: exp.Select) -> None:
    """Raise `Unsupported` for clauses that no rule knows."""
    for key in ("windows", "match", "connect", "into", "kind", "sample"):
        if node.args.get(key):
            raise Unsupported(f"no rule knows {key.upper()}")
    if node.args.get("having") is not None and node.args.get("group") is None and not _aggregates(node):
        raise Unsupported("HAVING without groups")
    if node.args["distinct"].args.get("on") if node.args.get("distinct") is not None else False:
        raise Unsupported("DISTINCT ON")


def _branches(node: exp.Expr) -> list[exp.Expr]:
    """Return the branches of a UNION, and of those that are its branches."""
    found: list[exp.Expr] = []
    for one in (node.this, node.expression):
        body = _through(unwrapped(one))
        plain = not any(body.args.get(key) for key in ("limit", "offset", "by_name", "side", "kind", "on"))
        found += _branches(body) if isinstance(body, exp.Union) and plain else [one]
    return found


def _through(body: exp.Expr) -> exp.Expr:
    """Return the query that ``SELECT * FROM (query)`` gives as it is, of any other the query itself."""
    while isinstance(body, exp.Select) and len(body.expressions) == 1:
        (star,), from_ = body.expressions, body.args.get("from_")
        said = {key for key, value in body.args.items() if value and key not in ("expressions", "from_")}
        if said or from_ is None or type(star) is not exp.Star or any(star.args.values()):
            break
        inner = from_.this
        named = inner.args.get("alias")
        extra = {key for key, value in inner.args.items() if value and key not in ("this", "alias")}
        if not isinstance(inner, exp.Subquery) or extra or (named is not None and named.args.get("columns")):
            break
        body = unwrapped(inner)
    return body


def unwrapped(node: exp.Expr) -> exp.Expr:
    """Return a query without its parentheses."""
    while isinstance(node, (exp.Subquery, exp.Paren)):
        if any(node.args.get(key) for key in ("pivots", "limit", "offset", "sample")):
            raise Unsupported("a clause outside of a query's parentheses")
        node = node.this
    return node


def _first_is_enough(body: exp.Expr) -> bool:
    """For EXISTS, and for a subquery whose rows are one constant, a first row is all that counts."""
    limit = row_limit(body)
    if limit is None:
        return False
    if not isinstance(body.parent, exp.Exists):
        plain = isinstance(body, exp.Select) and not any(
            body.args.get(key) for key in ("group", "having", "distinct", "qualify")
        )
        items = body.expressions if plain and _is_value(body) else []
        if [type(one.unalias()) for one in items] != [exp.Literal]:
            return False
    return body.args.get("offset") is None and bool(limit.most)


def _is_value(body: exp.Expr) -> bool:
    """Whether a query stands for one value."""
    outer = body.parent
    while isinstance(outer, (exp.Subquery, exp.Paren)):
        body, outer = outer, outer.parent
    return isinstance(body, exp.Subquery) and not isinstance(outer, _ROWS)


def _renames(item: exp.Expr) -> bool:
    star = item if isinstance(item, exp.Star) else item.this
    return not isinstance(star, exp.Star) or any(
        star.args.get(key) for key in ("except_", "replace", "rename", "ilike")
    )


def _aggregates(node: exp.Select) -> bool:
    """Whether a SELECT groups all its rows: an aggregate of its own in its list or in HAVING."""
    places = [*node.expressions, *([node.args["having"]] if node.args.get("having") else [])]
    for place in places:
        for one in place.find_all(exp.AggFunc):
            up = one.parent
            while up is not None and up is not place.parent and not isinstance(up, (exp.Query, exp.Window)):
                up = up.parent
            if up is None or up is place.parent:
                return True
    return False
