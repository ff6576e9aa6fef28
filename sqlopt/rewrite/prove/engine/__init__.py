"""DuckDB in a process of its own, and statements said in its SQL."""
