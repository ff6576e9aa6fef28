"""Whether two statements give the same result: `prove`.

``proved``: by rules that hold for every database, with the declared facts that they used. ``tested``: no
difference on generated databases. ``refuted``: a database on which they differ. ``unknown``: with the reason.

Results are compared as bags of rows, by position (names may differ, which is noted), as lists where the first
statement's ORDER BY promises an order. A database on which a statement fails (a cast, an overflow) shows nothing
either way; where only one of them fails, it is noted.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Proof, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from sqlopt.catalog import Catalog

__all__ = ["Proof", "Verdict", "prove"]

_ON_DATA = 60.0
_SHARE = 0.4  # of the time, at most, for the rules of proof


def prove(  # noqa: PLR0913 - what can be set about one comparison
    before: str,
    after: str,
    *,
    catalog: Catalog | None = None,
    dialect: str | None = None,
    seconds: float = 1.0,
    data: str | Path | None = None,
) -> Proof:
    """Compare two queries, at most about ``seconds`` long. Never raises for bad SQL: the verdict is `unknown`.

    ``catalog`` declares the tables; what it does not, is inferred from the statements and named in the premises.
    ``dialect`` is the catalog's by default, and DuckDB's where that has none.
    ``data`` is a folder of Parquet files, a file or a folder for each table: both are run on them too, for a minute
    at most. Raises `sqlopt.errors.CatalogError` if it lacks a table.
    """
    from sqlopt.catalog import Catalog
    from sqlopt.rewrite.prove.data import with_data
    from sqlopt.rewrite.prove.pair import Pair, Unsupported
    from sqlopt.rewrite.prove.rules import by_rules
    from sqlopt.rewrite.prove.tester import Tester, unknown

    start = time.monotonic()
    try:
        catalog = catalog if catalog is not None else Catalog()
        pair = Pair(before, after, dialect or catalog.dialect or "duckdb", catalog)
        proof = by_rules(pair, start + seconds * _SHARE)
        if proof is None:
            proof = Tester(pair, seconds - (time.monotonic() - start)).judge()
        return proof if data is None else with_data(proof, pair, data, max(seconds, _ON_DATA))
    except Unsupported as error:
        return unknown(str(error))
    except RecursionError:
        return unknown("the statements are nested too deeply")
