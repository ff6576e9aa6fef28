"""`Rule`: match, guard and rewrite, kept apart; and the context that a guard asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.rules.finding import Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot import exp

    from sqlopt.catalog import Catalog
    from sqlopt.cost.estimate import Estimate
    from sqlopt.query import Query, Scan
    from sqlopt.rewrite.edits import Fix
    from sqlopt.span import Span

SPARK = frozenset({"spark", "spark2", "databricks", "hive"})
"""Spark SQL and its kin, for a rule's ``dialects``."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a guard lets through: a place, a message, a price, and the numbers behind them.

    ``severity`` overrides the rule's own, as when an unknown fact weakens the finding.
    ``data`` is handed to the rewrite unseen.
    """

    span: Span
    message: str
    saving: Estimate | None = None
    severity: Severity | None = None
    related: tuple[Related, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    data: Any = None


@dataclass(slots=True)
class Context:
    """What a rule may ask while it looks at one statement.

    ``query`` is the statement; ``script`` all statements of the same text, in order, with ``query``
    among them; ``options`` the rule's own settings (its defaults overlaid with the configuration).
    Prices come from `price`.
    """

    query: Query
    script: tuple[Query, ...]
    catalog: Catalog
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        """The statement's dialect."""
        return self.query.dialect

    def price(
        self, scan: Scan, share: float | None = None
    ) -> tuple[Estimate | None, tuple[tuple[str, str], ...]]:
        """Return (saving, evidence) if ``scan`` read only ``share`` of its partitions (0 to 1).

        Without ``share`` the saving is up to all that is read now. The saving is None when the table's
        size is unknown; the evidence says so. Both go into the `Hit`.
        """
        from sqlopt.rules.price import price

        return price(scan, share)


class Rule:
    """A detection. A subclass in ``rules/<pack>/<rule_name>.py`` is all that a rule is.

    The module's docstring is its page (see CONTRIBUTING.md). ``name`` is the file's name with
    hyphens, ``pack`` its folder; both are set when the pack is loaded, as is ``page``.

    ``match`` says what `guard` is called with: ``"scan"`` for each `Scan` of a statement,
    ``"statement"`` for each statement once (with the `Query`), ``"script"`` once a text (with the
    first `Query`; ask ``context.script``), or a tuple of sqlglot node classes for each such node and
    those of their subclasses. Statements without a tree are shown to no rule, so ``script`` holds
    only the others; ``"plan"`` is for `PlanRule`. One instance serves many statements: keep nothing on ``self``.
    """

    id: ClassVar[str]
    severity: ClassVar[Severity] = Severity.WARNING
    dialects: ClassVar[frozenset[str]] = frozenset()
    """The dialects it speaks of; empty means all."""
    unprofitable: ClassVar[frozenset[str]] = frozenset()
    """Dialects whose engine was measured to run the rewritten text slower (docs/savings.md): it is silent there."""
    match: ClassVar[str | tuple[type[exp.Expr], ...]]
    options: ClassVar[Mapping[str, Any]] = {}
    """Settings with their defaults, set under ``[rules.<id>]`` in the configuration."""
    absence: ClassVar[bool] = False
    """It says that nothing uses something: of a template all readings have to say so."""
    policy: ClassVar[bool] = False
    """A house policy: off in the command line's default selection, on in the library."""

    name: ClassVar[str]
    pack: ClassVar[str]
    page: ClassVar[str]

    def guard(self, target: Any, context: Context) -> Iterator[Hit]:
        """Yield a hit for each fault at ``target``; unknown facts make weaker hits, never wrong ones."""
        raise NotImplementedError

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        """Return the edits that mend ``hit``, or None."""
        del hit, context
        return None
