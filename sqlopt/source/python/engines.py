"""Which engine a program talks to: by what it imports, and by what it calls."""

from __future__ import annotations

import ast
import re

_MODULES = {
    "snowflake": "snowflake",
    "google.cloud.bigquery": "bigquery",
    "google.cloud": "bigquery",
    "pandas_gbq": "bigquery",
    "bigframes": "bigquery",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "asyncpg": "postgres",
    "pg8000": "postgres",
    "redshift_connector": "redshift",
    "duckdb": "duckdb",
    "sqlite3": "sqlite",
    "aiosqlite": "sqlite",
    "pymysql": "mysql",
    "MySQLdb": "mysql",
    "mysql": "mysql",
    "aiomysql": "mysql",
    "pyspark": "spark",
    "databricks": "databricks",
    "pyathena": "athena",
    "awswrangler": "athena",
    "trino": "trino",
    "prestodb": "presto",
    "pyhive": "hive",
    "clickhouse_connect": "clickhouse",
    "clickhouse_driver": "clickhouse",
    "pymssql": "tsql",
    "pyodbc": "tsql",
    "oracledb": "oracle",
    "cx_Oracle": "oracle",
}
"""A module that speaks to one engine, to the dialect of that."""

_WORDS = (
    ("snowflake", "snowflake"),
    ("bigquery|bq_client|bq_hook|\\bbq\\b|gbq", "bigquery"),
    ("redshift", "redshift"),
    ("postgres|psycopg|\\bpg_", "postgres"),
    ("duckdb|\\bduck", "duckdb"),
    ("spark", "spark"),
    ("databricks", "databricks"),
    ("athena", "athena"),
    ("trino", "trino"),
    ("mysql", "mysql"),
    ("mssql", "tsql"),
    ("hive", "hive"),
    ("clickhouse", "clickhouse"),
)
"""What the name of a connection or its call says."""


def imported(tree: ast.Module) -> str | None:
    """Return the dialect of the one engine whose client is imported; None for none or several."""
    found = set()
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        for name in names:
            for module, dialect in _MODULES.items():
                if name == module or name.startswith(module + "."):
                    found.add("bigquery" if name.startswith("google.cloud.bigquery") else dialect)
                    break
        if any(name == "google.cloud" for name in names):
            found.discard("bigquery")
            if any(name.startswith("google.cloud.bigquery") for name in names):
                found.add("bigquery")
    return found.pop() if len(found) == 1 else None


def called(function: ast.expr) -> str | None:
    """Return the dialect that the words of a call name, such as ``spark.sql`` or ``snowflake_hook.run``."""
    words = ast.unparse(function).casefold()
    return next((dialect for pattern, dialect in _WORDS if re.search(pattern, words)), None)
