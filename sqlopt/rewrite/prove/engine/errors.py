"""What an error of the engine that tests use means, in words of our own.

Errors of DuckDB 1.5 (run on 2026-12-01). Its own words name tables, types and candidates that the user never wrote.
"""

from __future__ import annotations

import re

_BOUND = (
    (r"(?:Function|Macro) with name \"?(.+?)\"? does not exist", "the function {} is not known there"),
    (r"Type with name \"?(.+?)\"? does not exist", "the type {} is not known there"),
    (r"Table with name \"?(.+?)\"? does not exist", "the table {} is not known there"),
    (r"No function matches .*? '([^'(]+)\(", "{} takes other arguments there"),
    (r"Referenced column \"?(.+?)\"? (?:was )?not found", "the column {} is not found there"),
    (r"does not have a column named \"?(.+?)\"?[\s.!]*$", "the column {} is not found there"),
    (r"Ambiguous reference to column name \"?(.+?)\"? ", "the column {} is ambiguous there"),
    (r"must appear in the GROUP BY clause", "it selects what is neither grouped nor aggregated"),
    (
        r"Cannot (?:compare|mix) values of type|explicit(?: type)? cast",
        "it compares types that are not converted there",
    ),
    (r"Set operations can only apply", "its branches have different numbers of columns"),
    (r"^Parser Error", "a part of it is written otherwise there"),
    (r"^Not implemented Error", "a part of it is not supported there"),
    (r"^Conversion Error", "a value can't be converted"),
    (r"Overflow|^Out of Range Error", "a number is out of range"),
    (r"[Dd]ivision by zero", "it divides by zero"),
    (r"More than one row returned by a subquery", "a subquery gives several rows where one is wanted"),
    (r"the result is too large", "it gives more than tests compare"),
    (r"engines differ here", "engines answer differently for one of its values"),
    (r"^Invalid Input Error", "a function does not take such a value"),
)


def meaning(kind: str, text: str) -> str:
    """Return what an error means; ``kind`` is the name of its class."""
    for pattern, words in _BOUND:
        found = re.search(pattern, text.split("\n\n", maxsplit=1)[0], re.DOTALL)
        if found is not None:
            return words.format(*found.groups())
    return (
        "an error at run time" if kind.startswith(("Invalid", "OutOf")) else "a part of it is not known there"
    )
