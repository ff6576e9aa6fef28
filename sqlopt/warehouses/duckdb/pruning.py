"""What DuckDB's pruning of Parquet understands."""

from __future__ import annotations

from sqlopt.warehouses.pruning import PruningTable

TABLE = PruningTable("duckdb")
