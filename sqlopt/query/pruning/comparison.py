"""One column of one scan compared with constants: which values are left, and what the engine sees of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.trace import trace
from sqlopt.query.pruning.domain import first_of, last_of, plausible, step_of, whole_partitions
from sqlopt.query.pruning.functions import ColumnFunction, functions_around
from sqlopt.query.pruning.inverse import preimage
from sqlopt.query.pruning.outcome import NEVER_NULL, Block, Outcome
from sqlopt.query.values.constants import Constant, constant, fold_cast
from sqlopt.query.values.intervals import Ranges, Truth
from sqlopt.warehouses.pruning import Form, Prunes, PruningTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlopt.catalog import Column, Partitioning
    from sqlopt.query.flow import Filter
    from sqlopt.query.scan import Scan
    from sqlopt.query.values.intervals import Scalar

_PSEUDO_TYPES = {"_partitiontime": "TIMESTAMP", "_partitiondate": "DATE", "_table_suffix": "STRING"}


class Comparisons:
    """What constants say of one column of one scan. ``names`` are the column's names, case-folded.

    ``always`` leaves the clock unread: what is said then holds on every day, not only today.
    """

    def __init__(  # noqa: PLR0913 - a column of a scan, and how to look at it
        self,
        scan: Scan,
        names: tuple[str, ...],
        column: Column | None,
        by: Partitioning | None,
        table: PruningTable,
        *,
        always: bool = False,
    ) -> None:
        self.scan = scan
        self.query = scan.query
        self.today = None if always else scan.query.today
        self.names = names
        self.column = column
        self.by = by
        self.table = table
        self.cluster = by is None
        self.type = (column.type if column is not None else None) or _PSEUDO_TYPES.get(names[0], "")

    # ---- the column

    def is_column(self, node: exp.Expr, one: Filter) -> bool:
        """Whether ``node`` is a reference to the column, perhaps through CTEs."""
        return isinstance(node, exp.Column) and _name(self.scan, node, one) in self.names

    def meaning(self, node: exp.Expr, one: Filter) -> exp.Expr | None:
        """The inner expression that a column of a CTE or an alias stands for, if it is not a column."""
        return _meaning(self.scan, node, one)

    def touches(self, node: exp.Expr, one: Filter) -> bool:
        """Whether the column occurs in ``node``, also inside what an alias stands for."""
        return any(name in self.names for name in touched(self.scan, node, one))

    def share(self, ranges: Ranges) -> float | None:
        """The share of the column's known domain inside ``ranges``; None without a domain."""
        if self.column is None or self.column.min is None or self.column.max is None:
            return 0.0 if ranges.is_empty else None
        low, high = (
            fold_cast(value, self.type, self.query.dialect) for value in (self.column.min, self.column.max)
        )
        if low is None or high is None:
            return None
        if self.by is None:
            return ranges.share(low, high)
        # What is read of a partition is all of it.
        low, high = first_of(low, self.by), last_of(high, self.by)
        return whole_partitions(ranges, self.by).share(low, high, step_of(self.by, low))

    def limits(self, truth: Truth) -> bool:
        """Whether the values for which a predicate is true leave something of the domain out."""
        values = truth.true
        if values.is_empty:
            return True
        if Ranges.NOT_NULL.is_subset(values):
            return False
        share = self.share(values)
        if share is not None:
            return share < 1.0
        usual = plausible(values, self.query.today, self.by)
        return usual is None or not usual.is_subset(values)

    # ---- column against constants

    def against(  # noqa: PLR0913, PLR0917 - the parts of one comparison
        self,
        left: exp.Expr,
        kind: type[exp.Expr],
        values: list[Constant],
        node: exp.Expr,
        one: Filter,
        form: Form | None = None,
    ) -> Outcome:
        """Judge ``left kind values``; ``form`` is the way it is written where that is not a plain comparison."""
        wrapped = functions_around(left, self, one)
        if wrapped is None:
            return Outcome(logical=NEVER_NULL, touches=True, blocked=self.block(Form.OTHER_COLUMN, left))
        functions = [w for w in wrapped.functions if not self.no_op(w)]
        logical = self._logical(kind, values, functions)
        blocked, unknown, late = self.wrapped(functions)
        if blocked or unknown or late:
            return Outcome(logical=logical, touches=True, unknown=unknown, at_run_time=late, blocked=blocked)
        through = tuple(
            Block(w.form, w.node, self.table.cell(w.form, cluster=self.cluster)) for w in functions
        )
        forms = {form or (Form.NOT_EQUAL if kind is exp.NEQ else Form.COMPARE)}
        forms |= {Form.CLOCK for value in values if value.clock}
        forms |= {Form.PARAMETER for value in values if not value.known}
        opaque = any(not value.known for value in values) or (not logical.exact and bool(functions))
        return replace(self._seen(forms, node, logical, opaque=opaque), through=through)

    def _seen(self, forms: set[Form], node: exp.Expr, logical: Truth, *, opaque: bool) -> Outcome:
        limits = opaque or self.limits(logical)
        if not limits:
            return Outcome(logical, logical, touches=True, idle=True)
        cells = {form: self.table.cell(form, cluster=self.cluster) for form in sorted(forms)}
        answers = {cell.prunes for cell in cells.values()}
        if Prunes.NO in answers:
            form = next(form for form, cell in cells.items() if cell.prunes is Prunes.NO)
            return Outcome(logical=logical, touches=True, blocked=(Block(form, node, cells[form]),))
        if Prunes.UNKNOWN in answers:
            return Outcome(logical=logical, touches=True, unknown=True)
        if Prunes.AT_RUN_TIME in answers:
            return Outcome(logical=logical, touches=True, at_run_time=True)
        return Outcome(
            logical, logical, touches=True, restricts=True, opaque=opaque, partial=Prunes.PARTIALLY in answers
        )

    def wrapped(self, functions: list[ColumnFunction]) -> tuple[tuple[Block, ...], bool, bool]:
        """What the engine makes of the functions around the column: (blocks, unknown, at run time)."""
        cells = [(w, self.table.cell(w.form, cluster=self.cluster)) for w in functions]
        blocked = tuple(Block(w.form, w.node, cell) for w, cell in cells if cell.prunes is Prunes.NO)
        unknown = not blocked and any(cell.prunes is Prunes.UNKNOWN for _, cell in cells)
        if unknown:
            w, cell = next((w, cell) for w, cell in cells if cell.prunes is Prunes.UNKNOWN)
            return (Block(w.form, w.node, cell),), True, False
        late = not blocked and any(cell.prunes is Prunes.AT_RUN_TIME for _, cell in cells)
        return blocked, False, late

    def _logical(
        self, kind: type[exp.Expr], values: list[Constant], functions: list[ColumnFunction]
    ) -> Truth:
        """The column's values for which the comparison is true and false."""
        true: Ranges | None = Ranges.NONE
        exact = True
        scalars: list[Scalar] = []
        for value in values:
            if value.null:
                exact = False  # a comparison with NULL is never true, nor false
                continue
            if not value.known or value.value is None:
                return NEVER_NULL
            folded = value.value if functions else fold_cast(value.value, self.type, self.query.dialect)
            if folded is None:
                return NEVER_NULL  # how the engine reads the text as the column's type is not known
            scalars.append(folded)
        true = Ranges.of(scalars) if kind is exp.EQ else _range(kind, scalars)
        for function in functions:
            true = preimage(function, true, self.type) if true is not None else None
        if true is None:
            return NEVER_NULL
        false = Ranges.NOT_NULL.intersect(true.complement()) if exact else Ranges.NONE
        return Truth(true, false, exact=exact)

    def no_op(self, function: ColumnFunction) -> bool:
        """A cast to the type that the column has."""
        base = self.type.split("(")[0].strip().casefold()
        if function.form is Form.CAST_DATE:
            return base == "date" and function.zone is None
        if function.form is Form.CAST_STRING:
            return base in ("string", "varchar", "text", "char")
        if function.form is Form.CAST_TIMESTAMP:
            return function.target is not None and base == function.target.casefold()
        return False

    # ---- small things

    def constant(self, node: exp.Expr) -> Constant | None:
        """Return the constant that ``node`` is; None when it depends on rows."""
        return constant(node, self.query.dialect, variables=self.query.variables, today=self.today)

    def block(self, form: Form, at: exp.Expr) -> tuple[Block, ...]:
        """Return ``form`` at ``at`` as what stands in the way."""
        return (Block(form, at, self.table.cell(form, cluster=self.cluster)),)

    def by_cell(self, form: Form, at: exp.Expr, logical: Truth) -> Outcome:
        """Return what the engine's table says of a predicate of this form."""
        cell = self.table.cell(form, cluster=self.cluster)
        match cell.prunes:
            case Prunes.NO:
                return Outcome(logical=logical, touches=True, blocked=(Block(form, at, cell),))
            case Prunes.AT_RUN_TIME:
                return Outcome(logical=logical, touches=True, at_run_time=True)
            case Prunes.UNKNOWN:
                return Outcome(logical=logical, touches=True, unknown=True, blocked=(Block(form, at, cell),))
            case _:
                return Outcome(
                    logical,
                    logical,
                    touches=True,
                    restricts=self.limits(logical) or not logical.exact,
                    opaque=not logical.exact,
                    partial=cell.prunes is Prunes.PARTIALLY,
                )


def _range(kind: type[exp.Expr], scalars: list[Scalar]) -> Ranges:
    if not scalars:
        return Ranges.NONE
    value = scalars[0]
    makers: dict[type[exp.Expr], Callable[[Scalar], Ranges]] = {
        exp.NullSafeEQ: Ranges.point,
        exp.LT: Ranges.less_than,
        exp.LTE: Ranges.at_most,
        exp.GT: Ranges.more_than,
        exp.GTE: Ranges.at_least,
    }
    make = makers.get(kind)
    if make is None:  # <>
        return Ranges.NOT_NULL.intersect(Ranges.point(value).complement())
    return make(value)


def touched(scan: Scan, node: exp.Expr, one: Filter) -> Iterator[str]:
    """Yield the names of the scan's columns in ``node``, a part of a filter, also inside what an alias stands for."""
    for column in node.find_all(exp.Column):
        name = _name(scan, column, one)
        if name is not None:
            yield name
            continue
        inner = _meaning(scan, column, one)
        if inner is None or inner.find(exp.AggFunc, exp.Window) is not None:
            continue  # what is computed from many rows says nothing of the column of one
        for deeper in inner.find_all(exp.Column):
            name = _name(scan, deeper, one)
            if name is not None:
                yield name


def _name(scan: Scan, column: exp.Column, one: Filter) -> str | None:
    """The name of the scan's column that ``column`` refers to, perhaps through CTEs; None for any other."""
    found = trace(scan.query, column, one.path)
    if isinstance(found, tuple):
        source, name = found
    else:
        binding = scan.query.binding(found) if found is not None else None
        if binding is None or binding.source is None or binding.path:
            return None
        source, name = binding.source, binding.name
    return source.renames.get(name, name) if source is scan.source else None


def _meaning(scan: Scan, column: exp.Expr, one: Filter) -> exp.Expr | None:
    """The inner expression that a column of a CTE or an alias stands for, if it is not a column."""
    found = trace(scan.query, column, one.path)
    return found if isinstance(found, exp.Expr) and not isinstance(found, exp.Column) else None
