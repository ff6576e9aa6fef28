"""Which statements are spelled anew, and by whom: words that only the syntax in question has, by dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.query.text.spelling import (
    bigquery,
    clickhouse,
    flink,
    json,
    named,
    periods,
    pipelines,
    pipes,
    snowflake,
    trino,
    tsql,
)
from sqlopt.query.text.spelling.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlglot.tokenizer_core import Token

_MAX_TOKENS = 50_000
"""Longest statement that is spelled anew: each change moves the tokens behind it."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """What spells a statement anew if ``signs`` is found in its text and, unless empty, in these ``dialects``."""

    signs: str
    dialects: frozenset[str]
    spell: Callable[[Draft], None]


def _rule(signs: str, dialects: str, spell: Callable[[Draft], None]) -> _Rule:
    return _Rule(signs, frozenset(dialects.split()), spell)


_RULES = (
    _rule(r"\|>", "bigquery databricks spark duckdb", pipes.respell),
    _rule(
        r"\b(?:DIFFERENTIAL_PRIVACY|AGGREGATION_THRESHOLD|GRAPH_TABLE|MATCH_RECOGNIZE)\b",
        "bigquery",
        bigquery.respell,
    ),
    _rule(r"\bTABLE\s+[\w`.-]+\s*[,)]", "bigquery", bigquery.table_arguments),
    _rule(
        r"\b(?:CREATE|APPLY|AUTO)\s+(?:.{0,40}\b(?:STREAMING|LIVE|PRIVATE|FLOW|MATERIALIZED|CDC)|CHANGES)\b",
        "databricks spark",
        pipelines.respell,
    ),
    _rule(r"\bSTREAM\s*\(", "databricks spark", pipelines.streams),
    _rule(r"\b(?:MASK|ROW\s+FILTER)\b", "databricks", pipelines.masks),
    _rule(r"\bIF\s+NOT\s+EXISTS\b", "snowflake", snowflake.existence),
    _rule(r"\bPRIOR\b", "snowflake", snowflake.prior),
    _rule(r"\bEXTERNAL\s+TABLE\b", "snowflake", snowflake.external_columns),
    _rule(r"\bJSON_TABLE\b", "", json.tables),
    _rule(r"\bJSON_(?:QUERY|EXISTS)\b", "postgres", json.conditions),
    _rule(r"\b(?:OVERLAPS|PERIOD|VIRTUAL)\b", "postgres", periods.respell),
    _rule(r"\bONLY\s*\(", "postgres", periods.only),
    _rule(r"\bCOPY\b.*\bWHERE\b", "postgres", periods.copy),
    _rule(r"\bRETURNING\s+WITH\b", "postgres", periods.returning),
    _rule(r"\bFUNCTION\b", "trino presto athena", trino.routines),
    _rule(r"\bTABLE\s*\(.*\bTABLE\b", "trino presto athena", trino.table_arguments),
    _rule(r"\bOUTPUT\b", "tsql fabric", tsql.output),
    _rule(r"[-+*/%]=", "tsql fabric", tsql.compound),
    _rule(r"\bWITH\s*\(|\b(?:XMLNAMESPACES|(?:NON)?CLUSTERED|OPTION)\b", "tsql fabric", tsql.hints),
    _rule(r"\bINSERT\b.*\bEXEC(?:UTE)?\b", "tsql fabric", tsql.executed),
    _rule(r"\b(?:dictGet|dictHas|dictIsIn|joinGet)", "clickhouse", clickhouse.dictionaries),
    _rule(r"\b(?:WATERMARK|TUMBLE|HOP|CUMULATE|SESSION|METADATA|ENFORCED)\b", "spark", flink.respell),
    _rule(r"\bIDENTIFIER\s*\(", "databricks spark snowflake", named.targets),
    _rule(r"\bWATERMARK\b", "databricks", pipelines.watermarks),
)
_FLAGS = re.IGNORECASE | re.DOTALL
_COMPILED: dict[str, tuple[re.Pattern[str], list[tuple[re.Pattern[str], _Rule]]] | None] = {}


def respelled(tokens: list[Token], text: str, dialect: str, texts: Mapping[str, str]) -> Draft | None:
    """Return a statement's tokens as sqlglot understands them; None where they are already as it wants them.

    What `Draft.unread` holds was left out.
    """
    if not tokens or len(tokens) > _MAX_TOKENS:
        return None
    known = _compiled(dialect)
    start, end = tokens[0].start, tokens[-1].end + 1
    if known is None or known[0].search(text, start, end) is None:
        return None
    draft = Draft(tokens, text, texts)
    for sign, rule in known[1]:
        if sign.search(text, start, end):
            rule.spell(draft)
    changed = len(draft) != len(tokens) or any(a is not b for a, b in zip(draft.tokens, tokens, strict=True))
    return draft if (changed or draft.unread or draft.mend) and draft.tokens else None


def _compiled(dialect: str) -> tuple[re.Pattern[str], list[tuple[re.Pattern[str], _Rule]]] | None:
    """Return one pattern for all signs of a dialect, and each with its rule."""
    if dialect not in _COMPILED:
        rules = [one for one in _RULES if not one.dialects or dialect in one.dialects]
        together = re.compile("|".join(f"(?:{one.signs})" for one in rules), _FLAGS)
        _COMPILED[dialect] = (together, [(re.compile(one.signs, _FLAGS), one) for one in rules])
    return _COMPILED[dialect]
