"""What an index finds rows by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Table


def leading_keys(table: Table) -> Iterator[str]:
    """The first key of each B-tree index of ``table``, and of its keys, case-folded, without blanks."""
    for index in table.indexes:
        if index.method == "btree" and index.where is None:
            yield plain(index.keys[0])
    for key in (table.primary_key, *table.unique):
        if key:
            yield plain(key[0])


def plain(text: str) -> str:
    """An expression's text without blanks, quotes, casts to text and sort order, for comparing."""
    bare = re.sub(r"\s+(asc|desc)(\s+nulls\s+(first|last))?$", "", text.strip().casefold())
    return re.sub(r"[\s\"`]|::text", "", bare)
