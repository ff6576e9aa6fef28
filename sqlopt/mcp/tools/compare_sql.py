"""``compare_sql``: what `sqlopt prove` says of two statements."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from sqlopt.mcp.answers import Comparison
from sqlopt.mcp.call import TEXT_PATH, Call, catalog_at
from sqlopt.mcp.tools.parameters import SECONDS, Dialect, Effort, Seconds


def compare_sql(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    before: Annotated[str, Field(description="A query.")],
    after: Annotated[str, Field(description="The query that is to give the same result.")],
    dialect: Dialect = None,
    effort: Effort = "normal",
    seconds: Seconds = SECONDS,
) -> Comparison:
    """Say whether two queries give the same result, whatever is in the tables.

    proved: by rules, from the declared facts among premises. tested: no difference on generated databases. refuted:
    counterexample shows a database on which they differ. unknown: reason says why. Both are run on made-up databases
    in memory only, never on your data.
    """
    import sqlopt

    catalog, used = catalog_at(call.project(dialect), TEXT_PATH)
    texts = call.text(before, "before"), call.text(after, "after")
    proof = sqlopt.prove(*texts, catalog=catalog, dialect=used, effort=effort, seconds=seconds)
    return Comparison.of({**asdict(proof), "dialect": used})
