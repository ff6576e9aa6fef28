"""How commands speak of catalogs."""

from __future__ import annotations


def summary(tables: int, columns: int, rows: int, size: int) -> str:
    """Return how much there is, in words."""
    from sqlopt.cost.units import human_bytes

    return f"{count(tables, 'table')}, {count(columns, 'column')}, {rows:,} rows, {human_bytes(size)}"


def count(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural where it is none."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
