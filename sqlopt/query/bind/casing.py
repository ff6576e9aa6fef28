"""Names that differ only in the case of their letters, which binding reads as one and some engines do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import Fold, semantics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlglot import exp

    from sqlopt.catalog import Table


def twins(table: Table) -> frozenset[str]:
    """Return the case-folded names that several columns of a table share."""
    if len({name.casefold() for name in table.columns}) == len(table.columns):
        return frozenset()
    folded = [name.casefold() for name in table.columns]
    return frozenset(name for name in folded if folded.count(name) > 1)


def told_apart(names: Iterable[exp.Expr], dialect: str) -> bool:
    """Whether the engine may take two of some identifiers for two names that binding takes for one."""
    known = semantics(dialect)
    if known.column_case.only(value=False):
        return False
    spelled: dict[str, set[str]] = {}
    for one in names:
        text = one.this
        if not one.args.get("quoted"):
            # Where it is not known what becomes of a plain name, no quoted one is sure to be the same.
            text = _FOLDED[known.unquoted.value](text)
        spelled.setdefault(one.this.casefold(), set()).add(text)
    return any(len(texts) > 1 for texts in spelled.values())


_FOLDED: Final[Mapping[Fold | None, Callable[[str], str]]] = {
    Fold.LOWER: str.lower, Fold.UPPER: str.upper, Fold.KEEP: str.casefold, None: lambda _: "",
}  # fmt: skip
