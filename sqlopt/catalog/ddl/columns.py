"""Column definitions and table constraints."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog.ddl.state import with_column, with_foreign_key
from sqlopt.catalog.model import Column, ForeignKey

if TYPE_CHECKING:
    from sqlopt.catalog.ddl.state import Tables
    from sqlopt.catalog.ddl.words import Phrase
    from sqlopt.catalog.model import Table

_AFTER_TYPE: Final = frozenset(
    "NOT NULL DEFAULT PRIMARY UNIQUE REFERENCES FOREIGN CHECK COMMENT CONSTRAINT COLLATE "  # noqa: SIM905 - words read well
    "GENERATED AS OPTIONS TAG MASKING MASK PROJECTION AUTOINCREMENT IDENTITY ENCODE DISTKEY "
    "SORTKEY STORAGE COMPRESSION RENAME USING VIRTUAL STORED VISIBLE INVISIBLE = ,".split()
)
_ENFORCEMENT: Final = frozenset({"ENFORCED", "VALID", "DEFERRABLE", "DISTINCT"})


def element(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Add one item of a column list to ``table``: a column, or a constraint of the table."""
    if is_constraint(phrase):
        return constraint(table, phrase, tables)
    if phrase.take("LIKE"):
        other = tables.get(phrase.name())
        return replace(table, columns={**table.columns, **other.columns}) if other else table
    return column(table, phrase, tables)


def is_constraint(phrase: Phrase) -> bool:
    """Whether a table constraint comes next."""
    key, after = phrase.key(), phrase.key(1)
    return (
        key in {"CONSTRAINT", "CHECK", "EXCLUDE"}
        or (key in {"PRIMARY", "FOREIGN"} and after == "KEY")
        or (key == "WATERMARK" and after == "FOR")
        or (key == "UNIQUE" and after in {"(", "KEY", "NULLS", "USING"})
    )


def constraint(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Add a table constraint; a deferrable key may be broken inside a transaction, so it is none."""
    name = phrase.part() if phrase.take("CONSTRAINT") and not is_constraint(phrase) else None
    if phrase.take("PRIMARY", "KEY"):
        columns = phrase.names()
        return (
            tables.with_constraint(table, "primary", columns, name) if _holds(phrase) and columns else table
        )
    if phrase.take("UNIQUE"):
        while not phrase.done and phrase.key() not in {"(", "USING"}:
            phrase.skip()
        columns = phrase.names()
        return tables.with_constraint(table, "unique", columns, name) if _holds(phrase) and columns else table
    if phrase.take("FOREIGN", "KEY"):
        columns = () if _names_period(phrase) else phrase.names()
        if columns and phrase.take("REFERENCES"):
            return with_foreign_key(table, _reference(phrase, columns, tables))
    return table


def _names_period(phrase: Phrase) -> bool:
    """Whether ``(k, PERIOD p)`` follows: PostgreSQL's reference to a period says nothing of equal values."""
    words = [word.key for word in phrase.words[phrase.at :]]
    inside = words[: words.index(")")] if ")" in words else words
    after = inside[inside.index("PERIOD") + 1 :] if "PERIOD" in inside else []
    return bool(after) and after[0] != ","


def _holds(phrase: Phrase) -> bool:
    """Whether a key is checked at once; reads to the end."""
    holds = True
    while not phrase.done:
        if phrase.take("NOT", "DEFERRABLE"):
            continue
        holds = holds and not phrase.sees("DEFERRABLE")
        phrase.skip()
    return holds


def _reference(phrase: Phrase, columns: tuple[str, ...], tables: Tables) -> ForeignKey:
    """Read what follows REFERENCES, to the next attribute of a column or the end."""
    target = phrase.name() or ""
    to = phrase.names()
    enforced = tables.enforced
    while not phrase.done:
        if phrase.take_any(
            ("MATCH", "ON", "DELETE", "UPDATE", "CASCADE", "RESTRICT", "ACTION", "NO", "INITIALLY")
        ):
            continue
        if phrase.take("SET", "NULL") or phrase.take("SET", "DEFAULT") or phrase.take("NOT", "DEFERRABLE"):
            continue
        if phrase.take("NOT", "ENFORCED") or phrase.take("NOT", "VALID") or phrase.take("DEFERRABLE"):
            enforced = False
        elif not phrase.take_any(("FULL", "SIMPLE", "PARTIAL", "DEFERRED", "IMMEDIATE", "RELY", "NORELY")):
            break
    return ForeignKey(columns, target, to, enforced)


def column(table: Table, phrase: Phrase, tables: Tables) -> Table:
    """Add a column with its type, as it is written, and its attributes."""
    name = phrase.part()
    if name is None or (
        not phrase.done and not (phrase.words[phrase.at].is_name or phrase.key() in _AFTER_TYPE)
    ):
        raise ValueError(f"no column begins at `{phrase.rest()[:40]}`")
    kind = _type(phrase)
    made = Column(name, type=kind, nullable=True if kind else None)
    known = table.column(name)
    if known is not None and known.name != name:  # "N" beside n: two columns
        table = replace(table, columns={**table.columns, name: made})
    else:
        table = with_column(table, made)
    return attributes(table, name, phrase, tables)


def _type(phrase: Phrase) -> str | None:
    begin = phrase.at
    while not phrase.done:
        if phrase.sees("WITH") and phrase.key(1) not in {"TIME", "LOCAL"}:
            break
        if phrase.key() in _AFTER_TYPE:
            break
        phrase.skip()
    if phrase.at == begin:
        return None
    text = phrase.source[phrase.words[begin].start : phrase.words[phrase.at - 1].end]
    return " ".join(text.split())


def attributes(table: Table, name: str, phrase: Phrase, tables: Tables) -> Table:
    """Read what follows a column's type; what is not known is stepped over."""
    keys: list[str] = []
    changes: dict[str, Any] = {}
    begin = phrase.at
    while not phrase.done:
        if phrase.take("REFERENCES"):
            table = with_foreign_key(table, _reference(phrase, (name,), tables))
        elif phrase.take("SORTKEY"):
            table = replace(table, cluster_by=(*table.cluster_by, name))
        elif not (_rule(phrase, changes, keys) or column_facts(phrase, changes, table.column(name))):
            phrase.skip()
    found = table.column(name)
    if found is not None:
        table = with_column(table, replace(found, **changes))
    phrase.at = begin
    for kind in keys if _holds(phrase) else ():
        table = tables.with_constraint(table, kind, (name,), None)
    return table


def _rule(phrase: Phrase, changes: dict[str, Any], keys: list[str]) -> bool:
    """Read NOT NULL, a default, or a key of one column; say whether one stood there."""
    if phrase.take("NOT", "NULL"):
        changes["nullable"] = False
    elif phrase.sees("NOT") and phrase.key(1) in _ENFORCEMENT:
        phrase.at += 2
    elif phrase.take("DEFAULT"):
        phrase.skip()
    elif phrase.take_any(("GENERATED", "IDENTITY", "AUTOINCREMENT")):
        changes.setdefault("nullable", None)  # some engines make such a column NOT NULL
    elif phrase.take("PRIMARY", "KEY"):
        keys.append("primary")
    elif phrase.take("UNIQUE"):
        keys.append("unique")
    else:
        return False
    return True


def column_facts(phrase: Phrase, changes: dict[str, Any], known: Column | None) -> bool:
    """Read one comment, tag, policy, collation or option of a column into ``changes``; say whether one stood there."""
    begin = phrase.at
    phrase.take("WITH")
    if phrase.take("COMMENT"):
        changes["comment"] = phrase.string()
    elif phrase.take("TAG") or phrase.take("TAGS"):
        changes["tags"] = merged(known.tags if known else (), tags(phrase))
    elif phrase.take("MASKING", "POLICY") or phrase.take("MASK"):
        changes["masking_policy"] = phrase.name()
    elif phrase.take("COLLATE"):
        changes["collation"] = phrase.string() or phrase.name()
    elif phrase.take("OPTIONS"):
        for option, value in options(phrase).items():
            if option == "DESCRIPTION":
                changes["comment"] = value.string()
            elif option == "POLICY_TAGS":
                changes["policy_tag"] = next((w.text for w in value.words if w.kind == "string"), None)
    else:
        phrase.at = begin
        return False
    return True


def tags(phrase: Phrase) -> tuple[str, ...]:
    """Read tags, ``(pii = 'email', cost)`` or the same without parentheses: each name, and name=value."""
    inside = phrase.group() or phrase
    found: list[str] = []
    for item in inside.items():
        name = item.string() or item.name()
        if name:
            value = item.string()
            found += [name, f"{name}={value}"] if value else [name]
    return tuple(found)


def merged(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Join two lists of tags, each tag once."""
    return tuple(dict.fromkeys((*old, *new)))


def options(phrase: Phrase) -> dict[str, Phrase]:
    """Read ``(name = value, ...)``; each value is a phrase of its own, its place before the ``=``."""
    found: dict[str, Phrase] = {}
    inside = phrase.group()
    for item in inside.items() if inside else ():
        name = item.string() or item.name()
        if name:
            found[name.upper()] = item
    return found
