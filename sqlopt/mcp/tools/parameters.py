"""The arguments that tools share."""

from typing import Annotated, Literal

from pydantic import Field

from sqlopt.mcp.pages import LARGEST_PAGE, PAGE

Sql = Annotated[str, Field(description="One or more SQL statements. They are read, never run.")]
Dialect = Annotated[
    str | None,
    Field(
        description="Such as snowflake, bigquery, postgres, spark, duckdb; by default what the settings say."
    ),
]
TextPath = Annotated[
    str | None,
    Field(
        description="The file that the text is, or is to be: it decides settings, and how a dbt model, a template or "
        "a program is read. It is not opened."
    ),
]
Paths = Annotated[
    list[str] | None,
    Field(description="Files and folders inside the roots; by default all."),
]
Cursor = Annotated[
    str | None, Field(description="next_cursor of the page before; the other arguments stay the same.")
]
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE, description=f"Items of a page; {PAGE} by default.")]
Effort = Annotated[
    Literal["low", "normal", "high"],
    Field(
        description="How much a proof tries: steps of the rules, databases. The verdict does not depend on time."
    ),
]
Seconds = Annotated[
    float,
    Field(
        ge=0.05,
        le=60,
        description="How long a proof may take at most; one that would take longer is unknown.",
    ),
]
SECONDS = 10.0  # most clients wait for a minute
