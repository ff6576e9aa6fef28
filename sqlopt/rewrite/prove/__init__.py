"""Whether two statements give the same result: `prove`.

``proved``: by rules that hold for every database, with the declared facts that they used. ``tested``: no
difference on generated databases. ``refuted``: a database on which they differ. ``unknown``: with the reason.

Results are compared as bags of rows, by position (names may differ, which is noted), as lists where the first
statement's ORDER BY promises an order. A database on which a statement fails (a cast, an overflow) shows nothing
either way; where only one of them fails, it is noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Proof, Verdict
from sqlopt.rewrite.prove.effort import CEILING, CeilingReached, Effort, Limits, Work

if TYPE_CHECKING:
    from pathlib import Path

    from sqlopt.catalog import Catalog

__all__ = ["CEILING", "Effort", "Limits", "Proof", "Verdict", "prove"]


def prove(  # noqa: PLR0913 - what can be set about one comparison
    before: str,
    after: str,
    *,
    catalog: Catalog | None = None,
    dialect: str | None = None,
    effort: Effort | str = Effort.NORMAL,
    seconds: float = CEILING,
    data: str | Path | None = None,
) -> Proof:
    """Compare two queries. Never raises for bad SQL: the verdict is `unknown`.

    ``effort`` (low, normal or high) says how much is tried: the verdict is the same on every machine. ``seconds`` is
    only a ceiling; a proof that reaches it is `unknown`.
    ``catalog`` declares the tables; what it does not, is inferred from the statements and named in the premises.
    ``dialect`` is the catalog's by default, and DuckDB's where that has none.
    ``data`` is a folder of Parquet files, a file or a folder for each table: both are run on them too, within
    the same ceiling again. Raises `sqlopt.errors.CatalogError` if it lacks a table.
    """
    from sqlopt.catalog import Catalog
    from sqlopt.rewrite.prove.pair import Pair, Unsupported
    from sqlopt.rewrite.prove.rules import by_rules
    from sqlopt.rewrite.prove.testing.data import with_data
    from sqlopt.rewrite.prove.testing.tester import Tester, unknown

    work = Work(Limits(Effort(effort), seconds))
    try:
        with work.steps():
            catalog = catalog if catalog is not None else Catalog()
            pair = Pair(before, after, dialect or catalog.dialect or "duckdb", catalog)
            try:
                proof = by_rules(pair, work) or Tester(pair, work).judge()
            except CeilingReached as error:
                proof = unknown(str(error))
        return proof if data is None else with_data(proof, pair, data, seconds)
    except Unsupported as error:
        return unknown(str(error), error.notes)
    except CeilingReached as error:
        return unknown(str(error))
    except RecursionError:
        return unknown("the statements are nested too deeply")
