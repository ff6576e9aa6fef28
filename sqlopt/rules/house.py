"""House rules: YAML files of SQL patterns, for those who want a rule without writing Python.

.. code-block:: yaml

    - id: HSE001
      name: upper-in-comparison
      message: UPPER(:x) hides :x from pruning; store it in one case
      severity: warning            # info, warning or error
      dialects: [snowflake]        # or dialect: snowflake; none means all
      pattern: UPPER(:x) = :y
      where: [x is column, y is literal]
      rewrite: :x ILIKE :y         # optional
      exact: false                 # true only if the result stays the same
      bad: ["SELECT a FROM t WHERE UPPER(a) = 'B'"]
      good: ["SELECT a FROM t WHERE a = 'B'"]

A placeholder stands for any expression, and for the same one wherever it stands again; ``:any`` alone
in a list stands for the whole list. `sqlopt.rules.conditions` lists the conditions.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.errors import PackError
from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import conditions, pattern
from sqlopt.rules.finding import Severity
from sqlopt.rules.page import DIALECTS
from sqlopt.rules.rule import Context, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlglot import exp

KEYS = {
    "id": str,
    "name": str,
    "message": str,
    "pattern": str,
    "severity": str,
    "dialect": str,
    "dialects": list,
    "where": list,
    "rewrite": str,
    "exact": bool,
    "policy": bool,
    "why": str,
    "sources": list,
    "bad": list,
    "good": list,
}
"""The keys of a house rule and their types; the first four are required."""


class HouseRule(Rule):
    """A rule made from a pattern. ``trees`` holds the pattern, ``rewritten`` the rewrite, by dialect."""

    message: ClassVar[str]
    template: ClassVar[str | None]
    exact: ClassVar[bool]
    conditions: ClassVar[tuple[conditions.Condition, ...]]
    trees: ClassVar[Mapping[str, exp.Expr]]
    rewritten: ClassVar[Mapping[str, exp.Expr]]

    def guard(self, target: Any, context: Context) -> Iterator[Hit]:
        """Yield a hit where ``target`` has the pattern's shape and all conditions are known to hold."""
        query = context.query
        tree = self.trees.get(query.dialect)
        bound = pattern.match(tree, target) if tree is not None else None
        if bound is not None and conditions.hold(self.conditions, bound, query):
            words = pattern.texts(bound, query)
            yield Hit(query.span(target), pattern.say(self.message, words), data=(target, bound, words))

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        """Return the rewrite filled with the matched pieces' own text."""
        root = self.rewritten.get(context.dialect)
        if self.template is None or root is None:
            return None
        text = pattern.fill(self.template, root, *hit.data)
        safety = Safety.EXACT if self.exact else Safety.CHANGES_RESULTS
        return Fix(f"Rewrite as the house rule {self.name} says", (Edit(hit.span, text),), safety)


def load_house_rules(path: Path, pack: str) -> list[type[Rule]]:
    """Read a YAML file of house rules. Raises `PackError` naming the file, the rule and the key."""
    import yaml

    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PackError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(data, list):
        raise PackError(f"{path}: a file of house rules is a list of rules")
    return [_rule(spec, f"{path}: rule {number}", pack) for number, spec in enumerate(data, 1)]


def _rule(spec: Any, place: str, pack: str) -> type[Rule]:
    if not isinstance(spec, dict):
        raise PackError(f"{place}: a rule is a mapping of keys to values")
    where = f"{place} ({spec['id']})" if "id" in spec else place
    try:
        _check_keys(spec)
        return _compiled(spec, pack)
    except PackError as error:
        raise PackError(f"{where}: {error}") from error


def _check_keys(spec: Mapping[str, Any]) -> None:
    for key, value in spec.items():
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(KEYS)}"
            raise PackError(f"unknown key {key!r}{hint}")
        kind = KEYS[key]
        if not isinstance(value, kind):
            raise PackError(f"{key} must be a {kind.__name__}, not {value!r}")
    for key in list(KEYS)[:4]:
        if key not in spec:
            raise PackError(f"the key {key!r} is missing")


def _compiled(spec: Mapping[str, Any], pack: str) -> type[Rule]:
    """Return the rule class that a specification describes. Raises `PackError`."""
    dialects = frozenset([*spec.get("dialects", ()), *([spec["dialect"]] if "dialect" in spec else ())])
    trees = _parsed(spec["pattern"], dialects)
    template = spec.get("rewrite")
    asked = tuple(conditions.parse(str(one)) for one in spec.get("where", ()))
    _check_names(spec["pattern"], template, asked)
    attributes = {
        "id": spec["id"],
        "name": spec["name"],
        "pack": pack,
        "page": _page(spec),
        "severity": _severity(spec.get("severity", "warning")),
        "dialects": dialects,
        "policy": spec.get("policy", False),
        "match": tuple({type(tree): None for tree in trees.values()}),
        "message": spec["message"],
        "template": template,
        "exact": spec.get("exact", False),
        "conditions": asked,
        "trees": trees,
        "rewritten": _parsed(template, dialects, "rewrite") if template else {},
    }
    return type(spec["name"], (HouseRule,), attributes)


def _parsed(text: str, dialects: frozenset[str], what: str = "pattern") -> dict[str, exp.Expr]:
    """Return ``text`` parsed in each dialect that can read it; declared dialects must."""
    from sqlglot import Dialect

    trees: dict[str, exp.Expr] = {}
    for dialect in dialects or DIALECTS:
        if Dialect.get(dialect) is None:
            near = get_close_matches(str(dialect), DIALECTS, n=1)
            raise PackError(f"unknown dialect {dialect!r}{f'; did you mean {near[0]!r}?' if near else ''}")
        try:
            trees[dialect] = pattern.parse(text, dialect, general=what == "rewrite")
        except PackError:
            if dialects:
                raise
    if not trees:
        raise PackError(f"the {what} {text!r} can't be parsed in any dialect, or is too general")
    return trees


def _check_names(text: str, template: str | None, asked: tuple[conditions.Condition, ...]) -> None:
    """Check that conditions and rewrite use only placeholders of the pattern."""
    names = pattern.placeholders(text)
    used = {"where": {name for name, _ in asked}, "rewrite": pattern.placeholders(template or "")}
    for key, wanted in used.items():
        if wanted - names:
            missing = ", ".join(sorted(wanted - names))
            raise PackError(f"{key} uses {missing}, which the pattern {text!r} has no placeholder for")


def _severity(text: str) -> Severity:
    try:
        return Severity(text)
    except ValueError:
        raise PackError(f"severity must be one of {', '.join(Severity)}, not {text!r}") from None


def _page(spec: Mapping[str, Any]) -> str:
    """Return a page with the headings that every rule's page has."""
    rewrite, exact = spec.get("rewrite"), spec.get("exact", False)
    valid = "1. Where all conditions hold." if rewrite and exact else "No rewrite that is always exact."
    shape = [f"Pattern: `{spec['pattern']}`"]
    shape += [f"Where: `{one}`" for one in spec.get("where", ())]
    shape += [f"Rewrite: `{rewrite}`"] if rewrite else []
    parts = [
        spec["message"],
        "\n".join(f"- {line}" for line in shape),
        f"**Why**\n\n{spec.get('why', 'A rule of this house.')}",
        f"**Valid when**\n\n{valid}",
        f"**Bad**\n\n{_blocks(spec.get('bad', ()))}",
        f"**Good**\n\n{_blocks(spec.get('good', ()))}",
        "**Sources**\n\n" + "\n".join(f"- {one}" for one in spec.get("sources", ["A rule of this house."])),
    ]
    return "\n\n".join(parts)


def _blocks(examples: Any) -> str:
    """Return examples, each SQL or a mapping of sql, dialect and catalog, as fenced blocks."""
    blocks = []
    for example in examples:
        given = example if isinstance(example, dict) else {"sql": example}
        if not isinstance(given.get("sql"), str) or set(given) - {"sql", "dialect", "catalog"}:
            raise PackError(f"an example is SQL, or a mapping of sql, dialect and catalog, not {example!r}")
        head = "".join(f"-- {key}: {given[key]}\n" for key in ("dialect", "catalog") if key in given)
        blocks.append(f"```sql\n{head}{given['sql'].rstrip()}\n```")
    return "\n\n".join(blocks)
