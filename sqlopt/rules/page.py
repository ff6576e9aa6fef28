"""A rule's page: its module docstring, read as Markdown with fixed headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlopt.errors import PackError

if TYPE_CHECKING:
    from sqlopt.rules.rule import Rule

HEADINGS = ("Why", "Valid when", "Bad", "Fixed", "Good", "Sources")
"""The headings of a page, in their order. Only ``Fixed`` may be left out."""

DIALECTS = (
    *("bigquery", "clickhouse", "databricks", "duckdb", "hive", "mysql", "postgres", "redshift"),
    *("snowflake", "spark", "sqlite", "trino", "tsql"),
)
"""The dialects that a catalog's name can imply, and that a pattern for all dialects is read in."""

_HEADING = re.compile(rf"^\*\*({'|'.join(HEADINGS)})\*\*[ \t]*", re.MULTILINE)
_BLOCK = re.compile(r"^```(sql|plan)[^\S\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"--\s*(dialect|catalog)\s*:\s*(\S+)\s*\n?")
_BULLET = re.compile(r"^\s*[-*]\s+", re.MULTILINE)
_NUMBERED = re.compile(r"^\s*\d+[.)]\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of SQL that a page shows and the tests run.

    ``catalog`` names a file ``fixtures/catalogs/<name>.yml``; None runs it with an empty catalog. An
    example that names no dialect has that of its catalog, if the catalog is called after one, else the
    rule's. Where it ``is_plan``, the text is a document of EXPLAIN.
    """

    sql: str
    dialect: str
    catalog: str | None = None
    is_plan: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule's docstring says.

    ``valid_when`` holds the numbered conditions under which the rewrite keeps the result, in order;
    it is empty where there is no rewrite. ``sources`` holds its bullets, or all of it where it has none.
    """

    title: str
    text: str
    why: str
    valid_when: tuple[str, ...]
    bad: tuple[Example, ...]
    fixed: tuple[Example, ...]
    good: tuple[Example, ...]
    sources: tuple[str, ...]


@lru_cache(maxsize=1024)
def parse(docstring: str, dialect: str = "") -> Page:
    """Read a page. ``dialect`` is that of the examples that neither name nor imply one.

    Raises `PackError`, saying which heading is missing, twice there or out of order.
    """
    head, *rest = _HEADING.split(docstring.strip("\n"))
    found = dict(zip(rest[::2], (body.strip() for body in rest[1::2]), strict=True))
    _check_headings(rest[::2])
    title, _, text = head.strip().partition("\n")
    if not title:
        raise PackError("the docstring starts with no title")
    return Page(
        title=title.strip().rstrip("."),
        text=text.strip(),
        why=found["Why"],
        valid_when=_conditions(found["Valid when"]),
        bad=_examples(found["Bad"], dialect),
        fixed=_examples(found.get("Fixed", ""), dialect),
        good=_examples(found["Good"], dialect),
        sources=tuple(" ".join(one.split()) for one in _BULLET.split(found["Sources"]) if one.strip()),
    )


def page_of(rule: type[Rule]) -> Page:
    """Return a loaded rule's page; its examples default to DuckDB where the rule speaks of it."""
    speaks = not rule.dialects or "duckdb" in rule.dialects
    return parse(rule.page, "duckdb" if speaks else min(rule.dialects))


def _check_headings(present: list[str]) -> None:
    missing = [one for one in HEADINGS if one not in present and one != "Fixed"]
    if missing:
        raise PackError(f"the docstring lacks the heading **{missing[0]}**")
    if present != [one for one in HEADINGS if one in present]:
        raise PackError(f"the docstring's headings must stand once each, in the order {', '.join(HEADINGS)}")


def _conditions(text: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in _NUMBERED.split(text)[1:])


def _examples(text: str, dialect: str) -> tuple[Example, ...]:
    return tuple(_example(block, dialect, kind == "plan") for kind, block in _BLOCK.findall(text))


def _example(block: str, dialect: str, is_plan: bool = False) -> Example:
    if is_plan:
        return Example(block.rstrip("\n"), dialect, is_plan=True)
    settings: dict[str, str] = {}
    while setting := _SETTING.match(block):
        settings[setting[1]] = setting[2]
        block = block[setting.end() :]
    catalog = settings.get("catalog")
    implied = catalog if catalog in DIALECTS else None
    return Example(block.rstrip("\n"), settings.get("dialect") or implied or dialect, catalog)


def render_markdown(rule: type[Rule]) -> str:
    """Return the rule's page as Markdown, headed by its id, name, severity and dialects."""
    dialects = ", ".join(sorted(rule.dialects)) or "all"
    if rule.unprofitable:
        dialects += f" but {', '.join(sorted(rule.unprofitable))}"
    safety = "" if has_rewrite(rule) else " · no fix"
    about = f"`{rule.id}` · pack {rule.pack} · {rule.severity} · dialects: {dialects}{safety}"
    settings = [f"- `{key} = {value!r}`" for key, value in rule.options.items()]
    parts = [f"# {rule.name} ({rule.id})", about, rule.page.strip()]
    if settings:
        parts.append("\n".join([f"**Settings** (`[rules.{rule.id}]`)", "", *settings]))
    return "\n\n".join(parts) + "\n"


def has_rewrite(rule: type[Rule]) -> bool:
    """Whether the rule ever offers a fix."""
    from sqlopt.rules.rule import Rule

    return rule.rewrite is not Rule.rewrite
