"""Settings of a node: from dbt_project.yml, and from ``config()`` in its text without rendering it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlopt.source.dbt.layout import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.source.dbt.layout import Node, Package

_SECTIONS = {"model": "models", "snapshot": "snapshots", "seed": "seeds", "test": "tests"}
_WORDS = frozenset(
    {
        "alias",
        "database",
        "enabled",
        "materialized",
        "schema",
        "tags",
        "unique_key",
        "incremental_strategy",
        "on_schema_change",
        "partition_by",
        "cluster_by",
        "sort",
        "dist",
        "strategy",
        "updated_at",
        "check_cols",
        "target_schema",
        "target_database",
        "full_refresh",
        "transient",
        "project",
        "dataset",
    }
)
"""Settings that may stand without a plus sign."""
_CONFIG = re.compile(r"\{[{%]-?\+?\s*config\s*\(")


def of_project(package: Package, node: Node) -> Mapping[str, Any]:
    """Return what ``package``'s dbt_project.yml sets for a node: what stands deeper counts more.

    Rules: https://docs.getdbt.com/reference/resource-configs/plus-prefix (checked 2026-11-23).
    """
    level: Any = package.settings.get(_SECTIONS.get(node.kind, ""))
    found: dict[str, Any] = {}
    for step in ("", node.package, *node.folders, node.name):
        level = level if step == "" else mapping(level).get(step)
        if not isinstance(level, dict):
            break
        for key, value in level.items():
            name = str(key)
            if name.startswith("+"):
                found[name[1:]] = plain(value)
            elif name in _WORDS and not isinstance(value, dict):
                found[name] = plain(value)
    return {key: value for key, value in found.items() if value is not _UNKNOWN}


_UNKNOWN = object()
_DEFAULT = re.compile(
    r"""\{\{-?\s*(?:env_var|var)\(\s*['"][^'"]*['"]\s*,\s*['"]?([^'")]*)['"]?\s*\)(?:\s*\|\s*\w+)*\s*-?\}\}"""
)


def plain(value: Any) -> Any:
    """Return a value of YAML, with the defaults of the variables that stand in it."""
    if isinstance(value, str) and "{{" in value:
        text = _DEFAULT.sub(lambda found: found.group(1), value)
        if "{{" in text:
            return _UNKNOWN
        return {"true": True, "false": False}.get(text.casefold(), text)
    return value


def in_text(node: Node) -> dict[str, Any]:
    """Return what ``config()`` in a node's file sets by plain values."""
    from sqlopt.source.files import read_text

    if node.kind not in ("model", "snapshot") or not node.path.endswith(".sql"):
        return {}
    try:
        text = read_text(node.path)
    except OSError:
        return {}
    return dict(_constants(text)) if _CONFIG.search(text) else {}


@lru_cache(maxsize=512)
def _constants(text: str) -> Mapping[str, Any]:
    from jinja2 import TemplateError, nodes

    from sqlopt.source.jinja.environment import SqlEnvironment

    try:
        tree = SqlEnvironment().plain_tree(text)
    except (TemplateError, RecursionError, ValueError):
        return {}
    found = {}
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "config":
            for one in call.kwargs:
                try:
                    found[one.key] = one.value.as_const()
                except nodes.Impossible:
                    continue
    return found
