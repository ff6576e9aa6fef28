"""Any engine's plan, recognised from its content."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlopt.plan import PlanError
from sqlopt.warehouses.positioned import parse_json, parse_yaml

if TYPE_CHECKING:
    from sqlopt.plan import Plan

# The order matters where a text could be two engines': Redshift's is PostgreSQL's with a mark.
_JSON = ("postgres", "bigquery", "snowflake", "duckdb", "trino")
_TEXT = ("duckdb", "spark", "redshift", "snowflake", "trino", "datafusion")


_GAP = re.compile(r"[\s:│|+]{5000}")
"""What no plan has, and what patterns that look for indented lines would take long over."""


def read(document: str) -> Plan:
    """Read a plan in any of the known formats.

    Raises `PlanError`, with the position, for a document that is none, or is cut off or broken.
    """
    text = document.removeprefix("\ufeff")
    if len(text) < len(document):
        text = f" {text}"  # positions stay those of the document
    stripped = text.lstrip()[:1]
    if not stripped:
        raise PlanError("the document is empty", document, 0)
    try:
        if stripped in ("{", "["):
            return _json(text)
        return _text(text)
    except RecursionError as error:
        raise PlanError("the plan is nested too deeply", document, 0) from error


def _json(text: str) -> Plan:
    from sqlopt.warehouses.spark import events

    start = len(text) - len(text.lstrip())
    if events.is_log(text[start : start + 200]):
        return events.read_log(text)
    value: Any = parse_json(text)
    for engine in _JSON:
        reader = import_module(f"sqlopt.warehouses.{engine}.explain")
        if reader.is_json(value):
            plan: Plan = reader.read_json(value, text)
            return plan
    raise PlanError("this JSON is no plan of an engine that sqlopt knows", text, start)


def _text(text: str) -> Plan:
    from sqlopt.warehouses.postgres import explain as postgres
    from sqlopt.warehouses.snowflake import explain as snowflake

    bare = postgres.unframed(text)
    if bare is not None:
        if bare.lstrip()[:1] in ("{", "["):
            return _json(bare)
        return postgres.read_json(parse_yaml(bare), bare)

    gap = None if "┌─" in text else _GAP.search(text)
    if gap is not None:
        raise PlanError("a run of blanks that no plan has", text, gap.start())
    for engine in _TEXT:
        reader = import_module(f"sqlopt.warehouses.{engine}.explain")
        if reader.is_text(text):
            plan: Plan = reader.read_text(text)
            return plan
    header = text.lstrip().split("\n", 1)[0]
    if "," in header and snowflake.is_rows({one.strip(' "\r'): None for one in header.split(",")}):
        return snowflake.read_csv(text)
    if any(map(postgres.is_text, text[:5000].splitlines()[:20])):
        return postgres.read_text(text)
    at = len(text) - len(text.lstrip())
    raise PlanError("this text is no plan of an engine that sqlopt knows", text, at)
