"""What a statement's operators and functions mean in its own dialect, said in DuckDB's.

A whitelist: what stands in `_SAME` means the same everywhere, what has a handler is put into other words where the
dialect's cells of `sqlopt.warehouses.semantics` ask for it, and everything else runs in DuckDB as DuckDB's own, so
that no test of it says anything of another engine. A value for which engines differ is guarded: ``error()`` stops
the test on that database, which then shows nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.rewrite.prove.engine.kinds import NUMBERS, WHOLE, Kinds
from sqlopt.rewrite.prove.engine.times import TIMES
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.types import Kind, kind_of
from sqlopt.warehouses.semantics import Failure, Nulls, Number, Rounding, Semantics, semantics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.pair import Pair

_SAME: Final[tuple[type[exp.Expr], ...]] = (
    exp.And, exp.Or, exp.Xor, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Exists, exp.Count, exp.CountIf,
    exp.Min, exp.Max, exp.Sum, exp.AnyValue, exp.Abs, exp.Sign, exp.Ceil, exp.Floor, exp.Sqrt, exp.Ln, exp.Exp,
    exp.Pow, exp.Upper, exp.Lower, exp.Trim, exp.Replace, exp.Contains, exp.StartsWith, exp.EndsWith, exp.RowNumber,
    exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue,
    exp.NthValue, exp.Grouping, exp.GroupingId, exp.LogicalAnd, exp.LogicalOr, exp.StddevPop, exp.StddevSamp,
    exp.VariancePop, exp.Median, exp.EqualNull, exp.NullSafeEQ, exp.DecodeCase, exp.Unnest, exp.SafeDivide,
    exp.ApproxDistinct, exp.CurrentDate, exp.CurrentTimestamp,
)  # fmt: skip
_SAME_IN_POSTGRES: Final[tuple[type[exp.Expr], ...]] = (
    exp.ArrayAgg, exp.GroupConcat, exp.GenerateSeries, exp.ExplodingGenerateSeries, exp.Explode, exp.Array,
    exp.ConcatWs, exp.SplitPart, exp.Reverse, exp.RegexpReplace, exp.Initcap, exp.Chr, exp.Ascii, exp.MD5,
    exp.Corr, exp.CovarPop, exp.CovarSamp, exp.PercentileCont, exp.PercentileDisc, exp.StringToArray, exp.Pad,
    exp.Pi, exp.Cbrt, exp.Trunc, exp.Log, exp.ArgMax, exp.ArgMin, exp.MakeInterval, exp.Repeat,
)  # fmt: skip
"""What PostgreSQL and DuckDB, which took it over, both have under one name."""
_FEWEST_DIGITS = 6
"""A quotient that is rounded to fewer digits is no longer what DuckDB's double is."""
_PLAIN_PATTERN = re.compile(r"[\w\s%^$.*+?()|\[\],:/@=-]*")


class Meaning:
    """Puts the statement of one query into DuckDB's words; raises `Unsupported` for what has none."""

    def __init__(self, pair: Pair, query: Query) -> None:
        self.dialect = pair.dialect
        self.semantics: Semantics = semantics(pair.dialect)
        self.kinds = Kinds(pair, query)

    def apply(self, tree: exp.Expr, origins: Mapping[int, exp.Expr]) -> None:
        """Change a copy of the statement; ``origins`` gives the statement's own node of each node of it."""
        if self.dialect == "duckdb":
            return
        for node in reversed(list(tree.walk())):
            old = origins.get(id(node))
            if old is None:
                continue
            handler = _HANDLERS.get(type(node)) or TIMES.get(type(node))
            if handler is not None:
                new = handler(self, node, old)
                if new is not None:
                    node.replace(new)
            elif isinstance(node, exp.Func) and not self._same(node):
                raise Unsupported(f"{_name(node)} runs as DuckDB")

    def unknown(self, what: str) -> Unsupported:
        """Return the error for a cell that nobody has looked up."""
        return Unsupported(f"how {self.semantics.engine} {what} is not known")

    def _same(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.Array) and isinstance(node.parent, exp.Unnest):
            return True  # UNNEST of a list that is written out
        return isinstance(node, _SAME) or (self.dialect == "postgres" and isinstance(node, _SAME_IN_POSTGRES))

    # ---- numbers

    def divide(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """Division of whole numbers, of decimals, and by zero."""
        one, other = self.kinds.of(old.this), self.kinds.of(old.expression)
        whole = self.semantics.integer_division
        truncates = isinstance(old, exp.IntDiv)
        if one in WHOLE and other in WHOLE:
            if not whole.known and not truncates:
                raise self.unknown("divides whole numbers")
            truncates = truncates or whole.only(Number.INTEGER)
        elif one is None or other is None:
            if not whole.known or whole.only(Number.INTEGER):
                raise Unsupported("what kind of numbers are divided is not known")
        elif Kind.DOUBLE not in (one, other):
            self._decimals(self.semantics.quotient_digits.value, "divides decimals")
        divisor = self.not_zero(node.expression, floats=Kind.DOUBLE in (one, other))
        kind = exp.IntDiv if truncates else exp.Div
        return kind(this=_parenthesized(node.this), expression=_parenthesized(divisor))

    def _decimals(self, digits: int | None, what: str) -> None:
        if self.semantics.decimal_division.only(Number.DOUBLE):
            return
        if digits is None:
            raise self.unknown(what)
        if digits < _FEWEST_DIGITS:
            raise Unsupported(f"{self.semantics.engine} rounds where it {what}")

    def not_zero(self, divisor: exp.Expr, *, floats: bool = False) -> exp.Expr:
        """Return a divisor that behaves at zero as the dialect's does."""
        cell = self.semantics.float_division_by_zero if floats else self.semantics.division_by_zero
        if isinstance(divisor.unnest(), exp.Literal) and divisor.unnest().name.strip("0."):
            return divisor
        if cell.only(Failure.NULL):
            return exp.Nullif(this=divisor, expression=exp.Literal.number(0))
        return _guard(exp.EQ(this=_parenthesized(divisor), expression=exp.Literal.number(0)), divisor)

    def remainder(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """The remainder of a division by zero."""
        divisor = self.not_zero(node.expression)
        return exp.Mod(this=_parenthesized(node.this), expression=_parenthesized(divisor))

    def average(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """AVG of whole numbers may be whole, that of decimals rounded."""
        kind = self.kinds.of(old.this)
        cell = self.semantics.average_of_integers
        if kind in WHOLE or kind is None:
            if not cell.known:
                raise self.unknown("averages whole numbers")
            if cell.only(Number.INTEGER):
                if kind is None:
                    raise Unsupported("what kind of numbers are averaged is not known")
                top = node
                while isinstance(top.parent, (exp.Filter, exp.Window)) and top.arg_key == "this":
                    top = top.parent
                top.replace(exp.Anonymous(this="trunc", expressions=[top.copy()]))
        elif kind is Kind.DECIMAL and not self.semantics.average_of_decimals.only(Number.DOUBLE):
            self._decimals(self.semantics.average_digits.value, "averages decimals")
        return None

    def rounded(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """ROUND of what lies halfway."""
        kind = self.kinds.of(old.this)
        cell = self.semantics.decimal_round if kind is Kind.DECIMAL else self.semantics.float_round
        if kind in WHOLE or cell.only(Rounding.HALF_AWAY):
            return None
        if kind is None or not cell.known:
            raise self.unknown("rounds")
        digits = node.args.get("decimals") or exp.Literal.number(0)
        return exp.Anonymous(this="round_even", expressions=[node.this, digits])

    def spread(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """VARIANCE and STDDEV, of a sample or of all."""
        one = isinstance(node, exp.Variance)
        cell = self.semantics.variance_is_sample if one else self.semantics.stddev_is_sample
        written = self.kinds.query.text(old).partition("(")[0].strip().upper()
        if written not in ("VARIANCE", "STDDEV") or cell.only(value=True):
            return None
        if not cell.known:
            raise self.unknown(f"means {written}")
        return (exp.VariancePop if one else exp.StddevPop)(this=node.this)

    def cast(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """CAST: rounding, texts that are no numbers, lengths of texts."""
        source, target = self.kinds.of(old.this), kind_of(old.args["to"].sql(), "")[0]
        this: exp.Expr = node.this
        if target in WHOLE and source in (Kind.DECIMAL, Kind.DOUBLE):
            this = self._whole(this, source)
        elif target in NUMBERS and source is Kind.TEXT and not isinstance(old.this, exp.Literal):
            plain = exp.Anonymous(
                this="regexp_full_match",
                expressions=[
                    this.copy(),
                    exp.Literal.string(r"[+-]?\d+" + ("" if target in WHOLE else r"(\.\d+)?")),
                ],
            )
            this = _guard(exp.Not(this=plain), this)
        elif target is Kind.TEXT:
            return self._text(node, old, source)
        elif source is None and target in WHOLE and not isinstance(old.this, exp.Null):
            raise Unsupported("what is cast to a whole number is not known")
        # A cast that fails shows nothing of a database, whatever the dialect makes of it; TRY_CAST says NULL.
        kind = exp.TryCast if node.args.get("safe") else exp.Cast
        return kind(this=this, to=node.args["to"])

    def _whole(self, this: exp.Expr, source: Kind | None) -> exp.Expr:
        cell = (
            self.semantics.decimal_to_integer if source is Kind.DECIMAL else self.semantics.float_to_integer
        )
        names = {Rounding.TRUNCATE: "trunc", Rounding.HALF_AWAY: "round"}
        if cell.value is None:
            raise self.unknown("makes a whole number of one with a fraction")
        if cell.value is Rounding.HALF_EVEN:
            return exp.Anonymous(this="round_even", expressions=[this, exp.Literal.number(0)])
        return exp.Anonymous(this=names[cell.value], expressions=[this])

    def _text(self, node: exp.Expr, old: exp.Expr, source: Kind | None) -> exp.Expr | None:
        if source not in (Kind.INTEGER, Kind.BIGINT, Kind.TEXT, Kind.DATE) and not isinstance(
            old.this, exp.Null
        ):
            raise Unsupported(
                f"how {self.semantics.engine} writes the value of {self.kinds.query.text(old.this)}"
            )
        to = old.args["to"]
        sizes = to.expressions
        fixed = to.this in (exp.DType.CHAR, exp.DType.NCHAR, exp.DType.BPCHAR)
        written = self.kinds.query.text(to).upper() if to.this is exp.DType.TEXT else ""
        uncut = to.this is exp.DType.TEXT and self.semantics.cast_cuts.only(value=False)
        if uncut or written in ("STRING", "TEXT", "CLOB", "LONGTEXT"):
            size: int | None = 0
        elif sizes:
            size = int(sizes[0].name) if sizes[0].name.isdigit() else None
            if not self.semantics.cast_cuts.known:
                raise self.unknown("casts to a text of some length")
            size = size if self.semantics.cast_cuts.value else 0
        else:
            cell = self.semantics.char_length if fixed else self.semantics.varchar_length
            if cell.value is None:
                raise self.unknown(f"casts to {to.sql(self.dialect)}")
            size = cell.value
        if size is None or (fixed and size > 1):
            raise Unsupported(f"{to.sql(self.dialect)} fills with blanks")
        text = exp.cast(_parenthesized(node.this), "TEXT")
        if not size or (size >= _ANY_LENGTH and source is not Kind.TEXT):
            return text
        cut = exp.Anonymous(this="left", expressions=[text, exp.Literal.number(size)])
        empty = exp.EQ(this=text.copy(), expression=exp.Literal.string(""))
        return _guard(empty, cut) if fixed else cut  # one blank, and equal to ''

    # ---- NULL

    def concat(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """CONCAT and ``||`` with NULL."""
        bars = isinstance(node, exp.DPipe)
        parts = [node.this, node.expression] if bars else node.expressions
        olds = [old.this, old.expression] if bars else old.expressions
        for one in olds:
            kind = self.kinds.of(one)
            if kind not in (Kind.INTEGER, Kind.BIGINT, Kind.TEXT, Kind.DATE) and not isinstance(
                one, exp.Null
            ):
                raise Unsupported(
                    f"how {self.semantics.engine} writes the value of {self.kinds.query.text(one)}"
                )
        cell = self.semantics.bars if bars else self.semantics.concat
        if cell.value is None:
            raise self.unknown(f"joins texts with NULL by {'||' if bars else 'CONCAT'}")
        return self._joined(parts, skipping=cell.only(Nulls.SKIPPED))

    def _joined(self, parts: list[exp.Expr], *, skipping: bool) -> exp.Expr:
        texts = [exp.cast(_parenthesized(one), "TEXT") for one in parts]
        if not skipping:
            whole: exp.Expr = texts[0]
            for one in texts[1:]:
                whole = exp.DPipe(this=whole, expression=one)
            return exp.Paren(this=whole)
        return self._filled(exp.Anonymous(this="concat", expressions=texts))

    def _filled(self, text: exp.Expr) -> exp.Expr:
        """Return a text that is NULL where it is empty and the dialect holds '' to be NULL."""
        if self.semantics.empty_is_null.only(value=True):
            return exp.Nullif(this=text, expression=exp.Literal.string(""))
        return text

    def add(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """``+`` of texts joins them (SQL Server); a date plus a number is a day, where it is."""
        one, other = self.kinds.of(old.this), self.kinds.of(old.expression)
        if Kind.TEXT in (one, other):
            if one is other is Kind.TEXT and self.dialect == "tsql":
                return self._joined([node.this, node.expression], skipping=False)
            raise Unsupported("arithmetic with texts runs as DuckDB")
        if Kind.DATE in (one, other) and (one in NUMBERS or other in NUMBERS):
            self._days(old)
        return None

    def _days(self, old: exp.Expr) -> None:
        if not self.semantics.date_plus_days.only(value=True):
            raise self.unknown(f"computes {self.kinds.query.text(old)}")

    def extreme(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """GREATEST and LEAST with NULL."""
        parts = [node.this, *node.expressions]
        cell = self.semantics.greatest
        if cell.value is None:
            raise self.unknown("compares NULL in GREATEST and LEAST")
        call = exp.Anonymous(
            this="greatest" if isinstance(node, exp.Greatest) else "least",
            expressions=[one.copy() for one in parts],
        )
        if cell.only(Nulls.SKIPPED):
            return call
        missing = exp.or_(*(exp.Is(this=_parenthesized(one), expression=exp.Null()) for one in parts))
        return exp.Case(ifs=[exp.If(this=missing, true=exp.Null())], default=call)

    def distinct(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """COUNT(DISTINCT a, b)."""
        many = isinstance(node.parent, exp.Count) and len(node.expressions) > 1
        if many and not self.semantics.count_distinct_pairs.only(Nulls.SKIPPED):
            raise self.unknown("counts pairs")
        return None

    def replaced(self, _: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """ISNULL has its first argument's type in SQL Server; COALESCE the widest."""
        first = self.kinds.of(old.this)
        if old.args.get("is_null") and self.semantics.ifnull_keeps_first_type.value is not False:
            if first is None or any(self.kinds.of(one) is not first for one in old.expressions):
                raise Unsupported("ISNULL's type runs as DuckDB")
            if first is Kind.TEXT:
                raise Unsupported("ISNULL cuts a text to its first argument's length")
        return None

    def ordered(self, _: exp.Expr, __: exp.Expr) -> exp.Expr | None:
        """ORDER BY: where NULL stands is written out, as the parser read it."""
        if not self.semantics.nulls_ascending.known:
            raise self.unknown("orders NULL")
        return None

    def last(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """LAST_VALUE's frame, where it has none of its own."""
        top = node
        while not isinstance(top, exp.Window) and top.parent is not None:
            top = top.parent
        if isinstance(top, exp.Window) and top.args.get("spec") is None and not top.args.get("alias"):
            cell = self.semantics.last_value_ends_at_row
            if not cell.known:
                raise self.unknown("frames LAST_VALUE")
            if not cell.value:
                whole = {"kind": "ROWS", "start": "UNBOUNDED", "start_side": "PRECEDING", "end": "UNBOUNDED"}
                top.set("spec", exp.WindowSpec(**whole, end_side="FOLLOWING"))
        return None

    # ---- texts

    def literal(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """'' in Oracle."""
        if isinstance(node, exp.Literal) and node.is_string and not node.name:
            if not self.semantics.empty_is_null.known:
                raise self.unknown("reads ''")
            return exp.Null() if self.semantics.empty_is_null.value else None
        return None

    def substring(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """SUBSTR from 0, and from before the text."""
        start, size = node.args.get("start"), node.args.get("length")
        if start is None:
            raise Unsupported("SUBSTRING without a start runs as DuckDB")
        parts = [node.this, start] + ([size] if size is not None else [])
        call = self._filled(exp.Anonymous(this="substr", expressions=parts))
        plain = isinstance(start, exp.Literal) and start.name.isdigit()
        if plain and int(start.name) > 0:
            return call
        if not plain or size is None:
            limit = exp.LT(this=_parenthesized(start), expression=exp.Literal.number(1))
            return _guard(limit, call)
        cell = self.semantics.substring_from_zero
        if cell.value is None:
            raise self.unknown("counts from 0 in SUBSTR")
        if cell.value == "":
            return exp.Literal.string("")
        parts[1] = exp.Literal.number(0 if cell.value == "ab" else 1)
        return self._filled(exp.Anonymous(this="substr", expressions=parts))

    def end(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """LEFT and RIGHT of fewer than no characters."""
        if not (isinstance(node.expression, exp.Literal) and node.expression.name.isdigit()):
            low = exp.LT(this=_parenthesized(node.expression), expression=exp.Literal.number(0))
            return _guard(low, node.copy())
        return None

    def length(self, _: exp.Expr, __: exp.Expr) -> exp.Expr | None:
        """LEN of SQL Server leaves blanks at the end out."""
        if self.dialect in ("tsql", "fabric"):
            raise Unsupported("LEN runs as DuckDB")
        return None

    def position(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """POSITION, STRPOS, INSTR and CHARINDEX without further arguments."""
        if any(node.args.get(one) for one in ("position", "occurrence")):
            raise Unsupported("the further arguments of POSITION run as DuckDB")
        if not self.semantics.text_case.only(value=True):
            raise self.unknown("finds letters of another case")
        return None

    def like(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """LIKE: letters of another case, and what it escapes by."""
        case, escape = self.semantics.like_case, self.semantics.like_escape
        if not case.known:
            raise self.unknown("matches letters of another case by LIKE")
        new = (
            exp.ILike(**node.args) if isinstance(node, exp.ILike) or not case.value else exp.Like(**node.args)
        )
        pattern = node.expression
        if isinstance(node.parent, exp.Escape) or (
            isinstance(pattern, exp.Literal) and "\\" not in pattern.name
        ):
            return new
        if isinstance(pattern, (exp.Any, exp.All)) or escape.value is None:
            raise self.unknown("escapes in LIKE")
        return exp.Escape(this=new, expression=exp.Literal.string("\\")) if escape.value else new

    def matches(self, node: exp.Expr, _: exp.Expr) -> exp.Expr | None:
        """Regular expressions that mean the same everywhere: no escapes, and ``$`` at no line's end."""
        pattern = node.expression
        if not (isinstance(pattern, exp.Literal) and _PLAIN_PATTERN.fullmatch(pattern.name)):
            raise Unsupported("its regular expression runs as DuckDB")
        if "$" in pattern.name and self.semantics.dollar_before_newline.value is not False:
            end = exp.Anonymous(this="ends_with", expressions=[node.this.copy(), exp.Literal.string("\n")])
            node.set("this", _guard(end, node.this))
        return None

    def compared(self, node: exp.Expr, old: exp.Expr) -> exp.Expr | None:
        """A text beside a number is compared as either."""
        kinds = {self.kinds.of(old.this), self.kinds.of(old.expression)}
        if Kind.TEXT in kinds and kinds & {*NUMBERS, Kind.BOOLEAN}:
            raise Unsupported(f"{node.key} of a text and a number runs as DuckDB")
        return None


_ANY_LENGTH = 20
"""A whole number or a date is no longer than this as a text."""


def _parenthesized(node: exp.Expr) -> exp.Expr:
    copied = node.copy()
    return (
        copied
        if isinstance(copied, (exp.Column, exp.Literal, exp.Paren, exp.Func))
        else exp.Paren(this=copied)
    )


def _guard(bad: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Return ``value``, an error where ``bad`` holds: engines differ there."""
    stop = exp.Anonymous(this="error", expressions=[exp.Literal.string("engines differ here")])
    return exp.Case(ifs=[exp.If(this=bad, true=stop)], default=value.copy())


def _name(node: exp.Func) -> str:
    return str(node.this if isinstance(node, exp.Anonymous) else node.sql_name()).upper()


_HANDLERS: Final[Mapping[type[exp.Expr], Callable[[Meaning, exp.Expr, exp.Expr], exp.Expr | None]]] = {
    exp.Div: Meaning.divide,
    exp.IntDiv: Meaning.divide,
    exp.Mod: Meaning.remainder,
    exp.Avg: Meaning.average,
    exp.Round: Meaning.rounded,
    exp.Variance: Meaning.spread,
    exp.Stddev: Meaning.spread,
    exp.Cast: Meaning.cast,
    exp.TryCast: Meaning.cast,
    exp.Concat: Meaning.concat,
    exp.DPipe: Meaning.concat,
    exp.Add: Meaning.add,
    exp.Sub: Meaning.add,
    exp.Greatest: Meaning.extreme,
    exp.Least: Meaning.extreme,
    exp.Distinct: Meaning.distinct,
    exp.Coalesce: Meaning.replaced,
    exp.Ordered: Meaning.ordered,
    exp.LastValue: Meaning.last,
    exp.Literal: Meaning.literal,
    exp.Substring: Meaning.substring,
    exp.Left: Meaning.end,
    exp.Right: Meaning.end,
    exp.Length: Meaning.length,
    exp.StrPosition: Meaning.position,
    exp.Like: Meaning.like,
    exp.ILike: Meaning.like,
    exp.RegexpLike: Meaning.matches,
    exp.EQ: Meaning.compared,
    exp.NEQ: Meaning.compared,
    exp.LT: Meaning.compared,
    exp.LTE: Meaning.compared,
    exp.GT: Meaning.compared,
    exp.GTE: Meaning.compared,
}
