"""What a dbt project's target is: its adapter, database and schema, as far as files say it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlopt.source.dbt.layout import load_yaml, mapping

DIALECTS = {
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "postgres": "postgres",
    "redshift": "redshift",
    "spark": "spark",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "trino": "trino",
    "starburst": "trino",
    "athena": "athena",
    "clickhouse": "clickhouse",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "fabric": "fabric",
    "oracle": "oracle",
    "materialize": "materialize",
    "risingwave": "risingwave",
    "starrocks": "starrocks",
    "doris": "doris",
    "singlestore": "singlestore",
    "teradata": "teradata",
    "hive": "hive",
    "presto": "presto",
    "sqlite": "sqlite",
    "exasol": "exasol",
    "dremio": "dremio",
    "fabricspark": "spark",
}
"""An adapter's name to sqlopt's dialect. Names: https://docs.getdbt.com/docs/supported-data-platforms."""

PARENTS = {"redshift": "postgres", "databricks": "spark", "athena": "trino", "materialize": "postgres"}
"""Whose macros an adapter takes where it has none of its own."""

_QUOTES = {
    "bigquery": ("`", "`"),
    "spark": ("`", "`"),
    "databricks": ("`", "`"),
    "mysql": ("`", "`"),
    "clickhouse": ("`", "`"),
    "hive": ("`", "`"),
}
_UNQUOTED = frozenset({"snowflake", "spark", "clickhouse"})
"""Adapters that write the names of relations without quotes (Snowflake's documented default)."""
_ENV = re.compile(r"\{\{.*\}\}", re.DOTALL)
_DEFAULT = re.compile(r"""env_var\(\s*['"][^'"]*['"]\s*,\s*['"]([^'"]*)['"]\s*\)""")


@dataclass(frozen=True, slots=True)
class Target:
    """A target. None is not known."""

    name: str = "dev"
    adapter: str | None = None
    database: str | None = None
    schema: str | None = None
    profile: str = ""

    @property
    def dialect(self) -> str | None:
        """The SQL it speaks."""
        return DIALECTS.get(self.adapter or "")

    @property
    def quotes(self) -> tuple[str, str]:
        """The characters around a quoted name."""
        return _QUOTES.get(self.adapter or "", ('"', '"'))

    @property
    def quotes_relations(self) -> bool:
        """Whether dbt writes relations quoted."""
        return self.adapter is not None and self.adapter not in _UNQUOTED


def read_target(folder: Path, profile: str) -> Target:
    """Return the default target of ``profile``: from the project's folder, DBT_PROFILES_DIR, or ~/.dbt.

    Values that come from the environment are taken as unknown, but for defaults written beside them.
    """
    for place in (folder, os.environ.get("DBT_PROFILES_DIR"), Path.home() / ".dbt"):
        path = Path(place) / "profiles.yml" if place else None
        if path is None or not path.is_file():
            continue
        entry = mapping(mapping(load_yaml(path)).get(profile))
        outputs = mapping(entry.get("outputs"))
        name = _plain(entry.get("target")) or next(iter(outputs), "dev")
        fields = mapping(outputs.get(name)) or mapping(next(iter(outputs.values()), None))
        if fields:
            database = next(
                (
                    one
                    for key in ("database", "dbname", "project", "catalog")
                    if (one := _plain(fields.get(key)))
                ),
                None,
            )
            adapter = _plain(fields.get("type"))
            if adapter == "duckdb" and database is None:
                database = _duckdb(_plain(fields.get("path")))
            schema = _plain(fields.get("schema")) or _plain(fields.get("dataset"))
            return Target(
                name, adapter, database, schema or ("main" if adapter == "duckdb" else None), profile
            )
    return Target(profile=profile)


def _duckdb(path: str | None) -> str | None:
    if path is None:
        return None
    return "memory" if path == ":memory:" else Path(path).stem


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    text = str(value)
    if "{{" in text:
        default = _DEFAULT.search(text)
        if default is None:
            return None
        text = _ENV.sub(lambda _: default.group(1), text)
    return text or None
